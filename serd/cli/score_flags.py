"""The flags of `serd score`; those that are settings go where the settings of `serd` do."""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import TYPE_CHECKING

from serd.cli.flags import add_flags
from serd.cli.score_forms import FORMS, Form

if TYPE_CHECKING:
    from serd.config.layers import Resolved
    from serd.config.settings import Settings

SETTINGS = ("capture.channel", "capture.voices", "capture.crosstalk", "model.name", "model.stride_s")
"""Settings that a recording is scored by, beside the rules of the decision."""


def add_score_flags(parser: argparse.ArgumentParser) -> None:
    """Let `parser` take them."""
    parser.add_argument(
        "files", nargs="+", metavar="FILE", help="a recording, a folder of them, or - for standard input"
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument(
        "--format", dest="form", choices=FORMS, metavar="FORM", help="one of " + ", ".join(FORMS) + " (default text)"
    )
    form.add_argument("--json", dest="form", action="store_const", const="json", help="a JSON object a recording")
    form.add_argument("--csv", dest="form", action="store_const", const="csv", help="a table with a header")
    parser.add_argument("--windows", action="store_true", help="each window too")
    parser.add_argument("--out", metavar="FOLDER", help="a file for each recording, below this folder")
    add_person_flags(parser)
    add_flags(parser, SETTINGS)


def add_person_flags(parser: argparse.ArgumentParser) -> None:
    """Let `parser` take who speaks: of recordings that is never a setting, nor what they said before."""
    known = parser.add_mutually_exclusive_group()
    known.add_argument("--person", metavar="NAME", help="who speaks: a name of `serd enrol list`")
    known.add_argument("--reference", metavar="FILE", help="who speaks: a profile that `serd enrol` made")


def form_of(args: argparse.Namespace) -> Form:
    """The form that was asked for."""
    form: Form = args.form or "text"
    return form


def with_voices(resolved: Resolved) -> Settings:
    """The settings; voices that configuration has are microphones', so only those of the flag count."""
    settings = resolved.settings
    if resolved.origins["capture.voices"] == "--voice":
        return settings
    return replace(settings, capture=replace(settings.capture, voices=()))
