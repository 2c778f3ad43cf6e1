"""The training of a default model: what a batch holds, what the loss heeds, and that it learns."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import keras
import numpy as np
import pytest

from model_build.corpora import Utterance
from model_build.corpora.ravdess import LABELS
from model_build.features import Clip
from model_build.networks import NETWORKS
from model_build.small.channel import Channel
from model_build.small.examples import Examples
from model_build.small.fit import Material, batch, masked_learner, train, window
from model_build.small.recipe import SMALL
from model_build.small.schedule import Schedule

FRONT_END = dataclasses.replace(SMALL.front_end, rows=32)
PLAIN = Channel(noise=0, room=0, telephone=0, cut=0, tilt_db=0, warp=0, pace=0, level_db=(0, 0))
SCHEDULE = Schedule(epochs=1, draws=64, batch=16, stripe_rows=4, stripe_bands=4, average=0.5, settling=40)


def sounding(label: int, number: int, corpus: str = "ravdess-speech") -> Clip:
    """A clip whose label can be heard: 0.8 s of a band that is the label's own."""
    chance = np.random.default_rng([label, number])
    rows = chance.normal(-14, 1, (40, FRONT_END.bands.count)).astype(np.float32)
    rows[4:36, 5 * label : 5 * label + 4] += 10
    spoken = np.zeros(40, bool)
    spoken[4:36] = True
    said = Utterance(Path("x"), f"{label}-{number}", corpus, str(number), emotion=LABELS[label])
    return Clip(said, f"{corpus}{label}{number}", rows, spoken)


@pytest.fixture(scope="module")
def material() -> Material:
    clips = [sounding(label, number) for label in range(8) for number in range(4)]
    noise = np.random.default_rng(9).normal(-16, 1, (100, FRONT_END.bands.count)).astype(np.float32)
    return Material(Examples.make(clips), [noise], FRONT_END, np.zeros((len(clips), 0), np.float32))


def test_a_batch_is_what_the_network_takes_and_follows_from_its_seed(material: Material):
    chosen = np.arange(16)
    inputs, known, wanted, _ = batch(np.random.default_rng(0), material, chosen, SCHEDULE)
    assert inputs.shape == (16, 32, FRONT_END.bands.count, 1)
    assert inputs.min() >= 0
    assert inputs.max() <= 1
    assert known.shape == wanted.shape == (16, 8)
    assert wanted.sum(axis=1) == pytest.approx(np.ones(16), abs=1e-5)
    again = batch(np.random.default_rng(0), material, chosen, SCHEDULE)
    assert np.array_equal(inputs, again[0])
    assert np.array_equal(wanted, again[2])


def test_a_window_through_no_channel_is_the_daemons(material: Material):
    clip = material.examples.clips[0]
    schedule = dataclasses.replace(SCHEDULE, channel=PLAIN, whole=1.0)
    found, share = window(np.random.default_rng(0), clip, material, schedule)
    assert share in {(36 - late) / 32 for late in range(4, 16)}, (
        "speech fills the window; what ends later lacks its start"
    )
    daemons = [FRONT_END.scale(clip.rows[:end]) for end in range(36, 41)]
    assert any(np.allclose(found, own, atol=1e-6) for own in daemons)


def test_a_clip_longer_than_the_window_is_heard_anywhere(material: Material):
    clip = material.examples.clips[0]
    rows = np.random.default_rng(0).normal(-12, 2, (200, FRONT_END.bands.count)).astype(np.float32)
    talk = dataclasses.replace(clip, rows=rows, spoken=np.ones(200, bool))
    schedule = dataclasses.replace(SCHEDULE, channel=PLAIN, whole=1.0)
    found = {window(np.random.default_rng(seed), talk, material, schedule)[0][0, 0] for seed in range(40)}
    assert len(found) > 20, "its first value tells the place"


def test_a_window_without_all_of_the_speech_is_taught_to_doubt(material: Material):
    schedule = dataclasses.replace(SCHEDULE, channel=PLAIN, whole=0.0, mixup=0, smoothing=0.0, doubt=0.8)
    rng, clips = np.random.default_rng(0), material.examples.clips
    shares = np.array([window(rng, clip, material, schedule)[1] for clip in clips])
    assert shares.min() < 0.9
    assert shares.max() <= 1.0
    everyone = np.arange(len(clips))
    taught = batch(np.random.default_rng(0), material, everyone, schedule).wanted
    doubt = 0.8 * (1 - shares)
    assert taught.sum(axis=1) == pytest.approx(np.ones(len(clips)), abs=1e-5)
    assert taught[everyone, material.examples.truth] == pytest.approx(1 - doubt + doubt / 8, abs=1e-5)


def test_labels_that_a_corpus_does_not_have_do_not_count():
    network = NETWORKS["dnn"](32, 8, 8, width=8)
    learner = masked_learner(network, SCHEDULE, 10)
    inputs = np.random.default_rng(0).random((4, 32, 8, 1), np.float32)
    known = np.ones((4, 8), np.float32)
    known[:, 1] = 0
    said = keras.ops.softmax(learner.predict_on_batch([inputs, known]))
    assert np.asarray(said)[:, 1] == pytest.approx(np.zeros(4))
    assert np.asarray(said).sum(axis=1) == pytest.approx(np.ones(4), abs=1e-5)


def test_hints_are_mixed_as_the_labels_are_and_learned(material: Material):
    """Two numbers that tell the label's height: what the network pools foresees them better than their mean would."""
    told = np.stack([material.examples.truth / 3.5 - 1, np.sign(material.examples.truth - 3.5)], axis=1)
    own = dataclasses.replace(material, hints=told.astype(np.float32))
    schedule = dataclasses.replace(
        SCHEDULE, epochs=8, draws=128, stripes=0, mixup=0.2, rate=1e-2, channel=PLAIN, hint=1.0
    )
    mixed = batch(np.random.default_rng(0), own, np.arange(16), schedule)
    apart = np.abs(mixed.hints[:, None] - told[None]).max(axis=-1).min(axis=1)
    assert mixed.hints.shape == (16, 2)
    assert (apart > 1e-6).any()
    keras.utils.set_random_seed(0)
    network = NETWORKS["serd-tiny"](32, FRONT_END.bands.count, 8, width=4)
    losses = train(network, own, schedule, 0)
    keras.utils.set_random_seed(0)
    without = train(NETWORKS["serd-tiny"](32, FRONT_END.bands.count, 8, width=4), material, schedule, 0)
    assert network.output_shape == (None, 8), "the hints' layer is for training alone"
    assert losses[0] - without[0] > 0.5, "the hints' error is part of the loss"
    assert losses[-1] - without[-1] < 0.8 * (losses[0] - without[0])


def test_training_lowers_the_loss_and_what_is_learned_is_in_the_network(material: Material):
    keras.utils.set_random_seed(0)
    network = NETWORKS["serd-tiny"](32, FRONT_END.bands.count, 8, width=4)
    schedule = dataclasses.replace(SCHEDULE, epochs=8, draws=128, mixup=0, stripes=0, rate=1e-2, channel=PLAIN)
    checks: list[None] = []
    losses = train(network, material, schedule, 0, check=lambda: checks.append(None))
    assert len(losses) == 8
    assert losses[-1] < 0.8 * losses[0]
    assert len(checks) == 8 * 8
    inputs, _, wanted, _ = batch(np.random.default_rng(1), material, np.arange(32), schedule)
    right = network.predict_on_batch(inputs).argmax(axis=1) == wanted.argmax(axis=1)
    assert right.mean() > 0.3, "chance is an eighth"
