"""Pitch tracks of whole clips, kept by the content of their files and all that shapes them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from model_build.clips import pitch
from model_build.clips.features import Clip
from model_build.files import audio, cache
from model_build.files.progress import Check, never
from serd.inference.frontend import FrontEnd, Rows

RECIPE = 1
"""Raise it when tracks come out otherwise: kept ones are then made anew."""


def pitch_tracks(clips: Sequence[Clip], front_end: FrontEnd, check: Check = never) -> list[Rows]:
    """The track of each clip, as long as its rows are: (rows, 2), see `Pitch.track`. Raises SoundFault."""
    place = cache.folder("pitch") / cache.key(RECIPE, front_end.stft, front_end.bands.pool)
    tracks = []
    for clip in clips:
        check()
        tracks.append(_fitted(_track(clip, front_end, place), len(clip.rows)))
    return tracks


def _track(clip: Clip, front_end: FrontEnd, place: Path) -> Rows:
    kept = place / clip.digest[:2] / f"{clip.digest}.npy"
    try:
        known: Rows = np.load(kept).astype(np.float32)
        return known
    except (OSError, ValueError, EOFError):
        pass  # not there, or damaged
    samples = audio.read(clip.utterance.path, front_end.stft.sample_rate)[0]
    made = pitch.track(samples, front_end).astype(np.float16)
    with cache.replacing(kept) as written:
        np.save(written, made)
    return made.astype(np.float32)


def _fitted(track: Rows, length: int) -> Rows:
    """As many rows, those after the clip's end without a pitch."""
    fitted = np.zeros((length, 2), np.float32)
    fitted[: len(track)] = track[:length]
    return fitted
