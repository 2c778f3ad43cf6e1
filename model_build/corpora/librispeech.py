"""LibriSpeech (Panayotov et al. 2015): read English without emotion labels. Names are speaker-chapter-n."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from model_build.corpora.corpus import Corpus, sounds
from model_build.corpora.utterance import Fault, Utterance

NAME = re.compile(r"(\d+)-(\d+)-(\d+)")


def read(folder: Path) -> Iterator[Utterance | Fault]:
    """All recordings below the folder, of any of its parts."""
    for path in sounds(folder):
        match = NAME.fullmatch(path.stem)
        if not match:
            yield Fault(str(path), "unknown", "not a LibriSpeech name (speaker-chapter-n); not used")
            continue
        yield Utterance(
            path=path, name=path.stem, corpus="librispeech", speaker=match[1], language="en", text=path.stem
        )


LIBRISPEECH = Corpus(name="librispeech", title="LibriSpeech", read=read)
"""Any part of it will do, so no counts are stated."""
