"""Row 3: PortAudio lists the devices once, at its start. One that is plugged in later has to be found all the same."""

from __future__ import annotations

import time

from tests.support.fieldwork import BACK_WITHIN_S, SLACK_S, in_the_field
from tests.support.soundserver import ASOUNDRC, SoundServer


def test_a_device_that_appears_later_is_found_by_its_name(serd: str, sound_server: SoundServer, measured):
    with in_the_field(serd, "--device", "kitchen", env=sound_server.env) as field:
        waiting = field.state("waiting", reason="not here")
        assert "default" in waiting["reason"]  # what there is instead
        assert not field.of("frame")
        (sound_server.home / ".asoundrc").write_text(
            f"{ASOUNDRC}\npcm.kitchen {{ type pulse hint.description kitchen }}\n"
        )
        plugged = time.time()
        back = field.state("listening")
        assert back["device"]["name"] == "kitchen"
        assert back["at"] < plugged + BACK_WITHIN_S + SLACK_S
        assert field.end() == 0
        measured(recovered_s=back["at"] - plugged, **field.losses())
