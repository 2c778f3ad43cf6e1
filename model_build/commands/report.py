"""`python -m model_build report`: RESULTS.md, its plots and the model cards, from the study's records."""

from __future__ import annotations

import argparse
from pathlib import Path

from model_build.files import cache

PLOTS = Path("docs/results")
CARDS = Path("docs")
METRICS = Path("serd/models")
"""Of the default models: what is known of their errors goes with them into the wheel."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags of `report`."""
    parser.add_argument(
        "--results", type=Path, default=Path("results"), metavar="DIR", help="the records (default: results)"
    )
    parser.add_argument("--out", type=Path, default=Path(), metavar="DIR", help="where to write (default: here)")
    parser.add_argument(
        "--evaluations",
        type=Path,
        default=Path("docs/evaluation"),
        metavar="DIR",
        help="rows of the default models, as `evaluate --json` writes them (default: docs/evaluation)",
    )
    parser.add_argument("--metrics", type=Path, metavar="FILE", help="of thesis-cnn (default: the installed ones)")


def run(args: argparse.Namespace) -> int:
    """Write the report; the exit code. Raises UsageError."""
    from model_build.experiments.recipe import RECIPES
    from model_build.report import base_card, known, model_card, results, thesis_card
    from model_build.report.plots import draw
    from model_build.report.records import Records

    book = Records.open(args.results)
    cache.writable(args.out, "--out")
    beside: dict[Path, str] = {}
    cards: dict[str, str] = {"thesis-cnn": thesis_card.card(book, args.metrics or _metrics("thesis-cnn"))}
    based = base_card.card(book, _metrics("serd-base"), _evaluated(args.evaluations, "serd-base"))
    cards |= {} if based is None else {"serd-base": based}
    for name in RECIPES:
        text = model_card.card(name, book, _metrics(name), _evaluated(args.evaluations, name))
        cards |= {} if text is None else {name: text}
    for name in (*RECIPES, "serd-base"):
        metrics = _metrics(name)
        if metrics and (facts := known.known(name, book)):
            beside[METRICS / metrics.name] = known.with_known(metrics, facts)
    drawn = draw(book, args.out / PLOTS)
    texts = {Path("RESULTS.md"): results.write(book, drawn, PLOTS)}
    texts |= {CARDS / f"model-card-{name}.md": text for name, text in cards.items()}
    texts |= beside
    for target, content in texts.items():
        with cache.replacing(args.out / target) as written:
            written.write_text(content, encoding="utf-8")
        print(args.out / target)
    for name in book.foreign:
        print(f"{name}: of no run of the study as it is now; not used")
    return 0


def _metrics(name: str) -> Path | None:
    """The metrics beside an installed model."""
    from serd.inference.model import FOLDER

    file = FOLDER / f"{name}.metrics.json"
    return file if file.is_file() else None


def _evaluated(folder: Path, name: str) -> Path | None:
    """The rows of a model, where it was evaluated."""
    file = folder / f"{name}.json"
    return file if file.is_file() else None
