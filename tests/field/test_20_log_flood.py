"""Row 20: one fault, said a thousand times, fills the disk. A device that changes its mind at every attempt."""

from __future__ import annotations

import re
import time
from collections import Counter

from tests.support.fieldwork import in_the_field
from tests.support.soundserver import ASOUNDRC, SoundServer

FLOOD_S = 5.0


def test_a_repeated_line_is_written_once_with_its_count(serd: str, sound_server: SoundServer, measured):
    devices = sound_server.home / ".asoundrc"
    with in_the_field(serd, "--device", "nowhere", env=sound_server.env) as field:
        field.state("waiting", reason="not here")
        began = time.monotonic()
        turns = 0
        while time.monotonic() < began + FLOOD_S or turns < 6:
            turns += 1
            seen = len(field.of("status"))
            devices.write_text(ASOUNDRC if turns % 2 else f"{ASOUNDRC}\npcm.attic {{ type pulse }}\n")
            field.until(lambda: len(field.of("status")) > seen)  # noqa: B023
        told = [status["reason"] for status in field.of("status") if "not here" in status["reason"]]
        during = Counter(line for line in field.stderr if "not here" in line)
        assert field.end() == 0
        held = [int(count) for line in field.stderr for count in re.findall(r"\((\d+) times more\)", line)]
        assert len(told) > 6  # every change is an event
        assert set(during.values()) == {1}
        assert len(during) == 2
        assert sum(held) >= turns - 2 - 3  # heartbeats are among what was waited for
        assert all(line.startswith("serd: ") for line in field.stderr)
        assert field.events_lost == 0
        measured(events_lost=field.events_lost)
