"""Capture devices: the real list, and choosing from any list."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from serd.audio.devices import Device, Pin, choose
from serd.errors import NO_DEVICE, USAGE, NoDeviceError, UsageError
from tests.support.soundserver import SoundServer

ROOT = Path(__file__).resolve().parents[3]


def device(index: int, name: str, is_default: bool = False, host_api: str = "ALSA") -> Device:
    return Device(index, name, host_api, 2, 48000, is_default)


LAPTOP = [
    device(0, "HDA Intel PCH: ALC257 Analog (hw:0,0)"),
    device(2, "Blue Yeti: USB Audio (hw:1,0)"),
    device(3, "USB PnP Sound Device: Audio (hw:2,0)"),
    device(5, "pulse"),
    device(6, "pulse monitor"),
    device(7, "default", is_default=True),
]


@pytest.mark.parametrize(
    ("wanted", "index"),
    [(None, 7), ("2", 2), ("yeti", 2), ("hw:2", 3), ("HDA", 0), ("pulse", 5), ("PULSE", 5), ("monitor", 6)],
)
def test_a_device_is_chosen_by_index_or_name(wanted, index):
    assert choose(wanted, LAPTOP).index == index


def test_several_that_fit_are_listed():
    with pytest.raises(UsageError) as caught:
        choose("usb", LAPTOP)
    assert caught.value.exit_code == USAGE
    assert str(caught.value) == (
        "device usb: may be any of: 2 Blue Yeti: USB Audio (hw:1,0), 3 USB PnP Sound Device: Audio (hw:2,0);"
        " give an index or the full name"
    )


@pytest.mark.parametrize("wanted", ["1", "99", "nothing like it"])
def test_none_that_fits_lists_what_is_there(wanted):
    with pytest.raises(NoDeviceError) as caught:
        choose(wanted, LAPTOP)
    assert caught.value.exit_code == NO_DEVICE
    assert str(caught.value).startswith(f"device {wanted}: not here; give one of: 0 HDA Intel")
    assert all(str(each) in str(caught.value) for each in LAPTOP)


def test_where_there_is_no_device_at_all_the_remedy_is_told():
    with pytest.raises(NoDeviceError, match=r"^device default: no capture device is here; connect one, or .*--user"):
        choose(None, [])


def fits(wanted: str | None, candidate: Device) -> bool:
    if wanted is None:
        return candidate.is_default
    return candidate.index == int(wanted) if wanted.isdecimal() else wanted.casefold() in candidate.name.casefold()


@example([":"], " ")
@given(
    st.lists(st.text("aBc :", min_size=1, max_size=4), max_size=6),
    st.one_of(st.none(), st.text("aBc :7", max_size=3)),
)
def test_whatever_is_chosen_fits(names, wanted):
    devices = [device(index, name, is_default=index == 1) for index, name in enumerate(names)]
    try:
        chosen = choose(wanted, devices)
    except NoDeviceError:
        assert not any(fits(wanted, each) for each in devices)
        return
    except UsageError:
        assert sum(fits(wanted, each) for each in devices) > 1
        return
    assert chosen in devices
    assert fits(wanted, chosen)


def test_a_pinned_device_is_found_under_a_new_index_and_card_number():
    pin = Pin.of(LAPTOP[1], LAPTOP)
    assert pin.find([device(0, "pulse"), device(4, "Blue Yeti: USB Audio (hw:1,0)")]).index == 4
    assert pin.find([device(0, "pulse"), device(1, "Blue Yeti: USB Audio (hw:3,0)")]).index == 1


@pytest.mark.parametrize(
    "now",
    [
        [],
        [device(2, "HDA Intel PCH: ALC257 Analog (hw:0,0)")],
        [device(2, "Blue Yeti: USB Audio (hw:1,1)")],
        [device(2, "Blue Yeti: USB Audio (hw:1,0)", host_api="OSS")],
        [device(1, "Blue Yeti: USB Audio (hw:2,0)"), device(2, "Blue Yeti: USB Audio (hw:3,0)")],
    ],
)
def test_a_pinned_device_never_gives_way_to_another(now):
    with pytest.raises(NoDeviceError, match=r"^device Blue Yeti: USB Audio \(hw:1,0\): not here any more"):
        Pin.of(LAPTOP[1], LAPTOP).find(now)


def test_of_two_twins_only_the_one_pinned_will_do():
    twins = [device(0, "Mic: USB Audio (hw:1,0)"), device(1, "Mic: USB Audio (hw:2,0)")]
    pin = Pin.of(twins[0], twins)
    assert pin.find(twins).index == 0
    with pytest.raises(NoDeviceError):
        pin.find(twins[1:])


def listing(json_wanted: bool, env: dict[str, str]) -> str:
    script = f"from serd.cli.devices import run; raise SystemExit(run({json_wanted}))"
    done = subprocess.run(
        [sys.executable, "-c", script], env=env, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stderr == ""
    return done.stdout


def test_the_real_devices_are_listed(sound_server: SoundServer):
    found = json.loads(listing(True, sound_server.env))
    assert {entry["name"] for entry in found if not entry["source"]} == {"pulse", "default"}
    for entry in found:
        assert set(entry) == {
            "index",
            "name",
            "host_api",
            "channels",
            "default_rate",
            "is_default",
            "source",
            "is_monitor",
        }
        assert entry["channels"] > 0
    assert [entry["name"] for entry in found if entry["is_default"] and not entry["source"]] == ["default"]
    table = listing(False, sound_server.env).splitlines()
    assert table[0].split() == ["index", "name", "channels", "rate", "host"]
    rows = {line.split()[-4]: line for line in table[1:-1]}
    assert rows["default"].startswith("*")
    assert rows["pulse"].startswith(" ")
    assert rows["pulse"].split()[-3:] == ["32", "44100", "ALSA"]


def test_without_a_sound_server_the_list_is_empty_and_quiet(sound_server: SoundServer):
    sound_server.kill()
    assert json.loads(listing(True, sound_server.env)) == []
    assert listing(False, sound_server.env).startswith("no capture device is here; connect one, or")
