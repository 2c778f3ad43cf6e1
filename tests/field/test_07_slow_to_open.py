"""Row 7: opening takes for ever ("Wait timed out"). PortAudio's own time-out, -9987, cannot be had from a sound server:
the nearest is one that does not answer, where the library does not even time out.
"""

from __future__ import annotations

import time

from tests.support.fieldwork import BACK_WITHIN_S, SLACK_S, in_the_field
from tests.support.soundserver import SoundServer

HURRIED_S = 1.0


def test_serd_lives_on_while_the_library_waits_and_is_not_held_up_by_it(serd: str, sound_server: SoundServer, measured):
    with in_the_field(serd, env=sound_server.env) as field, in_the_field(serd, env=sound_server.env) as stopped:
        sound_server.stop()
        asked = time.time()
        stopped.state("waiting")
        field.until(lambda: len(field.of("status")) >= 2)  # a heartbeat while the call hangs
        assert stopped.process.poll() is None
        asked = time.time()
        assert stopped.end() == 0
        left = time.time() - asked
        assert field.process.poll() is None
        sound_server.cont()
        there = time.time()
        back = field.state("listening", after=there)
        assert back["at"] < there + BACK_WITHIN_S + SLACK_S
        assert field.end() == 0
        assert left < HURRIED_S + 1 + SLACK_S
        assert set(field.states()) == {"waiting", "listening", "stopped"}
        assert any("did not come back" in line and "default" in line for line in stopped.stderr)
        measured(recovered_s=back["at"] - there, **field.losses())
