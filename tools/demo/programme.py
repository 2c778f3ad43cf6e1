"""What comes when in the recording, and the file that it becomes."""

from __future__ import annotations

import io
import subprocess

import numpy as np
import soundfile as sf

from tools.demo.lines import LINES, READING, Line
from tools.demo.prosody import perform
from tools.demo.search import found
from tools.demo.sounds import hum, knocks, line, pause, room, wind
from tools.demo.voices import RATE, Samples

BIT_RATE = 22
"""Of Opus, in kbit/s."""

Part = str | float | Samples


def spoken(name: str) -> Samples:
    """A line or part of the reading, in the voice and prosody that were found for it."""
    voice, prosody = found()[name]
    wanted: Line = (LINES | READING)[name]
    return line([perform(voice, sentence, prosody) for sentence in wanted.sentences])


def recording() -> Samples:
    """The whole recording. It begins with silence, so that one sees what serd says before anyone speaks."""
    random = np.random.RandomState(20181116)  # the legacy generator: its stream is promised never to change
    parts: list[Part] = [
        *(1.5, "meeting", 1.5, "hands", 1.75, "news", 1.75, "rain", 1.5, knocks(3, random), 0.5, "door"),
        *(1.75, "already", 2.0, "breathe", 1.0, wind(3, random), 0.5, "milk", 1.75, "out", 2.0, "letter"),
        *(1.75, "stairs", 1.0, hum(2), 1.0, "bank", 0.75, "rabbit", 2.0),
    ]
    said = np.concatenate([_samples(part) for part in parts])
    return np.clip(said + room(len(said), random), -0.98, 0.98)


def _samples(part: Part) -> Samples:
    if isinstance(part, str):
        return spoken(part)
    return pause(part) if isinstance(part, float) else part


def packed(samples: Samples) -> bytes:
    """The file: Ogg Opus, which says what it is."""
    out = io.BytesIO()
    # libsndfile maps its levels to 256 (0) down to 6 kbit/s (1) a channel.
    level = (256 - BIT_RATE) / (256 - 6)
    with sf.SoundFile(out, "w", RATE, 1, "OPUS", format="OGG", compression_level=level) as file:
        file.title = "Synthetic speech, pauses and noise"
        file.comment = f"Made by script/make-demo with {', '.join(versions())}; nobody was recorded"
        file.license = "CC0-1.0"
        file.write(samples)
    return out.getvalue()


def versions() -> list[str]:
    """The synthesizers' Debian packages: another version speaks otherwise."""
    packages = ("espeak-ng", "flite", "festival", "festvox-us-slt-hts", "festvox-kdlpc16k")
    asked = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Package} ${Version}\n", *packages], capture_output=True, text=True, check=False
    )
    return sorted(asked.stdout.splitlines())
