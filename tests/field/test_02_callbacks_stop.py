"""Row 2: a device that stays there and delivers nothing any more. A source fed by a pipe whose writer pauses."""

from __future__ import annotations

import time

from tests.support.feeder import Feeder
from tests.support.fieldwork import BACK_WITHIN_S, EAGER, LOST_WITHIN_S, SLACK_S, in_the_field
from tests.support.soundserver import SoundServer
from tests.support.speech import DEMO


def test_a_source_that_falls_silent_is_stalled_then_lost_then_found_again(
    serd: str, sound_server: SoundServer, measured
):
    with (
        Feeder(sound_server, DEMO) as feeder,
        in_the_field(serd, env=sound_server.env, rules=EAGER) as field,
    ):
        field.state("listening")
        field.until(lambda: field.of("segment"))
        feeder.pause()
        paused = time.time()
        stalled, lost = field.state("stalled"), field.state("lost")
        time.sleep(1)
        silent = [event for event in field.of("frame") + field.of("segment") if event["at"] > lost["at"]]
        feeder.resume()
        resumed = time.time()
        back = field.state("listening", after=lost["at"])
        gap = field.frame(after=back["at"])
        assert paused < stalled["at"] < lost["at"] < paused + LOST_WITHIN_S + SLACK_S
        assert back["at"] < resumed + BACK_WITHIN_S + SLACK_S
        assert not silent
        assert gap["gap"]
        assert gap["label"] is None
        ended = [segment for segment in field.of("segment") if segment["phase"] == "end"]
        assert ended[-1]["ended_by"] == "gap"
        assert ended[-1]["at"] <= lost["at"]
        assert field.end() == 0
        assert field.events_lost == 0
        measured(detected_s=lost["at"] - paused, recovered_s=back["at"] - resumed, **field.losses())
