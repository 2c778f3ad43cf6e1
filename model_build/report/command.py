"""`python -m model_build report`: RESULTS.md, its plots and the model card, from the study's records."""

from __future__ import annotations

import argparse
from pathlib import Path

from model_build import cache

PLOTS = Path("docs/results")
CARD = Path("docs/model-card-thesis-cnn.md")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags of `report`."""
    parser.add_argument(
        "--results", type=Path, default=Path("results"), metavar="DIR", help="the records (default: results)"
    )
    parser.add_argument("--out", type=Path, default=Path(), metavar="DIR", help="where to write (default: here)")
    parser.add_argument("--metrics", type=Path, metavar="FILE", help="of thesis-cnn (default: the installed ones)")


def run(args: argparse.Namespace) -> int:
    """Write the report; the exit code. Raises UsageError."""
    from model_build.report import card, results
    from model_build.report.book import Book
    from model_build.report.plots import draw
    from serd.model import FOLDER

    book = Book.open(args.results)
    installed = FOLDER / "thesis-cnn.metrics.json"
    metrics = args.metrics or (installed if installed.is_file() else None)
    text = card.card(book, metrics)
    drawn = draw(book, args.out / PLOTS)
    for target, content in (
        (args.out / "RESULTS.md", results.write(book, drawn, PLOTS)),
        (args.out / CARD, text),
    ):
        with cache.replacing(target) as written:
            written.write_text(content, encoding="utf-8")
        print(target)
    for name in book.foreign:
        print(f"{name}: of no run of the study as it is now; not used")
    return 0
