"""Views: random windows of clips as other rooms, microphones and voices would have given them.

They are drawn before training and serve all networks that train side by side. A view follows from its number among
the clip's and from what the clip holds, whoever hears it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from model_build.clips.channel import apply_channel
from model_build.clips.features import Clip
from model_build.clips.windows import cut_window, draw_end, rows_of
from model_build.experiments.schedule import Schedule
from model_build.files.progress import Check, never
from model_build.training.examples import Examples
from serd.inference.frontend import FrontEnd, Rows


@dataclass(frozen=True, eq=False)
class Views:
    """Random windows of some clips."""

    windows: NDArray[np.uint8]
    """(views, rows, bands); 255 is a window's loudest band."""
    count: NDArray[np.intp]
    """How many are of each clip (clips,); they stand together, in the clips' order."""

    @classmethod
    def draw(
        cls,
        clips: Sequence[Clip],
        count: NDArray[np.intp],
        noises: Sequence[Rows],
        front_end: FrontEnd,
        schedule: Schedule,
        *,
        check: Check = never,
    ) -> Views:
        """Draw so many views of each clip; `noises` are log rows of sounds that are not speech."""
        made = np.zeros((int(count.sum()), front_end.rows, front_end.columns), np.uint8)
        views = cls(made, count)
        for clip, start, number in zip(clips, views.first, count, strict=True):
            check()
            for k in range(number):
                rng = np.random.default_rng([k, int(clip.digest[:8], 16)])
                made[start + k] = np.rint(255 * random_window(rng, clip, noises, front_end, schedule))
        return views

    @property
    def first(self) -> NDArray[np.intp]:
        """Index of each clip's first view (clips,)."""
        begun: NDArray[np.intp] = np.cumsum(self.count) - self.count
        return begun

    def some(self, rng: Generator, clips: NDArray[np.intp], among: NDArray[np.intp]) -> NDArray[np.intp]:
        """The indices of a random view of each of these clips, among so many of its first (clips,)."""
        chosen: NDArray[np.intp] = self.first[clips] + rng.integers(among)
        return chosen


def views_needed(examples: Examples, clips: NDArray[np.intp], schedule: Schedule) -> NDArray[np.intp]:
    """How many views of each example who hears these clips needs, so that one is heard `schedule.again` times
    (examples,); 0 of what is not heard."""
    count = np.zeros(len(examples.clips), np.intp)
    for of_corpus, share in examples.by_corpus(clips, dict(schedule.shares)):
        draws = schedule.epochs * schedule.draws * share
        count[of_corpus] = max(1, round(draws / len(of_corpus) / schedule.again))
    return count


def random_window(rng: Generator, clip: Clip, noises: Sequence[Rows], front_end: FrontEnd, schedule: Schedule) -> Rows:
    """One random window of a clip through one random channel: (rows, bands) in [0, 1]."""
    rows = clip.rows[random_span(rng, clip, front_end, schedule)]
    if not len(rows):
        return cut_window(clip, len(clip.rows), front_end)
    return front_end.scale(apply_channel(rng, rows, noises, front_end, schedule.channel))


def random_span(rng: Generator, clip: Clip, front_end: FrontEnd, schedule: Schedule) -> slice:
    """The rows of a clip that a random window is made of; none where the clip has hardly any."""
    spoken = np.flatnonzero(clip.spoken)
    if len(spoken) and rng.random() < schedule.whole:
        latest = int(spoken[-1]) + rows_of(0.5, front_end)
        end = int(rng.integers(min(int(spoken[0]) + front_end.rows, int(spoken[-1]) + 1), latest + 1))
    else:
        end = draw_end(rng, clip, front_end)
    past = max(0, end - front_end.rows - front_end.rows // 4)  # rooms and pace need rows before the window's first
    return slice(past, min(end, len(clip.rows)))
