"""A session's part of the report: its strip, what was heard and what not, shares of its speech."""

from __future__ import annotations

from typing import Any

from serd.journal import charts
from serd.journal.reading import Reading
from serd.journal.summary import MINIMUM_SPEECH_S, Share, Summary
from serd.journal.words import Words

WORTH_TELLING_S = 0.5
"""Seconds of loss from which on it is worth telling."""


def session_part(session: Summary, reading: Reading, words: Words, raw: Any) -> dict[str, Any]:
    """What the template shows of a session; `raw` marks text that is markup already."""
    bins, absences = reading.bins.get(session.id, []), reading.absences.get(session.id, [])
    shares = [
        f"{words.label(name)} {words.percent(share.value)}{_range(share, words)}".replace(" ", "\N{NO-BREAK SPACE}")
        for name, share in session.shares.items()
    ]
    return {
        "when": _when(session, words), "lines": _lines(session, words), "note": session.note or "",
        "shares": "; ".join(shares), "strip": raw(charts.strip(session, bins, absences, words)),
    }  # fmt: skip


def _when(session: Summary, words: Words) -> str:
    sign, minutes = "-" if session.offset_min < 0 else "+", abs(session.offset_min)
    offset = f"UTC{sign}{minutes // 60:02d}:{minutes % 60:02d}"
    return f"{words.time(charts.began(session))} ({offset}, {session.zone})"


def _lines(session: Summary, words: Words) -> list[str]:
    w, coverage = words.part("report"), session.coverage
    end = words.names("ends").get(session.ended_by or "", "")
    heard = (
        f"{w['listened']}: {words.duration(coverage.listened_s)}; {w['spoken']}: {words.duration(coverage.speech_s)}"
    )
    lines = [f"{heard} ({end})", f"{w['coverage']}: {words.percent(coverage.share)} ({_losses(session, words)})"]
    if not session.enough and session.shares:
        lines.append(w["hollow"].format(minimum=words.duration(MINIMUM_SPEECH_S)))
    if (talk := session.talk) is not None:
        told = {name: words.duration(getattr(talk, f"{name}_s")) for name in ("person", "companion", "heard")}
        lines.append(w["talk"].format(mine=talk.person_turns, theirs=talk.companion_turns, **told))
    for one in session.settings:
        line = f"{w['settings']}: {one.model}, {one.device} ({words.names('origins')[one.origin]})"
        reference = words.names("references").get(one.reference or "")
        lines.append(line + (f"; {reference}" if reference else ""))
    return lines


def _losses(session: Summary, words: Words) -> str:
    w, coverage = words.part("report"), session.coverage
    lost = {words.names("absences")[state]: seconds for state, seconds in coverage.absences.items()}
    skipped = min(coverage.skipped_s, coverage.gap_s)
    lost |= {w["gap"]: coverage.gap_s - skipped, w["missed"]: coverage.missed_s, w["skipped"]: coverage.skipped_s}
    told = [f"{name} {words.duration(s)}" for name, s in lost.items() if s >= WORTH_TELLING_S]
    if session.clock_jump_s:
        told.append(w["clock"].format(seconds=words.duration(abs(session.clock_jump_s))))
    return "; ".join(told) or w["complete"]


def _range(share: Share, words: Words) -> str:
    if share.low is None or share.high is None:
        return ""
    return f" ({words.say('range', low=words.number(100 * share.low), high=words.number(100 * share.high))})"
