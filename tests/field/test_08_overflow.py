"""Row 8: the computer does not fetch the audio in time. Here the whole process stands still for a while."""

from __future__ import annotations

import signal
import time

from tests.support.fieldwork import in_the_field
from tests.support.soundserver import SoundServer
from tests.support.speech import DEMO

AWAY_S = 3.0


def test_audio_that_was_not_fetched_is_a_counted_gap_of_its_length_and_no_window_spans_it(
    serd: str, sound_server: SoundServer, measured
):
    with in_the_field(serd, "--buffer", "1", env=sound_server.env) as field:
        field.state("listening")
        sound_server.play(DEMO)
        field.until(lambda: len(field.of("frame")) > 12)
        field.process.send_signal(signal.SIGSTOP)
        time.sleep(AWAY_S)
        field.process.send_signal(signal.SIGCONT)
        awake = time.time()
        gap = field.frame(after=awake)
        field.until(lambda: any(frame["gap"] for frame in field.of("frame")))
        gap = next(frame for frame in field.of("frame") if frame["gap"])
        field.until(lambda: len([f for f in field.of("frame") if f["at"] > gap["at"]]) > 14)
        assert field.end() == 0
        overflows, status = gap["quality"]["overflows"], field.of("status")[-1]
        frames = field.of("frame")  # in their order: the gap's own time is also that of a frame sent just before it
        place = frames.index(gap)
        before, after = frames[:place], frames[place:]
        assert gap["window"]["start_s"] >= before[-1]["window"]["end_s"]
        assert overflows > 0
        assert status["overflows"] >= overflows
        assert status["gaps"] >= 1
        # stream time goes on over the loss: what was heard and what was lost make up the time that passed
        assert 0.2 < field.audio_lost_s < AWAY_S + 0.5
        assert not any(frame["window"]["start_s"] < gap["window"]["start_s"] for frame in after)
        assert "lost" not in field.states()  # the device is not to blame
        assert any("audio is missing" in line for line in field.stderr)
        measured(detected_s=gap["at"] - awake, **field.losses())
