"""A bridge's settings: declared with the bridge, read from `[bridge.NAME]`, SERD_BRIDGE_NAME_* and flags."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar, cast

from serd.config.file import BRIDGE
from serd.config.layers import BRIDGE_VARIABLE, DEFAULT, SYSTEM_FILE, gather
from serd.config.schema import Reader, Spec, endpoint, path, text, whole
from serd.defaults import ENDPOINT

MOST = 1024
"""Values of one setting."""

S = TypeVar("S", bound="Settings")


@dataclass(frozen=True)
class Option:
    """How one setting of a bridge is given."""

    must: str
    read: Reader
    help: str
    metavar: str
    flag: str
    """Empty: `--` and the setting's name. A metavar alone: what is left of the command line."""
    many: bool


def option(
    default: Any, must: str, read: Reader, help: str, metavar: str = "", *, flag: str = "", many: bool = False
) -> Any:
    """A field of a bridge's settings. Without a metavar it is a switch; `many`: its flag may be repeated."""
    return field(default=default, metadata={"option": Option(must, read, help, metavar, flag, many)})


def listing(one: Reader) -> Reader:
    """A reader of a list of at most MOST of what `one` reads; as text, they are separated by commas."""

    def read(value: Any) -> tuple[str, ...]:
        listed = [part.strip() for part in value.split(",")] if isinstance(value, str) else value
        if not isinstance(listed, list | tuple) or len(listed) > MOST:
            raise ValueError
        return tuple(map(one, listed))

    return read


@dataclass(frozen=True)
class Settings:
    """What every bridge takes; a bridge's own class inherits it."""

    endpoints: tuple[str, ...] = option(
        (ENDPOINT,), "endpoints such as tcp://127.0.0.1:5556 or ipc:///run/serd/events", listing(endpoint),
        f"where a serd publishes; repeatable (default {ENDPOINT})", "ENDPOINT", flag="--endpoint", many=True,
    )  # fmt: skip
    source: str | None = option(
        None, "1 to 64 of a-z 0-9 _ -", text("[a-z0-9_-]{1,64}"), "only this serd's events", "NAME"
    )
    server_keys: tuple[str, ...] = option(
        (), "public keys, or files with them", listing(path),
        "the public key of a serd that wants keys; one for all, or one for each --endpoint", "KEY|FILE",
        flag="--server-key", many=True,
    )  # fmt: skip
    keys: str | None = option(None, "a folder", path, "our own keys, as `serd keys` makes them", "FOLDER")
    queue: int = option(
        1000, "a whole number in 1..1000000", whole(1, 1_000_000),
        "events kept while the other side is away (default 1000)", "N",
    )  # fmt: skip


@dataclass(frozen=True)
class ControlSettings(Settings):
    """What a bridge that can mute takes besides."""

    control: tuple[str, ...] = option(
        (), "control endpoints such as tcp://127.0.0.1:5557", listing(endpoint),
        "the control endpoint of a serd elsewhere (its --control); repeatable", "ENDPOINT", many=True,
    )  # fmt: skip
    control_keys: tuple[str, ...] = option(
        (), "public keys, or files with them", listing(path),
        "the public key of that serd; one for all, or one for each --control", "KEY|FILE",
        flag="--control-key", many=True,
    )  # fmt: skip


def add_flags(parser: argparse.ArgumentParser, kind: type[Settings]) -> None:
    """Let `parser` take a bridge's settings, its own first."""
    shared = {f.name for f in fields(Settings)}
    of_bridge, every = parser.add_argument_group("this bridge"), parser.add_argument_group("every bridge")
    for f, one in _options(kind):
        group = every if f.name in shared else of_bridge
        names: dict[str, Any] = {"dest": f.name, "help": one.help, "default": None}
        if not one.metavar:
            group.add_argument(_flag(f, one), action="store_true", **names)
        elif one.flag == one.metavar:
            group.add_argument(f.name, nargs="*", metavar=one.metavar, help=one.help)
        else:
            group.add_argument(_flag(f, one), metavar=one.metavar, action="append" if one.many else "store", **names)


def load(
    name: str,
    kind: type[S],
    flags: Mapping[str, Any],
    environ: Mapping[str, str] = os.environ,
    *,
    config_file: str | Path | None = None,
    system_file: Path = SYSTEM_FILE,
) -> tuple[S, dict[str, str]]:
    """The settings in force of the bridge `name`, and for each where its value came from.

    `flags` maps the settings' names to values, None meaning not given. Raises ConfigError, UsageError.
    """
    prefix = f"{BRIDGE}{name}."
    variable = f"{BRIDGE_VARIABLE}{name.upper().replace('-', '_')}_"
    specs = {
        prefix + f.name: Spec(_flag(f, one), variable + f.name.upper(), one.must, one.read) for f, one in _options(kind)
    }
    settings = gather(
        specs,
        {prefix + flag: value or None if isinstance(value, list) else value for flag, value in flags.items()},
        environ,
        config_file=config_file,
        system_file=system_file,
        concerns=lambda key: key.startswith((prefix, variable)) or key == prefix[:-1],
    )
    origins = {
        f.name: settings[prefix + f.name].origin if prefix + f.name in settings else DEFAULT for f in fields(kind)
    }
    return kind(**{key.removeprefix(prefix): item.value for key, item in settings.items()}), origins


def _options(kind: type[Settings]) -> Iterator[tuple[Field[Any], Option]]:
    for f in fields(kind):
        if "option" not in f.metadata or f.default is MISSING:
            raise TypeError(f"{kind.__name__}.{f.name}: not declared by option()")
        yield f, cast(Option, f.metadata["option"])


def _flag(f: Field[Any], one: Option) -> str:
    return one.flag or "--" + f.name.replace("_", "-")
