"""Simulated journals: persons whose voices sound as always, or change on a day, in rows as a recorder writes them.

A person has usual shares of the labels; each session differs from them (log-odds, with a standard deviation of
`SPREAD`), each bout of speech from its session. Nobody's real voice is behind it: it shows what the journal's rules do
by chance.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from serd.journal.course import course, shifts
from serd.journal.moment import utc_text
from serd.journal.summary import UNCERTAIN, Context, Coverage, Share, Summary

LABELS = ("neutral", "calm", "happy", "sad", "angry", "fearful", "disgust", "surprised")
SPREAD = 0.35
BOUT_STRENGTH = 12.0
BOUTS = 40
DAYS = (0, 2, 4)
START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
Rows = dict[str, list[dict[str, Any]]]


class Person:
    """Draws one person's sessions; the same seed, the same person."""

    def __init__(self, seed: int, *, minutes: float = 30.0, activation: bool = False) -> None:
        self._chance = np.random.default_rng(seed)
        self._usual = self._chance.normal(0.0, 1.0, len(LABELS) + 1)
        self._usual[-1] += 2.0  # half of the speech or so stays uncertain
        self._bins, self._activation, self._count = round(minutes * 12), activation, 0

    def session(
        self, when: datetime, *, shift: float = 0.0, model: str = "serd-small/1.1", device: str = "USB"
    ) -> Rows:
        """One session's rows; `shift` is added to the log-odds of `sad`."""
        chance = self._chance
        odds = self._usual + chance.normal(0.0, SPREAD, len(self._usual))
        odds[LABELS.index("sad")] += shift
        shares = np.exp(odds) / np.exp(odds).sum()
        name = f"{chance.integers(1 << 62):016x}"
        self._count += 1
        bins, at = [], 0
        while at < self._bins:
            pause, bout = int(chance.geometric(0.25)), int(chance.geometric(0.3))
            mixed = chance.dirichlet(shares * BOUT_STRENGTH + 1e-3)
            for number in range(at, min(at + pause + bout, self._bins)):
                bins.append(self._bin(name, number, mixed if number >= at + pause else None))
            at += pause + bout
        elapsed = self._bins * 5.0
        session = {
            "id": name, "consent": 1, "started_at": utc_text(when), "offset_min": 60, "zone": "Europe/Berlin",
            "ended_at": utc_text(when + timedelta(seconds=elapsed)), "ended_by": "stop", "elapsed_s": elapsed,
            "clock_jump_s": 0.0, "note": None,
        }  # fmt: skip
        stream = {
            "session": name, "number": 0, "at_s": 0.0, "source": "default", "run": name, "model": model,
            "labels": json.dumps(LABELS), "device": device, "origin": "microphone", "reference": None,
            "stride_s": 0.25, "version": "0.1.0",
        }  # fmt: skip
        return {"session": [session], "stream": [stream], "bin": bins}

    def _bin(self, session: str, number: int, mixed: Any) -> dict[str, Any]:
        row: dict[str, Any] = {
            "session": session, "stream": 0, "number": number, "at_s": number * 5.0, "listened_s": 5.0, "speech_s": 0.0,
            "uncertain_s": 0.0, "missed_s": 0.0, "gap_s": 0.0, "skipped_s": 0.0, "high_s": 0.0, "low_s": 0.0,
            "unclear_s": 0.0, "announced": None, "weighted": None,
        }  # fmt: skip
        if mixed is not None:
            strides = int(self._chance.integers(6, 21))
            counts = self._chance.multinomial(strides, mixed) * 0.25
            row["speech_s"], row["uncertain_s"] = strides * 0.25, float(counts[-1])
            row["announced"] = json.dumps({k: float(v) for k, v in zip(LABELS, counts, strict=False) if v})
            row["weighted"] = json.dumps(
                {k: round(float(strides * 0.25 * v), 4) for k, v in zip(LABELS, mixed, strict=False)}
            )
            if self._activation:
                row["high_s"] = float(counts[LABELS.index("angry")] + counts[LABELS.index("happy")])
                row["low_s"] = round((strides * 0.25 - row["high_s"]) / 2, 2)
                row["unclear_s"] = round(strides * 0.25 - row["high_s"] - row["low_s"], 2)
        return row

    def summary(self, when: datetime, *, shift: float = 0.0) -> Summary:
        """A session's figures without its bins, for thousands of them: shares of `BOUTS` bouts, added up."""
        chance = self._chance
        odds = self._usual + chance.normal(0.0, SPREAD, len(self._usual))
        odds[LABELS.index("sad")] += shift
        bouts = chance.dirichlet(np.exp(odds) / np.exp(odds).sum() * BOUT_STRENGTH + 1e-3, BOUTS)
        weights = chance.exponential(1.0, BOUTS)
        shares = (weights[:, None] * bouts).sum(0) / weights.sum()
        named = {name: Share(float(v)) for name, v in zip((*LABELS, UNCERTAIN), shares, strict=True)}
        context = Context("serd-small/1.1", "USB", "microphone", None)
        coverage = Coverage(1800.0, 1800.0, 700.0, 0.0, 0.0, 0.0, {})
        return Summary(
            f"{chance.integers(1 << 62):016x}", utc_text(when), 60, "Europe/Berlin", "stop", 0.0, None, context,
            (context,), coverage, named, 0.0, BOUTS,
        )  # fmt: skip


def dates(weeks: int) -> list[datetime]:
    """Three sessions a week."""
    return [START + timedelta(days=7 * week + day) for week in range(weeks) for day in DAYS]


def false_shifts(years: int, seed: int = 0) -> int:
    """Shifts that the rules find in so many person-years, of which nobody changed in any."""
    found = 0
    for year in range(years):
        person = Person(seed * 100_003 + year)
        for stretch in course([person.summary(when) for when in dates(52)]):
            found += sum(len(shifts(points)) for points in stretch.figures.values())
    return found


def sessions_until_seen(shift: float, people: int, since: int = 40, seed: int = 1) -> list[int | None]:
    """After how many sessions a change of `sad` is told as a shift, for each person; None: not within the year."""
    found: list[int | None] = []
    for one in range(people):
        person = Person(seed * 100_003 + one)
        sessions = [person.summary(when, shift=shift if i >= since else 0.0) for i, when in enumerate(dates(52))]
        points = course(sessions)[0].figures["sad"]
        told = [i for i, point in enumerate(points) if point.mark == "shift" and i >= since]
        found.append(told[0] - since + 3 if told else None)  # it is told with the third of a row
    return found


CONSENT = {
    "id": 1, "purpose": "to see how it goes", "contact": "the study's office, room 12", "until": "2030-01-01",
    "by": "self", "notice": "1", "notice_sha256": "0" * 64, "language": "en",
    "agreed_at": "2026-01-01T09:00:00.000Z", "offset_min": 60, "zone": "Europe/Berlin", "withdrawn_at": None,
}  # fmt: skip
