"""The configuration file: TOML, whose tables are the sections of the settings."""

from __future__ import annotations

import stat
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from serd.config.settings import SECTIONS
from serd.errors import ConfigError, UsageError, escaped
from serd.system.nearest import near_file
from serd.system.paths import at_home

LARGEST = 64 << 10
"""Bytes of a file."""
BRIDGE = "bridge."
"""How keys (`[bridge.mqtt]`) begin that are a bridge's own."""


def user_file(environ: Mapping[str, str]) -> Path | None:
    """Where the user's is; None for an account without a home."""
    home, xdg = environ.get("HOME", ""), environ.get("XDG_CONFIG_HOME", "")
    if xdg.startswith("/"):  # the specification has relative paths ignored
        return Path(xdg, "serd", "serd.toml")
    return Path(home, ".config", "serd", "serd.toml") if home.startswith("/") else None


def named_file(config_file: str | Path | None, environ: Mapping[str, str]) -> Path | None:
    """The one that `--config` or SERD_CONFIG names, if either does.

    Raises UsageError, ConfigError for a `~` of nobody.
    """
    named = config_file or environ.get("SERD_CONFIG")
    try:
        return Path(at_home(str(named))) if named else None
    except UsageError as fault:
        raise (
            UsageError(f"--config: {fault}") if config_file else ConfigError(f"variable SERD_CONFIG: {fault}")
        ) from None


def read_file(path: Path, *, required: bool) -> dict[str, Any]:
    """The file's values by their keys (`capture.device`); none where it is missing and not `required`.

    Raises ConfigError.
    """
    name = f"configuration {printable(str(path))}"
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise ConfigError(f"{name}: not a regular file; give a TOML file")
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except (FileNotFoundError, NotADirectoryError):
        if not required:
            return {}
        remedy = near_file(path, "`serd config` prints one to begin with")
        raise ConfigError(f"{name}: there is no such file; {remedy}") from None
    except OSError as error:
        raise ConfigError(f"{name}: cannot be read ({error.strerror}); make it readable for this account") from None
    if len(data) > LARGEST:
        raise ConfigError(f"{name}: larger than {LARGEST} bytes; this is not a configuration of serd")
    try:
        tables = tomllib.loads(data.decode("utf-8-sig"))  # editors put a byte-order mark before it
    except UnicodeDecodeError:
        raise ConfigError(f"{name}: not UTF-8 text; save it as UTF-8") from None
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{name}: not valid TOML ({printable(str(error))}); mend that line") from None
    values: dict[str, Any] = {}
    if isinstance(tables.get("bridge"), dict):  # a table for each bridge
        tables |= {f"{BRIDGE}{name}": settings for name, settings in tables.pop("bridge").items()}
    for section, table in tables.items():
        if isinstance(table, dict):
            values |= {f"{section}.{key}": value for key, value in table.items()}
        if not isinstance(table, dict) or (not table and section not in (*SECTIONS, "decision")):
            values[section] = table
    return values


def printable(text: str, longest: int = 200) -> str:
    """One line, whatever a stranger put into it."""
    shown = escaped(text[: longest + 1])
    return shown if len(text) <= longest else shown[:longest] + "…"
