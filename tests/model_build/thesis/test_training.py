"""Training: it learns, and an interruption changes nothing."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model_build.clips.features import Clip
from model_build.corpora import Utterance
from model_build.thesis.plan import Plan, ThesisRecipe
from model_build.thesis.training import BestEpoch, augmented, forget, train
from serd.inference.frontend import Bands, FrontEnd, Stft

FRONT_END = FrontEnd(Stft(16000, 512, 250), Bands("linear", 16, 0, 8000, pool=2), rows=24, top_db=60, quiet_db=-70)
LABELS = ("calm", "angry")
PLAN = Plan(epochs=4, batch=8, masks=0)


def clip(seed: int) -> Clip:
    """Half a clip of noise; angry ones are brighter in the upper bands."""
    rng = np.random.default_rng(seed)
    rows = rng.uniform(-14, -8, (40, 16)).astype(np.float32)
    rows[:, 8 * (seed % 2) :][:, :8] += 6
    utterance = Utterance(Path(str(seed)), str(seed), "c", "s", emotion=LABELS[seed % 2])
    return Clip(utterance, str(seed), rows, np.ones(40, np.bool_))


CLIPS, VALIDATION = [clip(k) for k in range(32)], [clip(k) for k in range(100, 110)]


def fit(place: Path, plan: Plan = PLAN, seed: int = 0, say: object = None) -> BestEpoch:
    said = say if callable(say) else lambda _: None
    recipe = ThesisRecipe("test", "cnn", FRONT_END, ("c",), LABELS, plan, "1")
    return train(recipe, CLIPS, VALIDATION, seed=seed, place=place, say=said)


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory) -> BestEpoch:
    return fit(tmp_path_factory.mktemp("whole"))


def test_it_learns_what_can_be_learned(uninterrupted: BestEpoch) -> None:
    assert uninterrupted.history[-1].loss < uninterrupted.history[0].loss
    assert uninterrupted.history[uninterrupted.best].accuracy > 0.9
    assert len(uninterrupted.history) == 4


def test_an_interrupted_training_ends_as_an_uninterrupted_one(uninterrupted: BestEpoch, tmp_path: Path) -> None:
    lines: list[str] = []

    def stop(line: str) -> None:
        lines.append(line)
        if line.startswith("epoch 2/"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fit(tmp_path, say=stop)
    resumed = fit(tmp_path, say=lines.append)
    assert lines[2] == "resuming after epoch 2"
    assert [line.split(":")[0] for line in lines[3:]] == ["epoch 3/4", "epoch 4/4"]
    for one, other in zip(uninterrupted.model.get_weights(), resumed.model.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-4)
    assert resumed.best == uninterrupted.best


def test_a_damaged_checkpoint_starts_anew_and_the_seed_fixes_the_weights(tmp_path: Path) -> None:
    plan = dataclasses.replace(PLAN, epochs=1)
    first = fit(tmp_path, plan).model.get_weights()
    (state,) = tmp_path.glob("last-*")
    (state / "model.keras").write_bytes(b"cut")
    lines: list[str] = []
    again = fit(tmp_path, plan, say=lines.append).model.get_weights()
    assert lines[0].startswith("epoch 1/1")
    np.testing.assert_allclose(again[0], first[0], atol=1e-5)
    forget(tmp_path)
    assert not tmp_path.exists()
    other = fit(tmp_path, plan, seed=2).model.get_weights()
    assert np.abs(other[0] - first[0]).max() > 0.01


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10000), st.integers(0, 3))
def test_varied_windows_stay_windows(seed: int, masks: int) -> None:
    rng = np.random.default_rng(seed)
    windows = rng.uniform(0, 1, (4, 24, 16)).astype(np.float32)
    windows[0, :12] = 0  # padding
    kept = windows.copy()
    bent = augmented(rng, windows, Plan(masks=masks))
    assert bent.shape == windows.shape
    assert bent.dtype == np.float32
    assert bent.min() >= 0
    assert bent.max() <= 1
    assert not bent[0, :12].any()
    np.testing.assert_array_equal(windows, kept)
