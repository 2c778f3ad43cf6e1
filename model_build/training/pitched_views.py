"""Views with a pitch track beside their bands: who speaks faster, or from another throat, has another pitch, too.

What rooms, noises and lines do to the track is not known here: it is that of the clean clip.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from model_build.clips.channel import Channel, apply_channel, paced, warped
from model_build.clips.features import Clip
from model_build.experiments.schedule import Schedule
from model_build.files.progress import Check, never
from model_build.training.views import Views, random_span
from serd.inference.frontend import FrontEnd, Rows
from serd.inference.pitch import OCTAVES, Pitch


def draw_pitched(
    clips: Sequence[Clip],
    tracks: Sequence[Rows],
    count: NDArray[np.intp],
    *,
    noises: Sequence[Rows],
    front_end: FrontEnd,
    schedule: Schedule,
    bands: int,
    check: Check = never,
) -> Views:
    """Draw so many views of each clip; `bands` of pitch stand after those of energy."""
    made = np.zeros((int(count.sum()), front_end.rows, front_end.bands.count + bands), np.uint8)
    views = Views(made, count)
    for clip, track, start, number in zip(clips, tracks, views.first, count, strict=True):
        check()
        for k in range(number):
            rng = np.random.default_rng([k, int(clip.digest[:8], 16)])
            span = random_span(rng, clip, front_end, schedule)
            rows, heard = _heard(
                rng, clip.rows[span], track[span], noises=noises, front_end=front_end, channel=schedule.channel
            )
            made[start + k] = np.rint(255 * beside(front_end.scale(rows), heard, bands))
    return views


def beside(window: Rows, track: Rows, bands: int) -> Rows:
    """A scaled window (rows, bands) and the track of its last rows -> with so many bands of pitch after its own."""
    return np.concatenate([window, Pitch(bands).bands(fitted(track, len(window)), window)], axis=1)


def fitted(track: Rows, rows: int) -> Rows:
    """The track of a window: padded on the left, in the past, without a pitch."""
    padded = np.zeros((rows, 2), np.float32)
    recent = track[-rows:]
    padded[rows - len(recent) :] = recent
    return padded


def _heard(
    rng: Generator, rows: Rows, track: Rows, *, noises: Sequence[Rows], front_end: FrontEnd, channel: Channel
) -> tuple[Rows, Rows]:
    """Rows and track of a part of a clip through one random channel, alike in length."""
    if not len(rows):
        return rows, track
    pace, stretch = (float(np.exp(rng.normal(0, spread))) for spread in (channel.pace, channel.warp))
    changed, heard = warped(paced(rows, pace), stretch, front_end), paced(track, pace)
    heard[:, OCTAVES] += np.float32(np.log2(stretch))
    still = dataclasses.replace(channel, pace=0.0, warp=0.0)
    return apply_channel(rng, changed, noises, front_end, still), heard
