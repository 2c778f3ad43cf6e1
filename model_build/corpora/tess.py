"""TESS, the Toronto emotional speech set (Pichora-Fuller & Dupuis 2020): two women, SPEAKER_word_emotion.

One published file is called OA_bite_neutral: it is the older speaker's, as its folder tells.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from model_build.corpora.corpus import Corpus, sounds
from model_build.corpora.utterance import Fault, Utterance

EMOTIONS = {
    "angry": "angry",
    "disgust": "disgust",
    "fear": "fearful",
    "happy": "happy",
    "neutral": "neutral",
    "ps": "surprised",
    "sad": "sad",
}
NAME = re.compile(rf"(OAF?|YAF)_(\w+)_({'|'.join(EMOTIONS)})", re.IGNORECASE)


def read(folder: Path) -> Iterator[Utterance | Fault]:
    """All recordings below the folder, whose subfolders do not matter."""
    for path in sounds(folder):
        match = NAME.fullmatch(path.stem)
        if not match:
            yield Fault(str(path), "unknown", "not a TESS name (OAF_back_angry); not used")
            continue
        speaker, word, emotion = match[1].upper()[:2] + "F", match[2].lower(), match[3].lower()
        yield Utterance(
            path=path,
            name=f"{speaker}_{word}_{emotion}",
            corpus="tess",
            speaker=speaker,
            gender="female",
            language="en",
            emotion=EMOTIONS[emotion],
            text=word,
        )


TESS = Corpus(
    name="tess",
    title="TESS",
    read=read,
    folders=("tess toronto emotional speech set data", "dataverse_files"),
    recordings=2800,
    speakers=2,
    emotions=dict.fromkeys(EMOTIONS.values(), 400),
)
