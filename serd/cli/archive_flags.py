"""The flags of `serd archive`."""

from __future__ import annotations

import argparse

from serd.cli.flags import add_flags
from serd.cli.score_flags import add_person_flags

SETTINGS = ("capture.channel", "model.name", "model.stride_s")
"""Settings that recordings are heard by, beside the rules of the decision."""


def add_archive_flags(parser: argparse.ArgumentParser) -> None:
    """Let `parser` take them."""
    parser.add_argument("folders", nargs="+", metavar="DIR", help="all sound files below it; links to files too")
    parser.add_argument(
        "--out", required=True, metavar="DIR", help="the tables; what is there already is not done again"
    )
    parser.add_argument("--jobs", type=int, metavar="N", help="processes at once (default: one a core)")
    parser.add_argument("--windows", action="store_true", help="a table of every window too")
    add_person_flags(parser)
    parser.add_argument("--ray", metavar="ADDRESS", help="on a Ray cluster: HOST:PORT, auto, or local")
    add_flags(parser, SETTINGS)
