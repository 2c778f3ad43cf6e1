"""Row 4: the device comes back with another number. Here: other ALSA devices come before it in the list."""

from __future__ import annotations

import json
import time

from tests.support.fieldwork import BACK_WITHIN_S, LOST_WITHIN_S, SLACK_S, in_the_field
from tests.support.soundserver import ASOUNDRC, SoundServer

OURS = "pcm.kitchen { type pulse }"
OTHERS = "pcm.hallway { type pulse }\npcm.attic { type pulse }"


def index_of(name: str, run, env: dict[str, str]) -> int:
    listed = json.loads(run("--list-devices", "--json", env=env).stdout)
    return next(device["index"] for device in listed if device["name"] == name)


def test_the_device_once_chosen_is_found_by_its_name_under_its_new_number(
    serd: str, sound_server: SoundServer, measured, run
):
    devices = sound_server.home / ".asoundrc"
    devices.write_text(f"{OURS}\n{ASOUNDRC}\n")
    before = index_of("kitchen", run, sound_server.env)
    with in_the_field(serd, "--device", str(before), env=sound_server.env) as field:
        assert field.state("listening")["device"]["name"] == "kitchen"
        field.frame()
        dead = time.time()
        sound_server.kill()
        lost = field.state("lost")
        devices.write_text(f"{OTHERS}\n{ASOUNDRC}\n{OURS}\n")
        sound_server.start()
        there = time.time()
        back = field.state("listening", after=lost["at"])
        assert back["device"]["name"] == "kitchen"
        assert field.frame(after=back["at"])["gap"]
        assert lost["at"] < dead + LOST_WITHIN_S + SLACK_S
        assert back["at"] < there + BACK_WITHIN_S + SLACK_S
        assert field.end() == 0
        measured(detected_s=lost["at"] - dead, recovered_s=back["at"] - there, **field.losses())
    assert index_of("kitchen", run, sound_server.env) != before


def test_a_name_that_may_mean_several_is_refused_with_the_candidates(run, sound_server: SoundServer):
    (sound_server.home / ".asoundrc").write_text("pcm.kitchen_left { type pulse }\npcm.kitchen_right { type pulse }\n")
    done = run("--device", "kitchen", env=sound_server.env)
    assert done.returncode == 2
    assert "kitchen_left" in done.stderr
    assert "kitchen_right" in done.stderr
