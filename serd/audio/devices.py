"""Capture devices: what there is, the one a person means, and the same one again after it was away."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from serd.audio import portaudio
from serd.audio.portaudio import refresh
from serd.errors import NoDeviceError, UsageError, escaped

__all__ = ["Device", "Pin", "choose", "list_devices", "refresh"]

CARD = re.compile(r"\(hw:\d+,")
"""ALSA's card number within a device's name: it changes with a reboot or another socket."""


@dataclass(frozen=True, slots=True)
class Device:
    """One device that can capture."""

    index: int
    """PortAudio's, until the next `refresh`."""

    name: str
    host_api: str
    channels: int
    """The most it offers."""

    default_rate: int
    """Samples per second."""

    is_default: bool

    source: str = ""
    """The sound server's own name for it, where it is one of its sources (`serd.audio.soundserver`)."""

    is_monitor: bool = False
    """Whether it is what an output plays, rather than a microphone."""

    @property
    def is_server(self) -> bool:
        """Whether it stands for a sound server (or another ALSA plugin), which takes any rate and mixes itself."""
        return self.host_api == "ALSA" and not CARD.search(self.name)

    def __str__(self) -> str:
        return f"{self.name} ({self.source})" if self.source else f"{self.index} {self.name}"


def list_devices() -> list[Device]:
    """Devices that can capture, by index, as of the last `refresh`. Raises NoDeviceError without PortAudio."""
    sounddevice = portaudio.load()
    default = sounddevice.default.device[0]
    apis = sounddevice.query_hostapis()
    return [
        Device(
            index=index,
            name=escaped(" ".join(info["name"].split())),
            host_api=apis[info["hostapi"]]["name"],
            channels=info["max_input_channels"],
            default_rate=round(info["default_samplerate"]),
            is_default=index == default,
        )
        for index, info in enumerate(sounddevice.query_devices())
        if info["max_input_channels"] > 0
    ]


def choose(wanted: str | None, devices: Sequence[Device]) -> Device:
    """The device a person means by an index, a name or part of one; None means the default.

    A number is an index of PortAudio's. A full name wins over parts of names, a sound server's microphone over other
    devices with such a part, and they over what outputs play; case does not matter.
    Raises NoDeviceError (there is none such), UsageError (there are several).
    """
    if not devices:
        raise NoDeviceError(
            f"device {wanted or 'default'}: no capture device is here; connect one, or run serd in the session"
            " whose sound server has it (systemctl --user)"
        )
    if wanted is None:
        meant = [device for device in devices if device.is_default and not device.source]
    elif wanted.isdecimal():
        meant = [device for device in devices if device.index == int(wanted) and not device.source]
    else:
        sought = wanted.casefold()
        exact = [device for device in devices if sought in (device.name.casefold(), device.source.casefold())]
        meant = exact or _likeliest(
            [device for device in devices if any(sought in name.casefold() for name in (device.name, device.source))]
        )
    if not meant:
        raise NoDeviceError(f"device {wanted or 'default'}: not here; give one of: {_listed(devices)}")
    if len(meant) > 1:
        raise UsageError(f"device {wanted}: may be any of: {_listed(meant)}; give an index or the full name")
    return meant[0]


def _likeliest(candidates: list[Device]) -> list[Device]:
    microphones = [device for device in candidates if device.source and not device.is_monitor]
    return microphones or [device for device in candidates if not device.source] or candidates


@dataclass(frozen=True, slots=True)
class Pin:
    """What tells one device from all others for as long as serd runs; indices do not."""

    name: str
    host_api: str
    has_twin: bool
    """Another device bore the same name but for the card's number: then the number is part of the name."""
    source: str = ""
    """The sound server's own name for it, which no other source has."""

    @classmethod
    def of(cls, device: Device, devices: Sequence[Device]) -> Pin:
        """`devices` is the list that `device` was chosen from."""
        twins = [other for other in devices if _bare(other) == _bare(device)]
        return cls(device.name, device.host_api, len(twins) > 1, device.source)

    def find(self, devices: Sequence[Device]) -> Device:
        """Find this device in a new list, never another one. Raises NoDeviceError."""
        ours = [device for device in devices if device.host_api == self.host_api]
        for device in ours:
            if device.source == self.source and (self.source or device.name == self.name):
                return device
        renumbered = [device for device in ours if CARD.sub("(hw:*,", device.name) == CARD.sub("(hw:*,", self.name)]
        if len(renumbered) == 1 and not self.has_twin and not self.source:
            return renumbered[0]
        raise NoDeviceError(f"device {self.name}: not here any more; connect it again (here: {_listed(devices)})")


def _bare(device: Device) -> tuple[str, str]:
    return CARD.sub("(hw:*,", device.name), device.host_api


def _listed(devices: Sequence[Device]) -> str:
    return ", ".join(map(str, devices)) or "none"
