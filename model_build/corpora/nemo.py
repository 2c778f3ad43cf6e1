"""nEMO (Christop 2024), Polish: samples/SPEAKER_emotion_n, with a table of speakers and texts in data.tsv."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path

from model_build.corpora.corpus import Corpus, sounds
from model_build.corpora.utterance import Fault, Gender, Utterance

EMOTIONS = {
    "anger": "angry",
    "fear": "fearful",
    "happiness": "happy",
    "neutral": "neutral",
    "sadness": "sad",
    "surprised": "surprised",
}
GENDERS: dict[str, Gender] = {"female": "female", "male": "male"}
NAME = re.compile(rf"([A-Z]{{2}}\d)_({'|'.join(EMOTIONS)})_(\d+)")


def read(folder: Path) -> Iterator[Utterance | Fault]:
    """All recordings below the folder; those that data.tsv names and are not there are missing."""
    rows = _table(folder)
    for path in sounds(folder):
        match, row = NAME.fullmatch(path.stem), rows.pop(path.stem, None)
        if not match:
            yield Fault(str(path), "unknown", "not a nEMO name (SPK_emotion_n); not used")
            continue
        yield Utterance(
            path=path,
            name=path.stem,
            corpus="nemo",
            speaker=match[1],
            gender=GENDERS.get(row["gender"]) if row else None,
            language="pl",
            emotion=EMOTIONS[match[2]],
            text=row["normalized_text"].strip() if row else None,
        )
    for name in sorted(rows):
        yield Fault(name, "missing", "missing, though data.tsv names it; fetch it anew")


def _table(folder: Path) -> dict[str, dict[str, str]]:
    tables = sorted(folder.rglob("data.tsv"))
    if not tables:
        return {}
    with tables[0].open(encoding="utf-8", newline="") as lines:
        return {Path(row["file_id"]).stem: row for row in csv.DictReader(lines, delimiter="\t")}


NEMO = Corpus(
    name="nemo",
    title="nEMO",
    read=read,
    recordings=4481,
    speakers=9,
    emotions={"angry": 749, "fearful": 736, "happy": 749, "neutral": 809, "sad": 769, "surprised": 669},
)
