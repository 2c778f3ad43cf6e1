"""serd-base's experiments end to end, on few clips: from recordings to a record and a model file."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pytest

from model_build.base import train
from model_build.base.conduct import run_experiment
from model_build.base.experiment import Experiment
from model_build.base.material import Said, activation, free
from model_build.base.recipe import BASE, RECIPES
from model_build.base.session import Session, encoder_file
from model_build.base.studies import STUDIES
from model_build.corpora import Utterance
from model_build.experiments.record import read
from model_build.experiments.record import write as write_record
from serd.errors import UsageError
from serd.inference.model import load


def clip(emotion: str | None, corpus: str = "emo-db", speaker: str = "03") -> Utterance:
    return Utterance(Path("a.wav"), "a", corpus, speaker, emotion=emotion)


def test_every_run_of_the_study_has_a_name_and_a_key_of_its_own() -> None:
    runs = STUDIES["serd-base"].runs
    assert len({run.name for run in runs}) == len({run.key for run in runs}) == len(runs)


def test_twins_hear_nobody_of_the_fold_and_test_nobody_twice() -> None:
    own = Experiment(BASE, "luna", 2, seed=2, conditions=True)
    (twin,) = own.twins
    assert (twin.fold, twin.seed, twin.inner, twin.conditions) == (2, 0, True, False)
    assert [one.fold for one in Experiment(BASE, "whole").twins] == [1, 2, 3, 4, 5]
    assert Experiment(BASE, "emobox", 1).twins == twin.twins == ()


def test_activation_is_told_by_the_emotion_and_disgust_tells_nothing() -> None:
    told = {emotion: activation(clip(emotion)) for emotion in ("angry", "bored", "disgust", None)}
    assert told == {"angry": 1, "bored": 0, "disgust": -1, None: -1}


def test_of_a_corpus_with_several_licences_only_the_free_part_trains() -> None:
    assert free(clip("neutral"))
    assert free(clip("neutral", "asterisk-prompts", "ru_RU_f_IvrvoiceRU"))
    assert not free(clip("neutral", "asterisk-prompts", "en_US_f_Allison"))


def test_windows_with_more_speech_count_for_more() -> None:
    logits = np.zeros((2, 9), np.float32)
    logits[0, 0], logits[1, 1], logits[1, 8] = 4, 4, 2
    said = Said((clip("sad"), clip("sad")), [logits, logits[:0]], [np.array([1.0, 3.0]), np.zeros(0)])
    probabilities = said.probabilities(1.0)
    assert probabilities[0].argmax() == 1
    assert probabilities[1].sum() == 0
    np.testing.assert_allclose(said.activation(1.0), [1 / (1 + np.exp(-1.5)), 0.5])


def test_a_folder_without_the_encoder_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"whisper-tiny\.en/encoder\.npz: .*fetch whisper-tiny\.en"):
        Session(tmp_path, Experiment(BASE), lambda _: None)
    assert encoder_file(tmp_path) == tmp_path / "whisper-tiny.en" / "encoder.npz"


@pytest.mark.long
@pytest.mark.usefixtures("published")
def test_from_few_recordings_to_a_record_and_a_file(
    corpora: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    experiment = Experiment(BASE, "whole", others=("urdu",)).shortened
    record = run_experiment(experiment, corpora, lambda _: None)
    again = read(write_record(tmp_path, record))
    assert again.key == experiment.key
    assert set(again.answers) == {"urdu"}
    assert len(again.numbers["activation"]["urdu"]) == len(again.answers["urdu"].clip) > 6
    assert 0.2 <= again.numbers["temperature"] <= 5
    session = Session(corpora, experiment, lambda _: None)
    file, alike = train.make(session, experiment, tmp_path)
    assert alike > 60  # hardly trained: labels lie near each other
    model = load(str(file))
    assert model.contract.activation == again.numbers["activation_temperature"]
    assert "en_US_f_Allison" not in model.contract.trained_on["asterisk-prompts"]
    assert model.contract.trained_on["esc-10"] == ("1", "2", "3", "4")

    monkeypatch.setitem(RECIPES, "serd-base", experiment.recipe)
    args = argparse.Namespace(recipe="serd-base", data=corpora, seed=7, out=tmp_path)
    with pytest.raises(UsageError, match="not trained on the recordings"):
        train.quantize(args, lambda _: None)
