"""A stream through the daemon's own pipeline."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from model_build.evaluation.replay import Replay, replay
from serd.scoring.score import score
from tests.support.activated import activated
from tests.support.speech import DEMO, read


@pytest.fixture(scope="module")
def samples() -> np.ndarray:
    return read(DEMO)


@pytest.fixture(scope="module")
def heard(samples: np.ndarray) -> Replay:
    return replay(samples, "thesis-cnn")


def test_it_is_what_serd_publishes(samples: np.ndarray, heard: Replay) -> None:
    whole = score(samples, 16000, model="thesis-cnn")
    windows = whole.windows[: len(heard.frames)]
    assert len(whole.windows) - len(heard.frames) in (0, 1)  # a recording's last stride is filled up, a stream's is not
    assert [frame.end_s for frame in heard.frames] == [one["window"]["end_s"] for one in windows]
    assert [frame.state for frame in heard.frames] == [one["state"] for one in windows]
    assert [frame.label for frame in heard.frames] == [one["label"] for one in windows]
    assert [span.start_s for span in heard.segments] == [one["window"]["start_s"] for one in whole.segments]


def test_only_what_was_asked_has_a_likeliest_label(heard: Replay) -> None:
    for frame in heard.frames:
        asked = frame.state != "no-speech" and frame.reason != "little-speech"
        assert (frame.likeliest is not None) == asked == (frame.confidence > 0)


def test_hours_are_the_streams(samples: np.ndarray, heard: Replay) -> None:
    assert heard.hours * 3600 == pytest.approx(len(samples) / 16000, abs=0.25)


def test_an_open_segment_ends_with_the_stream(corpora: Path) -> None:
    from tests.support.speech import ravdess

    clip = read(ravdess(corpora, 5, "angry", intensity=2))
    for cut in range(20000, len(clip), 8000):
        found = replay(clip[:cut], "thesis-cnn")
        assert len(found.segments) == sum(
            frame.label is not None and (k == 0 or found.frames[k - 1].label != frame.label)
            for k, frame in enumerate(found.frames)
        )


def test_what_is_told_of_neither_emotion_nor_activation_is_unsure(samples: np.ndarray, heard: Replay) -> None:
    assert not any(frame.unsure for frame in heard.frames), "thesis-cnn tells no activation"
    model = str(activated())
    found, windows = replay(samples, model), score(samples, 16000, model=model).windows
    for frame, window in zip(found.frames, windows, strict=False):
        sure = window["activation"] is not None and window["activation"]["confidence"] >= 0.8
        assert frame.unsure == (window["state"] == "uncertain" and not sure)
    assert any(frame.unsure for frame in found.frames)
