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

LEFT, RIGHT = 66, 706
COLUMN = 4
"""Width of a column of a strip, which goes from edge to edge."""
COLUMNS = svg.WIDTH // COLUMN

WEEKS_DAYS = 70
"""Days from which on an axis names months."""

ROOM = 50
"""Room that the word at a cut needs; one that has another close behind it goes without."""

MANY = 60
"""Sessions from which on their signs are smaller, so that they can be told apart."""


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
        """At most seven midnights, evenly apart; over many weeks, firsts of months."""
        midnight = self.first.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
        count = max((self.last - midnight).days, 0) + 1
        days = [midnight + timedelta(days=i) for i in range(count) if midnight <= self.last]
        if count > WEEKS_DAYS:
            days = [day for day in days if day.day == 1]
        return days[:: max(-(-len(days) // 7), 1)]

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
    for x, following in pairwise([*_cuts(stretches, days), RIGHT]):
        parts.append(svg.line(x, 8, x, 92, stroke=svg.INK, dash="4 3"))
        if following - x >= ROOM:
            parts.append(svg.text(x + 3, 15, words.part("report")["cut_short"], size=9))
    places = [
        ("inside" if one.enough else "hollow", days.x(began(one)), 92 - 70 * one.coverage.speech_s / most)
        for one in sessions
    ]
    parts.append(svg.strokes("".join(f"M{x:.1f} 92V{y:.1f}" for _, x, y in places), svg.MIDDLE, 1))
    parts += svg.marks(places, _size(places))
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
    parts += [svg.line(x, top, x, bottom, stroke=svg.INK, dash="4 3") for x in _cuts(stretches, days)]
    shown = [(p.mark, days.x(began(p.session)), p.share) for _, p in points if p.share]
    intervals = [
        f"M{x:.1f} {y(share.low):.1f}V{y(share.high):.1f}"
        for _, x, share in shown
        if share.low is not None and share.high is not None
    ]
    parts.append(svg.strokes("".join(intervals), svg.MIDDLE, 1))
    parts += svg.marks([(mark, x, y(share.value)) for mark, x, share in shown], _size(shown))
    values = [share.value for _, _, share in shown] or [0.0]
    told = {"low": words.percent(min(values)), "high": words.percent(max(values))}
    return svg.picture(132, words.say("figure_alt", name=words.label(name), count=len(shown), **told), parts)


def _cuts(stretches: Sequence[Stretch], days: Days) -> list[float]:
    """Where stretches meet."""
    meeting = [(before.sessions[-1], after.sessions[0]) for before, after in pairwise(stretches)]
    return [(days.x(began(last)) + days.x(began(first))) / 2 for last, first in meeting]


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
    places = [("inside", days.x(local(row["at"], row["offset_min"])), y(row["mood"])) for row in rated]
    parts += svg.marks(places, _size(places))
    return svg.picture(112, words.say("moods_alt", count=len(rated)), parts)


def strip(session: Summary, bins: Sequence[Row], absences: Sequence[Row], words: Words) -> str:
    """A session from its start to its end: speech as columns, dark where an emotion was announced, else pale.

    Below, a line where it was listened; none where it was not.
    """
    ends = [row["at_s"] + BIN_S for row in bins] + [row["at_s"] + row["seconds"] for row in absences]
    whole = max([*ends, session.coverage.elapsed_s, BIN_S])
    speech, dark = [0.0] * COLUMNS, [0.0] * COLUMNS
    for row in bins:
        place = min(int(COLUMNS * row["at_s"] / whole), COLUMNS - 1)
        speech[place] += row["speech_s"]
        dark[place] += row["speech_s"] - row["uncertain_s"]
    most = max(whole / COLUMNS, BIN_S)
    parts = [
        svg.strokes(_columns(seconds, most), stroke, 3.4) for seconds, stroke in ((speech, svg.MIDDLE), (dark, svg.INK))
    ]
    heard = [[svg.WIDTH * at / whole for at in run] for run in _runs(bins)]
    parts.append(svg.strokes("".join(f"M{start:.1f} 39.5H{end:.1f}" for start, end in heard), svg.MIDDLE, 3))
    parts += [svg.text(0, 54, "0", size=9), svg.text(svg.WIDTH, 54, words.duration(whole), anchor="end", size=9)]
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


def _columns(seconds: Sequence[float], most: float) -> str:
    return "".join(
        f"M{COLUMN * i + COLUMN // 2} 36V{36 - 30 * min(s / most, 1.0):.0f}" for i, s in enumerate(seconds) if s > 0
    )


def _size(places: Sequence[object]) -> float:
    return 3.5 if len(places) <= MANY else 2.0
