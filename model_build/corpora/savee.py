"""SAVEE (Haq & Jackson 2009): four men, AudioData/SPEAKER/xnn; also seen flat, as SPEAKER_xnn."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from model_build.corpora.corpus import Corpus, sounds
from model_build.corpora.utterance import Fault, Utterance

EMOTIONS = {
    "a": "angry",
    "d": "disgust",
    "f": "fearful",
    "h": "happy",
    "n": "neutral",
    "sa": "sad",
    "su": "surprised",
}
SPEAKERS = ("DC", "JE", "JK", "KL")
NAME = re.compile(r"(?:(DC|JE|JK|KL)_)?(a|d|f|h|n|sa|su)(\d\d)")


def read(folder: Path) -> Iterator[Utterance | Fault]:
    """All recordings below the folder."""
    for path in sounds(folder):
        match = NAME.fullmatch(path.stem)
        speaker = (match[1] or path.parent.name) if match else ""
        if not match or speaker not in SPEAKERS:
            yield Fault(str(path), "unknown", "not a file of SAVEE (DC/a01); not used")
            continue
        yield Utterance(
            path=path,
            name=f"{speaker}_{match[2]}{match[3]}",
            corpus="savee",
            speaker=speaker,
            gender="male",
            language="en",
            emotion=EMOTIONS[match[2]],
            text=f"{match[2]}{match[3]}",
        )


def names() -> set[str]:
    """Fifteen sentences of each emotion, thirty neutral ones."""
    return {
        f"{speaker}_{code}{number:02}"
        for speaker in SPEAKERS
        for code in EMOTIONS
        for number in range(1, 31 if code == "n" else 16)
    }


SAVEE = Corpus(
    name="savee",
    title="SAVEE",
    read=read,
    folders=("audiodata",),
    recordings=480,
    speakers=4,
    emotions={emotion: 120 if emotion == "neutral" else 60 for emotion in EMOTIONS.values()},
    names=names,
)
