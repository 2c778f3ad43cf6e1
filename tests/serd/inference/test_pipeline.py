"""serd.inference.pipeline: the same audio gives the same steps, bit for bit; silence and gaps give no emotion."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from serd.block import Block
from serd.errors import ConfigError
from serd.inference.contract import Contract
from serd.inference.decision import Rules
from serd.inference.model import SPEECH, Model, load
from serd.inference.pipeline import Pipeline
from serd.inference.pitch import Pitch
from serd.inference.scorer import Scorer
from serd.inference.step import Step
from tests.support.activated import activated
from tests.support.speech import DEMO, ravdess, read
from tests.support.steps import bits, blocks

EMOTION_MODEL, SPEECH_MODEL = load("serd-small"), load(SPEECH, "speech")


def fresh(**rules: float) -> Pipeline:
    return Pipeline.assemble(EMOTION_MODEL, SPEECH_MODEL, 0.25, rules)


def hear(samples: np.ndarray, sizes: list[int], pipeline: Pipeline | None = None) -> list[Step]:
    pipeline = pipeline or fresh()
    return [step for block in blocks(samples, sizes) for step in pipeline.push(block)]


@pytest.fixture(scope="module")
def talk() -> np.ndarray:
    """12 s of the synthetic recording: speech and pauses."""
    return read(DEMO)[: 12 * 16000]


@pytest.fixture(scope="module")
def reference(talk: np.ndarray) -> list[Step]:
    return hear(talk, [len(talk)])


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sizes=st.lists(st.integers(1, 9000), min_size=1, max_size=5))
def test_any_block_sizes_give_the_same_bits(talk: np.ndarray, reference: list[Step], sizes: list[int]):
    if sum(sizes) < 50 * len(sizes):  # blocks of a few samples prove no more and take minutes
        sizes = [size + 50 for size in sizes]
    assert [bits(step) for step in hear(talk, sizes)] == [bits(step) for step in reference]


def test_speech_is_heard_and_the_network_is_asked(reference: list[Step]):
    assert any(step.scores.probabilities is not None for step in reference)


def test_one_step_a_stride_each_with_its_window(reference: list[Step]):
    front_end = EMOTION_MODEL.contract.front_end
    window = front_end.rows * front_end.row_hop + 262
    ends = [step.scores.end for step in reference]
    assert ends == [4262 + 4000 * k for k in range(len(ends))]  # the detector's STFT has the larger overlap, 262
    for step in reference:
        assert step.scores.end - step.scores.start == min(window, step.scores.end)


@pytest.mark.parametrize("kind", ["zeros", "dither", "hum", "pink"])
def test_silence_and_noise_get_no_emotion(kind: str):
    rng, n = np.random.default_rng(3), 20 * 16000
    white = rng.normal(0, 1, n)
    made = {
        "zeros": np.zeros(n),
        "dither": rng.integers(-1, 2, n) / 32768,
        "hum": sum(np.sin(2 * np.pi * 50 * k * np.arange(n) / 16000) / k for k in (1, 2, 3, 5)) * 0.05,
        "pink": np.fft.irfft(np.fft.rfft(white) / np.sqrt(np.maximum(np.arange(n // 2 + 1), 1))),
    }[kind].astype(np.float32)
    steps = hear(made, [1600])
    assert len(steps) == (n - 262) // 4000
    assert all(step.decision.state == "no-speech" for step in steps)
    assert not any(step.segments for step in steps)


def test_real_speech_becomes_an_emotion_with_a_start_and_an_end(corpora: Path):
    clip = read(ravdess(corpora, 4, "angry", intensity=2))
    pipeline = fresh()
    steps = hear(clip, [800], pipeline)
    segments = [segment for step in steps for segment in step.segments] + pipeline.close("stop")
    assert segments
    assert len(segments) % 2 == 0
    assert {"no-speech", "emotion"} <= {step.decision.state for step in steps}
    assert steps[0].decision.state == "no-speech"  # the clip begins with silence


def test_no_window_spans_a_gap_and_the_open_segment_ends_there(corpora: Path):
    clip = read(ravdess(corpora, 4, "angry", intensity=2))
    pipeline = fresh(emotion_on=0.2, emotion_off=0.0, margin=0.0, dwell_s=0.25, speech_hold_s=5.0)
    before = hear(clip, [800], pipeline)
    assert before[-1].decision.state == "emotion"
    at = len(clip) + 48000
    after = list(pipeline.push(Block(clip, at, True, 0.0)))
    assert [s.ended_by for s in after[0].segments] == ["gap"]
    assert after[0].gap
    assert not after[1].gap
    assert all(step.scores.start >= at for step in after)
    alone = list(
        fresh(emotion_on=0.2, emotion_off=0.0, margin=0.0, dwell_s=0.25, speech_hold_s=5.0).push(
            Block(clip, 0, False, 0.0)
        )
    )
    assert [s.decision.label for s in after] == [s.decision.label for s in alone]  # nothing of before is left


def test_after_skipped_strides_the_window_is_whole(talk: np.ndarray, reference: list[Step]):
    pipeline = fresh()
    steps = [step for k, block in enumerate(blocks(talk, [4000])) for step in pipeline.push(block, 10 <= k < 20)]
    known = {step.scores.end: step.scores for step in reference}
    assert pipeline.skipped == 10
    assert len(steps) == len(reference) - 10
    assert [bits(dataclasses.replace(step.scores, probabilities=None)) for step in steps] == [
        bits(dataclasses.replace(known[step.scores.end], probabilities=None)) for step in steps
    ]
    both = [(s.scores.probabilities, known[s.scores.end].probabilities) for s in steps if s.scores.end > 20 * 4000]
    asked = [(mine, other) for mine, other in both if mine is not None and other is not None]
    assert asked
    assert all(np.array_equal(mine, other) for mine, other in asked)


def test_what_a_skipped_stride_had_to_tell_the_next_one_tells(corpora: Path):
    clip = read(ravdess(corpora, 4, "angry", intensity=2))
    pipeline = fresh(emotion_on=0.2, emotion_off=0.0, margin=0.0, dwell_s=0.25, speech_hold_s=5.0)
    assert hear(clip, [800], pipeline)[-1].decision.state == "emotion"
    at = len(clip) + 48000
    assert list(pipeline.push(Block(clip[:8000], at, True, 0.0), skip=True)) == []
    step = next(pipeline.push(Block(clip[8000:16000], at + 8000, False, 0.0)))
    assert step.gap
    assert [segment.ended_by for segment in step.segments][:1] == ["gap"]
    assert step.scores.start >= at


def test_time_set_back_at_the_beginning_gives_no_window_before_it(talk: np.ndarray):
    pipeline = fresh()
    list(pipeline.push(Block(talk[:8262], 0, False, 0.0)))
    (step,) = pipeline.push(Block(talk[8262:12262], 8262 - 960, False, 0.0))
    assert (step.scores.start, step.scores.end) == (0, 12262 - 960)


def test_time_set_back_after_a_gap_gives_no_window_before_it(talk: np.ndarray):
    pipeline = fresh()
    list(pipeline.push(Block(talk[:48000], 0, False, 0.0)))
    steps = list(pipeline.push(Block(talk[:8262], 80000, True, 0.0)))
    steps += pipeline.push(Block(talk[8262:16262], 80000 + 8262 - 1168, False, 0.0))
    assert steps[0].gap
    assert {step.scores.start for step in steps} == {80000}
    assert steps[-1].scores.end == 80000 + 16262 - 1168
    (early, *_) = pipeline.push(Block(talk[16262:20262], 40000, False, 0.0))
    assert early.scores.start < early.scores.end, "by more than the window is long"


def test_finish_hears_the_last_part_of_a_stride(talk: np.ndarray):
    pipeline = fresh()
    steps = [*hear(talk[:15_000], [15_000], pipeline), *pipeline.finish()]
    assert [step.scores.end for step in steps] == [4262, 8262, 12262, 16262]


def test_what_the_gate_holds_over_a_pause_is_no_evidence(talk: np.ndarray, reference: list[Step]):
    onset = next(k for k, step in enumerate(reference) if step.scores.speech > 0.9) * 4000
    burst = np.zeros(5 * 16000, np.float32)
    burst[16000 : 16000 + 6000] = talk[onset : onset + 6000]  # 0.375 s of speech, then silence
    steps = hear(burst, [1600], fresh(speech_hold_s=2.0, speech_min_s=1.0))
    assert sum(step.decision.state != "no-speech" for step in steps) >= 8  # the gate holds
    assert all(step.scores.probabilities is None for step in steps)


def test_rules_come_from_each_models_part_and_the_user_overrides():
    stated = EMOTION_MODEL.contract.thresholds
    rules = fresh(margin=0.33).rules
    assert rules.margin == 0.33
    assert rules.speech_on == SPEECH_MODEL.contract.thresholds["speech_on"]
    assert rules.emotion_on == stated.get("emotion_on", Rules().emotion_on)
    with pytest.raises(ConfigError, match="smoothing"):
        fresh(smoothing=1.0)


def test_a_stride_is_rounded_to_whole_rows():
    assert Pipeline.assemble(EMOTION_MODEL, SPEECH_MODEL, 0.26).stride == 4000
    assert Pipeline.assemble(EMOTION_MODEL, SPEECH_MODEL, 0.5).stride == 8000
    with pytest.raises(ConfigError, match="stride_s"):
        Pipeline.assemble(EMOTION_MODEL, SPEECH_MODEL, 5.0)


@pytest.mark.parametrize("change", [{"hop": 127}, {"sample_rate": 24000}])
def test_models_whose_rows_never_meet_do_not_go_together(change: dict[str, int]):
    contract: Contract = EMOTION_MODEL.contract
    stft = dataclasses.replace(contract.front_end.stft, **change)
    other = dataclasses.replace(contract, front_end=dataclasses.replace(contract.front_end, stft=stft))
    (named,) = (f"{name}={value}" for name, value in change.items())
    with pytest.raises(ConfigError, match=named):
        Pipeline.assemble(Model(other, EMOTION_MODEL.scorer), SPEECH_MODEL, 0.25)


# A model whose STFT is not the speech detector's.


@pytest.fixture(scope="module")
def other() -> Model:
    return load(str(activated()))


def two(model: Model, **rules: float) -> Pipeline:
    return Pipeline.assemble(model, SPEECH_MODEL, 0.25, rules)


@pytest.fixture(scope="module")
def two_reference(talk: np.ndarray, other: Model) -> list[Step]:
    return hear(talk, [len(talk)], two(other))


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sizes=st.lists(st.integers(50, 9000), min_size=1, max_size=5))
def test_with_two_stfts_any_block_sizes_give_the_same_bits(
    talk: np.ndarray, other: Model, two_reference: list[Step], sizes: list[int]
):
    assert [bits(step) for step in hear(talk, sizes, two(other))] == [bits(step) for step in two_reference]


def test_with_two_stfts_each_network_is_fed_what_its_own_front_end_makes(talk: np.ndarray, other: Model):
    """To the bit: the stream's windows are those of the whole samples, row for row."""
    fed: dict[str, list[np.ndarray]] = {"emotion": [], "speech": []}

    class Listener(Scorer):
        def __init__(self, name: str, model: Model) -> None:
            self.name, self.scorer = name, model.scorer

        def logits(self, windows: np.ndarray) -> np.ndarray:
            fed[self.name].append(windows[0])
            return self.scorer.logits(windows)

    emotion = Model(other.contract, Listener("emotion", other))
    speech = Model(SPEECH_MODEL.contract, Listener("speech", SPEECH_MODEL))
    steps = hear(talk, [777], Pipeline.assemble(emotion, speech, 0.25))
    asked = [k for k, step in enumerate(steps) if step.scores.probabilities is not None]
    assert len(fed["emotion"]) == len(asked) > 10
    for model, windows, strides in ((emotion, fed["emotion"], asked), (speech, fed["speech"], range(len(steps)))):
        front_end = model.contract.front_end
        for window, k in zip(windows, strides, strict=True):
            heard = talk[: 4000 * (k + 1) + front_end.stft.overlap]
            assert np.array_equal(window, front_end.scale(front_end.log_rows(heard)))


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sizes=st.lists(st.integers(1, 20000), min_size=1, max_size=4))
def test_a_network_that_is_told_the_pitch_is_fed_what_its_front_end_makes(talk: np.ndarray, sizes: list[int]):
    """To the bit, whatever the blocks; what the speech detector hears stays as it is."""
    fed: list[np.ndarray] = []

    class Listener(Scorer):
        def logits(self, windows: np.ndarray) -> np.ndarray:
            fed.extend(windows)
            return np.zeros((len(windows), len(EMOTION_MODEL.contract.labels)), np.float32)

    front_end = dataclasses.replace(EMOTION_MODEL.contract.front_end, pitch=Pitch(8))
    emotion = Model(dataclasses.replace(EMOTION_MODEL.contract, front_end=front_end), Listener())
    steps = hear(talk, sizes, Pipeline.assemble(emotion, SPEECH_MODEL, 0.25))
    asked = [k for k, step in enumerate(steps) if step.scores.probabilities is not None]
    assert len(fed) == len(asked) > 10
    for window, k in zip(fed, asked, strict=True):
        heard = talk[: 4000 * (k + 1) + front_end.stft.overlap]
        assert np.array_equal(window, front_end.scale(front_end.log_rows(heard)))
    assert max(window[:, 40:].sum() for window in fed) > 10
    plain = hear(talk, sizes)
    assert [step.scores.speech for step in plain] == [step.scores.speech for step in steps]


def test_the_speech_detector_hears_the_same_beside_any_model(two_reference: list[Step], reference: list[Step]):
    def heard(steps: list[Step]) -> list[Any]:
        return [bits((step.scores.speech, step.quality, step.scores.end)) for step in steps]

    assert heard(two_reference) == heard(reference)


def test_with_two_stfts_a_gap_and_skipped_strides_keep_their_rules(talk: np.ndarray, other: Model):
    pipeline = two(other)
    hear(talk[:60_000], [800], pipeline)
    after = list(pipeline.push(Block(talk, 100_000, True, 0.0)))
    alone = list(two(other).push(Block(talk, 100_000, False, 0.0)))
    assert after[0].gap
    assert [bits(step.scores) for step in after] == [bits(step.scores) for step in alone]
    steps = [step for k, block in enumerate(blocks(talk, [4000])) for step in pipeline.push(block, 10 <= k < 20)]
    whole = {step.scores.end: step.scores.probabilities for step in hear(talk, [4000], two(other))}
    late = [step.scores for step in steps if step.scores.end > 20 * 4000 and step.scores.probabilities is not None]
    assert late
    assert all(np.array_equal(scores.probabilities, whole[scores.end]) for scores in late)


def test_noises_not_trained_on_name_at_most_two_emotions_an_hour(corpora: Path):
    """ESC-10's fold 5, which the shipped detector has not heard, without baby cries and sneezes, at five gains."""
    assert "5" not in SPEECH_MODEL.contract.trained_on["esc-10"]
    clips = [p for p in sorted((corpora / "esc-10").glob("*/5-*")) if not p.parent.name.endswith(("cry", "sneeze"))]
    assert len(clips) == 64
    rng, begun, samples = np.random.default_rng(5), 0, 0
    for gain in (-20, -10, 0, 6, 10):
        pipeline = fresh()
        for k in rng.permutation(len(clips)):
            sound = np.clip(read(clips[k]) * 10 ** (gain / 20), -1, 1).astype(np.float32)
            steps = pipeline.push(Block(sound, samples, False, 0.0))
            begun += sum(segment.ended_by is None for step in steps for segment in step.segments)
            samples += len(sound)
    assert begun <= 2 * samples / 16000 / 3600


def test_scipys_fft_is_imported_when_a_pipeline_is_prepared():
    """Not before: a microphone would be opened later by as much."""
    code = (
        "import sys; import serd.cli.listen; from serd.scoring.score import make_pipeline; "
        "pipeline = make_pipeline('serd-small'); print('scipy.fft' in sys.modules); "
        "pipeline.prepare(); print('scipy.fft' in sys.modules)"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.split() == ["False", "True"]
