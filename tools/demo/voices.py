"""Voices of free synthesizers, as Debian packages them: espeak-ng, flite and festival.

Their licences (GPL for espeak-ng's program, which what it says does not inherit; the free licences of Carnegie Mellon
and Edinburgh for the others' voices) ask nothing of what they say.
"""

from __future__ import annotations

import io
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import soundfile as sf
import soxr
from numpy.typing import NDArray

Samples = NDArray[np.float64]

RATE = 16000

VOICES = {
    "espeak": ("espeak-ng", "en-us"),
    "rms": ("flite", "rms"),
    "slt": ("flite", "slt"),
    "awb": ("flite", "awb"),
    "kal": ("flite", "kal16"),
    "hts": ("festival", "cmu_us_slt_arctic_hts"),
    "ked": ("festival", "ked_diphone"),
}
"""Name -> synthesizer and its name for the voice."""


def speak(voice: str, text: str) -> Samples:
    """The text as the voice says it by itself, peak 0.5, without silence at either end."""
    program, name = VOICES[voice]
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "said.wav"
        if program == "espeak-ng":
            command = ["espeak-ng", "-v", name, "-w", str(out), text]
        elif program == "flite":
            command = ["flite", "-voice", name, "-t", text, "-o", str(out)]
        else:
            command = ["text2wave", "-eval", f"(voice_{name})", "-o", str(out)]
        subprocess.run(command, input=text, text=True, check=True, capture_output=True)
        samples, rate = sf.read(io.BytesIO(out.read_bytes()))
    said = np.asarray(soxr.resample(samples, rate, RATE), np.float64)
    loud = np.flatnonzero(np.abs(said) > 0.01 * np.abs(said).max())
    return np.asarray(0.5 * said[loud[0] : loud[-1] + 1] / np.abs(said).max())
