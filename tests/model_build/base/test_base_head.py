"""model_build.base.head, fit and write: what is learned, and that the file says what the head says."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from model_build.base.encoder import FRONT_END, WIDTH, Encoder
from model_build.base.fit import Lessons, Schedule, moments, train
from model_build.base.head import OUTPUTS, Head, numbers
from model_build.base.recipe import BASE
from model_build.base.states import Machine, network
from model_build.base.write import contract, write
from model_build.base.write import network as whole
from model_build.corpora import Utterance
from serd.inference.model import load

QUICK = Schedule(epochs=40, draws=640, units=16, rate=3e-3, decay=0.1, dropout=0.2)


def lessons(seed: int = 0, count: int = 1200, size: int = 40) -> Lessons:
    """Two corpora: the first knows all labels, the second the first four; a few numbers tell the label."""
    rng = np.random.default_rng(seed)
    corpus = rng.integers(2, size=count)
    label = np.where(corpus == 0, rng.integers(8, size=count), rng.integers(4, size=count))
    heard = rng.standard_normal((count, size)) + 4 * np.eye(size)[label] + 3 * (np.arange(size) == size - 1)
    heard[:, -2] += 4 * (label % 2)
    known = (corpus == 0)[:, None] | (np.arange(8) < 4)
    stratum = corpus * 8 + label
    share = np.concatenate([np.full(8, 0.75 / 8), np.full(4, 0.25 / 4), np.zeros(4)])
    return Lessons(heard.astype(np.float16), label, known, label % 2, stratum, share)


def test_labels_and_activation_are_learned() -> None:
    head, fresh = train(lessons(), (1,), QUICK, 0), lessons(1)
    said = head.answers(fresh.numbers)
    told = np.where(fresh.known, said[:, :-1], -np.inf).argmax(axis=1)
    assert (told == fresh.label).mean() > 0.9
    assert ((said[:, -1] > 0) == fresh.active).mean() > 0.9


def test_the_same_seed_gives_the_same_head_and_another_one_another() -> None:
    first, again, other = (train(lessons(), (1,), QUICK, seed) for seed in (3, 3, 4))
    for field in dataclasses.fields(Head):
        np.testing.assert_array_equal(getattr(first, field.name), getattr(again, field.name))
    assert not np.array_equal(first.hidden, other.hidden)


def test_a_window_without_a_label_teaches_activation_alone() -> None:
    own = lessons()
    unnamed = dataclasses.replace(own, label=np.full_like(own.label, -1))
    head, fresh = train(unnamed, (1,), QUICK, 0), lessons(1)
    said = head.answers(fresh.numbers)
    assert np.abs(said[:, :-1]).max() == 0
    assert ((said[:, -1] > 0) == fresh.active).mean() > 0.9


def test_moments_weigh_windows_as_they_are_heard() -> None:
    own = lessons(count=5000)
    mean, spread = moments(own)
    weight, heard = own.weight, own.numbers.astype(np.float64)
    assert own.weight[own.stratum < 8].sum() == pytest.approx(0.75)
    np.testing.assert_allclose(mean, weight @ heard, atol=1e-3)
    np.testing.assert_allclose(spread, np.sqrt(weight @ np.square(heard - weight @ heard)), atol=3e-3)


def test_the_file_says_what_the_head_says_of_the_kept_states(drawn: Encoder, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    size = len(BASE.layers) * 2 * WIDTH
    head = Head(
        BASE.layers,
        rng.normal(0, 0.1, size).astype(np.float32),
        rng.uniform(0.5, 1, size).astype(np.float32),
        rng.normal(0, size**-0.5, (size, 24)).astype(np.float32),
        rng.normal(0, 0.1, 24).astype(np.float32),
        rng.normal(0, 0.3, (24, OUTPUTS)).astype(np.float32),
        rng.normal(0, size**-0.5, (size, OUTPUTS)).astype(np.float32),
        np.linspace(-1, 1, OUTPUTS).astype(np.float32),
    )
    windows = rng.random((3, FRONT_END.rows, FRONT_END.bands.count), np.float32)
    kept, _ = Machine(network(drawn)).states(windows)
    wanted = head.answers(numbers(kept, head.layers))
    clip = Utterance(tmp_path / "a.wav", "a", "emo-db", "03", emotion="sad")
    file = tmp_path / "serd-base.tflite"
    write(file, whole(drawn, head, BASE), contract(BASE, [clip], 0.7, 0.9, {"seed": "0"}))
    model = load(str(file))
    np.testing.assert_allclose(model.scorer.logits(windows), wanted, atol=0.05 * np.abs(wanted).max())
    answers = model.answers(windows)
    assert answers.probabilities.shape == (3, 8)
    assert answers.activation is not None
    odds = model.scorer.logits(windows)[:, 8] / np.float32(0.9)
    np.testing.assert_allclose(answers.activation, 1 / (1 + np.exp(-odds.astype(np.float64))), rtol=1e-5)
    assert model.contract.trained_on == {"emo-db": ("03",)}
