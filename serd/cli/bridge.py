"""`serd bridge NAME`: hands a running serd's events on to another system."""

from __future__ import annotations

import argparse
import signal
import threading
from collections.abc import Callable, Sequence
from dataclasses import fields

from serd.bridges.bridge import Errand
from serd.bridges.feed import Feed
from serd.bridges.options import Settings, add_flags, load
from serd.bridges.plugins import find, installed
from serd.bridges.runner import Runner
from serd.cli.config import toml_value
from serd.errors import OK, UsageError
from serd.system import malloc as arenas
from serd.system.systemd import Notifier
from serd.system.threads import ThreadWatch


def run(arguments: Sequence[str], parser_of: Callable[[str, str], argparse.ArgumentParser]) -> int:
    """Run the bridge that the arguments name until a signal; the exit code. Raises SerdError."""
    if not arguments or arguments[0].startswith("-"):
        parser = parser_of("bridge", "Hand a running serd's events on to another system, in a process of its own.")
        parser.add_argument("name", metavar="NAME", help=f"one of {', '.join(sorted(installed()))}")
        parser.parse_args(arguments)
        raise UsageError("bridge: no name; `serd bridge --help` lists them")
    name, *rest = arguments
    kind = find(name)
    parser = parser_of(f"bridge {name}", (kind.__doc__ or "").splitlines()[0])
    add_flags(parser, kind.Settings)
    parser.add_argument("--config", metavar="FILE", help="read settings from this TOML file")
    parser.add_argument("--show-config", action="store_true", help="print the settings in force, and leave")
    given = vars(parser.parse_args(rest))
    file, show = given.pop("config"), given.pop("show_config")
    settings, origins = load(name, kind.Settings, given, config_file=file)
    if show:
        print(_toml(name, settings, origins))
        return OK
    arenas.limit()
    bridge = kind(settings)
    if isinstance(bridge, Errand) and bridge.run_errand():
        return OK
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    notifier = Notifier.from_environment()
    feed = Feed(settings)
    try:
        with ThreadWatch() as watch:
            Runner(name, bridge, feed, notifier, watch).run(stop)
    finally:
        feed.close()
        notifier.close()
    return OK


def _toml(name: str, settings: Settings, origins: dict[str, str]) -> str:
    """A section that, saved and read back, gives these settings."""
    lines = [f"[bridge.{name}]"]
    for f in fields(settings):
        value = getattr(settings, f.name)
        line = f"# {f.name} is not set" if value is None else f"{f.name} = {toml_value(value)}"
        lines.append(f"{line}  # {origins[f.name]}")
    return "\n".join(lines)
