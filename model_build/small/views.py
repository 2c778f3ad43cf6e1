"""Views: random windows of clips as other rooms, microphones and voices would have given them.

They are drawn before training and serve all networks that train side by side. A view follows from its number and
from what the clip holds, whoever hears it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from model_build.features import Clip
from model_build.small.channel import changed
from model_build.small.schedule import Schedule
from model_build.windows import cut, draw, seconds
from serd.frontend import FrontEnd, Rows

Views = NDArray[np.uint8]
"""(views, clips, rows, bands); 255 is a window's loudest band."""


def views(
    clips: Sequence[Clip],
    noises: Sequence[Rows],
    front_end: FrontEnd,
    schedule: Schedule,
    numbers: Iterable[int],
    *,
    check: Callable[[], None] = lambda: None,
) -> Views:
    """The views of all clips that bear these numbers; `noises` are log rows of sounds that are not speech."""
    chosen = list(numbers)
    made = np.zeros((len(chosen), len(clips), front_end.rows, front_end.bands.count), np.uint8)
    for k, clip in enumerate(clips):
        check()
        for at, number in enumerate(chosen):
            rng = np.random.default_rng([number, int(clip.digest[:8], 16)])
            made[at, k] = np.rint(255 * window(rng, clip, noises, front_end, schedule))
    return made


def window(rng: Generator, clip: Clip, noises: Sequence[Rows], front_end: FrontEnd, schedule: Schedule) -> Rows:
    """One random window of a clip through one random channel: (rows, bands) in [0, 1]."""
    spoken = np.flatnonzero(clip.spoken)
    if len(spoken) and rng.random() < schedule.whole:
        latest = int(spoken[-1]) + seconds(0.5, front_end)
        end = int(rng.integers(min(int(spoken[0]) + front_end.rows, int(spoken[-1]) + 1), latest + 1))
    else:
        end = draw(rng, clip, front_end)
    past = max(0, end - front_end.rows - front_end.rows // 4)  # rooms and pace need rows before the window's first
    rows = clip.rows[past : min(end, len(clip.rows))]
    if not len(rows):
        return cut(clip, len(clip.rows), front_end)
    return front_end.scale(changed(rng, rows, noises, front_end, schedule.channel))
