"""Windows of the study: the daemon's, laid on the speech."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from model_build.clips.features import Clip, clip_rows, stride
from model_build.corpora import Utterance
from model_build.files.audio import read
from model_build.thesis.experiment import FRONT_END
from model_build.thesis.inputs import Inputs, Standard
from model_build.thesis.studies import FRONT_ENDS
from serd.block import Block
from serd.inference.frontend import FrontEnd
from serd.inference.stride import Cutter


def made(samples: np.ndarray, front_end: FrontEnd) -> Clip:
    rows, spoken = clip_rows(samples, front_end)
    return Clip(Utterance(Path("x"), "x", "c", "s", emotion="sad"), "", rows, spoken)


def daemons(samples: np.ndarray, front_end: FrontEnd, before: int, end: int) -> np.ndarray:
    """The daemon's window that ends `end` rows into the sound, with silence before and after it."""
    quiet = np.zeros(before * front_end.row_hop, np.float32)
    stream = np.concatenate([quiet, samples, np.zeros(2 * front_end.window, np.float32)])
    cutter = Cutter(stride(front_end), front_end.stft.overlap)
    rows = np.concatenate([front_end.log_rows(own.samples) for own in cutter.push(Block(stream, 0, False, 0.0))])
    return front_end.scale(rows[: before + end])


@pytest.mark.parametrize("name", ["standard", *FRONT_ENDS])
def test_windows_are_the_daemons_bit_for_bit(name: str) -> None:
    front_end = FRONT_ENDS.get(name, FRONT_END)
    rng = np.random.default_rng(3)
    samples = (1e-4 * rng.standard_normal(40000)).astype(np.float32)
    samples[12000:30000] *= 1000
    clip = made(samples, front_end)
    examples = Inputs.make([clip], front_end)
    lead = round(0.125 * 16000 / front_end.row_hop)
    start = int(np.flatnonzero(clip.spoken)[0]) - lead
    assert abs(start * front_end.row_hop - (12000 - 2000)) <= 2 * front_end.row_hop
    (window,) = examples.windows(np.array([0]))
    # Only a frame that spans the file's beginning could tell the silence before it from the file.
    np.testing.assert_array_equal(window, daemons(samples, front_end, 0, start + front_end.rows))


def test_windows_of_a_real_recording_are_the_daemons(corpora: Path) -> None:
    samples, _ = read(corpora / "ravdess-speech/Actor_03/03-01-05-02-01-01-03.flac", 16000)
    clip = made(samples, FRONT_END)
    (window,) = Inputs.make([clip], FRONT_END).windows(np.array([0]), np.array([3]))
    end = int(np.flatnonzero(clip.spoken)[0]) - 4 + 3 + FRONT_END.rows
    np.testing.assert_array_equal(window, daemons(samples, FRONT_END, 0, end))


def test_a_shift_moves_the_window_and_stays_in_the_stream() -> None:
    samples = np.random.default_rng(0).uniform(-0.1, 0.1, 16000).astype(np.float32)
    examples = Inputs.make([made(samples, FRONT_END)], FRONT_END)
    still, moved = (examples.windows(np.array([0]), np.array([k]))[0] for k in (0, 5))
    np.testing.assert_array_equal(still[5:], moved[:-5])
    assert examples.windows(np.array([0, 0]), np.array([-1000, 1000])).shape == (2, 96, 64)


def test_amplitude_keeps_silence_at_0_and_the_loudest_at_1() -> None:
    samples = np.zeros(48000, np.float32)
    samples[8000:24000] = np.random.default_rng(0).uniform(-0.1, 0.1, 16000)
    clip = made(samples, FRONT_END)
    (log,) = Inputs.make([clip], FRONT_END).windows(np.array([0]))
    (amplitude,) = Inputs.make([clip], FRONT_END, amplitude=True).windows(np.array([0]))
    assert amplitude.max() == pytest.approx(1)
    assert (amplitude[log == 0] == 0).all()
    half = np.abs(log - (1 - 20 * np.log10(2) / FRONT_END.top_db)) < 0.005
    assert half.any()
    assert amplitude[half] == pytest.approx(0.5, abs=0.03)


def test_the_level_is_kept_only_where_it_is_asked_for() -> None:
    samples = np.zeros(48000, np.float32)
    samples[8000:24000] = np.random.default_rng(0).uniform(-0.1, 0.1, 16000)
    for front_end, same in ((FRONT_END, True), (FRONT_ENDS["level"], False)):
        clips = [made(gain * samples, front_end) for gain in (1, 0.5)]
        loud, low = Inputs.make(clips, front_end).windows(np.array([0, 1]))
        assert np.allclose(loud, low, atol=1e-4) is same


def test_standardised_training_windows_have_mean_0_and_deviation_1() -> None:
    windows = np.random.default_rng(0).uniform(0, 1, (20, 96, 64)).astype(np.float32)
    windows[:, :, 5] = 0.25  # a band that never changes does not blow up
    standard = Standard.of(windows).apply(windows)
    assert standard.shape == (20, 96, 64, 1)
    assert np.abs(standard.mean(axis=(0, 1))).max() < 1e-3
    assert standard.std(axis=(0, 1))[:5] == pytest.approx(1, abs=0.01)
    assert not standard[:, :, 5].any()


def test_each_variant_of_the_front_end_changes_one_factor() -> None:
    for name, front_end in FRONT_ENDS.items():
        same = dataclasses.asdict(front_end) == dataclasses.asdict(FRONT_END)
        assert same is (name == "amplitude")
        if name not in ("2-seconds", "4-seconds"):
            assert (front_end.rows, front_end.bands.count, front_end.row_hop) == (96, 64, 500)
    assert FRONT_ENDS["2-seconds"].window / 16000 == pytest.approx(2, abs=0.02)
    assert FRONT_ENDS["4-seconds"].window / 16000 == pytest.approx(4, abs=0.02)
