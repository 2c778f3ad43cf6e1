"""serd.inference.known_voice, and the pipeline with a reference: the same bits for any blocks, of the past alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from serd.block import Block
from serd.errors import ConfigError
from serd.events.reference import NO_REFERENCE, ReferenceUse
from serd.inference.known_voice import Known
from serd.inference.model import SPEECH, load
from serd.inference.pipeline import Pipeline
from serd.inference.reference import Reference
from serd.inference.step import Step
from tests.support.speech import ravdess, read
from tests.support.steps import bits, blocks

MODEL, SPEECH_MODEL = load("serd-base"), load(SPEECH, "speech")
DELAY = 13
"""Strides of a window of 3 s and what the transform takes beyond it."""


def heard(samples: np.ndarray, sizes: list[int], known: Known, pipeline: Pipeline | None = None) -> list[Step]:
    pipeline = pipeline or Pipeline.assemble(MODEL, SPEECH_MODEL, 0.25, known=known)
    return [step for block in blocks(samples, sizes) for step in pipeline.push(block)]


@pytest.fixture(scope="module")
def talk(corpora: Path) -> np.ndarray:
    """12 s of an actress."""
    clips = [read(ravdess(corpora, 4, emotion)) for emotion in ("neutral", "calm", "angry", "sad")]
    return np.concatenate(clips)[: 12 * 16000]


@pytest.fixture(scope="module")
def running(talk: np.ndarray) -> list[Step]:
    return heard(talk, [len(talk)], "running")


@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
@given(sizes=st.lists(st.integers(500, 90_000), min_size=1, max_size=4))
def test_any_block_sizes_give_the_same_bits(talk: np.ndarray, running: list[Step], sizes: list[int]) -> None:
    assert [bits(step) for step in heard(talk, sizes, "running")] == [bits(step) for step in running]


def test_a_stride_is_compared_with_what_ended_before_its_window_began(running: list[Step]) -> None:
    """The seconds told are those of the speech that lies a whole window back, and change what is answered."""
    spoken = [step.scores.statistics is not None and step.scores.speech >= 0.6 for step in running]
    for k, step in enumerate(running):
        assert step.reference == ReferenceUse("running", 0.25 * sum(spoken[: max(0, k + 1 - DELAY)]))
    assert running[-1].reference is not None
    assert running[-1].reference.seconds > 2


def test_it_changes_the_answers_and_only_those_that_know_something(talk: np.ndarray, running: list[Step]) -> None:
    alone = heard(talk, [len(talk)], None)
    assert {step.reference for step in alone} == {NO_REFERENCE}
    told = list[bool]()
    for step, other in zip(running, alone, strict=True):
        assert (step.scores.probabilities is None) == (other.scores.probabilities is None)
        mine, theirs = step.scores.probabilities, other.scores.probabilities
        if mine is not None and theirs is not None and step.reference is not None:
            told.append(not np.array_equal(mine, theirs))
            assert told[-1] <= (step.reference.seconds > 0)
    assert any(told)
    assert not all(told)


def test_a_gap_and_skipped_strides_keep_it_and_mute_forgets_it(talk: np.ndarray) -> None:
    pipeline = Pipeline.assemble(MODEL, SPEECH_MODEL, 0.25, known="running")
    before = heard(talk, [8000], "running", pipeline)[-1].reference
    assert before is not None
    after = list(pipeline.push(Block(talk, len(talk) + 90_000, True, 0.0)))
    assert after[0].reference is not None
    assert after[0].reference.seconds >= before.seconds
    known = pipeline.reference
    assert list(pipeline.push(Block(np.zeros(32_000, np.float32), 2 * len(talk) + 90_000, False, 0.0), skip=True)) == []
    assert pipeline.reference is not None
    assert known is not None
    assert pipeline.reference.seconds >= known.seconds
    pipeline.close("mute")
    assert pipeline.reference == ReferenceUse("running", 0.0)
    quiet = list(pipeline.push(Block(talk[:24_000], 3 * len(talk) + 90_000, True, 0.0)))
    assert {step.reference for step in quiet} == {ReferenceUse("running", 0.0)}


def test_an_enrolled_one_stays_as_it_is_whatever_comes(talk: np.ndarray, running: list[Step]) -> None:
    statistics = np.stack([step.scores.statistics for step in running if step.scores.statistics is not None])
    enrolled = Reference.of(statistics, np.full(len(statistics), 1.0))
    assert enrolled is not None
    pipeline = Pipeline.assemble(MODEL, SPEECH_MODEL, 0.25, known=enrolled)
    steps = heard(talk, [4000], enrolled, pipeline)
    pipeline.close("mute")
    assert {step.reference for step in steps} == {ReferenceUse("enrolled", float(len(statistics)))}
    assert pipeline.reference == steps[0].reference
    assert [bits(step) for step in heard(talk, [len(talk)], enrolled)] == [bits(step) for step in steps]


def test_a_model_that_knows_none_has_no_running_one_and_refuses_an_enrolled_one() -> None:
    small = load("serd-small")
    assert Pipeline.assemble(small, SPEECH_MODEL, 0.25, known="running").reference is None
    with pytest.raises(ConfigError, match="serd-base"):
        Pipeline.assemble(small, SPEECH_MODEL, 0.25, known=Reference(np.zeros(2304, np.float32), 9.0))


def test_another_models_reference_is_refused() -> None:
    with pytest.raises(ConfigError, match="another model"):
        Pipeline.assemble(MODEL, SPEECH_MODEL, 0.25, known=Reference(np.zeros(7, np.float32), 9.0))
