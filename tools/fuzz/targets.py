"""The parsers that read what strangers send, each with seeds of the real thing."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import zmq

from serd.audio.parts import parts
from serd.audio.pipe import Pipe
from serd.audio.recording import Recording
from serd.audio.source import EndOfStream
from serd.config.layers import load
from serd.config.settings import known_settings
from serd.errors import SerdError
from serd.events import requests
from serd.events.endpoint import check as check_endpoint
from serd.events.event import KINDS
from serd.events.keys import Keyring, public_key
from serd.events.sequence import SequenceTracker
from serd.events.subscriber import Subscription
from serd.inference.contract import MEMBER, parse, read_model, write_model
from serd.inference.model import find
from serd.view.view import View
from tests.support import envelopes
from tools.fuzz.inputs import FuzzFailure, Target
from tools.fuzz.journal import imported, journals


@contextlib.contextmanager
def targets() -> Iterator[list[Target]]:
    """All parsers that read what strangers send."""
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=memory) as folder, contextlib.ExitStack() as stack:
        subscription = stack.enter_context(
            contextlib.closing(Subscription(f"ipc://{folder}/nobody", None, KINDS, None))
        )
        path = Path(folder)
        yield [
            Target("configuration", CONFIGURATIONS, lambda data: _configuration(path, data), 0.1),
            Target("model file", [_model(path)], lambda data: _model_file(path, data), 0.1),
            Target("model contract", [_contract()], _parsed_contract, 0.1),
            Target("control request", CONTROL, _request, 0.1),
            Target("control answer", ANSWERS, _answer, 0.05),
            Target("event", _events(), lambda data: _event(subscription, data), 0.15),
            Target("audio file", _sounds(path), lambda data: _audio(path, data), 0.1),
            Target("audio header", _sounds(path, twice=True), lambda data: _header(path, data), 0.09),
            Target("pipe", _sounds(path), _pipe, 0.1),
            Target("key", _keys(path), lambda data: _key(path, data), 0.05),
            Target("endpoint", ENDPOINTS, _endpoint, 0.05),
            Target("journal import", journals(path), lambda data: imported(path, data), 0.01),
        ]


CONFIGURATIONS = [
    b'[capture]\ndevice = "USB"\nchannel = 1\nbuffer_s = 10.0\n[model]\nname = "thesis-cnn"\nstride_s = 0.25\n'
    b'[publish]\nendpoints = ["tcp://127.0.0.1:5556", "ipc:///run/serd/events"]\nsource = "hall"\nsecure = true\n'
    b'[control]\nendpoint = "tcp://127.0.0.1:5557"\n[decision]\nemotion_on = 0.5\n[view]\nheadless = true\n',
    b'capture.input = "-"\n[log]\nlevel = "debug"\n[publish]\nhigh_water_mark = 5\nsession = "a"\n',
    b"SERD_DEVICE=0\0SERD_STRIDE=0.5\0SERD_PUBLISH=tcp://127.0.0.1:1,ipc:///x\0SERD_SECURE=yes\0SERD_CHANNEL=mix",
]
CONTROL = [b'{"request": "mute"}', b'{"request": "unmute"}', b' {"request":"status"}\n']
ANSWERS = [b'{"ok": true, "source": "hall", "pid": 7, "note": null, "state": "muted", "version": "1"}',
           b'{"ok": false, "error": "the request is not JSON in UTF-8"}']  # fmt: skip
ENDPOINTS = [b"tcp://127.0.0.1:5556", b"tcp://[::1]:5556", b"tcp://*:*", b"ipc:///run/serd/events", b"inproc://x"]
RULES = ("emotion_on", "emotion_off", "margin", "dwell_s", "silence_db")


def _configuration(folder: Path, data: bytes) -> str:
    """Parse a configuration as a file; with NULs in it, as variables and flags."""
    path = folder / "serd.toml"
    environ: dict[str, str] = {}
    flags: dict[str, Any] = {}
    if b"\0" in data:
        for part in data.decode("utf-8", "surrogateescape").split("\0"):
            name, _, value = part.partition("=")
            environ[name if name.startswith("SERD_") else f"SERD_{name}"] = value
        specs = list(known_settings(RULES))
        flags = {specs[len(data) % len(specs)]: data[:40].decode("utf-8", "replace")}
        environ.pop("SERD_CONFIG", None)
        load(flags, environ, None, RULES, folder / "none")
    else:
        path.write_bytes(data)
        load({}, {}, path, RULES, folder / "none")
    return "taken"


def _contract() -> bytes:
    with zipfile.ZipFile(find("speech")) as archive:
        return archive.read(MEMBER)


def _parsed_contract(data: bytes) -> str:
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return "not JSON"
    try:
        parse(value)
    except (ValueError, TypeError) as error:
        if "\n" in str(error)[:1]:
            raise
        return "refused"
    return "taken"


def _model(folder: Path) -> bytes:
    """A network that is none, with a real contract behind it."""
    path = folder / "seed.tflite"
    write_model(path, b"\x1c\0\0\0TFL3" + b"\0" * 64, read_model(find("speech"))[1])
    return path.read_bytes()


def _model_file(folder: Path, data: bytes) -> str:
    path = folder / "model.tflite"
    path.write_bytes(data)
    read_model(path)
    return "taken"


def _request(data: bytes) -> str:
    try:
        word = requests.parse(data)
    except ValueError as error:
        if len(str(error).splitlines()) != 1:
            raise
        return "refused"
    if json.loads(data) != {"request": word}:
        raise FuzzFailure(f"taken for {word}: {data!r}")
    return "taken"


def _answer(data: bytes) -> str:
    requests._read("ipc:///x", data)
    return "taken"


def _events() -> list[bytes]:
    made = [envelopes.frame(1.0), envelopes.emotion(2.0, 1), envelopes.status(3.0)]
    return [json.dumps(event).encode() for event in made]


def _event(subscription: Subscription, data: bytes) -> str:
    """Take a message as a subscriber and its view do; the topic follows the type, or is the data itself."""
    kind = next((kind for kind in KINDS if kind.encode() in data[:300]), "frame")
    frames = [f"serd.v1.default.{kind}.".encode(), data] if data[:1] == b"{" else [data[:40], data]
    subscription._tracker = SequenceTracker()
    event = subscription._take(frames)
    if event is None:
        return "refused"
    view = View("fuzz", "")
    view.take(event, 1.0)
    if len(data) % 64 == 0:
        view.render(80, 24, 2.0, True)
    return "taken"


def _sounds(folder: Path, *, twice: bool = False) -> list[bytes]:
    """A short sound in every container that this libsndfile writes; `twice`: one behind the other, too."""
    chance = np.random.default_rng(1)
    sound = chance.normal(0, 0.1, (800, 2)).astype(np.float32)
    made = []
    for form in ("WAV", "WAVEX", "AIFF", "AU", "FLAC", "OGG", "MP3", "CAF", "W64", "RF64", "NIST", "VOC", "AVR", "SVX"):
        path = folder / "seed"
        with contextlib.suppress(soundfile.LibsndfileError, ValueError):
            soundfile.write(path, sound, 16000, format=form)
            made.append(path.read_bytes())
    return [*made, *(one + one for one in made)] if twice else made


def _audio(folder: Path, data: bytes) -> str:
    path = folder / "sound"
    path.write_bytes(data)
    source = Recording(path)
    try:
        source.open()
        for _ in range(3):
            block = source.read(1.0)
            if block is not None and not np.isfinite(block.samples).all():
                raise FuzzFailure(f"NaN from {data[:400]!r}")
    except EndOfStream:
        return "heard to its end"
    finally:
        source.close()
    return "heard"


def _header(folder: Path, data: bytes) -> str:
    """The parts of a file lie in it, in their order, and patches lie in their parts."""
    path = folder / "header"
    path.write_bytes(data or b"x")
    connections, at = parts(path), 0
    for one in connections:
        if not (at <= one.start <= one.end <= max(1, len(data))) or any(place < 0 for place, _ in one.patches):
            raise FuzzFailure(f"{connections} of {data[:400]!r}")
        if one.share is not None and not 0 <= one.share < 1:
            raise FuzzFailure(f"{one} of {data[:400]!r}")
        at = one.end
    return "patched" if any(one.patches for one in connections) else "several" if len(connections) > 1 else "taken"


def _pipe(data: bytes) -> str:
    """Through a real pipe, which holds 64 kB."""
    read, write = os.pipe()
    with os.fdopen(read, "rb") as stream:
        with os.fdopen(write, "wb", buffering=0) as writer:
            writer.write(data[: 1 << 15])
        source = Pipe(stream)
        source.open()
        try:
            while True:
                block = source.read(1.0)
                if block is not None and not np.isfinite(block.samples).all():
                    raise FuzzFailure(f"NaN from {data[:400]!r}")
        except EndOfStream:
            return "heard to its end"


def _keys(folder: Path) -> list[bytes]:
    ring = Keyring(folder / "keys")
    ring.new()
    return [(ring.folder / "server.key_secret").read_bytes(), (ring.folder / "client.key").read_bytes()]


def _key(folder: Path, data: bytes) -> str:
    ring = Keyring(folder / "keys")
    for path in (ring.folder / "server.key_secret", ring.folder / "allowed" / "x.key"):
        path.write_bytes(data)
    if any(len(key) != 40 for key in ring.allowed()):
        raise FuzzFailure(f"a key of another length from {data!r}")
    with contextlib.suppress(SerdError):
        public_key(data[:100].decode("utf-8", "replace"))
    pair = ring.pair("server")
    if zmq.curve_public(pair.secret) != pair.public:
        raise FuzzFailure(f"a false pair from {data!r}")
    return "taken"


def _endpoint(data: bytes) -> str:
    check_endpoint(data.decode("utf-8", "surrogateescape"))
    return "taken"
