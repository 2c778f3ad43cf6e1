"""`serd --list-devices`: what one can give to `--device`."""

from __future__ import annotations

from dataclasses import asdict
from json import dumps

from serd.audio.devices import list_devices
from serd.audio.soundserver import ask
from serd.errors import OK


def run(json: bool) -> int:
    """Print the capture devices as a table, or as a JSON list of objects. Raises NoDeviceError without PortAudio."""
    devices = list_devices()
    server = ask(devices)
    devices += server.sources if server else ()
    if json:
        print(dumps([asdict(device) for device in devices], indent=2))
        return OK
    if not devices:
        print("no capture device is here; connect one, or run serd in the session whose sound server has it")
        return OK
    width = max(len("name"), *(len(device.name) for device in devices))
    print(f"  index  {'name':<{width}}  channels    rate  host")
    for device in devices:
        mark = "*" if device.is_default else " "
        index = "" if device.source else device.index
        host = f"{device.host_api}: {device.source}" if device.source else device.host_api
        print(f"{mark} {index:>5}  {device.name:<{width}}  {device.channels:>8}  {device.default_rate:>6}  {host}")
    print("* default, of PortAudio and of the sound server; give an index or part of a name to --device")
    return OK
