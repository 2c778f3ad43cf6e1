"""One experiment from recordings to its record, on a corpus of noise bursts, and the model file it leaves."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

import keras
import numpy as np
import pytest

from model_build.clips import features
from model_build.clips.channel import Channel
from model_build.experiments.experiment import SCORED, Experiment
from model_build.experiments.recipe import SMALL
from model_build.experiments.record import Record
from model_build.experiments.schedule import Schedule
from model_build.files import cache
from model_build.networks.architectures import NETWORKS, POOLED
from model_build.studies.cost import CONDITIONS
from model_build.studies.run import NAMED, run_experiment, train_networks
from serd.errors import UsageError
from serd.inference.contract import read_model
from tests.support.actors import ACTORS, READERS, TESTED
from tests.support.trees import babble

PLAIN = Channel(noise=1, room=0, telephone=0, cut=0, tilt_db=0, warp=0, pace=0, level_db=(0, 0))
CORPORA = ("ravdess-speech", "ravdess-song", "nemo")
SHARES = (*((name, 0.3) for name in CORPORA), ("librispeech", 0.1))
QUICK = dataclasses.replace(
    SMALL,
    network="dnn",
    variant=(("width", 8),),
    corpora=CORPORA,
    read=("librispeech",),
    schedule=Schedule(epochs=2, draws=64, shares=SHARES, settling=2, channel=PLAIN),
)
FOLD = Experiment(QUICK, "luna", 1, others=("emo-db",))


@pytest.fixture(scope="module", autouse=True)
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder))
        features.corpus_clips.cache_clear()
        yield folder
    features.corpus_clips.cache_clear()


@pytest.fixture(scope="module")
def lines() -> list[str]:
    return []


@pytest.fixture(scope="module")
def record(data: Path, lines: list[str]) -> Record:
    return run_experiment(FOLD, data, lines.append)


def test_the_fold_s_actors_test_and_their_songs_train_nobody(record: Record):
    for part in ("ravdess-speech", "int8", SCORED):
        assert sorted(set(record.answers[part].speaker)) == list(TESTED)
        assert len(record.answers[part].clip) == 16
    assert record.numbers["train"] == 6 * (8 + 6) + 4 + 1
    assert len(record.history["loss"]) == 2
    assert record.numbers["trained"]["beside"] == 2, "its own and the twin's"
    assert record.numbers["trained"]["device"]


def test_probabilities_are_the_networks_and_none_is_given_where_no_speech_was_found(record: Record):
    assert record.answers["ravdess-speech"].probabilities.sum(axis=1) == pytest.approx(1)
    sums = record.answers[SCORED].probabilities.sum(axis=1)
    assert np.all(np.isclose(sums, 1) | (sums == 0))
    assert record.answers["emo-db"].emotion.shape == (4,)


def test_the_model_file_says_whom_it_has_heard(record: Record):
    (file,) = (cache.folder("models") / FOLD.name).glob("*.tflite")
    _, contract = read_model(file)
    heard = sorted(set(ACTORS) - set(TESTED))
    assert contract.trained_on == {
        "esc-10": ("1",),
        "librispeech": READERS[:1],
        "nemo": ("SK0",),
        "ravdess-song": tuple(heard),
        "ravdess-speech": tuple(heard),
    }
    assert contract.licence == "CC-BY-NC-SA-4.0"
    assert contract.temperature == record.numbers["temperature"] != 1.0
    assert file.stat().st_size == record.numbers["bytes"]


def test_what_was_trained_is_not_trained_again(record: Record, data: Path):
    lines: list[str] = []
    again = run_experiment(FOLD, data, lines.append)
    assert not any("epoch" in line for line in lines)
    for part, own in record.answers.items():
        np.testing.assert_array_equal(own.probabilities, again.answers[part].probabilities)


def test_networks_prepared_side_by_side_are_found_by_their_experiments(data: Path):
    """Three experiments of one recipe, two of which share a twin, one that hears less, and one of another network."""
    recipe = dataclasses.replace(QUICK, note="prepared")
    alone = (("ravdess-speech", 1.0),)
    less = dataclasses.replace(
        recipe, note="less", corpora=CORPORA[:1], read=(), schedule=dataclasses.replace(recipe.schedule, shares=alone)
    )
    other = dataclasses.replace(recipe, note="other", variant=(("width", 6),))
    of_one = [Experiment(recipe, "luna", 1), Experiment(recipe, "luna", 1, seed=1), Experiment(recipe, "emobox", 1)]
    experiments, lines = [*of_one, Experiment(less, "emobox", 1), Experiment(other, "emobox", 2)], list[str]()
    train_networks(experiments, data, lines.append)
    assert [line.split(": ")[1].split(" learn")[0] for line in lines if "learn" in line] == ["5 networks", "1 networks"]
    lines.clear()
    train_networks(experiments, data, lines.append)
    found = run_experiment(of_one[1], data, lines.append)
    assert not any("learn" in line or "epoch" in line for line in lines)
    assert found.numbers["trained"]["beside"] == 5


def test_an_inner_split_answers_without_a_model_file(data: Path):
    inner = run_experiment(FOLD.calibration_split, data, lambda _: None)
    assert list(inner.answers) == ["ravdess-speech"]
    assert not set(inner.answers["ravdess-speech"].speaker) & set(TESTED)
    assert not (cache.folder("models") / FOLD.calibration_split.name).exists()


@pytest.fixture(scope="module")
def heard(record: Record, data: Path) -> Record:
    """The same network, listened to under all conditions."""
    assert record.streamed is None
    return run_experiment(dataclasses.replace(FOLD, conditions=True), data, lambda _: None)


def test_conditions_are_answers_of_their_own(record: Record, heard: Record):
    names = [name for name in heard.answers if name.startswith(f"{SCORED}, ")]
    assert {f"{SCORED}, room", f"{SCORED}, telephone", f"{SCORED}, noise 10 dB", f"{SCORED}, gain -20 dB"} <= set(names)
    assert len(names) == CONDITIONS
    np.testing.assert_array_equal(heard.answers[names[0]].clip, record.answers[SCORED].clip)


def test_published_confidences_are_those_of_the_clean_test_clips(record: Record):
    assert list(record.published) == [SCORED]
    own, answers = record.published[SCORED], record.answers[SCORED]
    asked = sorted(set(own.clip.tolist()))
    assert asked == np.flatnonzero(answers.probabilities.any(axis=1)).tolist(), "who has an answer was asked"
    assert np.all((own.confidence > 0) & (own.confidence <= 1))


def test_the_fold_s_actors_are_followed_by_a_model_that_has_not_heard_them(heard: Record):
    trial = heard.streamed
    assert trial is not None
    assert trial.heard == "unseen"
    assert sorted(one.turn.name for one in trial.followed) == sorted(heard.answers[SCORED].clip)
    assert set(trial.speakers) == set(TESTED)
    assert trial.labels == QUICK.labels
    assert "ESC-10 fold 5" in trial.protocol, "noise that shaped neither network"
    spoken = zip(heard.answers[SCORED].clip, heard.answers[SCORED].probabilities.any(axis=1), strict=True)
    answered = {one.turn.name: own is not None for one, own in zip(trial.followed, trial.answers, strict=True)}
    assert answered == dict(spoken)


def pooling(rows: int, bands: int, labels: int) -> keras.Model:
    """It pools the loudest of each band."""
    window = keras.Input((rows, bands, 1))
    loudest = keras.layers.GlobalMaxPooling1D()(keras.layers.Reshape((rows, bands))(window))
    return keras.Model(window, keras.layers.Dense(labels)(keras.layers.Rescaling(1.0, name=f"{POOLED}_0")(loudest)))


def test_what_a_network_pools_is_asked_for_the_corpus(data: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(NETWORKS, "pooling", pooling)
    recipe = dataclasses.replace(QUICK, network="pooling", variant=())
    found = run_experiment(Experiment(recipe, "whole", others=("emo-db",)), data, lambda _: None)
    own = found.numbers["corpus_probe"]
    assert own["corpora"] == ["ravdess-speech", "ravdess-song"], "the others have one speaker here"
    assert own["chance"] == 0.5
    assert 0 <= own["accuracy"] <= 1
    assert found.published == {}


def test_too_little_to_train_on_is_said(tmp_path: Path, data: Path):
    few = tmp_path / "few"
    for kind in ("ravdess-song", "nemo", "librispeech", "esc-10"):
        (few / kind).parent.mkdir(exist_ok=True)
        (few / kind).symlink_to(data / kind)
    babble(few / "ravdess-speech" / "03-01-01-01-01-01-02.wav", 0)
    with pytest.raises(UsageError, match=r"nothing to train disgust, surprised on; the copy is too small"):
        run_experiment(FOLD, few, lambda _: None)


def test_an_unreadable_recording_is_named_once(tmp_path: Path, data: Path):
    NAMED.clear()
    copy = tmp_path / "copy"
    shutil.copytree(data, copy)
    broken = copy / "nemo" / "samples" / "SK0_anger_2.wav"
    broken.write_bytes(b"no sound")
    experiments, lines = [FOLD.calibration_split, dataclasses.replace(FOLD.calibration_split, seed=1)], list[str]()
    train_networks(experiments, copy, lines.append)
    for own in experiments:
        run_experiment(own, copy, lines.append)
    (line,) = (line for line in lines if str(broken) in line)
    assert line.startswith(f"warning: {broken}: ")
    assert sum("more faults" in line for line in lines) == 1, "the copy lacks most of RAVDESS"
