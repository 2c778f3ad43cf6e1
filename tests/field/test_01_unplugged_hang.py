"""Row 1: closing a dead device hangs inside PortAudio. A stopped sound server does that: a pure stall, no error."""

from __future__ import annotations

import signal
import time

from tests.support.fieldwork import EAGER, LOST_WITHIN_S, PATIENCE_S, SLACK_S, in_the_field
from tests.support.soundserver import SoundServer
from tests.support.speech import DEMO

HURRIED_S, CLOSING_S = 1.0, 5.0


def test_what_hangs_is_left_behind_for_a_restart_and_a_stop_is_not_held_up_by_it(
    serd: str, sound_server: SoundServer, measured
):
    with (
        in_the_field(serd, env=sound_server.env, rules=EAGER) as field,
        in_the_field(serd, env=sound_server.env) as stopped,
    ):
        field.state("listening")
        stopped.state("listening")
        sound_server.play(DEMO)
        field.until(lambda: field.of("segment"))
        sound_server.stop()
        dead = time.time()
        lost = field.state("lost")
        stopped.state("lost")
        asked = time.time()
        assert stopped.end(signal.SIGTERM) == 0  # while its close hangs
        ended = stopped.state("stopped")["at"]
        left = time.time() - asked
        assert field.process.wait(PATIENCE_S) == 75
        gone = time.time()
        sound_server.cont()
        failed = field.state("failed")
        assert lost["at"] < dead + LOST_WITHIN_S + SLACK_S
        assert CLOSING_S - SLACK_S < failed["at"] - lost["at"] < CLOSING_S + 1
        assert gone - failed["at"] < 3  # an exit that does not hang as well
        assert ended - asked < HURRIED_S + SLACK_S
        assert left < HURRIED_S + 1 + SLACK_S
        assert "closing the device did not come back" in failed["reason"]
        ends = [segment for segment in field.of("segment") if segment["phase"] == "end"]
        assert ends[-1]["ended_by"] == "gap"
        assert len(field.of("segment")) == 2 * len(ends)
        assert [line for line in field.stderr if not line.startswith("serd: ")] == []  # no chatter of the library's
        assert field.events_lost == stopped.events_lost == 0
        measured(detected_s=lost["at"] - dead, events_lost=field.events_lost, skipped=field.skipped)
