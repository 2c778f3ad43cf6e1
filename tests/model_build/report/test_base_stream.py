"""What serd-base's pipeline said follows from the records: made ones, whose statistics are known."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from model_build.evaluation.alignment import Alignment
from model_build.evaluation.confidence import PublishedConfidence
from model_build.evaluation.conversations import Turn
from model_build.evaluation.trial import Trial
from model_build.experiments.experiment import SCORED
from model_build.experiments.record import write
from model_build.experiments.splits import LUNA
from model_build.report.measure import Measure
from model_build.report.records import Records
from model_build.report.sections.base_stream import measures
from model_build.studies.head_run import FLOAT, INT8
from model_build.studies.serd_base import STUDIES
from tests.support.judgements import EVERYONE, made, said

RUNS = [run for run in STUDIES["serd-base"].runs if run.protocol == "luna" and run.conditions]


@pytest.fixture
def rows(tmp_path: Path) -> dict[str, Measure]:
    """Three quarters right in int8, one half in real numbers; each actor's clip followed."""
    for run in RUNS:
        actors = LUNA[(run.fold or 1) - 1]
        tested = [own for own in EVERYONE if own.speaker in actors]
        answers = {name: said(tested, lambda _: 0.75) for name in (SCORED, INT8)}
        answers |= {FLOAT: said(tested, lambda _: 0.5)}
        right = answers[SCORED].probabilities.argmax(axis=1) == answers[SCORED].emotion
        windows = PublishedConfidence(np.arange(len(tested)), right, np.where(right, 0.9, 0.5))
        trial = Trial(("happy", "sad"), tuple(map(followed, actors)), ("happy",) * len(actors), "unseen", "on paper")
        record = made(run, answers)  # type: ignore[arg-type]
        write(tmp_path / "serd", dataclasses.replace(record, published={SCORED: windows}, streamed=trial))
    return {own.name: own for own in measures(Records.open(tmp_path), RUNS)}


def followed(actor: str) -> Alignment:
    """Happy from second 1 to 3; of ten frames about it one tells nothing."""
    frames = {"no-speech": 2, "uncertain": 3, "unsure": 1, "emotion": 5}
    return Alignment(Turn("clip", actor, "happy", 1.0, 3.0, 4.0), 0.75, ("happy",), True, frames)


def test_the_stream_is_told_with_this_model_s_own_targets(rows: dict[str, Measure]) -> None:
    assert rows["streaming: delay"].figure.startswith("0.75 s")
    name = "streaming: unsure, % of the frames about speech"
    assert rows[name] == Measure(name, "10.0", "≤ 20", True)
    assert not any("uncertain" in name for name in rows)


def test_int8_is_held_against_float_on_the_same_clips(rows: dict[str, Measure]) -> None:
    own = rows["UAR, int8 minus float"]
    assert (own.figure, own.target, own.met) == ("+25.0 (+25.0 to +25.0)", "within 0.5", False)


def test_the_published_confidence_is_held_against_its_windows(rows: dict[str, Measure]) -> None:
    own = rows["expected calibration error of the published confidence, unheard speakers"]
    assert (own.target, own.met) == ("≤ 5", False)
    assert 15 < float(own.figure.split()[0]) < 25


def test_nothing_is_told_before_it_is_run(tmp_path: Path) -> None:
    assert list(measures(Records.open(tmp_path), RUNS)) == []
