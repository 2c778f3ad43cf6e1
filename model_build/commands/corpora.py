"""`python -m model_build corpora`: what a data folder holds, and what is wrong with it."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.table import Table

from model_build.corpora import CORPORA, EMOTIONS, Inventory, inventory
from serd.errors import UsageError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags of `corpora`."""
    parser.add_argument("names", nargs="*", metavar="CORPUS", help=f"which; all that are there ({', '.join(CORPORA)})")
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="folder that holds the corpora")
    parser.add_argument("--names-only", action="store_true", help="do not decode the files, look at their names")
    parser.add_argument("--speakers", action="store_true", help="a line for each speaker")


def run(args: argparse.Namespace) -> int:
    """Print the stock; 0 if all is as the publishers state, 1 if not. Raises UsageError."""
    for name in args.names:
        if name not in CORPORA:
            raise UsageError(f"corpus {name}: unknown; there are {', '.join(CORPORA)}")
    stock = list(_stock(args.data, args.names, not args.names_only))
    if not stock:
        raise UsageError(f"{args.data}: holds none of the corpora; there are {', '.join(CORPORA)}")
    console = Console(width=None if sys.stdout.isatty() else 160)
    for corpus_inventory in stock:
        console.print(_title(corpus_inventory), highlight=False, markup=False, soft_wrap=True)
        console.print(_table(corpus_inventory, args.speakers))
        for line in corpus_inventory.differences():
            console.print(f"{corpus_inventory.corpus.name}: {line}", highlight=False, markup=False, soft_wrap=True)
        for fault in corpus_inventory.faults:
            console.print(f"{corpus_inventory.corpus.name}: {fault}", highlight=False, markup=False, soft_wrap=True)
    return int(any(corpus_inventory.faults or corpus_inventory.differences() for corpus_inventory in stock))


def _stock(data: Path, names: list[str], listen: bool) -> Iterator[Inventory]:
    for name, corpus in CORPORA.items():
        if names and name not in names:
            continue
        try:
            yield inventory(corpus, data, listen)
        except UsageError:
            if names or not data.is_dir():
                raise


def _title(inventory: Inventory) -> str:
    corpus, utterances = inventory.corpus, inventory.utterances
    stated = f" of {corpus.recordings} stated" if corpus.recordings else ""
    sounds = any(utterance.sound for utterance in utterances)
    speakers = "" if sounds else f", {len({utterance.speaker for utterance in utterances})} speakers"
    return f"{corpus.title}: {len(utterances)} recordings{stated}{speakers}, {len(inventory.faults)} faults"


def _table(inventory: Inventory, by_speaker: bool) -> Table:
    utterances = inventory.utterances
    kinds = Counter(utterance.emotion or utterance.sound or "unlabelled" for utterance in utterances)
    names = sorted(kinds, key=lambda kind: (EMOTIONS.index(kind) if kind in EMOTIONS else len(EMOTIONS), kind))
    speakers = sorted({utterance.speaker for utterance in utterances})
    table = Table()
    table.add_column("speaker" if by_speaker else "")
    for kind in (*names, "all"):
        table.add_column(kind, justify="right")
    rows = {speaker: [u for u in utterances if u.speaker == speaker] for speaker in speakers} if by_speaker else {}
    for speaker, recordings in {**rows, "all": list(utterances)}.items():
        counts = Counter(utterance.emotion or utterance.sound or "unlabelled" for utterance in recordings)
        table.add_row(speaker, *(str(counts[kind]) for kind in names), str(len(recordings)))
    return table
