"""RAVDESS (Livingstone & Russo 2018), audio only: speech and song, Zenodo record 1188976.

Names are 03-VV-EE-II-SS-RR-AA: audio only, vocal channel, emotion, intensity, statement, repetition,
actor. Speech and song share their actors, odd ones male; actor 18 did not sing.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from pathlib import Path

from model_build.corpora.corpus import Corpus, sounds
from model_build.corpora.utterance import Fault, Utterance
from serd.audio.corpus import RAVDESS, RAVDESS_EMOTIONS

NAME = RAVDESS
LABELS = RAVDESS_EMOTIONS
"""Emotions in the order of their codes 01 to 08."""
SUNG = LABELS[:6]
INTENSITIES = {"01": "normal", "02": "strong"}
CHANNELS = {"01": "ravdess-speech", "02": "ravdess-song"}


def read(folder: Path, channel: str) -> Iterator[Utterance | Fault]:
    """Speech (channel 01) or song (02) below a folder, whose subfolders do not matter."""
    for path in sounds(folder):
        match = NAME.fullmatch(path.stem)
        if not match:
            yield Fault(str(path), "unknown", "not a RAVDESS audio name (03-01-EE-II-SS-RR-AA); not used")
        elif match["channel"] == channel:
            yield Utterance(
                path=path,
                name=path.stem,
                corpus=CHANNELS[channel],
                speaker=match["actor"],
                gender="male" if int(match["actor"]) % 2 else "female",
                language="en",
                emotion=LABELS[int(match["emotion"]) - 1],
                intensity=INTENSITIES[match["intensity"]],
                text=match["statement"],
                family="ravdess",
            )


def names(channel: str) -> set[str]:
    """All names there are: neutral has no strong intensity."""
    emotions = range(1, 1 + len(LABELS if channel == "01" else SUNG))
    actors = [actor for actor in range(1, 25) if channel == "01" or actor != 18]
    return {
        f"03-{channel}-{emotion:02}-{intensity:02}-{statement:02}-{repetition:02}-{actor:02}"
        for emotion, intensity, statement, repetition, actor in product(emotions, (1, 2), (1, 2), (1, 2), actors)
        if (emotion, intensity) != (1, 2)
    }


SPEECH = Corpus(
    name="ravdess-speech",
    title="RAVDESS speech",
    read=lambda folder: read(folder, "01"),
    folders=("audio_speech_actors_01-24", "ravdess", "ravdess_speech"),
    recordings=1440,
    speakers=24,
    emotions={"neutral": 96} | dict.fromkeys(LABELS[1:], 192),
    names=lambda: names("01"),
)
SONG = Corpus(
    name="ravdess-song",
    title="RAVDESS song",
    read=lambda folder: read(folder, "02"),
    folders=("audio_song_actors_01-24", "ravdess", "ravdess_song"),
    recordings=1012,
    speakers=23,
    emotions={"neutral": 92} | dict.fromkeys(SUNG[1:], 184),
    names=lambda: names("02"),
)
