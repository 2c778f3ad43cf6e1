"""ESC-10 (Piczak 2015): ten kinds of environmental sound, no speech. Names are fold-source-take."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from model_build.corpora.corpus import Corpus, sounds
from model_build.corpora.utterance import Fault, Utterance

FOLDER = re.compile(r"\d{3} - (.+)")
NAME = re.compile(r"([1-5])-(\d+)-([A-Z])\d?")


def read(folder: Path) -> Iterator[Utterance | Fault]:
    """All clips below the folder; their own folder names the sound."""
    for path in sounds(folder):
        match, kind = NAME.fullmatch(path.stem), FOLDER.fullmatch(path.parent.name)
        if not match or not kind:
            yield Fault(str(path), "unknown", "not a file of ESC-10 (001 - Dog bark/1-30226-A); not used")
            continue
        yield Utterance(
            path=path,
            name=f"{kind[1].lower()}/{path.stem}",
            corpus="esc-10",
            speaker=match[2],  # clips cut from one recording; the folds keep them together
            sound=kind[1].lower(),
            fold=match[1],
        )


ESC_10 = Corpus(name="esc-10", title="ESC-10", read=read, folders=("esc10", "esc-10-master"), recordings=400)
