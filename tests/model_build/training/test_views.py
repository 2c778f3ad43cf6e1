"""Views: each is what the daemon might see of a clip, and follows from its number and the clip alone."""

from __future__ import annotations

import dataclasses
import hashlib
from pathlib import Path

import numpy as np
import pytest

from model_build.clips.channel import Channel
from model_build.clips.features import Clip
from model_build.corpora import Utterance
from model_build.experiments.recipe import SMALL
from model_build.experiments.schedule import Schedule
from model_build.training.examples import Examples
from model_build.training.views import Views, random_window, views_needed
from serd.inference.frontend import Rows

FRONT_END = dataclasses.replace(SMALL.front_end, rows=32)
PLAIN = Channel(noise=0, room=0, telephone=0, cut=0, tilt_db=0, warp=0, pace=0, level_db=(0, 0))
WHOLE = Schedule(channel=PLAIN, whole=1.0)


def noise(seed: int, rows: int, level: float = -14) -> Rows:
    return np.random.default_rng(seed).normal(level, 1, (rows, FRONT_END.bands.count)).astype(np.float32)


def clip(number: int, rows: int = 40, first: int = 4, end: int = 36, corpus: str = "ravdess-speech") -> Clip:
    """Speech from the first of these rows to the end, louder than what is around it."""
    sound, spoken = noise(number, rows), np.zeros(rows, bool)
    spoken[first:end] = True
    sound[spoken] += 10
    said = Utterance(Path("x"), f"{number}", corpus, f"{number}", emotion="happy")
    return Clip(said, hashlib.sha256(f"{number}".encode()).hexdigest(), sound, spoken)


def test_a_window_through_no_channel_is_the_daemons() -> None:
    own = clip(0)
    found = random_window(np.random.default_rng(0), own, [], FRONT_END, WHOLE)
    daemons = [FRONT_END.scale(own.rows[:end]) for end in range(36, 41)]
    assert any(np.allclose(found, each, atol=1e-6) for each in daemons), "all of its speech, or the last 1 s of it"


def test_a_clip_longer_than_the_window_is_heard_anywhere() -> None:
    talk = clip(0, rows=200, first=0, end=200)
    found = {random_window(np.random.default_rng(seed), talk, [], FRONT_END, WHOLE)[0, 0] for seed in range(40)}
    assert len(found) > 20, "its first value tells the place"


def test_other_windows_end_within_the_speech() -> None:
    own, schedule = clip(0, rows=60, first=4, end=56), dataclasses.replace(WHOLE, whole=0.0)
    ends = [FRONT_END.scale(own.rows[max(0, end - 32) : end]) for end in range(61)]
    for seed in range(20):
        found = random_window(np.random.default_rng(seed), own, [], FRONT_END, schedule)
        (end,) = (k for k, each in enumerate(ends) if k and np.allclose(found, each, atol=1e-6))
        assert end > 4


@pytest.mark.parametrize("rows", [0, 20])
def test_a_clip_without_speech_is_heard_as_it_is(rows: int) -> None:
    silent = clip(0, rows, first=0, end=0)
    found = random_window(np.random.default_rng(0), silent, [], FRONT_END, WHOLE)
    np.testing.assert_allclose(found, FRONT_END.scale(silent.rows), atol=1e-6)


def test_views_are_the_windows_in_256_steps() -> None:
    clips = [clip(1), clip(2)]
    made = Views.draw(clips, np.array([3, 2]), [], FRONT_END, WHOLE)
    assert made.windows.dtype == np.uint8
    assert made.windows.shape == (5, 32, FRONT_END.bands.count)
    for own, first, count in zip(clips, made.first, made.count, strict=True):
        for number in range(count):
            rng = np.random.default_rng([number, int(own.digest[:8], 16)])
            exact = random_window(rng, own, [], FRONT_END, WHOLE)
            np.testing.assert_allclose(made.windows[first + number] / 255, exact, atol=0.5 / 255 + 1e-6)


def test_a_view_is_the_same_whichever_others_are_drawn() -> None:
    clips, noises, schedule = [clip(k) for k in range(4)], [noise(9, 100, -16)], Schedule()
    made = Views.draw(clips, np.full(4, 5), noises, FRONT_END, schedule)
    few = Views.draw([clips[3], clips[1]], np.array([2, 4]), noises, FRONT_END, schedule)
    np.testing.assert_array_equal(few.windows, made.windows[[15, 16, 5, 6, 7, 8]])
    assert len({own.tobytes() for own in made.windows}) == 20, "and no other's"


def test_some_are_each_clips_own_and_all_are_heard() -> None:
    made = Views.draw([clip(k) for k in range(3)], np.array([4, 1, 2]), [], FRONT_END, WHOLE)
    asked = np.repeat([2, 0, 1], 100)
    for count, wanted in (([4, 1, 2], [{0, 1, 2, 3}, {4}, {5, 6}]), ([2, 1, 1], [{0, 1}, {4}, {5}])):
        chosen = made.some(np.random.default_rng(0), asked, np.array(count)[asked])
        assert [set(chosen[asked == k].tolist()) for k in range(3)] == wanted


def test_a_clip_that_is_heard_more_often_needs_more_views() -> None:
    spoken, read = [clip(k) for k in range(10)], [clip(k, corpus="librispeech") for k in range(10, 15)]
    schedule = Schedule(epochs=100, draws=40, shares=(("ravdess-speech", 0.75), ("librispeech", 0.25)), again=2.0)
    examples, everyone = Examples.make([*spoken, *read]), np.arange(15)
    assert views_needed(examples, everyone, schedule).tolist() == [150] * 10 + [100] * 5, "4000 draws"
    assert views_needed(examples, everyone, schedule.shortened).min() >= 1
    assert views_needed(examples, np.arange(5), schedule).tolist() == [400] * 5 + [0] * 10, (
        "of who is heard, and no other"
    )


def test_whoever_waits_for_views_may_stop_them() -> None:
    asked: list[None] = []

    def check() -> None:
        asked.append(None)
        if len(asked) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Views.draw([clip(k) for k in range(4)], np.ones(4, int), [], FRONT_END, WHOLE, check=check)
    assert len(asked) == 2
