"""Settings: each is declared here once, with its default, its names outside and its limits."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal

from serd.defaults import ENDPOINT, MODEL, STRIDE_S
from serd.events.event import NAME, SESSION

Reader = Callable[[Any], Any]
"""Takes a value as TOML or as text gives it; returns it in its type or raises ValueError."""


@dataclass(frozen=True)
class Spec:
    """How one setting is named outside, and what it may be."""

    flag: str
    variable: str
    must: str
    read: Reader


def _number(low: float, high: float) -> Reader:
    def read(value: Any) -> float:
        number = float(value) if isinstance(value, str) else value
        if isinstance(number, bool) or not isinstance(number, int | float) or not low <= number <= high:
            raise ValueError
        return float(number)

    return read


def _whole(low: int, high: int) -> Reader:
    def read(value: Any) -> int:
        number = int(value) if isinstance(value, str) else value
        if type(number) is not int or not low <= number <= high:
            raise ValueError
        return number

    return read


def _text(pattern: str) -> Reader:
    def read(value: Any) -> str:
        if not isinstance(value, str) or not re.fullmatch(pattern, value, re.DOTALL):
            raise ValueError
        return value

    return read


def _truth(value: Any) -> bool:
    words = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
    found = words.get(value.lower()) if isinstance(value, str) else value
    if not isinstance(found, bool):
        raise ValueError
    return found


def _channel(value: Any) -> Literal["mix"] | int:
    return "mix" if value == "mix" else _whole(1, 256)(value)


def _device(value: Any) -> str:
    index = type(value) is int and 0 <= value < 10_000
    return str(value) if index else _text(r"[^\0]{1,256}")(value)


_ENDPOINT = r"tcp://(\*|[\w.-]+|\[[0-9A-Fa-f:.%\w]+\]):(\*|\d{1,5})|ipc://[^\0,]+"


def _endpoints(value: Any) -> tuple[str, ...]:
    listed = [part.strip() for part in value.split(",")] if isinstance(value, str) else value
    if not isinstance(listed, list | tuple) or not 1 <= len(listed) <= 16 or len(set(map(str, listed))) < len(listed):
        raise ValueError
    for endpoint in listed:
        match = re.fullmatch(_ENDPOINT, endpoint) if isinstance(endpoint, str) else None
        if match is None or (endpoint.startswith("ipc://") and len(os.fsencode(endpoint[6:])) > 107):
            raise ValueError
        if match[2] not in (None, "*") and int(match[2]) > 65535:
            raise ValueError
    return tuple(listed)


def _endpoint(value: Any) -> str:
    (endpoint,) = _endpoints([value])
    return str(endpoint)


def _setting(default: Any, flag: str, must: str, read: Reader, variable: str = "") -> Any:
    variable = variable or "SERD_" + flag.strip("-").upper().replace("-", "_")
    return field(default=default, metadata={"spec": Spec(flag, variable, must, read)})


_PATH = _text(r"[^\0]{1,4096}")

number, whole, text, truth, path, endpoint = _number, _whole, _text, _truth, _PATH, _endpoint
"""Readers for settings that are declared elsewhere: a bridge's own."""


@dataclass(frozen=True)
class Capture:
    """Where the sound comes from."""

    device: str | None = _setting(None, "--device", "a device's index or part of its name", _device)
    """Index or part of a name; None is the system's default."""
    channel: Literal["mix"] | int = _setting(
        "mix", "--channel", '"mix" or a channel, counted from 1, up to 256', _channel
    )
    input: str | None = _setting(None, "--input", 'a path, or "-" for raw samples from standard input', _PATH)
    """A recording instead of a device."""
    fast: bool = _setting(False, "--fast", "true or false", _truth)
    """A recording as fast as it can be worked through, rather than in real time."""
    buffer_s: float = _setting(10.0, "--buffer", "seconds in 1..120", _number(1, 120))
    """What the ring between the audio callback and the pipeline holds."""


@dataclass(frozen=True)
class Model:
    """Which network listens, and how often."""

    name: str = _setting(MODEL, "--model", "a model's name (`serd models`) or path", _PATH)
    stride_s: float = _setting(STRIDE_S, "--stride", "seconds in 0.05..5", _number(0.05, 5))
    """Time between windows; the pipeline takes whole hops of the model."""


@dataclass(frozen=True)
class Publish:
    """Where the events go."""

    endpoints: tuple[str, ...] = _setting(
        (ENDPOINT,),
        "--publish",
        f"1 to 16 different endpoints such as {ENDPOINT} or ipc:///run/serd/events (at most 107 bytes)",
        _endpoints,
    )
    source: str = _setting("default", "--source", "1 to 64 of a-z 0-9 _ -", _text(NAME.pattern))
    """This serd's name in topics and events."""
    session: str = _setting("", "--session", "up to 64 of A-Z a-z 0-9 . _ -", _text(f"({SESSION.pattern})?"))
    """Names this run in events; empty: drawn at random."""
    high_water_mark: int = _setting(1000, "--high-water-mark", "a whole number in 1..100000", _whole(1, 100_000))
    """Messages kept for a subscriber that is slow to read; newer ones are dropped."""
    secure: bool = _setting(False, "--secure", "true or false", _truth)
    """Only readers with an allowed key, on this machine too; what other machines can reach is always so."""
    keys: str | None = _setting(None, "--keys", "a folder", _PATH)
    """Of keys, as `serd keys` makes them; None is this account's."""


@dataclass(frozen=True)
class Control:
    """Who may mute, besides this account."""

    endpoint: str | None = _setting(None, "--control", "an endpoint such as tcp://127.0.0.1:5557", _endpoint)
    """For holders of allowed keys; the socket in the runtime directory is there anyway."""


@dataclass(frozen=True)
class View:
    """What is shown."""

    headless: bool = _setting(False, "--headless", "true or false", _truth)
    """Events as JSON lines even where standard output is a terminal."""


@dataclass(frozen=True)
class Log:
    """What is told on standard error."""

    level: str = _setting(
        "info", "--log-level", "one of debug, info, warning, error", _text("debug|info|warning|error")
    )


@dataclass(frozen=True)
class Settings:
    """All of them, by section."""

    capture: Capture = field(default_factory=Capture)
    model: Model = field(default_factory=Model)
    publish: Publish = field(default_factory=Publish)
    control: Control = field(default_factory=Control)
    decision: Mapping[str, float] = field(default_factory=dict)
    """Overrides of the model's thresholds, by their names in `serd.inference.decision.Rules`."""
    view: View = field(default_factory=View)
    log: Log = field(default_factory=Log)


SECTIONS: dict[str, type] = {
    "capture": Capture,
    "model": Model,
    "publish": Publish,
    "control": Control,
    "view": View,
    "log": Log,
}


def known_settings(rules: Collection[str] = ()) -> dict[str, Spec]:
    """Every key with its names and limits; the rules of the decision among them."""
    specs = {f"{name}.{f.name}": f.metadata["spec"] for name, kind in SECTIONS.items() for f in fields(kind)}
    for rule in rules:
        low, high, unit = (0, 60, "seconds") if rule.endswith("_s") else (0, 1, "a number")
        if rule.endswith("_db"):
            low, high, unit = -140, 0, "decibels"
        if rule == "evidence":
            high = 16
        flag, variable = f"--set {rule}", "SERD_" + rule.upper()
        specs[f"decision.{rule}"] = Spec(flag, variable, f"{unit} in {low}..{high}", _number(low, high))
    return specs
