"""What strangers may send, and what must come of it: a value, or one line that says what is wrong.

`script/fuzz` runs a million of these, tests/test_fuzz.py a few thousand. Hypothesis draws what an input is made
from, a seed of the real thing, JSON or bytes; from each, a batch of inputs is derived by flipping, cutting, doubling
and splicing, or by changing the JSON's values, for drawing each by itself would cost more than parsing it.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import struct
import tempfile
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import zmq
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from serd.audio.recording import Recording
from serd.audio.source import EndOfStream
from serd.config.layers import load
from serd.config.settings import known_settings
from serd.errors import SerdError
from serd.events.endpoint import check as check_endpoint
from serd.events.keys import Keyring, public_key
from serd.events.requests import _read as read_answer
from serd.events.requests import parse as parse_request
from serd.events.sequence import Ledger
from serd.events.subscriber import Subscription
from serd.inference.contract import MEMBER, parse, read_model, write_model
from serd.inference.model import find
from serd.view.view import View
from tests.support import envelopes

BATCH = 100
HANG_S = 10
ODD = [
    None, True, False, 0, -1, 1, 0.5, 2**31, 2**63, 2**64, -(2**63), 10**40, 1e308, float("nan"), float("inf"), "",
    "a" * 300, "\0", "\x1b[2J", "\u202e", "\ud800", [], {}, [[]], {"": {}}, [None] * 100, "1", "NaN", "../../x",
]  # fmt: skip
WORDS = [
    b"", b"\0", b"\xff" * 4, b"\0" * 4, b"\x7f\xff\xff\xff", b"\xff\xff\xff\x7f", b"NaN", b"1e999", b"-", b'"', b"{",
    b"[" * 200, b"\n", b"\xed\xa0\x80", b"\xc0\x80", b"9" * 400, b"''", b"]]", b"=", b"#", b"\x1b[0m",
]  # fmt: skip
NUMBERS = (0, 1, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)


class Wrong(AssertionError):
    """Something came of an input that must not."""


@dataclass(frozen=True)
class Target:
    """A parser: `take` says what became of an input, or lets escape what must never be raised."""

    name: str
    seeds: list[bytes]
    take: Callable[[bytes], str]
    share: float
    """Of a whole run's inputs."""


def changed(data: bytes, chance: random.Random, others: list[bytes]) -> bytes:
    """Bytes near `data`."""
    out = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 4, 8))):
        at, how = chance.randrange(len(out) + 1), chance.randrange(8)
        if chance.random() < 0.5:
            at = min(at, chance.randrange(256))  # headers are where decisions are made
        upto = min(len(out), at + chance.choice((1, 2, 4, 16, 200)))
        if how == 0 and at < len(out):
            out[at] ^= 1 << chance.randrange(8)
        elif how == 1 and at < len(out):
            out[at] = chance.randrange(256)
        elif how == 2:
            del out[at:upto]
        elif how == 3:
            out[at:at] = out[at:upto] * chance.choice((1, 2, 50))
        elif how == 4:
            out[at:upto] = chance.choice(WORDS)
        elif how == 5:
            del out[at:]
        elif how == 6:
            number = chance.choice(
                (0, 1, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, chance.getrandbits(32))
            )
            out[at : at + 4] = struct.pack(chance.choice("<>") + "I", number)
        else:
            other = chance.choice(others)
            out[at:] = other[chance.randrange(len(other) + 1) :]
    return bytes(out[: 1 << 20])


def changed_json(value: Any, chance: random.Random) -> Any:
    """A JSON value with one thing in it replaced, removed or added."""
    if isinstance(value, dict) and value and chance.random() < 0.95:
        weights = [len(repr(part)) for part in value.values()]  # where there is more, more can be wrong
        key, copy = chance.choices(list(value), weights)[0], dict(value)
        how = chance.random()
        if how < 0.1:
            del copy[key]
        elif how < 0.2:
            copy[chance.choice(["x", "", key + "x"])] = chance.choice(ODD)
        else:
            copy[key] = changed_json(value[key], chance)
        return copy
    if isinstance(value, list) and value and chance.random() < 0.7:
        copied = list(value)
        copied[chance.randrange(len(copied))] = changed_json(chance.choice(value), chance)
        return copied * chance.choice((1, 1, 1, 0, 20))
    return chance.choice(ODD)


def near(data: bytes, chance: random.Random, others: list[bytes]) -> bytes:
    """An input near `data`: as JSON, if it is some, or as bytes."""
    if data[:1] == b"{" and chance.random() < 0.6:
        with contextlib.suppress(ValueError, RecursionError):
            value = json.loads(data)
            for _ in range(chance.choice((1, 1, 2, 3))):
                value = changed_json(value, chance)
            return json.dumps(value, ensure_ascii=chance.random() < 0.5).encode("utf-8", "surrogatepass")
    return changed(data, chance, others)


JSONISH = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
).map(lambda value: json.dumps(value).encode())


def run(target: Target, inputs: int, start: int) -> Counter[str]:
    """Feed so many; what became of them. Raises Wrong, with the input, at what must not happen."""
    became: Counter[str] = Counter()
    drawn = st.one_of(st.sampled_from(target.seeds), st.sampled_from(target.seeds), st.binary(max_size=300), JSONISH)
    batch = min(BATCH, inputs)

    @seed(start)
    @settings(
        max_examples=inputs // batch, deadline=None, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(drawn, st.integers(0, 2**32))
    def feed(base: bytes, number: int) -> None:
        chance = random.Random(number)
        for k in range(batch):
            data = base if k == 0 else near(base, chance, target.seeds)
            signal.alarm(HANG_S)
            try:
                became[target.take(data)] += 1
            except SerdError as error:
                if len(str(error).splitlines()) != 1 or not str(error).isprintable():
                    raise Wrong(f"{target.name}: more than a line: {error!r} for {data!r}") from None
                became["refused"] += 1
            except Exception as error:
                raise Wrong(f"{target.name}: {error!r} for {data[:2000]!r}") from error
            finally:
                signal.alarm(0)

    while sum(became.values()) < inputs:  # hypothesis stops early where it has drawn all there is
        feed()
    return became


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
            Target("configuration", CONFIGURATIONS, lambda data: _configuration(path, data), 0.15),
            Target("model file", [_model(path)], lambda data: _model_file(path, data), 0.1),
            Target("model contract", [_contract()], _parsed_contract, 0.15),
            Target("control request", CONTROL, _request, 0.15),
            Target("control answer", ANSWERS, _answer, 0.05),
            Target("event", _events(), lambda data: _event(subscription, data), 0.2),
            Target("audio file", _sounds(path), lambda data: _audio(path, data), 0.1),
            Target("key", _keys(path), lambda data: _key(path, data), 0.05),
            Target("endpoint", ENDPOINTS, _endpoint, 0.05),
        ]


KINDS = ("frame", "segment", "status")
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
    """As a file; with NULs in it, as variables and flags."""
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
        word = parse_request(data)
    except ValueError as error:
        if len(str(error).splitlines()) != 1:
            raise
        return "refused"
    if json.loads(data) != {"request": word}:
        raise Wrong(f"taken for {word}: {data!r}")
    return "taken"


def _answer(data: bytes) -> str:
    read_answer("ipc:///x", data)
    return "taken"


def _events() -> list[bytes]:
    made = [envelopes.frame(1.0), envelopes.emotion(2.0, 1), envelopes.status(3.0)]
    return [json.dumps(event).encode() for event in made]


def _event(subscription: Subscription, data: bytes) -> str:
    """As a subscriber takes it, and the view that shows it; the topic follows the type, or is the data itself."""
    kind = next((kind for kind in KINDS if kind.encode() in data[:300]), "frame")
    frames = [f"serd.v1.default.{kind}.".encode(), data] if data[:1] == b"{" else [data[:40], data]
    subscription._ledger = Ledger()
    event = subscription._take(frames)
    if event is None:
        return "refused"
    view = View("fuzz", "")
    view.take(event, 1.0)
    if len(data) % 64 == 0:
        view.render(80, 24, 2.0, True)
    return "taken"


def _sounds(folder: Path) -> list[bytes]:
    """A short sound in every container that this libsndfile writes."""
    chance = np.random.default_rng(1)
    sound = chance.normal(0, 0.1, (800, 2)).astype(np.float32)
    made = []
    for form in ("WAV", "WAVEX", "AIFF", "AU", "FLAC", "OGG", "MP3", "CAF", "W64", "RF64", "NIST", "VOC", "AVR", "SVX"):
        path = folder / "seed"
        with contextlib.suppress(soundfile.LibsndfileError, ValueError):
            soundfile.write(path, sound, 16000, format=form)
            made.append(path.read_bytes())
    return made


def _audio(folder: Path, data: bytes) -> str:
    path = folder / "sound"
    path.write_bytes(data)
    source = Recording(path)
    try:
        source.open()
        for _ in range(3):
            block = source.read(1.0)
            if block is not None and not np.isfinite(block.samples).all():
                raise Wrong(f"NaN from {data[:400]!r}")
    except EndOfStream:
        return "heard to its end"
    finally:
        source.close()
    return "heard"


def _keys(folder: Path) -> list[bytes]:
    ring = Keyring(folder / "keys")
    ring.new()
    return [(ring.folder / "server.key_secret").read_bytes(), (ring.folder / "client.key").read_bytes()]


def _key(folder: Path, data: bytes) -> str:
    """As a secret, as an entry of the list, and as an argument."""
    ring = Keyring(folder / "keys")
    secret, entry = ring.folder / "server.key_secret", ring.folder / "allowed" / "x.key"
    secret.write_bytes(data)
    entry.write_bytes(data)
    for key in ring.allowed():
        if len(key) != 40:
            raise Wrong(f"a key of {len(key)} bytes from {data!r}")
    with contextlib.suppress(SerdError):
        public_key(data[:100].decode("utf-8", "replace"))
    pair = ring.pair("server")
    if zmq.curve_public(pair.secret) != pair.public:
        raise Wrong(f"a false pair from {data!r}")
    return "taken"


def _endpoint(data: bytes) -> str:
    check_endpoint(data.decode("utf-8", "surrogateescape"))
    return "taken"


def scaled(all_targets: list[Target], inputs: int) -> list[tuple[Target, int]]:
    """Each target with its part of so many inputs."""
    return [(replace(target), max(BATCH, round(inputs * target.share))) for target in all_targets]
