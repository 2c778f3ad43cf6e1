"""Plugins: which bridges are installed, by entry points, so that other packages can add theirs."""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points

from serd.bridges.bridge import Bridge
from serd.errors import ConfigError, UsageError, brings

GROUP = "serd.bridges"


def installed() -> dict[str, EntryPoint]:
    """All bridges by their names; serd's own go before others of the same name."""
    entries = sorted(entry_points(group=GROUP), key=_is_own)
    return {point.name: point for point in entries}


def find(name: str) -> type[Bridge]:
    """The bridge of that name. Raises UsageError where there is none, ConfigError where what it needs is missing."""
    known = installed()
    if name not in known:
        listed = ", ".join(sorted(known)) or "none; install serd, for they are found by its metadata"
        raise UsageError(f"bridge {name[:64]!r}: there is none of that name; installed: {listed}")
    point = known[name]
    try:
        loaded: type[Bridge] = point.load()
    except ModuleNotFoundError as error:
        missing = error.name or "a module"
        package = point.dist.name if point.dist else missing
        remedy = brings(name) if _is_own(point) else f"pip install '{package}'"
        raise ConfigError(f"bridge {name}: {missing} is not installed; {remedy}") from None
    except (ImportError, OSError, RuntimeError, AttributeError) as error:  # a C library that is not there, say
        shown = " ".join(str(error).split())[:200]
        raise ConfigError(
            f"bridge {name}: cannot be loaded ({shown}); docs/which-way-in.md says what it needs"
        ) from None
    return loaded


def fault(name: str) -> str | None:
    """What keeps the bridge of that name from running, in one line; None if nothing does."""
    try:
        find(name)
    except ConfigError as error:
        return str(error)
    return None


def _is_own(point: EntryPoint) -> bool:
    return point.value.startswith("serd.")
