"""Row 28: the sound card's clock is not the computer's. A source fed 3 % too fast: a day's drift in seconds."""

from __future__ import annotations

from tests.support.feeder import Feeder
from tests.support.fieldwork import in_the_field
from tests.support.soundserver import SoundServer
from tests.support.speech import DEMO

PACE = 1.03
APART_S = 0.05
LOOK_S = 2.0


def test_stream_time_keeps_to_the_computers_without_a_gap(serd: str, sound_server: SoundServer, measured):
    with Feeder(sound_server, DEMO, PACE), in_the_field(serd, env=sound_server.env) as field:
        field.state("listening")
        first = field.frame()
        field.until(lambda: field.of("frame")[-1]["window"]["end_s"] > first["window"]["end_s"] + 11)
        assert field.end() == 0
        frames = field.of("frame")[12:]  # not the heap with which the pipe, full by then, begins
        began = frames[0]["at"] - frames[0]["window"]["end_s"]
        ahead = [frame["window"]["end_s"] - (frame["at"] - began) for frame in frames]
        drift = (PACE - 1) * (frames[-1]["at"] - frames[0]["at"])
        assert drift > 0.2
        # apart by 50 ms, and what comes to it until the next look; besides, a frame may be sent late
        assert max(ahead) < APART_S + 2 * LOOK_S * (PACE - 1) + 0.05
        moves = field.of("status")[-1]["reanchored"]
        assert 2 <= moves <= drift / APART_S + 2
        assert not any(frame["gap"] for frame in frames)
        assert field.of("status")[-1]["gaps"] == 0
        moved = next(
            k for k in range(1, len(frames)) if frames[k]["window"]["end_s"] - frames[k - 1]["window"]["end_s"] < 0.24
        )
        measured(detected_s=frames[moved]["at"] - frames[0]["at"], **field.losses())
