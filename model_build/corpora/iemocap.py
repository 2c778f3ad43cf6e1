"""IEMOCAP (Busso et al. 2008): SessionN/sentences/wav/DIALOG/UTTERANCE, labels in SessionN/dialog/EmoEvaluation.

A label is what most judges said; where they did not agree (`xxx`) the emotion is None.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from model_build.corpora.corpus import Corpus, sounds
from model_build.corpora.utterance import Fault, Utterance

EMOTIONS = {
    "ang": "angry",
    "hap": "happy",
    "exc": "excited",
    "sad": "sad",
    "fru": "frustrated",
    "neu": "neutral",
    "fea": "fearful",
    "sur": "surprised",
    "dis": "disgust",
    "oth": "other",
    "xxx": None,
}
NAME = re.compile(r"Ses(0[1-5])[FM]_(\w+)_([FM])\d{3}")
LINE = re.compile(r"\[[\d.]+ - [\d.]+\]\t(Ses\w+)\t(\w{3})\t")


def read(folder: Path) -> Iterator[Utterance | Fault]:
    """All utterances below the folder that are named as such; whole dialogues are passed over."""
    labels = _labels(folder)
    for path in sounds(folder):
        if "sentences" not in path.parts:
            continue
        match = NAME.fullmatch(path.stem)
        if not match:
            yield Fault(str(path), "unknown", "not an IEMOCAP utterance (Ses01F_impro01_F000); not used")
        elif path.stem not in labels:
            yield Fault(str(path), "unlabelled", "EmoEvaluation has no label for it; not used")
        else:
            session, dialogue, gender = match.groups()
            yield Utterance(
                path=path,
                name=path.stem,
                corpus="iemocap",
                speaker=f"{session}{gender}",
                gender="female" if gender == "F" else "male",
                language="en",
                emotion=EMOTIONS[labels[path.stem]],
                text=dialogue if dialogue.startswith("script") else None,
                fold=session,
            )
    for name in sorted(labels.keys() - {path.stem for path in sounds(folder)}):
        yield Fault(name, "missing", "missing, though EmoEvaluation names it; fetch it anew")


def _labels(folder: Path) -> dict[str, str]:
    labels: dict[str, str] = {}
    for table in sorted(folder.glob("**/dialog/EmoEvaluation/Ses*.txt")):
        if not table.name.startswith("."):
            labels.update(LINE.findall(table.read_text(encoding="utf-8", errors="replace")))
    return {name: code for name, code in labels.items() if code in EMOTIONS}


IEMOCAP = Corpus(
    name="iemocap",
    title="IEMOCAP",
    read=read,
    folders=("iemocap_full_release",),
    recordings=10039,
    speakers=10,
)
