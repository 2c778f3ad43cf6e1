"""tests/data/voices.flac, which most tests hear: a minute of espeak-ng's voices, pauses and noise, not in the wheel.

It is shorter than the demonstration, lossless, and needs espeak-ng alone; a network hears little emotion in it.
"""

from __future__ import annotations

import io
import subprocess

import numpy as np
import soundfile as sf
import soxr

from tools.demo.sounds import hum, knocks, pause, wind
from tools.demo.voices import RATE, Samples

BITS = 10
"""Samples are rounded to so many bits, which halves the file: its noise floor is 60 dB below full scale."""

# voice, pitch (0-99), speed (words a minute), amplitude (0-200), text
SPEECH = {
    "even": ("en-us", 45, 150, 80, "The meeting is on Tuesday, at half past nine, in the room on the second floor."),
    "glad": ("en-us+f3", 85, 195, 130, "Oh, that is wonderful news! We did it! I can hardly believe it, we did it!"),
    "sad": ("en-us+m7", 18, 105, 45, "It rained again today. I sat by the window, and nobody came."),
    "cross": ("en-us+m3", 62, 230, 200, "No! I told you not to touch that! How often do I have to say it? Get out!"),
    "calm": ("en-gb+f2", 40, 115, 60, "Breathe in slowly, and let it go. There is no hurry at all."),
    "afraid": ("en-gb+f4", 92, 240, 90, "Did you hear that? There is someone at the door! Please, do not open it!"),
}


def speech(name: str) -> Samples:
    """One line of SPEECH, peak as loud as its amplitude says."""
    voice, pitch, speed, amplitude, text = SPEECH[name]
    said = subprocess.run(
        ["espeak-ng", "-v", voice, "-p", str(pitch), "-s", str(speed), "-a", str(amplitude), "--stdout", text],
        capture_output=True,
        check=True,
    ).stdout
    # espeak-ng cannot know the length when it writes a header to a pipe; the samples follow 44 bytes of it.
    rate = int(np.frombuffer(said[24:28], "<u4")[0])
    raw = np.frombuffer(said[44 : len(said) // 2 * 2], "<i2") / 32768
    return np.asarray(soxr.resample(raw, rate, RATE), np.float64)


def recording() -> Samples:
    """The whole recording, rounded."""
    random = np.random.RandomState(20181116)  # the legacy generator: its stream is promised never to change
    played = np.concatenate(
        [
            *(pause(2), speech("even"), pause(2), wind(5, random), speech("glad"), pause(2.5), speech("sad")),
            *(knocks(5, random), pause(1), speech("cross"), pause(1.5), hum(4), speech("calm"), pause(2)),
            *(speech("afraid"), pause(1), wind(4, random), pause(2)),
        ]
    )
    step = 2.0 ** (1 - BITS)
    noise = np.random.RandomState(7).rand(len(played))  # no room is free of sound: -64 dB, one step up or down
    return np.asarray((np.rint(np.clip(played, -0.98, 0.98) / step) + (noise < 0.05) - (noise > 0.95)) * step)


def packed(samples: Samples) -> bytes:
    """The file: FLAC, which says what it is."""
    version = subprocess.run(["espeak-ng", "--version"], capture_output=True, text=True, check=True).stdout.split()
    out = io.BytesIO()
    with sf.SoundFile(out, "w", RATE, 1, "PCM_16", format="FLAC", compression_level=1.0) as file:
        file.title = "Synthetic speech, pauses and noise"
        file.comment = f"Made by script/make-demo with espeak-ng {version[3]}; nobody was recorded"
        file.license = "CC0-1.0"
        file.write(samples)
    return out.getvalue()
