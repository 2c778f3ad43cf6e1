"""URDU (Latif et al. 2018): natural speech cut from talk shows. Folders Angry, Happy, Neutral, Sad.

Names are SGn_Fn_Xnnn: speaker with gender (SM, SF), number of the clip, emotion and running number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from model_build.corpora.corpus import Corpus, sounds
from model_build.corpora.utterance import Fault, Utterance

EMOTIONS = {"angry": "angry", "happy": "happy", "neutral": "neutral", "sad": "sad"}
NAME = re.compile(r"(S([FM])\d+)_.+")


def read(folder: Path) -> Iterator[Utterance | Fault]:
    """All recordings below the folder; the folder a file stands in tells its emotion."""
    for path in sounds(folder):
        match, emotion = NAME.fullmatch(path.stem), EMOTIONS.get(path.parent.name.lower())
        if not match or not emotion:
            yield Fault(str(path), "unknown", "not a file of URDU (Angry/SM1_F10_A010); not used")
            continue
        yield Utterance(
            path=path,
            name=f"{emotion}/{path.stem}",
            corpus="urdu",
            speaker=match[1],
            gender="female" if match[2] == "F" else "male",
            language="ur",
            emotion=emotion,
        )


URDU = Corpus(
    name="urdu",
    title="URDU",
    read=read,
    folders=("urdu-dataset", "urdu-dataset-master"),
    recordings=400,
    # The paper says 38 speakers; the published names tell 29 apart.
    speakers=29,
    emotions=dict.fromkeys(EMOTIONS.values(), 100),
)
