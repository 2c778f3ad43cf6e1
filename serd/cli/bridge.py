"""`serd bridge NAME`: hands a running serd's events on to another system."""

from __future__ import annotations

import argparse
import signal
import threading
from dataclasses import fields
from functools import partial

from serd.bridges.bridge import Bridge, OneShot
from serd.bridges.options import Settings, add_flags, load
from serd.bridges.plugins import find, installed
from serd.cli.config import toml_value
from serd.cli.parser import Parser, Run, namespace
from serd.errors import OK


def declare(parser: Parser) -> None:
    """Let `parser` take the name of each installed bridge, and after it that bridge's own flags."""
    add = parser.add_commands("NAME", dest="name", title="bridges")
    for name in sorted(installed()):
        add(name, "", partial(_declare, name), description=None)


def _declare(name: str, parser: Parser) -> Run:
    kind = find(name)
    parser.description = (kind.__doc__ or "").splitlines()[0]
    add_flags(parser, kind.Settings)
    parser.add_argument("--config", metavar="FILE", help="read settings from this TOML file")
    parser.add_argument("--show-config", action="store_true", help="print the settings in force, and leave")
    return partial(_run, name, kind)


def _run(name: str, kind: type[Bridge], args: argparse.Namespace) -> int:
    """Run the bridge until a signal; the exit code. Raises SerdError."""
    flags = namespace(args, *(f.name for f in fields(kind.Settings)))
    settings, origins = load(name, kind.Settings, flags, config_file=args.config)
    if args.show_config:
        print(_toml(name, settings, origins))
        return OK
    from serd.bridges.feed import Feed
    from serd.bridges.runner import Runner
    from serd.system import malloc
    from serd.system.systemd import Notifier
    from serd.system.threads import ThreadWatch

    malloc.limit()
    bridge = kind(settings)
    if isinstance(bridge, OneShot) and bridge.run_oneshot():
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
