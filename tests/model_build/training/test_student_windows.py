"""Windows that a small network is asked about, and what heads are given of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from model_build.clips.features import Clip, read_clips
from model_build.corpora import Utterance
from model_build.experiments.recipe import SMALL
from model_build.experiments.student_recipe import TOWER
from model_build.networks.architectures import NETWORKS
from model_build.networks.head import features
from model_build.training.encoder_states import WINDOWS
from model_build.training.student_windows import StudentWindows
from serd.inference.decision import Rules
from tests.support.trees import babble

FRONT_END = SMALL.front_end
RULES = Rules.make(TOWER.thresholds)


@pytest.fixture
def clips(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Clip]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    said = []
    for number, seconds in enumerate((1.0, 6.0)):
        file = tmp_path / f"{number}.wav"
        babble(file, number, seconds=seconds)
        said.append(Utterance(file, f"{number}", "ravdess-speech", f"{number}", emotion="happy"))
    return read_clips(said, FRONT_END)[0]


def test_few_windows_of_a_clip_are_asked_about_those_with_most_speech(clips: list[Clip]) -> None:
    windows = StudentWindows.cut(clips, FRONT_END, 8)
    assert windows.inputs.shape[1:] == (96, 48)
    count = np.bincount(windows.clip)
    assert 1 <= count[0] <= count[1] == WINDOWS
    long = windows.heard_s[windows.clip == 1]
    assert long.min() >= 0.8 * long.max() > 1
    assert np.array_equal(StudentWindows.cut(clips, FRONT_END, 0).inputs, windows.inputs[..., :40])


def test_answers_and_states_are_of_the_same_windows(clips: list[Clip]) -> None:
    windows = StudentWindows.cut(clips, FRONT_END, 8)
    model = NETWORKS[TOWER.network](96, 48, 8, **dict(TOWER.variant))
    told = windows.answers(model, RULES)
    assert [len(logits) for logits in told.logits] == np.bincount(windows.clip).tolist()
    assert told.probabilities(1.0) == pytest.approx(1 / 8), "the last layer begins at zero"
    encoded = windows.encoded(model)
    assert features(encoded.states.statistics, (0,)).shape == (len(windows.clip), 2 * (72 + 1))
    assert encoded.states.statistics[:, 0, :, -1].astype(float) == pytest.approx(windows.pitch, abs=0.01)


def test_a_network_that_pools_nothing_has_no_states(clips: list[Clip]) -> None:
    windows = StudentWindows.cut(clips, FRONT_END, 0)
    with pytest.raises(TypeError, match="dnn: a network that pools nothing"):
        windows.encoded(NETWORKS["dnn"](96, 40, 8, width=8))
