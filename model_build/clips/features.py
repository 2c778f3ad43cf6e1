"""Features of whole clips: the daemon's own log band energies, and where there is speech.

They are kept by the content of the file and all that shapes them, so a second reading costs nothing, and
a changed file or front end is never taken for the old one. Windows are cut from them in `clips.windows`.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model_build.clips import speech
from model_build.corpora import CORPORA, Fault, Utterance, inventory
from model_build.files import cache
from model_build.files.audio import SoundFault, decode, load
from serd.block import Samples
from serd.defaults import STRIDE_S
from serd.inference.frontend import FrontEnd, Rows

RECIPE = 1
"""Raise it when features come out otherwise: kept ones are then made anew."""


@dataclass(frozen=True, eq=False)
class Clip:
    """One recording, ready to be cut into windows."""

    utterance: Utterance
    digest: str
    """SHA-256 of the file."""
    rows: Rows
    """Log rows (n, numbers), see `FrontEnd.log_power`; n is a whole number of strides."""
    spoken: NDArray[np.bool_]
    """Whether there is speech in each row's hop (n,)."""


def stride(front_end: FrontEnd) -> int:
    """Samples between the daemon's windows at its default stride."""
    return max(1, round(STRIDE_S * front_end.stft.sample_rate / front_end.row_hop)) * front_end.row_hop


def clip_rows(samples: Samples, front_end: FrontEnd) -> tuple[Rows, NDArray[np.bool_]]:
    """Log rows (n, numbers) and speech (n,) of a whole clip, filled up with silence as the pipeline does."""
    step, overlap = stride(front_end), front_end.stft.overlap
    strides = max(1, -(-(len(samples) - overlap) // step))
    padded = np.zeros(strides * step + overlap, np.float32)
    padded[: len(samples)] = samples
    rows = front_end.log_rows(padded)
    spoken = speech.activity(samples, front_end.stft.sample_rate, front_end.row_hop)[: len(rows)]
    return rows, np.pad(spoken, (0, len(rows) - len(spoken)))


def read_clips(
    utterances: Iterable[Utterance], front_end: FrontEnd, progress: Callable[[int], None] = lambda _: None
) -> tuple[list[Clip], list[Fault]]:
    """Features of all recordings that can be read, in their order, and the faults of the others.

    A recording with the same bytes as one before it is left out: on two sides of a split it would leak.
    """
    shaped = (RECIPE, front_end.stft, front_end.bands, stride(front_end), *filter(None, [front_end.pitch]))
    place = cache.folder("features") / cache.key(*shaped)
    clips: list[Clip] = []
    faults: list[Fault] = []
    first: dict[str, Utterance] = {}
    for done, utterance in enumerate(utterances, 1):
        try:
            clip = _read(utterance, front_end, place)
        except SoundFault as error:
            faults.append(Fault(str(utterance.path), error.kind, error.text))
            continue
        if clip.digest in first:
            twin = first[clip.digest].path
            faults.append(Fault(str(utterance.path), "twice", f"the same bytes as {twin.name}; not used"))
        else:
            first[clip.digest] = utterance
            clips.append(clip)
        progress(done)
    return clips, faults


def _read(utterance: Utterance, front_end: FrontEnd, place: Path) -> Clip:
    data = load(utterance.path)
    digest = hashlib.sha256(data).hexdigest()
    kept = place / digest[:2] / f"{digest}.npz"
    try:
        with np.load(kept) as arrays:
            return Clip(utterance, digest, arrays["rows"], arrays["spoken"])
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        pass  # not there, or damaged
    rows, spoken = clip_rows(decode(utterance.path, data, front_end.stft.sample_rate), front_end)
    with cache.replacing(kept) as written:
        np.savez(written, rows=rows, spoken=spoken)
    return Clip(utterance, digest, rows, spoken)


@lru_cache(maxsize=10)
def corpus_clips(name: str, data: Path, front_end: FrontEnd, limit: int | None) -> tuple[list[Clip], list[Fault]]:
    """Clips that have an emotion, and every fault. With a limit, some of all emotions and speakers."""
    listed = inventory(CORPORA[name], data)
    emotional = [utterance for utterance in listed.utterances if utterance.emotion is not None]
    if limit is not None and len(emotional) > limit:
        emotional = _few(emotional, limit)
    clips, faults = read_clips(emotional, front_end)
    return clips, [*listed.faults, *faults]


def _few(utterances: Sequence[Utterance], limit: int) -> list[Utterance]:
    """Spread over the emotions and, within each, over the names."""
    emotions = sorted({str(utterance.emotion) for utterance in utterances})
    kept: list[Utterance] = []
    for emotion in emotions:
        alike = [utterance for utterance in utterances if utterance.emotion == emotion]
        most = min(len(alike), limit // len(emotions))
        places: NDArray[np.intp] = np.linspace(0, len(alike) - 1, most).astype(np.intp)
        kept += [alike[k] for k in places]
    return sorted(kept, key=lambda utterance: utterance.name)
