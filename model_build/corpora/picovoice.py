"""Picovoice's wake-word benchmark: one word said by many, in a folder of that name; speakers have no ids."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from model_build.corpora.corpus import Corpus, sounds
from model_build.corpora.utterance import Fault, Utterance

WORDS = ("alexa", "computer", "jarvis", "smart mirror", "snowboy", "view glass")


def read(folder: Path) -> Iterator[Utterance | Fault]:
    """All recordings below the folder; who speaks is not known."""
    for path in sounds(folder):
        word = path.parent.name
        if word not in WORDS:
            yield Fault(str(path), "unknown", "not of the wake-word benchmark (alexa/NAME); not used")
            continue
        name = f"{word}/{path.stem}"
        yield Utterance(path=path, name=name, corpus="picovoice-wakeword", speaker="unknown", language="en", text=word)


PICOVOICE = Corpus(name="picovoice-wakeword", title="Picovoice wake words", read=read, folders=("wake-word-benchmark",))
"""Any part of it will do."""
