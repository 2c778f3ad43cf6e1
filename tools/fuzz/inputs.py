"""Inputs near the real thing, and what must come of each: a value, or one line that says what is wrong.

Hypothesis draws what an input is made from, a seed of the real thing, JSON or bytes; from each, a batch of inputs is
derived by flipping, cutting, doubling and splicing, or by changing the JSON's values, for drawing each by itself would
cost more than parsing it.
"""

from __future__ import annotations

import contextlib
import json
import random
import signal
import struct
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from serd.errors import SerdError

BATCH = 100
HANG_S = 10
ODD: list[Any] = [
    None, True, False, 0, -1, 1, 0.5, 2**31, 2**63, 2**64, -(2**63), 10**40, 1e308, float("nan"), float("inf"), "",
    "a" * 300, "\0", "\x1b[2J", "\u202e", "\ud800", [], {}, [[]], {"": {}}, [None] * 100, "1", "NaN", "../../x",
]  # fmt: skip
WORDS = [
    b"", b"\0", b"\xff" * 4, b"\0" * 4, b"\x7f\xff\xff\xff", b"\xff\xff\xff\x7f", b"NaN", b"1e999", b"-", b'"', b"{",
    b"[" * 200, b"\n", b"\xed\xa0\x80", b"\xc0\x80", b"9" * 400, b"''", b"]]", b"=", b"#", b"\x1b[0m",
]  # fmt: skip
NUMBERS = (0, 1, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)


class FuzzFailure(AssertionError):
    """Something came of an input that must not."""


@dataclass(frozen=True)
class Target:
    """A parser: `take` says what became of an input, or lets escape what must never be raised."""

    name: str
    seeds: list[bytes]
    take: Callable[[bytes], str]
    share: float
    """The target's share of a whole run's inputs."""


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
                    raise FuzzFailure(f"{target.name}: more than a line: {error!r} for {data!r}") from None
                became["refused"] += 1
            except Exception as error:
                raise FuzzFailure(f"{target.name}: {error!r} for {data[:2000]!r}") from error
            finally:
                signal.alarm(0)

    while sum(became.values()) < inputs:  # hypothesis stops early where it has drawn all there is
        feed()
    return became


def scaled(all_targets: list[Target], inputs: int) -> list[tuple[Target, int]]:
    """Each target with its part of so many inputs."""
    return [(replace(target), max(BATCH, round(inputs * target.share))) for target in all_targets]
