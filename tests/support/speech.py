"""Speech for the tests: RAVDESS where the corpora are, else a synthetic recording."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile

DEMO = Path(__file__).resolve().parents[1] / "data" / "voices.flac"
"""A minute of synthetic voices, pauses and noise, in which a network hears one emotion and doubts; made by
`script/make-demo --plain`. The recording that ships is `serd.defaults.DEMO`."""

EMOTIONS = ("neutral", "calm", "happy", "sad", "angry", "fearful", "disgust", "surprised")


def ravdess(corpora: Path, actor: int, emotion: str, *, intensity: int = 1) -> Path:
    """Path of one RAVDESS speech clip."""
    code = EMOTIONS.index(emotion) + 1
    name = f"03-01-{code:02}-{intensity:02}-01-01-{actor:02}"
    return next((corpora / "ravdess-speech" / f"Actor_{actor:02}").glob(f"{name}.*"))


def read(path: Path) -> np.ndarray:
    """Samples (n,), float32, 16 kHz."""
    samples: np.ndarray = soundfile.read(path, dtype="float32")[0]
    assert soundfile.info(path).samplerate == 16000
    return samples


def write_joined(path: Path, clips: list[Path], pause_s: float = 1.5) -> Path:
    """A 16-bit WAV of the clips with quiet pauses between them."""
    pause = (np.random.default_rng(1).normal(0, 1e-4, round(pause_s * 16000))).astype(np.float32)
    parts = [part for clip in clips for part in (pause, read(clip))]
    soundfile.write(path, np.concatenate([*parts, pause]), 16000, subtype="PCM_16")
    return path
