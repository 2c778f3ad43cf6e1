"""model_build.clips.speech_windows: the windows that the pipeline would ask about."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile

from model_build.clips.speech_windows import STRIDE, speech_windows
from model_build.networks.encoder import FRONT_END
from serd.block import Block
from serd.inference.decision import Rules
from serd.inference.model import SPEECH, load
from serd.scoring.score import make_pipeline, score_blocks
from tests.support.speech import DEMO


@pytest.fixture(scope="module")
def demo() -> np.ndarray:
    """The demonstration's voices, at 16 kHz."""
    samples, rate = soundfile.read(DEMO, dtype="float32")
    assert rate == 16000
    return samples[: 8 * 16000]


def test_the_windows_asked_about_are_those_of_the_pipeline(demo: np.ndarray) -> None:
    speech = load(SPEECH, "speech")
    spoken = speech_windows(demo, speech, FRONT_END, Rules.make(speech.contract.thresholds))
    pipeline = make_pipeline("serd-small")
    assert pipeline.stride == STRIDE
    windows = score_blocks(iter([Block(demo, 0, False, 0.0)]), pipeline).windows
    assert spoken.strides == len(windows)
    assert spoken.end.tolist() == [k for k, window in enumerate(windows) if window["raw"] is not None]
    assert len(spoken.end) > 4


def test_few_windows_are_among_the_fullest(demo: np.ndarray) -> None:
    speech = load(SPEECH, "speech")
    rules = Rules.make(speech.contract.thresholds)
    every, few = speech_windows(demo, speech, FRONT_END, rules), speech_windows(demo, speech, FRONT_END, rules, 3)
    assert len(few.end) <= 3
    assert set(few.end) <= set(every.end)
    assert few.heard_s.min() >= 0.8 * every.heard_s.max()
