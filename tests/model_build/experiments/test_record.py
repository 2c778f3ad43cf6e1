"""Records: what is written is what is read."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from model_build.corpora import EMOTIONS, Utterance
from model_build.evaluation.alignment import Alignment
from model_build.evaluation.confidence import PublishedConfidence
from model_build.evaluation.conversations import Turn
from model_build.evaluation.trial import Trial
from model_build.experiments.record import Record, done, path, read, read_all, write
from model_build.statistics.predictions import answers
from model_build.thesis.experiment import ThesisExperiment
from serd.errors import UsageError

RUN = ThesisExperiment("cnn", fold=1)


def made(run: ThesisExperiment = RUN) -> Record:
    utterances = [
        Utterance(Path(name), name, "emo-db", name[:2], gender, emotion=emotion, intensity=intensity)  # type: ignore[arg-type]
        for name, gender, emotion, intensity in (
            ("03a01", "male", "sad", "strong"),
            ("08a01", "female", "bored", None),
            ("09a02", None, "happy", "normal"),
        )
    ]
    probabilities = np.array([[0.9, 0.0996, 0.0004], [0.2, 0.3, 0.5], [1, 0, 0]])
    return Record(
        run=run.document(),
        name=run.name,
        key=run.key,
        labels=("happy", "sad", "bored"),
        numbers={"epoch": 3, "wall_s": 1.5},
        history={"loss": [2.0, 1.5]},
        answers={"emo-db": answers(utterances, probabilities)},
    )


def test_a_record_survives_its_file(tmp_path: Path) -> None:
    kept, again = made(), read(write(tmp_path, made()))
    assert dataclasses.replace(again, answers={}) == dataclasses.replace(kept, answers={}) or (
        (again.run, again.key, again.labels, again.numbers) == (kept.run, kept.key, kept.labels, kept.numbers)
    )
    one, other = kept.answers["emo-db"], again.answers["emo-db"]
    for column in ("clip", "speaker", "gender", "intensity", "emotion"):
        np.testing.assert_array_equal(getattr(one, column), getattr(other, column))
    np.testing.assert_allclose(one.probabilities, other.probabilities, atol=5e-4)
    assert [EMOTIONS[k] for k in other.emotion] == ["sad", "bored", "happy"]
    assert other.group.tolist() == ["emo-db/03", "emo-db/08", "emo-db/09"]


def full() -> Record:
    """With all its optional parts."""
    windows = PublishedConfidence(np.array([0, 2, 2]), np.array([True, False, True]), np.array([0.5, 0.25, 1.0]))
    said = Turn("03a01", "03", "sad", 0.5, 2.5, 3.25)
    one = Alignment(said, 0.75, ("happy", "sad"), True, {"emotion": 5, "uncertain": 3})
    trial = Trial(("happy", "sad", "bored"), (one,), ("sad",), "unseen", "on paper")
    return dataclasses.replace(made(), published={"emo-db": windows}, streamed=trial)


def test_windows_and_conversations_survive_it_too(tmp_path: Path) -> None:
    again = read(write(tmp_path, full()))
    assert again.streamed == full().streamed
    assert again.published["emo-db"].columns() == full().published["emo-db"].columns()


def test_records_without_them_are_as_they_ever_were(tmp_path: Path) -> None:
    file = write(tmp_path, made())
    assert not {"published", "streamed"} & json.loads(file.read_text()).keys()
    assert read(file).published == {}
    assert read(file).streamed is None


@pytest.mark.parametrize(
    ("part", "column", "text"), [("published", "clip", "other clips than the 3"), ("streamed", "emotion", "IndexError")]
)
def test_what_points_at_nothing_is_refused(tmp_path: Path, part: str, column: str, text: str) -> None:
    file = write(tmp_path, full())
    data = json.loads(file.read_text())
    own = data[part].get("emo-db", data[part])
    own[column][0] = 9
    file.write_text(json.dumps(data))
    with pytest.raises(UsageError, match=text):
        read(file)


def test_probabilities_are_thousandths_by_column(tmp_path: Path) -> None:
    data = json.loads(write(tmp_path, made()).read_text())
    assert data["answers"]["emo-db"]["probabilities"] == [[900, 200, 1000], [100, 300, 0], [0, 500, 0]]


def test_only_a_record_of_the_very_recipe_counts_as_done(tmp_path: Path) -> None:
    assert not done(tmp_path, RUN)
    write(path(tmp_path, RUN).parent, made())
    assert done(tmp_path, RUN)
    other = dataclasses.replace(RUN, limit=10)
    assert path(tmp_path, other) == path(tmp_path, RUN)
    assert not done(tmp_path, other)


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"format": 2}', b'{"format": 1}', b"\xff\xfe"])
def test_a_damaged_record_is_not_done_and_is_named(tmp_path: Path, damage: bytes) -> None:
    file = write(tmp_path, made())
    file.write_bytes(damage)
    assert not done(tmp_path, RUN)
    with pytest.raises(UsageError, match=rf"{file}: no record of a study \(.+\); remove it and run the study anew"):
        read_all(tmp_path)


def test_columns_of_unequal_length_are_refused(tmp_path: Path) -> None:
    file = write(tmp_path, made())
    data = json.loads(file.read_text())
    data["answers"]["emo-db"]["speaker"].pop()
    file.write_text(json.dumps(data))
    with pytest.raises(UsageError, match="3 clips and 2 in column speaker"):
        read(file)


def test_no_folder_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such folder"):
        read_all(tmp_path / "absent")
