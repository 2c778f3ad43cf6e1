"""Row 27: stopping a stream while it is being read crashes PortAudio. Stopped at arbitrary moments, many times."""

from __future__ import annotations

import random
import signal
import time

from tests.support.capture import Capture
from tests.support.fieldwork import in_the_field
from tests.support.soundserver import SoundServer

TIMES = 8


def test_closing_at_any_moment_is_no_crash(serd: str, sound_server: SoundServer, measured):
    moments = random.Random(27)
    with Capture(sound_server.env) as microphone, in_the_field(serd, env=sound_server.env) as field:
        for turn in range(TIMES):
            assert "error" not in microphone.ask("open")
            if turn % 2:
                microphone.ask("read")
            microphone.ask("neglect", seconds=moments.uniform(0, 0.12))  # blocks are 50 ms: anywhere in one
            assert microphone.ask("close") == {"closed": True}
        assert microphone.leave() == (0, "")
        field.state("listening")
        time.sleep(moments.uniform(0, 0.05))
        assert field.end(signal.SIGINT) == 0
        assert field.events_lost == 0
        measured(events_lost=field.events_lost)
