"""The command line. Without a command serd listens.

Modules are imported by the command that needs them: `serd tail` does not wait for the networks.
"""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Sequence

from serd.cli.commands import COMMANDS
from serd.cli.outcome import allow_descriptors, exit_code, until_interrupted
from serd.cli.parser import PROGRAM, Parser, Run
from serd.errors import OK, UsageError
from serd.system import descriptors, log, streams
from serd.system.signals import caught, interrupt

VERSION = "--version"
EXIT_CODES = (
    "exit codes: 0 clean, 2 usage, 69 no device, 74 output that cannot be written, 75 restart me, 78 configuration"
    " or model; 128 and a signal's number where it cut work short (130 for Ctrl-C)"
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run serd; the exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    streams.take_over()
    log.set_up()
    parsed: list[Namespace] = []
    code = exit_code(lambda: parsed.append(_parse(arguments)))  # a signal now is no command's to answer
    with caught(interrupt):
        if parsed:
            code = exit_code(lambda: allow_descriptors(descriptors.FEW)) or exit_code(lambda: parsed[0].run(parsed[0]))
        return exit_code(sys.stdout.flush) or code


def _parse(arguments: Sequence[str]) -> Namespace:
    first = arguments[0] if arguments else ""
    args: Namespace = program(listens=first not in (*COMMANDS, VERSION)).parse_args(arguments)
    if args.command and args.command != first:
        raise UsageError(f"{first}: flags come after the command; `{PROGRAM} {args.command} --help` lists its own")
    return args


def program(*, listens: bool = True) -> Parser:
    """The parser of all there is to type. Unless it `listens` it lacks the flags of `serd` without a command."""
    parser = Parser(
        prog=PROGRAM,
        usage=f"{PROGRAM} [FLAG ...]\n       {PROGRAM} COMMAND ...",
        description="Real-time speech emotion daemon: listens, and publishes emotion events over ZeroMQ.",
        epilog=EXIT_CODES,
        declare=_listening if listens else None,
    )
    parser.add_argument(VERSION, action="store_const", dest="run", const=_version, help="print the version")
    add = parser.add_commands("COMMAND", required=False, dest="command")
    for name, (what, declare) in COMMANDS.items():
        add(name, what, declare)
    return parser


def _listening(parser: Parser) -> Run:
    from serd.cli.flags import add_flags

    parser.add_argument("-l", "--list-devices", action="store_true", help="list the capture devices")
    parser.add_argument("--json", action="store_true", help="with -l: as JSON")
    parser.add_argument(
        "--demo", nargs="?", const=True, metavar="FOLDER", help="play the synthetic recording that ships with "
        "serd, or a folder of RAVDESS or EMO-DB, whose labels stand beside what serd hears",
    )  # fmt: skip
    parser.add_argument("--once", action="store_true", help="a device that cannot be opened is an error (exit 69)")
    parser.add_argument("--wait-subscribers", type=int, default=0, metavar="N", help="begin when N have subscribed")
    add_flags(parser)
    return _listen


def _version(_: Namespace) -> int:
    from serd.version import LINE

    print(LINE)
    return OK


def _listen(args: Namespace) -> int:
    allow_descriptors(descriptors.MANY)
    if args.list_devices:
        from serd.cli.devices import run as list_devices

        return list_devices(args.json)
    if args.json:
        raise UsageError("--json: belongs to --list-devices; without a terminal events are JSON already")
    named = vars(args)
    if args.demo and (named["capture.device"] is not None or named["capture.input"] is not None):
        raise UsageError("--demo: replays its own recording; leave --device and --input out")
    if not 0 <= args.wait_subscribers <= 1000:
        raise UsageError(f"--wait-subscribers {args.wait_subscribers}: give 0 to 1000")

    def listen() -> int:
        from serd.cli.flags import resolve
        from serd.cli.listen import run
        from serd.defaults import DEMO

        if args.demo:
            named["capture.input"] = str(DEMO) if args.demo is True else args.demo
        settings = resolve(args).settings
        return run(settings, demo=bool(args.demo), wait_subscribers=args.wait_subscribers, once=args.once)

    return until_interrupted(listen)
