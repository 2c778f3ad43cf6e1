"""Commands: what each is called and takes, and what runs it, which is imported only then.

A command's function lets a parser take its flags and returns what runs it; longer ones stand in their command's module.
"""

from __future__ import annotations

from argparse import Namespace
from typing import Literal

from serd.cli.outcome import allow_descriptors, until_interrupted
from serd.cli.parser import Declare, Parser, Run, namespace
from serd.cli.reader_flags import READER, add_key_flags, add_reader_flags
from serd.system import descriptors


def _score(parser: Parser) -> Run:
    from serd.cli.score_flags import add_score_flags, form_of

    add_score_flags(parser)

    def run(args: Namespace) -> int:
        from serd.cli.flags import resolve
        from serd.cli.score import run

        return run(args.files, resolve(args).settings, form_of(args), args.windows, args.out)

    return run


def _archive(parser: Parser) -> Run:
    from serd.cli.archive_flags import add_archive_flags

    add_archive_flags(parser)

    def run(args: Namespace) -> int:
        from serd.cli.archive import run

        return run(args)

    return run


def _watch(parser: Parser) -> Run:
    add_reader_flags(parser)

    def run(args: Namespace) -> int:
        from serd.cli.watch import run

        return until_interrupted(lambda: run(**namespace(args, *READER)))

    return run


def _tail(parser: Parser) -> Run:
    add_reader_flags(parser)
    parser.add_argument("--kind", action="append", choices=("frame", "segment", "status"), help="repeatable")
    parser.add_argument("-n", "--count", type=int, metavar="N", help="leave after N events")
    parser.add_argument("--timeout", type=float, metavar="SECONDS", help="leave when nothing came for so long")
    parser.add_argument(
        "--durable", metavar="NAME", help="with nats://: go on where the last reader of this name ended"
    )

    def run(args: Namespace) -> int:
        def tail() -> int:
            from serd.cli.tail import run
            from serd.events.event import KINDS

            return run(kinds=args.kind or KINDS, **namespace(args, *READER, "count", "timeout", "durable"))

        return until_interrupted(tail) if args.count is None else tail()  # the count was not reached

    return run


def _bridge(parser: Parser) -> None:
    from serd.cli.bridge import declare

    declare(parser)


def _muting(word: Literal["mute", "unmute"]) -> Declare:
    def declare(parser: Parser) -> Run:
        parser.add_argument("--source", metavar="NAME", help="only the serd of this name")
        needed = "which mute means by itself" if word == "mute" else "where there are several unmute must be told"
        parser.add_argument("--all", action="store_true", help=f"all of this account: {needed}")
        parser.add_argument("--endpoint", metavar="ENDPOINT", help="control endpoint of a serd elsewhere (--control)")
        add_key_flags(parser)

        def run(args: Namespace) -> int:
            from serd.cli.mute import run

            return run(word, args.source, args.endpoint, args.server_key, args.keys, everywhere=args.all)

        return run

    return declare


def _service(parser: Parser) -> Run:
    add = parser.add_commands("ACTION", dest="action")
    for action, what in (("install", "install and start the unit"), ("uninstall", "stop and remove it")):
        user = "this account's, for a desktop, rather than the system's, for a machine of its own"
        add(action, what).add_argument("--user", action="store_true", help=user)

    def run(args: Namespace) -> int:
        from serd.cli.service import run

        return run(args.action, user=args.user)

    return run


def _keys(parser: Parser) -> Run:
    parser.add_argument("--keys", metavar="FOLDER", help="default ~/.config/serd/keys")
    add = parser.add_commands("ACTION", dest="action")
    add("new", "make this account's keys, to publish with and to read with")
    add("list", "our public keys, and who is allowed").add_argument("--json", action="store_true")
    allow = add("allow", "let a reader in")
    allow.add_argument("name", metavar="NAME", help="what you call it")
    allow.add_argument("key", metavar="KEY|FILE", help="its public key, as `serd keys list` prints it there")
    add("revoke", "let a reader in no more").add_argument("name", metavar="NAME")

    def run(args: Namespace) -> int:
        from serd.cli.keys import run

        return run(args)

    return run


def _doctor(parser: Parser) -> Run:
    from serd.cli.flags import add_flags, resolve

    add_flags(parser)
    parser.add_argument("--json", action="store_true", help="one object with all findings")

    def run(args: Namespace) -> int:
        allow_descriptors(descriptors.MANY)
        from serd.cli.doctor import run

        return run(lambda: resolve(args).settings, args.json)

    return run


def _models(parser: Parser) -> Run:
    parser.add_argument("--json", action="store_true", help="the whole contracts")

    def run(args: Namespace) -> int:
        from serd.cli.models import run

        return run(args.json)

    return run


def _config(parser: Parser) -> Run:
    from serd.cli.flags import add_flags, resolve

    add_flags(parser)
    parser.add_argument("--json", action="store_true", help="one object: key, value and origin")

    def run(args: Namespace) -> int:
        from serd.cli.config import run
        from serd.inference.contract import read_model
        from serd.inference.model import SPEECH, find
        from serd.inference.pipeline import stated_rules

        resolved = resolve(args)
        contracts = [read_model(find(name))[1] for name in (resolved.settings.model.name, SPEECH)]
        return run(resolved, args.json, stated_rules(*contracts))

    return run


def _journal(parser: Parser) -> Run:
    from serd.cli.journal import add_arguments, run

    add_arguments(parser)
    return run


COMMANDS: dict[str, tuple[str, Declare]] = {
    "score": ("what recordings, or folders of them, sound like", _score),
    "archive": ("all recordings below folders, as Parquet tables", _archive),
    "watch": ("the live view of running serds, local or remote", _watch),
    "tail": ("the events of running serds as JSON lines", _tail),
    "bridge": ("hand its events on: MQTT, Prometheus, a web page", _bridge),
    "mute": ("close the microphone of running serds until unmute", _muting("mute")),
    "unmute": ("open the microphone of muted serds again", _muting("unmute")),
    "keys": ("who may read or command from other machines", _keys),
    "service": ("run serd from boot or login on, by systemd", _service),
    "doctor": ("what may be wrong here, and what mends it", _doctor),
    "models": ("the installed models: how good, and how dear", _models),
    "config": ("the settings in force, and where each comes from", _config),
    "journal": ("how a consenting person's voice sounded over weeks", _journal),
}
"""Name -> what it is in a line, and what declares it."""
