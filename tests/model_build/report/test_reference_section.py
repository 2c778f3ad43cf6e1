"""What a reference brings follows from the records: made ones, whose statistics are known."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from model_build.corpora import Utterance
from model_build.experiments.experiment import SCORED
from model_build.experiments.record import write
from model_build.experiments.reference_experiment import ReferenceExperiment
from model_build.experiments.splits import LUNA
from model_build.report.measure import Measure
from model_build.report.records import Records
from model_build.report.sections.reference import measures, section
from model_build.statistics.predictions import Answers
from model_build.studies.reference_run import corpora_of, histories
from model_build.studies.serd_reference import STUDIES
from tests.support.judgements import EVERYONE, crowd, made, said

SHARES = {"": 0.5, "neutral": 0.75, "mixed": 0.75, "wrong person": 0.5, "other microphone": 0.5, "anger": 0.25}
"""How often a network is right by its reference; plain speech is neutral."""


def clips(run: ReferenceExperiment, corpus: str) -> list[Utterance]:
    if corpus == "ravdess-speech":
        return [own for own in EVERYONE if own.speaker in LUNA[(run.fold or 1) - 1]]
    plain = corpus in ("librispeech", "asterisk-prompts")
    return crowd(corpus, ("neutral",) if plain else ("neutral", "happy", "sad", "angry"))


@pytest.fixture
def rows(tmp_path: Path) -> dict[str, Measure]:
    for run in STUDIES["reference"].runs:
        answers = dict[str, Answers]()
        for corpus in corpora_of(run):
            label = SCORED if corpus == "ravdess-speech" else corpus
            for rule, share in SHARES.items():
                if not rule or rule in histories(corpus):
                    answers[f"{label}, {rule}" if rule else label] = said(clips(run, corpus), lambda _, s=share: s)
        record = made(run, answers)  # type: ignore[arg-type]
        numbers = record.numbers | {"seconds": {part: 8.0 for part in answers if ", " in part}}
        write(tmp_path / "serd", dataclasses.replace(record, numbers=numbers))
    book = Records.open(tmp_path)
    assert "missed: " in section(book).answer
    return {own.name: own for own in measures(book)}


def test_what_is_gained_is_held_against_the_same_clips_without_a_reference(rows: dict[str, Measure]) -> None:
    own = rows["UAR, 8 classes, gained by a reference: neutral"]
    assert own.figure.startswith("+25.0 (+25.0 to +25.0); 75.0 ")
    assert own.figure.endswith("of 8 s")
    assert (own.target, own.met) == ("≥ +2", True)
    assert rows["UAR, 8 classes, gained by a reference: mixed"].target == "≥ +5"
    own = rows["UAR, 8 classes, gained by a reference: anger"]
    assert (own.target, own.met) == ("≥ -5", False)


def test_corpora_are_averaged_where_all_are_there(rows: dict[str, Measure]) -> None:
    own = rows["UAR, 4 classes, mean of these, gained by a reference: mixed"]
    each = [rows[f"UAR, 4 classes, {name}, gained by a reference: mixed"].figure for name in ("ASED", "EMO-DB", "nEMO")]
    assert float(own.figure) == pytest.approx(sum(float(figure.split()[0]) for figure in each) / 3, abs=0.06)
    assert (own.target, own.met) == ("≥ +8", True)
    assert rows["UAR, 4 classes, mean of these, gained by a reference: anger"].met is False


def test_of_plain_speech_it_is_told_what_is_announced(rows: dict[str, Measure]) -> None:
    own = rows["plain speech, LibriSpeech, reference: neutral: called neutral or calm"]
    assert own.target == "≥ 88"
    assert own.met is False
    assert rows["plain speech, LibriSpeech, reference: none: announced as anything else"].target == ""
