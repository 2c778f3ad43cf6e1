"""One run, from recordings to its record, on a corpus of noise bursts."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from model_build.clips import features
from model_build.corpora import CORPORA, EMOTIONS, inventory
from model_build.experiments.record import summary
from model_build.experiments.splits import speaker_folds
from model_build.statistics.predictions import known_to
from model_build.thesis.experiment import ThesisExperiment, ThesisSchedule
from model_build.thesis.reproduction import labels_of, run_experiment
from serd.errors import UsageError
from tests.support.trees import babble

RUN = ThesisExperiment(
    "cnn", "folds", fold=1, corpus="emo-db", schedule=ThesisSchedule(epochs=1), variant=(("width", 4),)
)
SPEAKERS = ("03", "08", "09", "10", "11", "12")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six speakers of German, and some Urdu."""
    folder = tmp_path_factory.mktemp("data")
    names = [f"{speaker}a0{text}{emotion}a" for speaker in SPEAKERS for text in (1, 2) for emotion in "WFTNL"]
    for k, name in enumerate(names):
        babble(folder / "emo-db" / f"{name}.wav", k, seconds=0.6)
    (folder / "emo-db" / "13a01Wa.wav").write_text("no sound")
    for k, (kind, letter) in enumerate((("Angry", "A"), ("Happy", "H"), ("Neutral", "N"), ("Sad", "S"))):
        for speaker in (1, 2):
            babble(folder / "urdu" / kind / f"SM{speaker}_F1_{letter}01.wav", 100 + 2 * k + speaker, seconds=0.6)
    return folder


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    features.corpus_clips.cache_clear()


def test_a_run_tests_the_speakers_of_its_fold_and_names_the_faults(data: Path) -> None:
    lines: list[str] = []
    record = run_experiment(RUN, data, lines.append)
    assert any("13a01Wa.wav" in line and "not a readable sound file" in line for line in lines)
    assert record.labels == ("neutral", "happy", "sad", "angry", "bored")
    own = record.answers["emo-db"]
    utterances = inventory(CORPORA["emo-db"], data).utterances[:-1]
    tested = speaker_folds([u for u in utterances if u.name != "13a01Wa"])[0]
    assert {f"emo-db/{speaker}" for speaker in own.speaker} == tested
    assert len(own.clip) == 10 * len(tested)
    assert own.probabilities.sum(axis=1) == pytest.approx(1)
    assert record.numbers["train"] + record.numbers["validation"] + len(own.clip) == 60
    assert record.key == RUN.key
    assert summary(record).startswith("fold1_emo-db_cnn_width-4_seed0: emo-db 0.")


def test_other_corpora_test_on_what_the_network_knows(data: Path) -> None:
    run = dataclasses.replace(RUN, protocol="whole", fold=None, corpus="urdu", others=("emo-db",))
    record = run_experiment(run, data, lambda _: None)
    assert list(record.answers) == ["emo-db"]
    assert {EMOTIONS[k] for k in record.answers["emo-db"].emotion} == {"angry", "happy", "neutral", "sad"}
    assert len(record.answers["emo-db"].clip) == 48


def test_the_quantized_network_is_tested_beside_it(data: Path) -> None:
    record = run_experiment(dataclasses.replace(RUN, int8=True), data, lambda _: None)
    assert list(record.answers) == ["emo-db", "int8"]
    one, other = record.answers["emo-db"], record.answers["int8"]
    np.testing.assert_array_equal(one.clip, other.clip)
    assert not np.array_equal(one.probabilities, other.probabilities)
    assert np.abs(one.probabilities - other.probabilities).max() < 0.3


def test_calm_and_neutral_are_known_to_each_others_networks(data: Path) -> None:
    (first, *_) = inventory(CORPORA["urdu"], data).utterances
    calm = dataclasses.replace(first, emotion="calm")
    assert known_to(calm, ("neutral", "sad"))
    assert not known_to(calm, ("happy", "sad"))
    assert not known_to(dataclasses.replace(first, emotion="disgust"), ("neutral", "sad"))


def test_a_limit_keeps_some_of_all_emotions_and_several_speakers(data: Path) -> None:
    clips, _ = features.corpus_clips("emo-db", data, RUN.front_end, 20)
    assert 19 <= len(clips) <= 20  # the one that cannot be read may be among them
    assert len(labels_of(clips)) == 5
    assert len({clip.utterance.speaker for clip in clips}) >= 3


def test_half_a_corpus_is_one_clear_line(tmp_path: Path) -> None:
    babble(tmp_path / "emo-db" / "03a01Wa.wav", 1)
    babble(tmp_path / "emo-db" / "08a01Fa.wav", 2)
    with pytest.raises(UsageError, match=r"no recordings left to (train|test)"):
        run_experiment(RUN, tmp_path, lambda _: None)
    with pytest.raises(UsageError, match="no recordings of URDU"):
        run_experiment(dataclasses.replace(RUN, corpus="urdu"), tmp_path, lambda _: None)
