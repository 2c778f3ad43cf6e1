"""Row 14: an event that never ends. A segment is open when the device goes, at a mute, and at SIGTERM."""

from __future__ import annotations

import time

from serd.events.requests import ask, running
from tests.support.fieldwork import EAGER, Field, in_the_field
from tests.support.soundserver import SoundServer
from tests.support.speech import DEMO


def open_segment(field: Field) -> None:
    """Wait for a segment that has begun and not ended."""

    def is_open() -> bool:
        segments = field.of("segment")
        return bool(segments) and segments[-1]["phase"] == "start"

    field.until(is_open)


def test_every_segment_that_begins_ends(serd: str, sound_server: SoundServer, measured):
    with in_the_field(serd, env=sound_server.env, rules=EAGER) as field:
        field.state("listening")
        (control,) = running(field.env)
        sound_server.play(DEMO)
        open_segment(field)
        asked = time.time()
        ask(control, "mute")
        assert field.of("segment")[-1]["ended_by"] == "mute"
        muted = field.of("segment")[-1]["at"] - asked
        ask(control, "unmute")
        open_segment(field)
        killed = time.time()
        sound_server.kill()
        field.until(lambda: field.of("segment")[-1]["ended_by"] == "gap")
        lost = field.of("segment")[-1]["at"] - killed
        sound_server.start()
        returned = time.time()
        back = field.state("listening", after=killed)["at"] - returned
        sound_server.play(DEMO)
        open_segment(field)
        assert field.end() == 0
        segments = field.of("segment")
        assert segments[-1]["ended_by"] == "stop"
        assert [s["phase"] for s in segments] == ["start", "end"] * (len(segments) // 2)
        assert [a["segment"] for a in segments[::2]] == [b["segment"] for b in segments[1::2]]
        assert field.events_lost == 0
        measured(detected_s=max(muted, lost), recovered_s=back, **field.losses())
