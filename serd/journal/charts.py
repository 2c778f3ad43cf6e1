"""The pictures of a report: when sessions were, what one was like, a figure over weeks with what is usual."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from serd.journal import svg
from serd.journal.course import Point, Stretch
from serd.journal.moment import local
from serd.journal.person import Row
from serd.journal.summary import Summary
from serd.journal.tables import BIN_S, MOODS
from serd.journal.words import Words

LEFT, RIGHT = 66, 708
COLUMNS = 160
"""Columns of a strip, of 4 units each."""


@dataclass(frozen=True, slots=True)
class Days:
    """A scale of days, shared by all pictures of a report so that they can be read below each other."""

    first: datetime
    last: datetime

    @classmethod
    def of(cls, times: Sequence[datetime]) -> Days:
        """From a little before the first to a little after the last."""
        room = max((max(times) - min(times)) * 0.02, timedelta(hours=12))
        return cls(min(times) - room, max(times) + room)

    def x(self, when: datetime) -> float:
        """Where a time is."""
        return LEFT + (RIGHT - LEFT) * ((when - self.first) / (self.last - self.first))

    def ticks(self) -> list[datetime]:
        """At most seven midnights, evenly apart."""
        midnight = self.first.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
        count = max((self.last - midnight).days, 0) + 1
        step = max(-(-count // 7), 1)
        return [midnight + timedelta(days=step * i) for i in range(-(-count // step)) if midnight <= self.last]

    def axis(self, y: float, words: Words) -> list[str]:
        """The axis with its days."""
        parts = [svg.line(LEFT, y, RIGHT, y)]
        for tick in self.ticks():
            x = self.x(tick)
            parts += [svg.line(x, y, x, y + 4), svg.text(min(x, RIGHT - 30), y + 16, words.day(tick), anchor="middle")]
        return parts


def began(session: Summary) -> datetime:
    """When a session began, by the clocks there."""
    return local(session.started_at, session.offset_min)


def timeline(sessions: Sequence[Summary], stretches: Sequence[Stretch], days: Days, words: Words) -> str:
    """A sign for each session, as high as it had minutes of speech; hollow for too little; cuts between stretches."""
    most = max((session.coverage.speech_s for session in sessions), default=0.0) or 1.0
    parts = [svg.text(LEFT - 6, 22, words.duration(most), anchor="end", size=9), *days.axis(92, words)]
    for before, after in pairwise(stretches):
        x = (days.x(began(before.sessions[-1])) + days.x(began(after.sessions[0]))) / 2
        parts += [
            svg.line(x, 8, x, 92, stroke=svg.INK, dash="4 3"),
            svg.text(x + 3, 15, words.part("report")["cut_short"], size=9),
        ]
    for session in sessions:
        x, y = days.x(began(session)), 92 - 70 * session.coverage.speech_s / most
        parts += [svg.line(x, 92, x, y), svg.mark("inside" if session.enough else "hollow", x, y)]
    return svg.picture(114, words.say("timeline_alt", count=len(sessions)), parts)


def figure(name: str, stretches: Sequence[Stretch], days: Days, words: Words) -> str:
    """A share over weeks: signs with intervals, on the band of what is usual."""
    top, bottom = 10.0, 110.0
    points = [(stretch, point) for stretch in stretches for point in stretch.figures.get(name, ())]
    shares = [p.share.high if p.share.high is not None else p.share.value for _, p in points if p.share]
    most = next((one for one in (0.1, 0.2, 0.5) if max(shares, default=0.0) <= one), 1.0)

    def y(share: float) -> float:
        return bottom - (bottom - top) * min(share, most) / most

    parts = [svg.text(LEFT - 6, y(s) + 4, words.percent(s), anchor="end", size=9) for s in (0.0, most / 2, most)]
    for stretch in stretches:
        parts += _band([p for p in stretch.figures.get(name, ()) if p.band], days, y)
    parts += [svg.line(LEFT, y(s), RIGHT, y(s), stroke=svg.PALE) for s in (most / 2, most)]
    parts += days.axis(bottom, words)
    for before, after in pairwise(stretches):
        x = (days.x(began(before.sessions[-1])) + days.x(began(after.sessions[0]))) / 2
        parts.append(svg.line(x, top, x, bottom, stroke=svg.INK, dash="4 3"))
    for _, point in points:
        if point.share is None:
            continue
        x = days.x(began(point.session))
        if point.share.low is not None and point.share.high is not None:
            parts.append(svg.line(x, y(point.share.low), x, y(point.share.high), stroke=svg.MIDDLE))
        parts.append(svg.mark(point.mark, x, y(point.share.value)))
    return svg.picture(132, words.say("figure_alt", name=words.label(name), count=len(points)), parts)


def _band(points: Sequence[Point], days: Days, y: object) -> list[str]:
    """The band between the limits, and the median on it."""
    at = y if callable(y) else float
    if not points:
        return []
    bands = [(days.x(began(p.session)), p.band) for p in points if p.band]
    ends = [(x, band) for x, band in bands] + [(bands[-1][0] + 6, bands[-1][1])]
    upper = " ".join(f"L{x:.1f} {at(band.high):.1f}" for x, band in ends)
    lower = " ".join(f"L{x:.1f} {at(band.low):.1f}" for x, band in reversed(ends))
    middle = " ".join(f"L{x:.1f} {at(band.median):.1f}" for x, band in ends)
    return [svg.path(f"M{upper[1:]} {lower}z", svg.PALE), svg.path(f"M{middle[1:]}", "none", svg.MIDDLE)]


def moods(ratings: Sequence[Row], days: Days, words: Words) -> str:
    """The person's own ratings over the same weeks."""
    rated = [row for row in ratings if row["mood"] is not None]

    def y(mood: int) -> float:
        return 90 - 80 * (mood - MOODS[0]) / (MOODS[-1] - MOODS[0])

    parts = [svg.text(LEFT - 6, y(mood) + 4, str(mood), anchor="end", size=9) for mood in (1, 5, 9)]
    parts += [svg.line(LEFT, y(mood), RIGHT, y(mood), stroke=svg.PALE) for mood in (5, 9)]
    parts += days.axis(90, words)
    parts += [svg.mark("inside", days.x(local(row["at"], row["offset_min"])), y(row["mood"])) for row in rated]
    return svg.picture(112, words.say("moods_alt", count=len(rated)), parts)


def strip(session: Summary, bins: Sequence[Row], absences: Sequence[Row], words: Words) -> str:
    """A session from its start to its end: speech as columns, dark where an emotion was announced, else pale.

    Below, a line where it was listened; none where it was not.
    """
    ends = [row["at_s"] + BIN_S for row in bins] + [row["at_s"] + row["seconds"] for row in absences]
    whole = max([*ends, session.coverage.elapsed_s, BIN_S])
    width = (RIGHT - LEFT) / COLUMNS
    speech, dark, heard = [0.0] * COLUMNS, [0.0] * COLUMNS, [0.0] * COLUMNS
    for row in bins:
        place = min(int(COLUMNS * row["at_s"] / whole), COLUMNS - 1)
        speech[place] += row["speech_s"]
        dark[place] += row["speech_s"] - row["uncertain_s"]
        heard[place] += row["listened_s"]
    most = max(whole / COLUMNS, BIN_S)
    columns = {
        svg.MIDDLE: _columns(speech, [min(s / most, 1.0) for s in speech], width),
        svg.INK: _columns(dark, [min(s / most, 1.0) for s in dark], width),
    }
    parts = [svg.path(d, fill) for fill, d in columns.items()]
    lines = "".join(
        f"M{LEFT + (RIGHT - LEFT) * start / whole:.1f} 38h{(RIGHT - LEFT) * (end - start) / whole:.1f}v3"
        f"h-{(RIGHT - LEFT) * (end - start) / whole:.1f}z"
        for start, end in _runs(bins)
    )
    parts.append(svg.path(lines, svg.MIDDLE))
    parts += [svg.text(LEFT, 54, "0", size=9), svg.text(RIGHT, 54, words.duration(whole), anchor="end", size=9)]
    shown = words.duration(session.coverage.speech_s), words.duration(session.coverage.listened_s)
    return svg.picture(58, words.say("strip_alt", speech=shown[0], listened=shown[1]), parts)


def _runs(bins: Sequence[Row]) -> list[tuple[float, float]]:
    """Where neighbouring bins begin and end, in seconds of the session."""
    runs: list[tuple[float, float]] = []
    for row in bins:
        at = row["at_s"]
        if runs and at - runs[-1][1] < BIN_S / 2:
            runs[-1] = (runs[-1][0], at + BIN_S)
        else:
            runs.append((at, at + BIN_S))
    return runs


def _columns(seconds: Sequence[float], heights: Sequence[float], width: float) -> str:
    return "".join(
        f"M{LEFT + i * width:.1f} 36v-{30 * height:.1f}h{width - 0.6:.1f}V36z"
        for i, (s, height) in enumerate(zip(seconds, heights, strict=True))
        if s > 0
    )
