"""model_build.networks.base_file and head: the file says what the heads say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from model_build.corpora import Utterance
from model_build.experiments.head_recipe import BASE
from model_build.networks.base_file import contract, write
from model_build.networks.base_file import network as whole
from model_build.networks.encoder import FRONT_END, WIDTH, Encoder
from model_build.networks.head import OUTPUTS, Head, features
from model_build.networks.person_reference import SecondHead
from model_build.training.encoder_states import EncoderInterpreter, network
from serd.inference.frontend import Rows
from serd.inference.model import Model, load
from serd.inference.reference import Reference, ReferenceHead

SIZE = len(BASE.layers) * 2 * WIDTH
"""Statistics of a window."""
RNG = np.random.default_rng(0)
WINDOWS = RNG.random((3, FRONT_END.rows, FRONT_END.bands.count), np.float32)


def drawn_head(size: int, seed: int) -> Head:
    rng = np.random.default_rng(seed)
    return Head(
        BASE.layers,
        rng.normal(0, 0.1, size).astype(np.float32),
        rng.uniform(0.5, 1, size).astype(np.float32),
        rng.normal(0, size**-0.5, (size, 24)).astype(np.float32),
        rng.normal(0, 0.1, 24).astype(np.float32),
        rng.normal(0, 0.3, (24, OUTPUTS)).astype(np.float32),
        rng.normal(0, size**-0.5, (size, OUTPUTS)).astype(np.float32),
        np.linspace(-1, 1, OUTPUTS).astype(np.float32),
    )


FIRST, SECOND = drawn_head(SIZE, 1), SecondHead(drawn_head(2 * SIZE, 2), 4.0)


@pytest.fixture(scope="module")
def states(drawn: Encoder) -> Rows:
    kept, _ = EncoderInterpreter(network(drawn)).states(WINDOWS)
    return features(kept, FIRST.layers).astype(np.float32)


@pytest.fixture(scope="module")
def alone(drawn: Encoder, tmp_path_factory: pytest.TempPathFactory) -> Model:
    clip = Utterance(Path("a.wav"), "a", "emo-db", "03", emotion="sad")
    file = tmp_path_factory.mktemp("alone") / "serd-base.tflite"
    write(file, whole(drawn, FIRST, BASE), contract(BASE, [clip], 0.7, 0.9, {"seed": "0"}))
    return load(str(file))


@pytest.fixture(scope="module")
def both(drawn: Encoder, tmp_path_factory: pytest.TempPathFactory) -> Model:
    file = tmp_path_factory.mktemp("both") / "serd-base.tflite"
    known = ReferenceHead(SIZE, 4.0, 0.8, 1.1)
    described = contract(BASE, [], 0.7, 0.9, {}, reference=known)
    write(file, whole(drawn, FIRST, BASE, SECOND), described)
    return load(str(file))


def test_the_file_says_what_the_head_says_of_the_kept_states(alone: Model, states: Rows) -> None:
    wanted = FIRST.answers(states)
    np.testing.assert_allclose(alone.scorer.logits(WINDOWS), wanted, atol=0.05 * np.abs(wanted).max())
    answers = alone.answers(WINDOWS)
    assert answers.probabilities.shape == (3, 8)
    assert answers.activation is not None
    odds = alone.scorer.logits(WINDOWS)[:, 8] / np.float32(0.9)
    np.testing.assert_allclose(answers.activation, 1 / (1 + np.exp(-odds.astype(np.float64))), rtol=1e-5)
    assert alone.contract.trained_on == {"emo-db": ("03",)}


def test_without_a_reference_a_second_head_changes_no_bit(alone: Model, both: Model) -> None:
    one, other = alone.answers(WINDOWS), both.answers(WINDOWS)
    np.testing.assert_array_equal(one.probabilities, other.probabilities)
    np.testing.assert_array_equal(np.asarray(one.activation), np.asarray(other.activation))
    assert one.statistics is None


def test_the_second_head_says_what_it_says_of_the_kept_states_and_a_reference(both: Model, states: Rows) -> None:
    reference = Reference(RNG.normal(0, 0.3, SIZE).astype(np.float32), 6.0)
    heads = both.scorer.heads(WINDOWS, [reference, reference, None])
    assert heads.statistics is not None
    assert heads.with_reference is not None
    np.testing.assert_allclose(heads.statistics, states, atol=0.02 * np.abs(states).max())
    wanted = np.concatenate([SECOND.answers(states[:2], reference), SECOND.answers(states[2:], None)])
    np.testing.assert_allclose(heads.with_reference, wanted, atol=0.05 * np.abs(wanted).max())


def test_the_more_seconds_of_a_voice_the_more_the_second_head_counts(both: Model) -> None:
    mean = RNG.normal(0, 0.3, SIZE).astype(np.float32)
    answers = [both.answers(WINDOWS[:1], [Reference(mean, seconds)]).probabilities for seconds in (1e-6, 4.0, 1e9)]
    np.testing.assert_allclose(answers[0], both.answers(WINDOWS[:1]).probabilities, atol=1e-3)
    assert not np.allclose(answers[1], answers[2], atol=1e-3)
    with pytest.raises(ValueError, match=f"serd-base/1.0 takes {SIZE}"):
        both.answers(WINDOWS[:1], [Reference(mean[1:], 4.0)])
