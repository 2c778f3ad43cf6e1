"""Two microphones of a sound server, PulseAudio or PipeWire: sources of their own, with the names that people see."""

from __future__ import annotations

import json
from typing import Any

from tests.support.soundserver import SoundServer

MICROPHONES = {"usb": "USB_Audio", "webcam": "Desk_Webcam"}
"""What is played into the sink of that name sounds at the source `mic.NAME` of that description."""


def plug_in(server: SoundServer, name: str) -> list[int]:
    """Its modules, for `unplug`."""
    sink = server.load("module-null-sink", f"sink_name={name}", "rate=16000", "channels=1")
    source = server.load(
        "module-remap-source",
        f"master={name}.monitor",
        f"source_name=mic.{name}",
        f"source_properties=device.description={MICROPHONES[name]}",
    )
    return [source, sink]


def unplug(server: SoundServer, modules: list[int]) -> None:
    """The source goes first."""
    for module in modules:
        server.unload(module)


def streams(server: SoundServer, pid: int) -> dict[int, str]:
    """A process' streams and the sources that they are at, as the server says."""
    names = {one["index"]: one["name"] for one in _listed(server, "sources")}
    return {
        one["index"]: names.get(one["source"], "none")
        for one in _listed(server, "source-outputs")
        if one["properties"].get("application.process.id") == str(pid)
    }


def _listed(server: SoundServer, what: str) -> Any:
    return json.loads(server.pactl("--format=json", "list", what))
