"""Views: each is what the daemon might see of a clip, and follows from its number and the clip alone."""

from __future__ import annotations

import dataclasses
import hashlib
from pathlib import Path

import numpy as np
import pytest

from model_build.corpora import Utterance
from model_build.features import Clip
from model_build.small.channel import Channel
from model_build.small.recipe import SMALL
from model_build.small.schedule import Schedule
from model_build.small.views import views, window
from serd.frontend import Rows

FRONT_END = dataclasses.replace(SMALL.front_end, rows=32)
PLAIN = Channel(noise=0, room=0, telephone=0, cut=0, tilt_db=0, warp=0, pace=0, level_db=(0, 0))
WHOLE = Schedule(channel=PLAIN, whole=1.0)


def noise(seed: int, rows: int, level: float = -14) -> Rows:
    return np.random.default_rng(seed).normal(level, 1, (rows, FRONT_END.bands.count)).astype(np.float32)


def clip(number: int, rows: int = 40, first: int = 4, end: int = 36) -> Clip:
    """Speech from the first of these rows to the end, louder than what is around it."""
    sound, spoken = noise(number, rows), np.zeros(rows, bool)
    spoken[first:end] = True
    sound[spoken] += 10
    said = Utterance(Path("x"), f"{number}", "ravdess-speech", f"{number}", emotion="happy")
    return Clip(said, hashlib.sha256(f"{number}".encode()).hexdigest(), sound, spoken)


def test_a_window_through_no_channel_is_the_daemons() -> None:
    own = clip(0)
    found = window(np.random.default_rng(0), own, [], FRONT_END, WHOLE)
    daemons = [FRONT_END.scale(own.rows[:end]) for end in range(36, 41)]
    assert any(np.allclose(found, each, atol=1e-6) for each in daemons), "all of its speech, or the last 1 s of it"


def test_a_clip_longer_than_the_window_is_heard_anywhere() -> None:
    talk = clip(0, rows=200, first=0, end=200)
    found = {window(np.random.default_rng(seed), talk, [], FRONT_END, WHOLE)[0, 0] for seed in range(40)}
    assert len(found) > 20, "its first value tells the place"


def test_other_windows_end_within_the_speech() -> None:
    own, schedule = clip(0, rows=60, first=4, end=56), dataclasses.replace(WHOLE, whole=0.0)
    ends = [FRONT_END.scale(own.rows[max(0, end - 32) : end]) for end in range(61)]
    for seed in range(20):
        found = window(np.random.default_rng(seed), own, [], FRONT_END, schedule)
        (end,) = (k for k, each in enumerate(ends) if k and np.allclose(found, each, atol=1e-6))
        assert end > 4


@pytest.mark.parametrize("rows", [0, 20])
def test_a_clip_without_speech_is_heard_as_it_is(rows: int) -> None:
    silent = clip(0, rows, first=0, end=0)
    found = window(np.random.default_rng(0), silent, [], FRONT_END, WHOLE)
    np.testing.assert_allclose(found, FRONT_END.scale(silent.rows), atol=1e-6)


def test_views_are_the_windows_in_256_steps() -> None:
    own = clip(1)
    made = views([own], [], FRONT_END, WHOLE, range(3))
    assert made.dtype == np.uint8
    assert made.shape == (3, 1, 32, FRONT_END.bands.count)
    for number in range(3):
        rng = np.random.default_rng([number, int(own.digest[:8], 16)])
        exact = window(rng, own, [], FRONT_END, WHOLE)
        np.testing.assert_allclose(made[number, 0] / 255, exact, atol=0.5 / 255 + 1e-6)


def test_a_view_is_the_same_whichever_others_are_drawn() -> None:
    clips, noises, schedule = [clip(k) for k in range(4)], [noise(9, 100, -16)], Schedule()
    made = views(clips, noises, FRONT_END, schedule, range(5))
    few = views([clips[3], clips[1]], noises, FRONT_END, schedule, [4, 0, 2])
    np.testing.assert_array_equal(few, made[[4, 0, 2]][:, [3, 1]])
    assert len({own.tobytes() for own in made.reshape(20, -1)}) == 20, "and no other's"


def test_whoever_waits_for_views_may_stop_them() -> None:
    asked: list[None] = []

    def check() -> None:
        asked.append(None)
        if len(asked) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        views([clip(k) for k in range(4)], [], FRONT_END, WHOLE, range(1), check=check)
    assert len(asked) == 2
