"""The sound server, PipeWire or PulseAudio, and its sources: microphones by the names that people know them by.

PortAudio sees such a server as one device. Which source it is to capture from is said in the environment of this
process, where libpulse and PipeWire's ALSA plugin look for it; the names come through libpulse. No program is run.
"""

from __future__ import annotations

import ctypes.util
import os
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType
from typing import Any

from serd.audio import portaudio
from serd.audio.devices import Device, Pin, choose, list_devices
from serd.audio.source import KeepAlive, never_abort
from serd.errors import RestartError, escaped

BRIDGES = ("pulse", "pipewire", "default")
"""PortAudio's devices that lead to the server, by ALSA's names for its plugins, the better ones first."""

VARIABLES = ("PULSE_SOURCE", "PIPEWIRE_NODE")
"""Where libpulse and PipeWire's ALSA plugin look for the source to capture from."""


@dataclass(frozen=True, slots=True)
class SoundServer:
    """What a sound server says of itself."""

    name: str
    """PulseAudio or PipeWire, with its version."""
    sources: tuple[Device, ...]
    """Its microphones, then the monitors of its outputs; each as PortAudio's device that leads to the server."""


def load() -> ModuleType:
    """The module pulsectl. Raises OSError where libpulse is not installed."""
    find = ctypes.util.find_library
    ctypes.util.find_library = _unknown  # it would run ldconfig and a compiler; the name is known without
    try:
        return import_module("pulsectl")
    finally:
        ctypes.util.find_library = find


def _unknown(name: str) -> str | None:  # noqa: ARG001
    return None


def connect(name: str = "serd") -> Any:
    """A `pulsectl.Pulse` that is connected; it may hang. Raises OSError where there is no libpulse or no server."""
    pulsectl = load()
    pulse = pulsectl.Pulse(name, connect=False)
    try:
        pulse.connect()  # given a time-out, pulsectl takes all of it
    except pulsectl.PulseError as error:
        pulse.close()
        raise ConnectionError(str(error)) from None
    return pulse


def ask(devices: Sequence[Device], keep_alive: KeepAlive = never_abort) -> SoundServer | None:
    """The sound server that PortAudio's `devices` lead to; None where there is none, or none that answers."""
    leading = [device for name in BRIDGES for device in devices if device.name == name and device.is_server]
    if not leading:
        return None

    def look() -> SoundServer:
        with connect() as pulse:
            return _seen(pulse, leading[0])

    try:
        return portaudio.in_time(look, portaudio.LOAD_DEADLINE_S, "asking the sound server for its sources", keep_alive)
    except RestartError:
        raise
    except Exception:  # pulsectl's own faults, of a server that goes away: then there is none
        return None


def candidates(wanted: str | None, keep_alive: KeepAlive = never_abort, pin: Pin | None = None) -> list[Device]:
    """The devices that `wanted`, or a pinned one, may be; the server is asked only where PortAudio has none such."""
    devices = list_devices()
    by_name = wanted is not None and not wanted.isdecimal()
    known = any(device.name.casefold() == str(wanted).casefold() for device in devices)
    if not (pin.source if pin is not None else by_name and not known):
        return devices
    server = ask(devices, keep_alive)
    return [*devices, *(server.sources if server else ())]


def chosen(wanted: str | None) -> Device:
    """The device that `--device` would open. Raises NoDeviceError, UsageError."""
    return choose(wanted, candidates(wanted))


def lead_to(device: Device) -> None:
    """Have streams that this process opens from now on capture from that source; harmless for any other device."""
    for variable in VARIABLES if device.source else ():
        os.environ[variable] = device.source


def _seen(pulse: Any, leading: Device) -> SoundServer:
    info = pulse.server_info()
    server_name = str(info.server_name)
    kind = "PipeWire" if "PipeWire" in server_name else "PulseAudio"
    version = server_name.rpartition("PipeWire ")[2].rstrip(")") if kind == "PipeWire" else str(info.server_version)
    sources = [
        Device(
            index=leading.index,
            name=escaped(" ".join((source.description or source.name).split())),
            host_api=kind,
            channels=source.channel_count,
            default_rate=source.sample_spec.rate,
            is_default=source.name == info.default_source_name,
            source=source.name,
            is_monitor=source.monitor_of_sink not in (None, 0xFFFFFFFF),
        )
        for source in pulse.source_list()
    ]
    return SoundServer(f"{kind} {version}", tuple(sorted(sources, key=lambda device: device.is_monitor)))
