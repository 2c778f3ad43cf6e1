"""Mycroft Precise's community data: wake words and what is not one, from homes; speakers have no ids.

Files are WORD/LANGUAGE/NAME.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from model_build.corpora.corpus import Corpus, sounds
from model_build.corpora.utterance import Fault, Utterance

WORDS = ("amelia", "athena", "computer", "heycomputer", "heysavant", "not-wake-words")


def read(folder: Path) -> Iterator[Utterance | Fault]:
    """All recordings below the folder; who speaks is not known."""
    for path in sounds(folder):
        if path.parent.parent.name not in WORDS:
            yield Fault(str(path), "unknown", "not of Mycroft Precise's data (athena/en/NAME); not used")
            continue
        name = path.relative_to(folder).with_suffix("").as_posix()
        language = path.parent.name if len(path.parent.name) == 2 else None
        yield Utterance(path=path, name=name, corpus="mycroft-precise", speaker="unknown", language=language)


MYCROFT = Corpus(name="mycroft-precise", title="Mycroft Precise", read=read, folders=("precise-community-data",))
"""Any part of it will do."""
