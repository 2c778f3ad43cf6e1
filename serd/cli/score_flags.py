"""The flags of `serd score`; those that are settings go where the settings of `serd` do."""

from __future__ import annotations

import argparse

from serd.cli.score_forms import FORMS, Form


def add_score_flags(parser: argparse.ArgumentParser) -> None:
    """Let `parser` take them."""
    parser.add_argument(
        "files", nargs="+", metavar="FILE", help="a recording, a folder of them, or - for standard input"
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--format", dest="form", choices=FORMS, help="text (default), json, csv; or labels of segments")
    form.add_argument("--json", dest="form", action="store_const", const="json", help="a JSON object a recording")
    form.add_argument("--csv", dest="form", action="store_const", const="csv", help="a table with a header")
    parser.add_argument("--windows", action="store_true", help="each window too")
    parser.add_argument("--out", metavar="FOLDER", help="a file for each recording, below this folder")
    parser.add_argument("--channel", metavar="N", help="one channel, counted from 1, or 'mix' (default)")
    parser.add_argument("--model", metavar="NAME|PATH", help="a model of `serd models`, or a .tflite file")
    parser.add_argument("--stride", metavar="SECONDS", help="time between windows (default 0.25)")
    parser.add_argument(
        "--set", metavar="RULE=VALUE", action="append", default=[], help="override a rule of the decision"
    )
    parser.add_argument("--config", metavar="FILE", help="read settings from this TOML file")


def form_of(given: argparse.Namespace) -> Form:
    """The form that was asked for."""
    form: Form = given.form or "text"
    return form
