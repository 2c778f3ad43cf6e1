"""model_build.base.views, rooms and asked: what a clip may sound like, and where it is asked about."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from model_build.base import rooms
from model_build.base.asked import STRIDE, asked
from model_build.base.encoder import FRONT_END
from model_build.base.views import Recipe, Surroundings, view
from serd.errors import UsageError
from serd.inference.decision import Rules
from serd.inference.model import SPEECH, load
from serd.scoring.score import make_pipeline, score_blocks
from tests.support.speech import DEMO

QUIET = Recipe(room=0, noise=0, microphone=0, telephone=0, tilt_db=0, quiet=0, begun=1, whole=1)


@pytest.fixture(scope="module")
def demo() -> np.ndarray:
    """The demonstration's voices, at 16 kHz."""
    samples, rate = soundfile.read(DEMO, dtype="float32")
    assert rate == 16000
    return samples[: 8 * 16000]


@pytest.fixture(scope="module")
def around() -> Surroundings:
    rng = np.random.default_rng(0)
    response = rng.standard_normal(8000).astype(np.float32) * np.exp(-np.arange(8000, dtype=np.float32) / 800)
    return Surroundings([rng.standard_normal(40000).astype(np.float32)], [response])


@pytest.mark.parametrize("seed", range(12))
def test_a_view_is_one_window_and_follows_from_its_generator(demo: np.ndarray, around: Surroundings, seed: int) -> None:
    first, again = (view(demo[:40000], np.random.default_rng(seed), around, Recipe()) for _ in range(2))
    assert first.shape == (FRONT_END.rows, FRONT_END.bands.count)
    assert first.min() >= 0
    assert 0.5 < first.max() <= 1  # what is recorded very quietly is not lifted up to 1
    np.testing.assert_array_equal(first, again)


@pytest.mark.parametrize("length", [1600, 8000, 16000, 100000])
def test_clips_of_any_length_have_views(around: Surroundings, length: int) -> None:
    clip = np.random.default_rng(length).standard_normal(length).astype(np.float32)
    for seed in range(6):
        assert view(clip, np.random.default_rng(seed), around, Recipe()).max() > 0.5


def test_a_view_of_a_stream_that_has_just_begun_is_dark_before_it(demo: np.ndarray, around: Surroundings) -> None:
    found = view(demo[:24000], np.random.default_rng(5), around, QUIET)
    assert found[:60].max() == 0


def test_the_windows_asked_about_are_those_of_the_pipeline(demo: np.ndarray) -> None:
    speech = load(SPEECH, "speech")
    found = asked(demo, speech, Rules.make(speech.contract.thresholds))
    from serd.block import Block

    pipeline = make_pipeline("serd-small")
    assert pipeline.stride == STRIDE
    windows = score_blocks(iter([Block(demo, 0, False, 0.0)]), pipeline).windows
    assert found.strides == len(windows)
    assert found.end.tolist() == [k for k, window in enumerate(windows) if window["raw"] is not None]
    assert len(found.end) > 4


def test_few_windows_are_among_the_fullest(demo: np.ndarray) -> None:
    speech = load(SPEECH, "speech")
    rules = Rules.make(speech.contract.thresholds)
    every, few = asked(demo, speech, rules), asked(demo, speech, rules, 3)
    assert len(few.end) <= 3
    assert set(few.end) <= set(every.end)
    assert few.heard_s.min() >= 0.8 * every.heard_s.max()


def test_rooms_say_whether_they_may_train(tmp_path: Path) -> None:
    folder = tmp_path / "rir"
    folder.mkdir()
    names = ("openair_Hall", "openair_Church", "webaudio_kitchen", "openair_Absent")
    (folder / "meta.json").write_text(json.dumps([{"name": name, "rt60": 0.5} for name in names]))
    (folder / "LICENCES.txt").write_text(
        "Hall: License for this content: Attribution Creative Commons license\n"
        "Church: License for this content: Attribution Share Alike Creative Commons license\n"
    )
    for name in names[:3]:
        soundfile.write(folder / f"{name}.flac", np.concatenate([np.zeros(50), [0.5, -0.2], np.zeros(50)]), 16000)
    found = {room.name: room for room in rooms.read(tmp_path)}
    assert {name: room.trains for name, room in found.items()} == {
        "openair_Hall": True,
        "openair_Church": False,
        "webaudio_kitchen": True,
    }
    np.testing.assert_allclose(found["openair_Hall"].response[:2], [1, -0.4], atol=1e-3)


def test_a_folder_without_rooms_is_refused_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no measured rooms"):
        rooms.read(tmp_path)
