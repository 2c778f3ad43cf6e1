"""EMO-DB, the Berlin database of emotional speech (Burkhardt et al. 2005).

Names are SSTTTEV: speaker, text, emotion (by its German initial), version.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from model_build.corpora.corpus import Corpus, sounds
from model_build.corpora.utterance import Fault, Utterance
from serd.audio import corpus as names

WOMEN = frozenset({"08", "09", "13", "14", "16"})


def read(folder: Path) -> Iterator[Utterance | Fault]:
    """All recordings below the folder (the publisher's is called `wav`)."""
    for path in sounds(folder):
        match = names.EMO_DB.fullmatch(path.stem)
        if not match:
            yield Fault(str(path), "unknown", "not an EMO-DB name (03a01Fa); not used")
            continue
        yield Utterance(
            path=path,
            name=path.stem,
            corpus="emo-db",
            speaker=match["speaker"],
            gender="female" if match["speaker"] in WOMEN else "male",
            language="de",
            emotion=names.EMO_DB_EMOTIONS[match["emotion"]],
            text=match["text"],
        )


EMO_DB = Corpus(
    name="emo-db",
    title="EMO-DB",
    read=read,
    folders=("emodb", "emo_db"),
    recordings=535,
    speakers=10,
    emotions={"angry": 127, "bored": 81, "disgust": 46, "fearful": 69, "happy": 71, "sad": 62, "neutral": 79},
)
