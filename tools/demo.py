"""Make serd/data/demo.flac, the recording of `serd --demo`: synthetic speech, pauses and noise, 16 kHz mono.

    script/make-demo [FILE]

The voices are espeak-ng's, the noise is computed here from a fixed seed: nobody was recorded. The same version of
espeak-ng gives the same samples. It shows what serd does with prosody; a synthesizer does not feel, and nothing
about accuracy follows from it.
"""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import soundfile as sf
import soxr
from numpy.typing import NDArray

from tools.checkout import DEMO

Samples = NDArray[np.float64]

RATE = 16000
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
    wav = subprocess.run(
        ["espeak-ng", "-v", voice, "-p", str(pitch), "-s", str(speed), "-a", str(amplitude), "--stdout", text],
        capture_output=True,
        check=True,
    ).stdout
    # espeak-ng cannot know the length when it writes a header to a pipe; the samples follow 44 bytes of it.
    rate = int(np.frombuffer(wav[24:28], "<u4")[0])
    raw = np.frombuffer(wav[44 : len(wav) // 2 * 2], "<i2") / 32768
    return np.asarray(soxr.resample(raw, rate, RATE), np.float64)


def pause(seconds: float) -> Samples:
    """Digital silence."""
    return np.zeros(round(seconds * RATE))


def hiss(seconds: float, random: np.random.RandomState) -> Samples:
    """Wind: noise through two one-pole low-passes, swelling slowly."""
    count = round(seconds * RATE)
    spectrum = np.fft.rfft(random.standard_normal(count))
    hz = np.fft.rfftfreq(count, 1 / RATE)
    wind = np.fft.irfft(spectrum / (1 + (hz / 350) ** 2), count)
    swell = 0.6 + 0.4 * np.sin(2 * np.pi * np.arange(count) / RATE / 2.5)
    return np.asarray(0.05 * swell * wind / wind.std())


def hum(seconds: float) -> Samples:
    """Mains: 50 Hz and its odd harmonics."""
    time = np.arange(round(seconds * RATE)) / RATE
    return np.asarray(sum(0.06 / k**1.5 * np.sin(2 * np.pi * 50 * k * time) for k in (1, 3, 5, 7, 9)))


def knocks(times: int, random: np.random.RandomState) -> Samples:
    """Knocks on wood, 0.45 s apart: short bursts with a damped resonance."""
    out = np.zeros(round((0.45 * times + 0.3) * RATE))
    time = np.arange(round(0.12 * RATE)) / RATE
    for k in range(times):
        at = round((0.1 + 0.45 * k) * RATE)
        strike = np.sin(2 * np.pi * (160 + 20 * random.rand()) * time) * np.exp(-time * 45)
        strike += 0.3 * random.standard_normal(len(time)) * np.exp(-time * 300)
        out[at : at + len(time)] += 0.5 * strike
    return out


def demo() -> Samples:
    """The whole recording. It begins with silence, so that one sees what serd says before anyone speaks."""
    random = np.random.RandomState(20181116)  # the legacy generator: its stream is promised never to change
    return np.concatenate(
        [
            pause(2),
            speech("even"),
            pause(2),
            hiss(5, random),
            speech("glad"),
            pause(2.5),
            speech("sad"),
            knocks(5, random),
            pause(1),
            speech("cross"),
            pause(1.5),
            hum(4),
            speech("calm"),
            pause(2),
            speech("afraid"),
            pause(1),
            hiss(4, random),
            pause(2),
        ]
    )


def main() -> None:
    """Write the file."""
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else DEMO
    step = 2.0 ** (1 - BITS)
    played = np.clip(demo(), -0.98, 0.98)
    room = np.random.RandomState(7).rand(len(played))  # no room is free of sound: -64 dB, one step up or down
    samples = (np.rint(played / step) + (room < 0.05) - (room > 0.95)) * step
    version = subprocess.run(["espeak-ng", "--version"], capture_output=True, text=True, check=True).stdout.split()
    packed = io.BytesIO()
    with sf.SoundFile(packed, "w", RATE, 1, "PCM_16", format="FLAC", compression_level=1.0) as file:
        file.title = "Synthetic speech, pauses and noise"
        file.comment = f"Made by script/make-demo with espeak-ng {version[3]}; nobody was recorded"
        file.license = "CC0-1.0"
        file.write(samples)
    target.write_bytes(packed.getvalue())
    print(f"{target}: {len(samples) / RATE:.1f} s, {len(packed.getvalue()) / 1000:.0f} kB")


if __name__ == "__main__":
    main()
