"""CPU time of the pipeline's stages, on the same strides."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import scipy.fft

from serd.audio.recording import Recording
from serd.audio.source import EndOfStream
from serd.block import Samples
from serd.events.publisher import Publisher
from serd.inference.frontend import Stft
from serd.inference.quality import measure
from serd.inference.reporter import Reporter
from tools.bench.route import Route, Spread, blocks, in_turn, spread

WHOLE, LIMIT = "block to sent event", "bare invokes and rfft"
RATIO = f"ratio, {WHOLE} over bare"


def median(runs: int, work: Callable[[], Any]) -> float:
    """CPU milliseconds for one call, the median of so many after one that does not count."""
    return spread(runs, work).median


def read(path: Path) -> Samples:
    """All samples (n,) of a file, at 16 kHz."""
    source, parts = Recording(path, 16000, paced=False, channel="mix"), list[Samples]()
    source.open()
    with contextlib.suppress(EndOfStream):
        while True:
            block = source.read(1.0)
            if block is not None:
                parts.append(block.samples)
    source.close()
    return np.concatenate(parts)


def stages(samples: Samples, model: str, runs: int) -> dict[str, float | Spread]:
    """CPU ms per second of audio: from block to sent event, and each stage on the same strides."""
    seconds = len(samples) / 16000
    route, heard_blocks = Route(model), blocks(samples)
    emotion, speech = route.emotion, route.speech

    with tempfile.TemporaryDirectory() as folder:
        publisher = Publisher((f"ipc://{folder}/bench",), "bench", "bench")
        reporter = Reporter(emotion, 16000)

        asked = route.passage(heard_blocks, publisher)
        pipeline = route.pipeline()
        steps = [step for block in heard_blocks for step in pipeline.push(block)]
        events = [event for step in steps for event in reporter.step(step)]
        took = median(runs, lambda: [publisher.publish(event) for step in steps for event in reporter.step(step)])
        figures: dict[str, float | Spread] = {"  events (report, number, send)": took / seconds}
        publisher.close()
    assert events
    front, ears = emotion.contract.front_end, speech.contract.front_end
    stft, second = ears.stft, front.stft
    length = pipeline.stride + max(stft.overlap, second.overlap)
    whole_strides = [samples[k : k + length] for k in range(0, len(samples) - length, pipeline.stride)]
    strides = [stride[: pipeline.stride + stft.overlap] for stride in whole_strides]
    powers = [stft.power(stride) for stride in strides]
    second_strides, second_powers = strides, powers
    if second != stft:
        second_strides = [stride[: pipeline.stride + second.overlap] for stride in whole_strides]
        second_powers = [second.power(stride) for stride in second_strides]
        took = median(runs, lambda: [second.power(stride) for stride in second_strides])
        figures["  STFT of the emotion network"] = took / seconds
    heard = front.log_rows(samples[: front.window])
    near = ears.log_rows(samples[: ears.window])
    window, small = front.scale(heard)[np.newaxis], ears.scale(near)[np.newaxis]
    share = asked / len(strides)
    figures["  STFT"] = median(runs, lambda: [stft.power(stride) for stride in strides]) / seconds
    figures["  bands of both networks"] = (
        median(
            runs,
            lambda: [(front.log_power(q), ears.log_power(p)) for p, q in zip(powers, second_powers, strict=True)],
        )
        / seconds
    )
    figures["  input quality"] = (
        median(runs, lambda: [measure(s, p, 16000) for s, p in zip(strides, powers, strict=True)]) / seconds
    )
    figures["  speech detector"] = (
        median(runs, lambda: [speech.probabilities(ears.scale(near)[np.newaxis]) for _ in strides]) / seconds
    )
    figures[f"  emotion network (asked for {share:.0%} of the windows)"] = (
        median(runs, lambda: [emotion.probabilities(front.scale(heard)[np.newaxis]) for _ in strides]) / seconds * share
    )

    def bare() -> None:
        for k, stride in enumerate(strides):
            transform(stride, stft)
            if second != stft:
                transform(second_strides[k], second)
            speech.scorer.logits(small)
            if k < asked:
                emotion.scorer.logits(window)

    with tempfile.TemporaryDirectory() as folder:
        publisher = Publisher((f"ipc://{folder}/bench",), "bench", "bench")
        whole, limit = in_turn(runs, lambda: route.passage(heard_blocks, publisher), bare)
        publisher.close()
    return {
        WHOLE: Spread.of(whole).over(seconds),
        **figures,
        LIMIT: Spread.of(limit).over(seconds),
        RATIO: Spread.of([own / least for own, least in zip(whole, limit, strict=True)]),
    }


def transform(samples: Samples, stft: Stft) -> None:
    """The bare FFTs of a stride."""
    frames = np.lib.stride_tricks.sliding_window_view(samples, stft.n_fft)[:: stft.hop]
    scipy.fft.rfft(frames * stft.taper, axis=1)
