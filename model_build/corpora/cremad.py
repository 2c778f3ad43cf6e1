"""CREMA-D (Cao et al. 2014): AudioWAV/AAAA_SSS_EMO_LL, with the actors' sexes in VideoDemographics.csv."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path

from model_build.corpora.corpus import Corpus, sounds
from model_build.corpora.utterance import Fault, Gender, Utterance

EMOTIONS = {
    "ANG": "angry",
    "DIS": "disgust",
    "FEA": "fearful",
    "HAP": "happy",
    "NEU": "neutral",
    "SAD": "sad",
}
INTENSITIES = {"LO": "low", "MD": "medium", "HI": "high", "XX": None, "X": None}
GENDERS: dict[str, Gender] = {"Female": "female", "Male": "male"}
NAME = re.compile(r"(1\d{3})_([A-Z]{3})_(ANG|DIS|FEA|HAP|NEU|SAD)_(LO|MD|HI|XX?)")
"""One published file ends in X, not XX."""


def read(folder: Path) -> Iterator[Utterance | Fault]:
    """All recordings below the folder."""
    genders = _genders(folder)
    for path in sounds(folder):
        match = NAME.fullmatch(path.stem)
        if not match:
            yield Fault(str(path), "unknown", "not a CREMA-D name (1001_DFA_ANG_XX); not used")
            continue
        actor, sentence, emotion, level = match.groups()
        yield Utterance(
            path=path,
            name=path.stem,
            corpus="crema-d",
            speaker=actor,
            gender=genders.get(actor),
            language="en",
            emotion=EMOTIONS[emotion],
            intensity=INTENSITIES[level],
            text=sentence,
        )


def _genders(folder: Path) -> dict[str, Gender]:
    tables = [path for root in (folder, folder.parent) for path in sorted(root.glob("**/VideoDemographics.csv"))]
    if not tables:
        return {}
    with tables[0].open(encoding="utf-8", newline="") as lines:
        return {row["ActorID"]: GENDERS[row["Sex"]] for row in csv.DictReader(lines) if row["Sex"] in GENDERS}


CREMA_D = Corpus(
    name="crema-d",
    title="CREMA-D",
    read=read,
    folders=("cremad", "crema_d", "audiowav"),
    recordings=7442,
    speakers=91,
    emotions=dict.fromkeys(("angry", "disgust", "fearful", "happy", "sad"), 1271) | {"neutral": 1087},
)
