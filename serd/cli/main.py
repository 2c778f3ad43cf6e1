"""The command line. Without a command serd listens; each command lives in `serd/commands/`.

Modules are imported by the command that needs them: `serd tail` does not wait for the networks.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from typing import Literal, NoReturn

from serd.cli.flags import add_flags, resolve
from serd.defaults import ENDPOINT
from serd.errors import OK, SerdError, UsageError
from serd.system import log as logs

EPILOG = """\
commands:
  serd score FILE...     what recordings sound like, faster than real time
  serd watch [ENDPOINT]  the live view of a running serd
  serd tail [ENDPOINT]   its events as JSON lines
  serd bridge NAME       hands its events on: to MQTT and Home Assistant, Prometheus, a web page, ...
  serd mute, serd unmute close the microphone of a running serd, and open it again
  serd keys              who may read or command from other machines
  serd doctor            looks for what may be wrong here, and says what mends it
  serd models            the installed models and what they know
  serd config            the settings in force and where they come from

exit codes: 0 clean, 2 usage, 69 no device, 75 restart me, 78 configuration or model
"""
READ = f"tcp://, ipc://, or nats://HOST:PORT[/STREAM] (default {ENDPOINT})"


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, as everything in serd does."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}; `{self.prog} --help` lists what can be given")


def main(argv: Sequence[str] | None = None) -> int:
    """Run serd; the exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    logs.set_up()
    try:
        command = COMMANDS[arguments.pop(0)] if arguments and arguments[0] in COMMANDS else _listen
        code = command(arguments)
        sys.stdout.flush()
    except SerdError as error:
        print(f"serd: {' '.join(str(error).split())}", file=sys.stderr)
        return error.exit_code
    except BrokenPipeError:  # the reader of our output has gone, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    except KeyboardInterrupt:
        return OK
    return code


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
    if given.list_devices:
        from serd.cli.devices import run as list_devices

        return list_devices(given.json)
    if given.json:
        raise UsageError("--json: belongs to --list-devices; without a terminal events are JSON already")
    if given.demo and (given.device is not None or given.input is not None):
        raise UsageError("--demo: replays its own recording; leave --device and --input out")
    if not 0 <= given.wait_subscribers <= 1000:
        raise UsageError(f"--wait-subscribers {given.wait_subscribers}: give 0 to 1000")
    from serd.cli.listen import run
    from serd.defaults import DEMO

    if given.demo:
        given.input = str(DEMO)
    settings = resolve(given).settings
    return run(settings, demo=given.demo, wait_subscribers=given.wait_subscribers, once=given.once)


def _score(arguments: list[str]) -> int:
    parser = _parser("score", "Score recordings with the live pipeline, faster than real time.")
    parser.add_argument("files", nargs="+", metavar="FILE")
    parser.add_argument("--model", metavar="NAME|PATH")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="one JSON object a line for each file")
    form.add_argument("--csv", action="store_true", help="comma-separated values with a header")
    parser.add_argument("--windows", action="store_true", help="each window too")
    given = parser.parse_args(arguments)
    from serd.cli.score import run

    return run(given.files, given.model, "json" if given.json else "csv" if given.csv else "text", given.windows)


def _watch(arguments: list[str]) -> int:
    parser = _parser("watch", "The live view of a running serd, local or remote.")
    parser.add_argument("endpoint", nargs="?", default=ENDPOINT, metavar="ENDPOINT", help=READ)
    parser.add_argument("--source", metavar="NAME", help="only this serd's events")
    _keys_of_reader(parser)
    _login_of_reader(parser)
    given = parser.parse_args(arguments)
    from serd.cli.watch import run

    return run(**vars(given))


def _tail(arguments: list[str]) -> int:
    parser = _parser("tail", "The events of a running serd as JSON lines.")
    parser.add_argument("endpoint", nargs="?", default=ENDPOINT, metavar="ENDPOINT", help=READ)
    parser.add_argument("--source", metavar="NAME", help="only this serd's events")
    parser.add_argument("--kind", action="append", choices=("frame", "segment", "status"), help="repeatable")
    parser.add_argument("-n", "--count", type=int, metavar="N", help="leave after N events")
    parser.add_argument("--timeout", type=float, metavar="SECONDS", help="leave when nothing came for so long")
    parser.add_argument(
        "--durable", metavar="NAME", help="with nats://: go on where the last reader of this name ended"
    )
    _keys_of_reader(parser)
    _login_of_reader(parser)
    given = vars(parser.parse_args(arguments))
    from serd.cli.tail import run
    from serd.events.event import KINDS

    return run(kinds=given.pop("kind") or KINDS, **given)


def _bridge(arguments: list[str]) -> int:
    from serd.cli.bridge import run

    return run(arguments, _parser)


def _keys_of_reader(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--server-key", metavar="KEY|FILE", help="the public key of a serd that wants keys")
    parser.add_argument("--keys", metavar="FOLDER", help="our own, as `serd keys` makes them")


def _login_of_reader(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--username", metavar="NAME", help="with nats://: to log in with")
    parser.add_argument(
        "--password-file", metavar="FILE", help="with nats://: its first line is the password; mode 0600"
    )
    parser.add_argument(
        "--domain", metavar="NAME", help="with nats://: the JetStream domain of its hub, if it is a leaf"
    )


def _mute(arguments: list[str], word: Literal["mute", "unmute"] = "mute") -> int:
    closes = "Close the microphone of running serds, and keep it closed over restarts."
    parser = _parser(word, closes if word == "mute" else "Open the microphone of muted serds again.")
    parser.add_argument("--source", metavar="NAME", help="only the serd of this name (default: all of this account)")
    parser.add_argument("--endpoint", metavar="ENDPOINT", help="the control endpoint of a serd elsewhere (--control)")
    _keys_of_reader(parser)
    given = parser.parse_args(arguments)
    from serd.cli.mute import run

    return run(word, given.source, given.endpoint, given.server_key, given.keys)


def _unmute(arguments: list[str]) -> int:
    return _mute(arguments, "unmute")


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


COMMANDS: dict[str, Callable[[list[str]], int]] = {
    "score": _score,
    "watch": _watch,
    "tail": _tail,
    "bridge": _bridge,
    "mute": _mute,
    "unmute": _unmute,
    "keys": _keys,
    "doctor": _doctor,
    "models": _models,
    "config": _config,
}
