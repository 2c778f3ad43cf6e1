"""The doctor: looks for what keeps serd from working on this machine, and says what mends it.

Each check yields findings. None changes anything that lasts, listens to a microphone, or needs a running serd.
"""

from __future__ import annotations

import contextlib
import os
import platform
from collections.abc import Callable, Iterator
from pathlib import Path

from serd.cli.finding import Finding
from serd.cli.machine import clock, systemd
from serd.cli.reference import known_voices
from serd.config.settings import Settings
from serd.defaults import BUSY
from serd.errors import CONFIG, NO_DEVICE, OK, RESTART, USAGE, SerdError

TOO_BUSY = 1.0
"""Share of real time at which a machine is too slow for good; from `BUSY` on it is for peaks."""
SOUND = Path("/dev/snd")


def examine(settings: Callable[[], Settings]) -> Iterator[Finding]:
    """All findings, each as soon as it is there. `settings` gives those in force, or raises SerdError."""
    try:
        in_force = settings()
        yield Finding("configuration", "ok", "can be read; `serd config` shows what is in force")
    except SerdError as error:
        yield _error("configuration", error)
        in_force = Settings()
    for name, check in CHECKS.items():
        try:
            yield from check(in_force)
        except SerdError as error:
            yield _error(name, error)


def worst(findings: list[Finding]) -> int:
    """The exit code of the gravest finding: what keeps serd from starting before what it could wait for."""
    codes = {finding.exit_code for finding in findings}
    return next((code for code in (CONFIG, USAGE, NO_DEVICE, RESTART) if code in codes), OK)


def _error(check: str, error: SerdError) -> Finding:
    text, _, remedy = " ".join(str(error).split()).rpartition("; ")
    return Finding(check, "error", text or remedy, remedy if text else "", error.exit_code)


def _interpreter(_: Settings) -> Iterator[Finding]:
    from serd.inference.interpreter import runtime

    python = f"Python {platform.python_version()} on {platform.machine()}"
    name = runtime()
    from importlib.metadata import PackageNotFoundError, version

    with contextlib.suppress(PackageNotFoundError):
        name = f"{name} {version(name)}"
    yield Finding("interpreter", "ok", f"{python}, {name}")


def _models(settings: Settings) -> Iterator[Finding]:
    from serd.inference.model import installed_models, load, unusable

    for path in installed_models():
        if fault := unusable(path):
            yield Finding("models", "note", f"{path.stem} cannot be used here: {fault}")
    chosen = load(settings.model.name)
    yield Finding("models", "ok", f"{len(installed_models())} installed, all whole; {chosen.title} is chosen")
    if (person := settings.model.person) is not None:
        known_voices(settings, chosen.contract)
        yield Finding("models", "ok", f"{person} is enrolled, with this model")


def _portaudio(settings: Settings) -> Iterator[Finding]:
    from serd.audio import portaudio
    from serd.audio.devices import choose, list_devices, refresh
    from serd.audio.soundserver import ask, candidates, lead_to
    from serd.system.stderr import quiet_stderr

    sounddevice = portaudio.load()
    refresh()
    yield Finding("portaudio", "ok", " ".join(sounddevice.get_portaudio_version()[1].split()))
    if settings.capture.input is not None:
        yield Finding("devices", "note", f"none is needed: the source is {settings.capture.input}")
        return
    devices = list_devices()
    if server := ask(devices):
        source = next((one for one in server.sources if one.is_default), None)
        taken_by_default = f"its default source is {source.name}" if source else "it has no default source"
        microphones = sum(not one.is_monitor for one in server.sources)
        text = f"{server.name} is there with {microphones} microphones; {taken_by_default}"
        yield Finding(
            "sound server", "ok" if source else "warning", text, "" if source else "serd -l lists what there is"
        )
    else:
        yield Finding("sound server", "note", "none answers; devices are ALSA's own")
    chosen = choose(settings.capture.device, candidates(settings.capture.device))
    yield Finding("devices", "ok", f"{len(devices)} can capture; {chosen} is chosen ({chosen.host_api})")
    lead_to(chosen)
    taken = []
    for rate in dict.fromkeys((16000, 48000, 44100, chosen.default_rate)):

        def probe(rate: int = rate) -> None:
            sounddevice.check_input_settings(device=chosen.index, channels=1, samplerate=rate)

        try:
            with quiet_stderr:
                portaudio.in_time(probe, portaudio.LOAD_DEADLINE_S, f"asking the device for {rate} Hz")
            taken.append(rate)
        except sounddevice.PortAudioError as error:
            fault = " ".join(str(error.args[0]).split())
    if not taken:
        remedy = "see that no other program holds it (fuser -v /dev/snd/*), or give another with --device"
        yield Finding("rates", "error", f"device {chosen.name} takes none ({fault})", remedy, NO_DEVICE)
    elif 16000 in taken:
        yield Finding("rates", "ok", f"{', '.join(map(str, taken))} Hz; 16000 needs no conversion")
    else:
        yield Finding("rates", "ok", f"{', '.join(map(str, taken))} Hz; serd resamples to 16000")


def _permissions(_: Settings) -> Iterator[Finding]:
    from serd.daemon.mute import MuteFlag
    from serd.system.paths import make_private, runtime_folder, state_folder

    inputs = sorted(SOUND.glob("pcm*c"))
    closed = [path.name for path in inputs if not os.access(path, os.R_OK | os.W_OK)]
    if closed:
        remedy = "sudo usermod -aG audio $USER, then log in anew"
        yield Finding("permissions", "warning", f"this account may not capture from {', '.join(closed)}", remedy)
    elif inputs:
        yield Finding("permissions", "ok", f"this account may capture from {', '.join(p.name for p in inputs)}")
    else:
        yield Finding("permissions", "note", "no sound card here; a sound server's microphone needs no group")
    if fault := MuteFlag(state_folder(os.environ), "default").fault():
        yield Finding("permissions", "warning", fault, "make that folder this account's own")
    if not runtime_folder(os.environ).parent.is_dir():
        yield Finding("permissions", "warning", f"{runtime_folder(os.environ).parent}: not there", "log in anew")
    elif runtime_folder(os.environ).exists():
        make_private(runtime_folder(os.environ))


def _endpoints(settings: Settings) -> Iterator[Finding]:
    import zmq

    from serd.events.endpoint import InUse, bind, is_local, unbind
    from serd.events.keys import Keyring
    from serd.events.occupant import find_occupant

    for endpoint in settings.publish.endpoints:
        if settings.publish.secure or not is_local(endpoint):
            ring = Keyring.from_environment(os.environ, settings.publish.keys)
            ring.pair("server")
            allowed = ring.allowed()
            if not allowed:
                yield Finding("endpoints", "warning", "no reader is allowed", "serd keys allow NAME KEY")
        with zmq.Context() as context, context.socket(zmq.XPUB) as sock:
            try:
                unbind([bind(sock, endpoint)])
                yield Finding("endpoints", "ok", f"{endpoint} is free")
            except InUse as error:
                if (occupant := find_occupant(endpoint)) is not None:
                    yield Finding("endpoints", "note", f"{endpoint} is in use, as it should be: {occupant.text}")
                else:
                    yield _error("endpoints", error)
            except SerdError as error:
                yield _error("endpoints", error)


def _bridges(_: Settings) -> Iterator[Finding]:
    from serd.bridges.plugins import fault, installed

    faults = {name: fault(name) for name in sorted(installed())}
    yield Finding("bridges", "ok", f"can run: {', '.join(name for name, text in faults.items() if text is None)}")
    yield from (Finding("bridges", "note", *text.partition("; ")[::2]) for text in faults.values() if text)


def _cpu(settings: Settings) -> Iterator[Finding]:
    from serd.cli.realtime import carried, measure

    name, stride_s = settings.model.name, settings.model.stride_s
    measured = measure(name, stride_s)
    text = f"{name} takes {measured.share:.1%} of real time while somebody speaks (stride {measured.stride_s:g} s)"
    if measured.share <= BUSY:
        yield Finding("cpu", "ok", f"this machine carries it: {text}")
        return
    remedies = [f"--stride {measured.stride_s * 2:g}", "fewer other programs"]
    if smaller := carried(name, stride_s, min(BUSY, measured.share)):
        remedies.insert(0, f"--model {smaller[0]} ({smaller[1].share:.1%} here)")
    remedy = f"{', '.join(remedies[:-1])} or {remedies[-1]}"
    if measured.share >= TOO_BUSY:
        yield Finding("cpu", "error", f"this machine is too slow: {text}", remedy, CONFIG)
    else:
        yield Finding("cpu", "warning", f"this machine is slow: {text}", remedy)


CHECKS: dict[str, Callable[[Settings], Iterator[Finding]]] = {
    "interpreter": _interpreter,
    "models": _models,
    "devices": _portaudio,
    "permissions": _permissions,
    "endpoints": _endpoints,
    "clock": clock,
    "systemd": systemd,
    "bridges": _bridges,
    "cpu": _cpu,
}
