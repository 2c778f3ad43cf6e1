"""ASED V1, Amharic (Retta et al. 2023): five folders, names xn-tt-rr-gg-ss.

x and n tell the emotion, tt its sentence (each emotion has its own), rr the repetition, gg the gender
(01 female, 02 male), ss the speaker. Five speakers appear under both genders: theirs is left open.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from model_build.corpora.corpus import Corpus, sounds
from model_build.corpora.utterance import Fault, Gender, Utterance

EMOTIONS = {"n1": "neutral", "f2": "fearful", "h3": "happy", "s4": "sad", "a5": "angry"}
GENDERS: dict[str, Gender] = {"01": "female", "02": "male"}
NAME = re.compile(r"([nfhsa][1-5])-(\d\d)-(\d\d)-(0[12])-(\d\d)", re.IGNORECASE)


def read(folder: Path) -> Iterator[Utterance | Fault]:
    """All recordings below the folder."""
    named = [(path, NAME.fullmatch(path.stem)) for path in sounds(folder)]
    genders: defaultdict[str, set[Gender]] = defaultdict(set)
    for _, match in named:
        if match:
            genders[match[5]].add(GENDERS[match[4]])
    for path, match in named:
        emotion = EMOTIONS.get(match[1].lower()) if match else None
        if not match or not emotion:
            yield Fault(str(path), "unknown", "not an ASED name (n1-01-01-01-01); not used")
            continue
        stated = genders[match[5]]
        yield Utterance(
            path=path,
            name=path.stem,
            corpus="ased",
            speaker=match[5],
            gender=min(stated) if len(stated) == 1 else None,
            language="am",
            emotion=emotion,
            text=f"{match[1][0].lower()}{match[2]}",
        )


ASED = Corpus(
    name="ased",
    title="ASED",
    read=read,
    folders=("ased_v1", "ased-v1"),
    recordings=2474,
    speakers=65,
    emotions={"neutral": 522, "fearful": 510, "happy": 486, "sad": 470, "angry": 486},
)
