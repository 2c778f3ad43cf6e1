"""The command line. Without a command serd listens; each command has a module beside this one.

Modules are imported by the command that needs them: `serd tail` does not wait for the networks.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from typing import Literal, NoReturn

from serd.cli.flags import add_flags, resolve
from serd.cli.outcome import allowed, endless, told
from serd.cli.reader_flags import add_key_flags, add_reader_flags
from serd.errors import OK, UsageError
from serd.system import descriptors, log, streams
from serd.system.signals import caught, interrupt

EPILOG = """\
commands:
  serd score FILE...     what recordings sound like, faster than real time
  serd archive DIR...    all recordings below some folders, as Parquet tables
  serd watch [ENDPOINT]  the live view of a running serd
  serd tail [ENDPOINT]   its events as JSON lines
  serd bridge NAME       hands its events on: to MQTT and Home Assistant, Prometheus, a web page, ...
  serd mute, serd unmute close the microphone of a running serd, and open it again
  serd keys              who may read or command from other machines
  serd doctor            looks for what may be wrong here, and says what mends it
  serd models            the installed models and what they know
  serd config            the settings in force and where they come from
  serd journal           how a consenting person's voice sounded over weeks

exit codes: 0 clean, 2 usage, 69 no device, 74 output that cannot be written, 75 restart me, 78 configuration or model;
128 and a signal's number where it cut work short (130 for Ctrl-C)
"""


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, as everything in serd does."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}; `{self.prog} --help` lists what can be given")


def main(argv: Sequence[str] | None = None) -> int:
    """Run serd; the exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    streams.own()
    log.set_up()
    command = COMMANDS[arguments.pop(0)] if arguments and arguments[0] in COMMANDS else _listen
    with caught(interrupt):
        code = told(lambda: allowed(descriptors.FEW)) or told(lambda: command(arguments))
        return told(sys.stdout.flush) or code


def _parser(name: str, description: str) -> Parser:
    return Parser(prog=f"serd {name}".strip(), description=description, allow_abbrev=False)


def _listen(arguments: list[str]) -> int:
    parser = _parser("", "Real-time speech emotion daemon: listens, and publishes emotion events over ZeroMQ.")
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = EPILOG
    parser.add_argument("--version", action="store_true", help="print the version")
    parser.add_argument("-l", "--list-devices", action="store_true", help="list the capture devices")
    parser.add_argument("--json", action="store_true", help="with -l: as JSON")
    parser.add_argument("--demo", action="store_true", help="replay the synthetic recording that ships with serd")
    parser.add_argument("--once", action="store_true", help="a device that cannot be opened is an error (exit 69)")
    parser.add_argument("--wait-subscribers", type=int, default=0, metavar="N", help="begin when N have subscribed")
    add_flags(parser)
    given = parser.parse_args(arguments)
    if given.version:
        import serd

        print(f"serd {serd.__version__}")
        return OK
    allowed(descriptors.MANY)
    if given.list_devices:
        from serd.cli.devices import run as list_devices

        return list_devices(given.json)
    if given.json:
        raise UsageError("--json: belongs to --list-devices; without a terminal events are JSON already")
    if given.demo and (given.device is not None or given.input is not None):
        raise UsageError("--demo: replays its own recording; leave --device and --input out")
    if not 0 <= given.wait_subscribers <= 1000:
        raise UsageError(f"--wait-subscribers {given.wait_subscribers}: give 0 to 1000")

    def listen() -> int:
        from serd.cli.listen import run
        from serd.defaults import DEMO

        if given.demo:
            given.input = str(DEMO)
        settings = resolve(given).settings
        return run(settings, demo=given.demo, wait_subscribers=given.wait_subscribers, once=given.once)

    return endless(listen)


def _score(arguments: list[str]) -> int:
    parser = _parser("score", "Score recordings with the live pipeline, faster than real time.")
    parser.add_argument("files", nargs="+", metavar="FILE")
    parser.add_argument("--model", metavar="NAME|PATH")
    parser.add_argument("--channel", metavar="N", default="mix", help="one channel, counted from 1, or 'mix' (default)")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="one JSON object a line for each file")
    form.add_argument("--csv", action="store_true", help="comma-separated values with a header")
    parser.add_argument("--windows", action="store_true", help="each window too")
    given = parser.parse_args(arguments)
    from serd.cli.score import run
    from serd.config.schema import channel

    try:
        wanted = channel(given.channel)
    except ValueError:
        raise UsageError(f"--channel {given.channel}: give a channel, counted from 1, up to 256, or mix") from None
    written: Literal["text", "json", "csv"] = "json" if given.json else "csv" if given.csv else "text"
    return run(given.files, given.model, written, given.windows, wanted)


def _archive(arguments: list[str]) -> int:
    from serd.cli.archive import add_arguments, run

    return run(add_arguments(_parser("archive", "All recordings below folders, as tables.")).parse_args(arguments))


def _watch(arguments: list[str]) -> int:
    parser = _parser("watch", "The live view of a running serd, local or remote.")
    add_reader_flags(parser)
    given = parser.parse_args(arguments)
    from serd.cli.watch import run

    return endless(lambda: run(**vars(given)))


def _tail(arguments: list[str]) -> int:
    parser = _parser("tail", "The events of a running serd as JSON lines.")
    add_reader_flags(parser)
    parser.add_argument("--kind", action="append", choices=("frame", "segment", "status"), help="repeatable")
    parser.add_argument("-n", "--count", type=int, metavar="N", help="leave after N events")
    parser.add_argument("--timeout", type=float, metavar="SECONDS", help="leave when nothing came for so long")
    parser.add_argument(
        "--durable", metavar="NAME", help="with nats://: go on where the last reader of this name ended"
    )
    given = vars(parser.parse_args(arguments))

    def tail() -> int:
        from serd.cli.tail import run
        from serd.events.event import KINDS

        return run(kinds=given.pop("kind") or KINDS, **given)

    return endless(tail) if given["count"] is None else tail()  # the count was not reached


def _bridge(arguments: list[str]) -> int:
    from serd.cli.bridge import run

    return run(arguments, _parser)


def _mute(arguments: list[str], word: Literal["mute", "unmute"] = "mute") -> int:
    closes = "Close the microphone of running serds, and keep it closed over restarts."
    parser = _parser(word, closes if word == "mute" else "Open the microphone of muted serds again.")
    parser.add_argument("--source", metavar="NAME", help="only the serd of this name")
    needed = "which mute means by itself" if word == "mute" else "where there are several unmute must be told"
    parser.add_argument("--all", action="store_true", help=f"all of this account: {needed}")
    parser.add_argument("--endpoint", metavar="ENDPOINT", help="the control endpoint of a serd elsewhere (--control)")
    add_key_flags(parser)
    given = parser.parse_args(arguments)
    from serd.cli.mute import run

    return run(word, given.source, given.endpoint, given.server_key, given.keys, everywhere=given.all)


def _keys(arguments: list[str]) -> int:
    parser = _parser("keys", "Who may read or command this serd from other machines.")
    parser.add_argument("--keys", metavar="FOLDER", help="default ~/.config/serd/keys")
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True, parser_class=Parser)
    actions.add_parser("new", help="make this account's keys, to publish with and to read with")
    actions.add_parser("list", help="our public keys, and who is allowed").add_argument("--json", action="store_true")
    allow = actions.add_parser("allow", help="let a reader in")
    allow.add_argument("name", metavar="NAME", help="what you call it")
    allow.add_argument("key", metavar="KEY|FILE", help="its public key, as `serd keys list` prints it there")
    actions.add_parser("revoke", help="let a reader in no more").add_argument("name", metavar="NAME")
    given = parser.parse_args(arguments)
    from serd.cli.keys import run

    return run(given)


def _doctor(arguments: list[str]) -> int:
    parser = _parser("doctor", "Look for what may be wrong on this machine, and say what mends it.")
    add_flags(parser)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    allowed(descriptors.MANY)
    from serd.cli.doctor import run

    return run(lambda: resolve(given).settings, given.json)


def _models(arguments: list[str]) -> int:
    parser = _parser("models", "The installed models and what they know.")
    parser.add_argument("--json", action="store_true", help="the whole contracts")
    given = parser.parse_args(arguments)
    from serd.cli.models import run

    return run(given.json)


def _config(arguments: list[str]) -> int:
    parser = _parser("config", "The settings in force and where each value comes from.")
    add_flags(parser)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    from serd.cli.config import run
    from serd.inference.contract import read_model
    from serd.inference.model import SPEECH, find
    from serd.inference.pipeline import stated_rules

    resolved = resolve(given)
    contracts = [read_model(find(name))[1] for name in (resolved.settings.model.name, SPEECH)]
    return run(resolved, given.json, stated_rules(*contracts))


def _journal(arguments: list[str]) -> int:
    from serd.cli.journal import add_arguments, run

    parser = _parser("journal", "How a consenting person's voice sounded to the program over weeks; no medical device.")
    add_arguments(parser)
    return run(parser.parse_args(arguments))


COMMANDS: dict[str, Callable[[list[str]], int]] = {
    "score": _score,
    "archive": _archive,
    "watch": _watch,
    "tail": _tail,
    "bridge": _bridge,
    "mute": _mute,
    "unmute": lambda arguments: _mute(arguments, "unmute"),
    "keys": _keys,
    "doctor": _doctor,
    "models": _models,
    "config": _config,
    "journal": _journal,
}
