"""Figures over time: each session against the person's own baseline, in stretches of one model and one microphone.

The baseline of a figure is the median and the median absolute deviation (MAD) of the first sessions with enough
speech: there is one from the 8th on, and it takes in sessions up to the 48th, for of 8 alone it would be so vague that
false shifts were the rule (`script/journal-year` counts them). Outside is who is further from the median than
3 * 1.4826 * MAD (Leys et al., 2013; 1.4826 makes a MAD a standard deviation), and by 5 points at least. One session
outside is a one-off; three in a row on one side are a shift.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from serd.journal.summary import Context, Share, Summary

FIRST = 8
"""Sessions until there is a baseline."""

LAST = 48
"""Sessions that it takes in at most."""

WIDTH = 3 * 1.4826
LEAST = 0.05
"""A difference under 5 points of speech is none, however alike the sessions of the baseline were."""

IN_A_ROW = 3

Mark = Literal["hollow", "baseline", "inside", "one-off", "shift"]


@dataclass(frozen=True, slots=True)
class Band:
    """What is usual for this person, as shares."""

    median: float
    low: float
    high: float
    sessions: int


@dataclass(frozen=True, slots=True)
class Point:
    """A figure of one session."""

    session: Summary
    share: Share | None
    """None where there was no speech, or the model has no such figure."""
    band: Band | None
    """What it was compared with; None while there is no baseline."""
    mark: Mark


@dataclass(frozen=True, slots=True)
class Stretch:
    """Sessions that can be compared."""

    context: Context
    sessions: tuple[Summary, ...]
    figures: dict[str, tuple[Point, ...]]
    missing: int
    """Sessions with enough speech that a baseline still needs."""

    def of(self, chosen: Container[str]) -> Stretch:
        """The same, with no other sessions than these; what was usual before them stays so."""
        sessions = tuple(session for session in self.sessions if session.id in chosen)
        figures = {
            name: tuple(point for point in points if point.session.id in chosen)
            for name, points in self.figures.items()
        }
        return replace(self, sessions=sessions, figures=figures)


def course(sessions: Sequence[Summary], earlier: Sequence[Summary] = ()) -> list[Stretch]:
    """Sessions by the time at which they began, cut where the model or the microphone changes.

    `earlier` ones are not shown, but tell what is usual. Sessions in which nothing was heard belong to no stretch.
    """
    chosen = {session.id for session in sessions}
    stretches = (_stretch(context, part).of(chosen) for context, part in _parts([*earlier, *sessions]))
    return [stretch for stretch in stretches if stretch.sessions]


def _parts(sessions: Sequence[Summary]) -> Iterator[tuple[Context, list[Summary]]]:
    part: list[Summary] = []
    for session in sorted(sessions, key=lambda one: (one.started_at, one.id)):
        if session.context is None:
            continue
        if part and part[-1].context != session.context:
            yield _context(part), part
            part = []
        part.append(session)
    if part:
        yield _context(part), part


def _context(part: Sequence[Summary]) -> Context:
    context = part[0].context
    assert context is not None
    return context


def _stretch(context: Context, sessions: Sequence[Summary]) -> Stretch:
    names = dict.fromkeys(name for session in sessions for name in session.shares)
    missing = max(FIRST - sum(session.enough for session in sessions), 0)
    return Stretch(context, tuple(sessions), {name: tuple(_points(name, sessions)) for name in names}, missing)


def _points(name: str, sessions: Sequence[Summary]) -> list[Point]:
    points: list[Point] = []
    before: list[float] = []
    run: list[int] = []
    side = 0
    for session in sessions:
        share = session.shares.get(name)
        if share is None or not session.enough:
            points.append(Point(session, share, None, "hollow"))
            continue
        band = band_of(before)
        before.append(share.value)
        if band is None:
            points.append(Point(session, share, None, "baseline"))
            continue
        now = (share.value > band.high) - (share.value < band.low)
        run = [*run, len(points)] if now and now == side else [len(points)] if now else []
        side = now
        points.append(Point(session, share, band, "one-off" if now else "inside"))
        if len(run) >= IN_A_ROW:
            for place in run:
                old = points[place]
                points[place] = Point(old.session, old.share, old.band, "shift")
    return points


def band_of(values: Sequence[float]) -> Band | None:
    """What is usual, by the values of the sessions so far; None while they are too few."""
    if len(values) < FIRST:
        return None
    first = np.asarray(values[:LAST])
    median = float(np.median(first))
    reach = max(WIDTH * float(np.median(np.abs(first - median))), LEAST)
    return Band(median, max(median - reach, 0.0), min(median + reach, 1.0), len(first))


def shifts(points: Sequence[Point]) -> list[Point]:
    """The first session of each shift."""
    return [p for i, p in enumerate(points) if p.mark == "shift" and (i == 0 or not _same_run(points, i))]


def _same_run(points: Sequence[Point], i: int) -> bool:
    """Whether the nearest earlier session with enough speech belongs to the same shift."""
    before = next((p for p in reversed(points[:i]) if p.mark != "hollow"), None)
    return before is not None and before.mark == "shift" and _side(before) == _side(points[i])


def _side(point: Point) -> bool:
    return point.share is not None and point.band is not None and point.share.value > point.band.median
