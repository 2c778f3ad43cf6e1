"""`serd journal ...`: how a consenting person's voice sounded over weeks."""

from __future__ import annotations

import argparse
import os

from serd.cli.parser import Parser
from serd.defaults import ENDPOINT
from serd.errors import CONFIG, OK
from serd.journal.words import LANGUAGES, language_of, words_of

FORMATS = ("fhir", "csv", "parquet", "json")


def add_arguments(parser: Parser) -> None:
    """The commands of the journal and what each takes."""
    common = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    common.add_argument(
        "--store", metavar="DIR", help="where the journals are (default: journal in the state directory)"
    )
    common.add_argument("--store-keys", metavar="DIR", help="where their keys are (default: beside it, with -keys)")
    common.add_argument("--json", action="store_true", help="answer with a JSON object")
    common.add_argument("--lang", choices=LANGUAGES, help="default: the account's")
    add = parser.add_commands("ACTION", dest="action")

    def action(name: str, what: str) -> argparse.ArgumentParser:
        return add(name, what, parents=[common])

    one = _person(action("consent", "show the notice and record that somebody agrees; begins a journal"))
    one.add_argument("--purpose", required=True, metavar="TEXT")
    one.add_argument("--until", required=True, metavar="DATE", help="the last day, YYYY-MM-DD")
    one.add_argument("--by", required=True, choices=("self", "guardian"), help="who agrees")
    one.add_argument("--contact", metavar="TEXT", help="who answers questions; reports say so")
    one.add_argument("--yes", action="store_true", help="it was agreed to elsewhere, to this very notice")
    one.add_argument("--plain", action="store_true", help="a new store is not encrypted, though SQLCipher is installed")
    one.add_argument("--second-secret", choices=("none", "credential", "keyring"), default="none",
                     help="what a new store's files need besides their keys")  # fmt: skip
    one = action("start", "record a session, until stop, a signal or a withdrawal")
    one.add_argument("--person", required=True, metavar="P")
    one.add_argument("--endpoint", action="append", metavar="E", help=f"repeatable; default {ENDPOINT}")
    one.add_argument("--source", metavar="NAME", help="only this serd's events, or this voice's")
    one.add_argument("--companion", metavar="VOICE=Q", help="who else speaks and agrees: talk time and turns")
    one.add_argument("--server-key", metavar="KEY|FILE", help="the public key of a serd that wants keys")
    one.add_argument("--keys", dest="reader_keys", metavar="FOLDER", help="our own, as `serd keys` makes them")
    one.add_argument("--note", metavar="TEXT", help="what the session was about")
    one.add_argument("--frames", action="store_true", help="keep every single estimate, too")
    one.add_argument("--minutes", type=float, metavar="N", help="end by itself")
    one = action("stop", "end the session of a person, or the store's only one")
    one.add_argument("person", nargs="?", metavar="P")
    one = _person(action("rate", "record a mood and a note of the person's own"))
    one.add_argument("--mood", type=int, metavar="1..9")
    one.add_argument("--note", metavar="TEXT")
    one = _period(_person(action("report", "what the sessions sounded like to the program")))
    one.add_argument("--out", required=True, metavar="FILE.html|.pdf")
    one.add_argument("--pdf-variant", default="pdf/ua-1", choices=("pdf/ua-1", "pdf/a-3a"))
    one = _period(_person(action("export", "take a journal along")))
    one.add_argument("--format", required=True, choices=FORMATS)
    one.add_argument("--out", required=True, metavar="FILE")
    one.add_argument("--snomed", action="store_true", help="FHIR: add SNOMED CT's code, for those with a licence")
    action("import", "take in a journal's JSON").add_argument("file", metavar="FILE")
    _person(action("withdraw", "end the consent, and recording with it; what is there stays"))
    one = _person(action("erase", "destroy a journal and its key"))
    one.add_argument("--reason", required=True, metavar="TEXT", help="is kept; name nobody")
    one.add_argument("--yes", action="store_true", help="do not ask")
    one = action("retain", "set how long things are kept, and remove what is older")
    one.add_argument("--sessions-days", type=int, metavar="N")
    one.add_argument("--frames-days", type=int, metavar="N")
    action("audit", "what was done")
    one = action("verify", "whether audit and files are as they were written")
    one.add_argument("--head", metavar="HASH", help="a head noted earlier, which must be in the audit")
    action("list", "who has a journal here")


def run(args: argparse.Namespace) -> int:
    """Do what was asked for; the exit code. Raises SerdError."""
    from serd.cli import journal_answers as answers
    from serd.journal.store import Store

    args.lang = args.lang or language_of(os.environ)
    store = Store.from_environment(os.environ, args.store, args.store_keys)
    answer = getattr(answers, f"on_{args.action}")(store, args, words_of(args.lang))
    return CONFIG if answer is False else OK


def _person(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser.add_argument("person", metavar="P", help="a pseudonym")
    return parser


def _period(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser.add_argument("--from", dest="first", metavar="DATE", help="from this day on")
    parser.add_argument("--to", dest="last", metavar="DATE", help="up to this day")
    return parser
