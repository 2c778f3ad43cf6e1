"""The training of the default models: what a batch holds, what the loss heeds, who hears what, and that it learns."""

from __future__ import annotations

import dataclasses
import hashlib
from pathlib import Path

import jax
import keras
import numpy as np
import pytest

from model_build.corpora import Utterance
from model_build.corpora.ravdess import LABELS
from model_build.features import Clip
from model_build.networks import dnn
from model_build.small.channel import Channel
from model_build.small.examples import Examples
from model_build.small.fit import Material, Pupil, batch, masked, train
from model_build.small.recipe import SMALL
from model_build.small.schedule import Schedule
from model_build.small.views import Views, views

FRONT_END = dataclasses.replace(SMALL.front_end, rows=32)
BANDS = FRONT_END.bands.count
PLAIN = Channel(noise=0, room=0, telephone=0, cut=0, tilt_db=0, warp=0, pace=0, level_db=(0, 0))
SHARES = (("ravdess-speech", 1.0),)
SCHEDULE = Schedule(epochs=2, draws=32, shares=SHARES, views=2, batch=8, average=0.5, settling=4, channel=PLAIN)
BARE = dataclasses.replace(SCHEDULE, mixup=0.0, stripes=0, smoothing=0.0, decay=0.0)
EVERYONE = np.arange(32)


def sounding(label: int, number: int) -> Clip:
    """A clip whose label can be heard: 1 s of a band that is the label's own."""
    chance = np.random.default_rng([label, number])
    rows = chance.normal(-14, 1, (40, BANDS)).astype(np.float32)
    rows[4:36, 5 * label : 5 * label + 4] += 10
    spoken = np.zeros(40, bool)
    spoken[4:36] = True
    said = Utterance(Path("x"), f"{label}-{number}", "ravdess-speech", str(number), emotion=LABELS[label])
    return Clip(said, hashlib.sha256(f"{label}-{number}".encode()).hexdigest(), rows, spoken)


@pytest.fixture(scope="module")
def examples() -> Examples:
    return Examples.make([sounding(label, number) for label in range(8) for number in range(4)])


@pytest.fixture(scope="module")
def heard(examples: Examples) -> Views:
    return views(examples.clips, [], FRONT_END, SCHEDULE, range(SCHEDULE.views))


def network(seed: int = 0) -> keras.Model:
    keras.utils.set_random_seed(seed)
    return dnn(FRONT_END.rows, BANDS, 8, width=8)


def telling(known: np.ndarray | None = None) -> Material:
    """One view of one clip of each label; its first row says which."""
    windows = np.zeros((1, 8, 32, BANDS), np.uint8)
    windows[0, range(8), 0, range(8)] = 255
    return Material(windows, np.ones((8, 8), bool) if known is None else known, np.eye(8, dtype=np.float32), None)


def test_a_batch_is_what_the_network_takes_and_follows_from_its_key(examples: Examples, heard: Views) -> None:
    material = Material(jax.numpy.asarray(heard), examples.known, jax.numpy.asarray(examples.targets(0.1)), None)
    chosen, numbers = np.arange(16), np.arange(16) % 2
    one, again, other = (batch(SCHEDULE, material, jax.random.key(seed), chosen, numbers) for seed in (0, 0, 1))
    inputs, known, wanted = map(np.asarray, one)
    assert inputs.shape == (16, 32, BANDS, 1)
    assert inputs.min() >= 0
    assert inputs.max() <= 1
    assert known.shape == wanted.shape == (16, 8)
    assert wanted.sum(axis=1) == pytest.approx(np.ones(16), abs=1e-5)
    for first, second in zip(one, again, strict=True):
        np.testing.assert_array_equal(first, second)
    assert not np.array_equal(inputs, other[0])


def test_without_mixture_and_masks_a_batch_holds_the_views_asked_for(examples: Examples, heard: Views) -> None:
    material = Material(jax.numpy.asarray(heard), examples.known, jax.numpy.asarray(examples.targets(0)), None)
    chosen, numbers = np.array([7, 30, 7, 0]), np.array([1, 0, 0, 1])
    inputs, _, wanted = batch(BARE, material, jax.random.key(0), chosen, numbers)
    np.testing.assert_allclose(np.asarray(inputs)[..., 0], heard[numbers, chosen] / 255, atol=1e-6)
    np.testing.assert_array_equal(wanted, np.eye(8)[examples.truth[chosen]])


def test_mixup_mixes_inputs_and_targets_alike() -> None:
    schedule = dataclasses.replace(BARE, mixup=0.4)
    inputs, _, wanted = map(np.asarray, batch(schedule, telling(), jax.random.key(0), np.arange(8), np.zeros(8, int)))
    np.testing.assert_allclose(inputs[:, 0, :8, 0], wanted, atol=1e-6)
    assert (wanted.argmax(axis=1) == np.arange(8)).all(), "one's own share is the larger"
    assert ((wanted > 0.01) & (wanted < 0.99)).any()


def test_of_a_mixture_all_labels_count_that_either_clip_may_have() -> None:
    schedule = dataclasses.replace(BARE, mixup=0.4)
    material = telling(np.eye(8, dtype=bool))
    _, known, wanted = map(np.asarray, batch(schedule, material, jax.random.key(0), np.arange(8), np.zeros(8, int)))
    np.testing.assert_array_equal(known > 0, wanted > 0)


@pytest.mark.parametrize("stripes", [0, 1, 3])
def test_stripes_of_time_and_frequency_are_taken_out(stripes: int) -> None:
    schedule = dataclasses.replace(SCHEDULE, stripes=stripes, stripe_rows=5, stripe_bands=3)
    found = np.asarray(masked(jax.random.key(1), np.ones((400, 32, BANDS), np.float32), schedule))
    rows, bands = (found == 0).all(axis=2), (found == 0).all(axis=1)
    np.testing.assert_array_equal(found == 0, rows[:, :, None] | bands[:, None, :])
    for struck, greatest in ((rows, 5), (bands, 3)):
        begun = np.diff(np.pad(struck, ((0, 0), (1, 0))).astype(int), axis=1) > 0
        assert begun.sum(axis=1).max() <= stripes, "each in one piece"
        assert struck.sum(axis=1).max() <= stripes * greatest
        if stripes == 1:
            assert set(struck.sum(axis=1)) == set(range(greatest + 1)), "of any size"
            assert struck.any(axis=0).all(), "anywhere"


def test_each_pupil_has_a_loss_in_each_epoch(examples: Examples, heard: Views) -> None:
    lines: list[str] = []
    pupils = [Pupil(network(k), EVERYONE, (k,)) for k in range(3)]
    losses = train(pupils, examples, heard, dataclasses.replace(BARE, epochs=4), say=lines.append)
    assert np.shape(losses) == (3, 4)
    assert len({tuple(own) for own in losses}) == 3
    mean = np.mean(losses, axis=0)
    assert [line.split(",")[0] for line in lines] == [f"epoch {k + 1}/4: loss {mean[k]:.3f}" for k in range(4)]


def test_who_trains_beside_a_pupil_changes_no_more_than_rounding(examples: Examples, heard: Views) -> None:
    """Not even its dropout: random numbers are each one's own."""
    own, other = np.arange(0, 32, 2), np.arange(1, 32)
    alone, among = network(), network()
    lost = train([Pupil(alone, own, (5, 0))], examples, heard, SCHEDULE)
    beside = [Pupil(network(1), other, (5, 1)), Pupil(among, own, (5, 0)), Pupil(network(2), other, (6,))]
    assert train(beside, examples, heard, SCHEDULE)[1] == pytest.approx(lost[0], rel=1e-4)
    for one, two in zip(alone.get_weights(), among.get_weights(), strict=True):
        np.testing.assert_allclose(one, two, atol=2e-5)
    assert not np.allclose(among.get_weights()[0], beside[0].network.get_weights()[0], atol=1e-2)


def test_a_pupil_hears_its_own_clips_alone(examples: Examples, heard: Views) -> None:
    own = np.arange(0, 32, 2)
    others_mute = np.array(heard)
    others_mute[:, 1::2] = 0
    networks = [network(), network()]
    for model, seen in zip(networks, (heard, others_mute), strict=True):
        train([Pupil(model, own, (0,))], examples, seen, BARE)
    for one, two in zip(*(model.get_weights() for model in networks), strict=True):
        np.testing.assert_array_equal(one, two)


def test_labels_that_a_corpus_does_not_have_get_no_say(examples: Examples, heard: Views) -> None:
    """What leads to their logits stays as it was, whatever is learned about the others."""
    spoken = np.flatnonzero(~np.isin(examples.truth, (1, 6)))
    known = np.ones((32, 8), bool)
    known[:, [1, 6]] = False
    model = network()
    before = model.layers[-1].get_weights()
    train([Pupil(model, spoken, (0,))], dataclasses.replace(examples, known=known), heard, BARE)
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
    pupils = [Pupil(normalised(k), EVERYONE, (k,)) for k in range(2)]
    losses = train(pupils, examples, heard, schedule)
    for pupil, lost in zip(pupils, losses, strict=True):
        assert lost[-1] < 0.8 * lost[0]
        said = pupil.network.predict_on_batch(heard[0][..., None] / np.float32(255))
        assert (said.argmax(axis=1) == examples.truth).mean() > 0.5, "chance is an eighth"


def test_what_a_teacher_says_of_a_view_stands_for_the_truth(examples: Examples, heard: Views) -> None:
    """Taught one label for all that is heard, a network says nothing else; its neighbour has another teacher."""
    taught = [np.broadcast_to(np.eye(8, dtype=np.float32)[label], (2, 32, 8)) for label in (3, 5)]
    schedule = dataclasses.replace(BARE, epochs=4, draws=128, rate=1e-2)
    pupils = [Pupil(network(k), EVERYONE, (k,), own) for k, own in enumerate(taught)]
    train(pupils, examples, heard, schedule)
    for pupil, label in zip(pupils, (3, 5), strict=True):
        said = pupil.network.predict_on_batch(heard[0][..., None] / np.float32(255))
        assert (said.argmax(axis=1) == label).all()


def test_a_teachers_words_are_those_about_the_view_that_is_heard() -> None:
    said = np.random.default_rng(0).dirichlet(np.ones(8), (2, 8)).astype(np.float32)
    material = telling()._replace(views=np.zeros((2, 8, 32, BANDS), np.uint8), taught=said)
    chosen, numbers = np.array([4, 4, 1]), np.array([0, 1, 1])
    _, _, wanted = batch(BARE, material, jax.random.key(0), chosen, numbers)
    np.testing.assert_array_equal(wanted, said[numbers, chosen])


def test_whoever_waits_may_stop_a_training_at_any_epoch(examples: Examples, heard: Views) -> None:
    lines: list[str] = []
    model = network()
    before = model.get_weights()

    def check() -> None:
        if lines:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train([Pupil(model, EVERYONE, (0,))], examples, heard, BARE, say=lines.append, check=check)
    assert len(lines) == 1
    for one, two in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, two, "half a training is none")
