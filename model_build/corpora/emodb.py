"""EMO-DB, the Berlin database of emotional speech (Burkhardt et al. 2005).

Names are SSTTTEV: speaker, text, emotion (by its German initial), version.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from model_build.corpora.corpus import Corpus, sounds
from model_build.corpora.utterance import Fault, Utterance

EMOTIONS = {
    "W": "angry",
    "L": "bored",
    "E": "disgust",
    "A": "fearful",
    "F": "happy",
    "T": "sad",
    "N": "neutral",
}
WOMEN = frozenset({"08", "09", "13", "14", "16"})
NAME = re.compile(r"(03|08|09|1[0-6])([ab]\d\d)([WLEAFTN])([a-z]?)")


def read(folder: Path) -> Iterator[Utterance | Fault]:
    """All recordings below the folder (the publisher's is called `wav`)."""
    for path in sounds(folder):
        match = NAME.fullmatch(path.stem)
        if not match:
            yield Fault(str(path), "unknown", "not an EMO-DB name (03a01Fa); not used")
            continue
        speaker, text, emotion, _ = match.groups()
        yield Utterance(
            path=path,
            name=path.stem,
            corpus="emo-db",
            speaker=speaker,
            gender="female" if speaker in WOMEN else "male",
            language="de",
            emotion=EMOTIONS[emotion],
            text=text,
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
