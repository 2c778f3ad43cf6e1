"""`python -m model_build evaluate`: the rows of one model file, measured through the daemon's own pipeline."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from pathlib import Path

from model_build.files import cache
from model_build.files.progress import say

GROUPS = {
    "clips": "model_build.evaluation.clean",
    "gain": "model_build.evaluation.gain",
    "noise": "model_build.evaluation.noise",
    "streaming": "model_build.evaluation.streaming",
    "alarms": "model_build.evaluation.alarms",
    "neutral": "model_build.evaluation.neutral",
}
"""Name -> a module with `rows(subject, say, quick)`, imported when its rows are asked for."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags of `evaluate`."""
    parser.add_argument("model", metavar="MODEL", help="an installed model's name, or a path")
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="folder that holds the corpora")
    parser.add_argument("--rows", nargs="+", metavar="NAME", help=f"which groups; all ({', '.join(GROUPS)})")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all rows there, with their parts")
    parser.add_argument(
        "--clips",
        type=int,
        metavar="N",
        help="at most so many of each corpus, drawn with a fixed seed, every emotion alike: for a slow model",
    )
    parser.add_argument("--quick", action="store_true", help="few clips, to see that it works; no figure to report")
    parser.add_argument("--jobs", type=int, metavar="N", help="processes that score (default: all cores)")


def run(args: argparse.Namespace) -> int:
    """Measure and print; the exit code. Raises SerdError."""
    from rich.console import Console

    from model_build.evaluation import rows_file
    from model_build.evaluation.model_under_test import ModelUnderTest
    from serd.errors import UsageError

    for name in args.rows or ():
        if name not in GROUPS:
            raise UsageError(f"rows {name}: unknown; there are {', '.join(GROUPS)}")
    if args.clips is not None and args.clips < 1:
        raise UsageError(f"--clips {args.clips}: too few; 1 at least")
    if not args.data.is_dir():
        raise UsageError(f"{args.data}: no such folder; --data names the folder that holds the corpora")
    if args.json and not args.json.resolve().parent.is_dir():
        raise UsageError(f"{args.json}: no such folder; --json names a file in one that is there")
    if args.json and args.json.is_dir():
        raise UsageError(f"{args.json}: a folder; --json names a file")
    if args.json:
        cache.writable(args.json.parent, "--json")
    subject = ModelUnderTest.open(args.model, args.data, max(1, args.jobs or os.cpu_count() or 1), args.clips)
    rows = []
    for name in dict.fromkeys(args.rows or GROUPS):
        say(f"{name} ...")
        rows += importlib.import_module(GROUPS[name]).rows(subject, say, args.quick)
    contract = subject.contract
    few = f", at most {args.clips} clips of each corpus" if args.clips else ""
    title = f"{contract.name}/{contract.version}{few}{', quick: no figures to report' if args.quick else ''}"
    Console(width=None if sys.stdout.isatty() else 200).print(rows_file.table(rows, title))
    if args.json:
        rows_file.write(args.json, rows, subject, args.quick)
    return 0
