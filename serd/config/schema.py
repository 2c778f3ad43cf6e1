"""How a setting is declared: its names outside, its purpose, its limits, and the reader that holds values to them."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from serd.system.paths import at_home, endpoint_at_home

Reader = Callable[[Any], Any]
"""Takes a value as TOML or as text gives it; returns it in its type or raises ValueError."""


@dataclass(frozen=True)
class Spec:
    """How one setting is named outside, what it is for, and what it may be."""

    flag: str
    variable: str
    must: str
    """What it must be, limits included: the end of an error, and of the line above it in a configuration file."""
    read: Reader
    help: str = ""
    """What it is for, in a line without a full stop."""
    metavar: str = ""
    """What its flag's value is called in help; empty: the flag is a switch."""
    short: str = ""
    """The flag's short form."""
    default: Any = None


def number(low: float, high: float) -> Reader:
    """A number within limits, both included."""

    def read(value: Any) -> float:
        number = float(value) if isinstance(value, str) else value
        if isinstance(number, bool) or not isinstance(number, int | float) or not low <= number <= high:
            raise ValueError
        return float(number)

    return read


def whole(low: int, high: int) -> Reader:
    """A whole number within limits, both included."""

    def read(value: Any) -> int:
        number = int(value) if isinstance(value, str) else value
        if type(number) is not int or not low <= number <= high:
            raise ValueError
        return number

    return read


def text(pattern: str) -> Reader:
    """A text that matches a regular expression wholly."""

    def read(value: Any) -> str:
        if not isinstance(value, str) or not re.fullmatch(pattern, value, re.DOTALL):
            raise ValueError
        return value

    return read


def truth(value: Any) -> bool:
    """Read true or false; as text 1, yes, on and their contraries, too."""
    words = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
    boolean = words.get(value.lower()) if isinstance(value, str) else value
    if not isinstance(boolean, bool):
        raise ValueError
    return boolean


def channel(value: Any) -> Literal["mix"] | int:
    """Read `mix`, or a channel counted from 1."""
    return "mix" if value == "mix" else whole(1, 256)(value)


def device(value: Any) -> str:
    """Read a device's index or part of its name."""
    index = type(value) is int and 0 <= value < 10_000
    return str(value) if index else text(r"[^\0]{1,256}")(value)


def path(value: Any) -> str:
    """Read a path; `~` and `~USER` are homes."""
    return at_home(text(r"[^\0]{1,4096}")(value))


_ENDPOINT = r"tcp://(\*|[\w.-]+|\[[0-9A-Fa-f:.%\w]+\]):(\*|\d{1,5})|ipc://[^\0,]+"


def endpoints(value: Any) -> tuple[str, ...]:
    """Read 1 to 16 different endpoints, as a list or with commas between them."""
    listed = [part.strip() for part in value.split(",")] if isinstance(value, str) else value
    if isinstance(listed, list | tuple):
        listed = [endpoint_at_home(part) if isinstance(part, str) else part for part in listed]
    if not isinstance(listed, list | tuple) or not 1 <= len(listed) <= 16 or len(set(map(str, listed))) < len(listed):
        raise ValueError
    for endpoint in listed:
        match = re.fullmatch(_ENDPOINT, endpoint) if isinstance(endpoint, str) else None
        if match is None or (endpoint.startswith("ipc://") and len(os.fsencode(endpoint[6:])) > 107):
            raise ValueError
        if match[2] not in (None, "*") and int(match[2]) > 65535:
            raise ValueError
    return tuple(listed)


def endpoint(value: Any) -> str:
    """Read one endpoint."""
    (endpoint,) = endpoints([value])
    return str(endpoint)


def setting(default: Any, flag: str, must: str, read: Reader, *, help: str, metavar: str = "", short: str = "") -> Any:
    """A dataclass field that is a setting; its variable follows from its flag."""
    variable = "SERD_" + flag.strip("-").upper().replace("-", "_")
    return field(default=default, metadata={"spec": Spec(flag, variable, must, read, help, metavar, short, default)})
