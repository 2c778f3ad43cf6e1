"""Row 5: serd is started before the sound card is there, as at boot. Here: before the sound server."""

from __future__ import annotations

import time

from tests.support.fieldwork import BACK_WITHIN_S, SLACK_S, in_the_field
from tests.support.soundserver import SoundServer


def test_it_waits_visibly_and_begins_within_seconds_of_the_device(serd: str, sound_server: SoundServer, measured, run):
    sound_server.kill()
    with in_the_field(serd, env=sound_server.env) as field:
        waiting = field.state("waiting", reason="no capture device is here")
        done = run("--once", "--publish", f"{field.endpoint}-once", env=sound_server.env)
        time.sleep(1)
        assert set(field.states()) == {"waiting"}
        sound_server.start()
        begun = time.time()
        back = field.state("listening")
        assert back["at"] < begun + BACK_WITHIN_S + SLACK_S
        assert not field.frame(after=back["at"])["gap"]
        assert field.end() == 0
        assert any("waiting" in line and "default" in line for line in field.stderr)
        assert field.events_lost == 0
        measured(recovered_s=back["at"] - begun, **field.losses())
    assert waiting["device"]["name"] == "default"
    assert done.returncode == 69
    assert "default" in done.stderr
