"""Simulated journals: persons whose voices sound as always, or change on a day, in rows as a recorder writes them.

A person has usual shares of the labels, and of liveliness (activation) apart from them; each session differs from both
(log-odds, with a standard deviation of `SPREAD`), each bout of speech from its session. Nobody's real voice is behind
it: it shows what the journal's rules do by chance.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from serd.journal.course import course, shifts
from serd.journal.moment import utc_text
from serd.journal.summary import ACTIVATION, UNCERTAIN, Context, Coverage, Share, Summary

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
        self._lively = np.random.default_rng([seed, 1]) if activation else None  # the labels' draws stay the same
        self._usual_lively = self._lively.normal(0.0, 1.0, len(ACTIVATION)) if self._lively else np.zeros(0)
        self._bins = round(minutes * 12)

    def session(
        self, when: datetime, *, shift: float = 0.0, model: str = "serd-small/1.1", device: str = "USB"
    ) -> Rows:
        """One session's rows; `shift` is added to the log-odds of `sad`."""
        chance = self._chance
        odds = self._usual + chance.normal(0.0, SPREAD, len(self._usual))
        odds[LABELS.index("sad")] += shift
        shares = np.exp(odds) / np.exp(odds).sum()
        name = f"{chance.integers(1 << 62):016x}"
        lively = self._lively_of_a_session()
        bins, at = [], 0
        while at < self._bins:
            pause, bout = int(chance.geometric(0.25)), int(chance.geometric(0.3))
            mixed = chance.dirichlet(shares * BOUT_STRENGTH + 1e-3)
            for number in range(at, min(at + pause + bout, self._bins)):
                bins.append(self._bin(name, number, mixed if number >= at + pause else None, lively))
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

    def _lively_of_a_session(self) -> NDArray[np.float64] | None:
        """Shares of activation, high, low and unclear; None for a model that tells none."""
        if self._lively is None:
            return None
        odds = np.exp(self._usual_lively + self._lively.normal(0.0, SPREAD, len(self._usual_lively)))
        shares: NDArray[np.float64] = odds / odds.sum()
        return shares

    def _bin(self, session: str, number: int, mixed: Any, lively: NDArray[np.float64] | None) -> dict[str, Any]:
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
            if self._lively is not None and lively is not None:
                three = self._lively.multinomial(strides, self._lively.dirichlet(lively * BOUT_STRENGTH + 1e-3)) * 0.25
                row["high_s"], row["low_s"], row["unclear_s"] = map(float, three)
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
        if self._lively is not None and (lively := self._lively_of_a_session()) is not None:
            three = weights @ self._lively.dirichlet(lively * BOUT_STRENGTH + 1e-3, BOUTS) / weights.sum()
            named |= {name: Share(float(v)) for name, v in zip(ACTIVATION, three, strict=True)}
        context = Context("serd-small/1.1", "USB", "microphone", None)
        coverage = Coverage(1800.0, 1800.0, 700.0, 0.0, 0.0, 0.0, {})
        return Summary(
            f"{chance.integers(1 << 62):016x}", utc_text(when), 60, "Europe/Berlin", "stop", 0.0, None, context,
            (context,), coverage, named, 0.0, BOUTS,
        )  # fmt: skip


def dates(weeks: int) -> list[datetime]:
    """Three sessions a week."""
    return [START + timedelta(days=7 * week + day) for week in range(weeks) for day in DAYS]


def told_by_chance(seed: int) -> dict[str, int]:
    """What the rules tell within a year of one person who did not change, in twelve figures, by mark: shifts, sessions
    outside once, and how many were compared."""
    person = Person(seed, activation=True)
    figures = course([person.summary(when) for when in dates(52)])[0].figures.values()
    marks = [point.mark for points in figures for point in points if point.band]
    return {
        "shifts": sum(len(shifts(points)) for points in figures),
        "one_offs": marks.count("one-off"),
        "compared": len(marks),
    }


def sessions_until_seen(shift: float, seed: int, since: int = 40) -> int | None:
    """After how many sessions a change of `sad` from the session `since` on is told as a shift; None: not within the
    year."""
    person = Person(seed)
    sessions = [person.summary(when, shift=shift if i >= since else 0.0) for i, when in enumerate(dates(52))]
    points = course(sessions)[0].figures["sad"]
    told = [i for i, point in enumerate(points) if point.mark == "shift" and i >= since]
    return told[0] - since + 3 if told else None  # it is told with the third of a row


CONSENT = {
    "id": 1, "purpose": "to see how it goes", "contact": "the study's office, room 12", "until": "2030-01-01",
    "by": "self", "notice": "1", "notice_sha256": "0" * 64, "language": "en",
    "agreed_at": "2026-01-01T09:00:00.000Z", "offset_min": 60, "zone": "Europe/Berlin", "withdrawn_at": None,
}  # fmt: skip
