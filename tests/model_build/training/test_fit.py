"""The training of the default models: who hears what, what the loss heeds, and that it learns."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import jax
import keras
import numpy as np
import pytest

from model_build.networks.architectures import dnn
from model_build.training import checkpoint
from model_build.training.examples import Examples
from model_build.training.fit import CHUNK, Student, soft_labels, train
from model_build.training.views import Views
from tests.support.sounding import BANDS, BARE, FRONT_END, SCHEDULE

SHARES = {"ravdess-speech": 1.0}
EVERYONE = np.arange(32)


def network(seed: int = 0) -> keras.Model:
    keras.utils.set_random_seed(seed)
    return dnn(FRONT_END.rows, BANDS, 8, width=8)


def student(model: keras.Model, clips: np.ndarray, seed: tuple[int, ...], taught: np.ndarray | None = None) -> Student:
    """It hears both views of its clips."""
    return Student(model, np.where(np.isin(EVERYONE, clips), 2, 0), SHARES, seed, taught)


def test_each_pupil_has_a_loss_in_each_epoch(examples: Examples, heard: Views) -> None:
    lines: list[str] = []
    students = [student(network(k), EVERYONE, (k,)) for k in range(3)]
    losses = train(students, examples, heard, dataclasses.replace(BARE, epochs=4), say=lines.append)
    assert np.shape(losses) == (3, 4)
    assert len({tuple(own) for own in losses}) == 3
    mean = np.mean(losses, axis=0)
    assert [line.split(",")[0] for line in lines] == [f"epoch {k + 1}/4: loss {mean[k]:.3f}" for k in range(4)]


@pytest.mark.parametrize("backend", ["cpu", "gpu"])
def test_who_trains_beside_a_pupil_changes_no_more_than_rounding(
    examples: Examples, heard: Views, backend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even its dropout: random numbers are each one's own. A processor takes them in turn, a card all at once."""
    monkeypatch.setattr(jax, "default_backend", lambda: backend)
    own, other = np.arange(0, 32, 2), np.arange(1, 32)
    alone, among = network(), network()
    lost = train([student(alone, own, (5, 0))], examples, heard, SCHEDULE)
    beside = [student(network(1), other, (5, 1)), student(among, own, (5, 0)), student(network(2), other, (6,))]
    assert train(beside, examples, heard, SCHEDULE)[1] == pytest.approx(lost[0], rel=1e-4)
    for one, two in zip(alone.get_weights(), among.get_weights(), strict=True):
        np.testing.assert_allclose(one, two, atol=2e-5)
    assert not np.allclose(among.get_weights()[0], beside[0].network.get_weights()[0], atol=1e-2)


def test_who_is_interrupted_goes_on_to_the_same_end(
    examples: Examples, heard: Views, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With what it has learned, its optimizer's moments and its mean."""
    monkeypatch.setattr(checkpoint, "EVERY_S", 0)
    schedule, lines, asked = dataclasses.replace(SCHEDULE, epochs=5), list[str](), iter(range(100))

    def third() -> None:
        if next(asked) == 2 * 3:  # two students: in the fourth epoch
            raise KeyboardInterrupt

    def pair() -> list[Student]:
        return [student(network(k), EVERYONE, (k,)) for k in range(2)]

    whole, again, kept = pair(), pair(), tmp_path / "kept.npz"
    losses = train(whole, examples, heard, schedule)
    with pytest.raises(KeyboardInterrupt):
        train(pair(), examples, heard, schedule, check=third, kept=kept)
    assert train(again, examples, heard, schedule, say=lines.append, kept=kept) == losses
    assert [line.split(":")[0] for line in lines] == ["epoch 4/5", "epoch 5/5"]
    for one, other in zip(whole, again, strict=True):
        for left, right in zip(one.network.get_weights(), other.network.get_weights(), strict=True):
            np.testing.assert_array_equal(left, right)


def test_a_pupil_hears_its_own_clips_alone(examples: Examples, heard: Views) -> None:
    own = np.arange(0, 32, 2)
    windows = np.array(heard.windows)
    windows.reshape(16, 2, 2, -1)[:, 1] = 0
    others_mute = dataclasses.replace(heard, windows=windows)
    networks = [network(), network()]
    for model, seen in zip(networks, (heard, others_mute), strict=True):
        train([student(model, own, (0,))], examples, seen, BARE)
    for one, two in zip(*(model.get_weights() for model in networks), strict=True):
        np.testing.assert_array_equal(one, two)


def test_labels_that_a_corpus_does_not_have_get_no_say(examples: Examples, heard: Views) -> None:
    """What leads to their logits stays as it was, whatever is learned about the others."""
    spoken = np.flatnonzero(~np.isin(examples.truth, (1, 6)))
    known = np.ones((32, 8), bool)
    known[:, [1, 6]] = False
    model = network()
    before = model.layers[-1].get_weights()
    train([student(model, spoken, (0,))], dataclasses.replace(examples, known=known), heard, BARE)
    for one, two in zip(before, model.layers[-1].get_weights(), strict=True):
        moved = np.abs(one - two).reshape(-1, 8).max(axis=0) > 1e-6
        assert moved.tolist() == [k not in (1, 6) for k in range(8)]


def normalised(seed: int) -> keras.Model:
    """Each band's mean over time, and statistics to keep."""
    keras.utils.set_random_seed(seed)
    window = keras.Input((FRONT_END.rows, BANDS, 1))
    x = keras.layers.DepthwiseConv2D((FRONT_END.rows, 1), use_bias=False)(window)
    x = keras.layers.ReLU()(keras.layers.BatchNormalization(momentum=0.9)(keras.layers.Conv2D(4, (1, 5), (1, 5))(x)))
    return keras.Model(window, keras.layers.Dense(8)(keras.layers.Flatten()(x)))


def test_networks_learn_sounds_that_can_be_told_apart(examples: Examples, heard: Views) -> None:
    """With normalisation, whose statistics follow the averaged weights."""
    schedule = dataclasses.replace(BARE, epochs=10, draws=128, batch=16, rate=1e-2, settling=20)
    students = [student(normalised(k), EVERYONE, (k,)) for k in range(2)]
    losses = train(students, examples, heard, schedule)
    for own, lost in zip(students, losses, strict=True):
        assert lost[-1] < 0.8 * lost[0]
        soft_labels = own.network.predict_on_batch(heard.windows[heard.first][..., None] / np.float32(255))
        assert (soft_labels.argmax(axis=1) == examples.truth).mean() > 0.5, "chance is an eighth"


def test_what_a_teacher_says_of_a_view_stands_for_the_truth(examples: Examples, heard: Views) -> None:
    """Taught one label for all that is heard, a network says nothing else; its neighbour has another teacher."""
    taught = [np.broadcast_to(np.eye(8, dtype=np.float32)[label], (64, 8)) for label in (3, 5)]
    schedule = dataclasses.replace(BARE, epochs=4, draws=128, rate=1e-2)
    students = [student(network(k), EVERYONE, (k,), own) for k, own in enumerate(taught)]
    train(students, examples, heard, schedule)
    for learned, label in zip(students, (3, 5), strict=True):
        soft_labels = learned.network.predict_on_batch(heard.windows[heard.first][..., None] / np.float32(255))
        assert (soft_labels.argmax(axis=1) == label).all()


def test_teachers_speak_of_every_view_within_the_labels_of_its_corpus(examples: Examples) -> None:
    """All alike, in parts that do not come out even."""
    known = np.ones((32, 8), bool)
    known[:16, 4:] = False
    count = np.arange(32) % 3 + CHUNK // 20
    heard = Views.draw(examples.clips, count, [], FRONT_END, SCHEDULE)
    assert len(heard.windows) % CHUNK
    teachers = [network(k) for k in range(2)]
    told = soft_labels(teachers, dataclasses.replace(examples, known=known), heard)
    labels = np.repeat(known, count, axis=0)
    for teacher, own in zip(teachers, told, strict=True):
        logits = teacher.predict_on_batch(heard.windows[..., None] / np.float32(255))
        wanted = np.exp(logits) * labels
        np.testing.assert_allclose(own, wanted / wanted.sum(axis=1, keepdims=True), atol=1e-5)


def test_who_hears_other_shares_and_views_learns_beside_the_others(examples: Examples, heard: Views) -> None:
    """As alone, and as if there were no second views and no corpus without a share: what it draws is its own."""
    two_corpora = dataclasses.replace(examples, corpus=np.where(EVERYONE % 2, "nemo", "ravdess-speech"))
    few = Student(network(), np.ones(32, int), {"nemo": 1.0}, (7,))
    train([few], two_corpora, heard, BARE)
    windows = np.array(heard.windows)
    windows.reshape(32, 2, -1)[:, 1] = 0
    windows.reshape(16, 2, 2, -1)[:, 0] = 0
    again, spared = (few._replace(network=network()) for _ in range(2))
    train([student(network(1), EVERYONE, (1,)), again], two_corpora, heard, BARE)
    train([spared], two_corpora, dataclasses.replace(heard, windows=windows), BARE)
    for other in (again, spared):
        for one, two in zip(few.network.get_weights(), other.network.get_weights(), strict=True):
            np.testing.assert_allclose(one, two, atol=2e-5)


def test_whoever_waits_may_stop_a_training_at_any_epoch(examples: Examples, heard: Views) -> None:
    lines: list[str] = []
    model = network()
    before = model.get_weights()

    def check() -> None:
        if lines:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train([student(model, EVERYONE, (0,))], examples, heard, BARE, say=lines.append, check=check)
    assert len(lines) == 1
    for one, two in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, two, "half a training is none")
