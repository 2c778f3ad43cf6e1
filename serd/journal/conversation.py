"""A conversation: how long each of two voices of one serd spoke, and how often the turn went to the other.

Only strides count that were judged of both, by the time of the stream that both come from; of each voice what is its
own, and not what serd takes for the other on its channel. Pure, as the bins are; nothing else is kept of the companion.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from serd.errors import ConfigError
from serd.events.payload import Payload
from serd.journal.consent import active
from serd.journal.moment import Moment
from serd.journal.person import PersonFile, Row

TURN_S = 1.0
"""Who has spoken alone for so long, pauses left out, has the turn; shorter ones are assent and interjections."""

UNMATCHED = 64
"""Strides of a voice that wait for the other's."""

PERSON, COMPANION = 0, 1
VOICES = ("person", "companion")


@dataclass(frozen=True, slots=True)
class Companion:
    """Who else speaks, with a consent of their own."""

    source: str
    """The source that is their voice."""
    file: PersonFile

    @property
    def version(self) -> int:
        """As of the file; another one, too, when it is there no more."""
        try:
            return self.file.version
        except ConfigError:
            return -1

    def agrees(self, now: Moment) -> bool:
        """Whether the consent still holds; one that cannot be read does not."""
        try:
            return active(self.file, now) is not None
        except ConfigError:  # erased meanwhile
            return False


class Conversation:
    """Counts what two voices of a session say."""

    def __init__(self, session: str, person: str, companion: str) -> None:
        """`person`, `companion`: the sources that are their voices."""
        self._session, self._sources = session, (person, companion)
        self._devices: list[str | None] = [None, None]
        self._run, self._stride_s = "", 0.0
        self._waiting: tuple[dict[int, bool], ...] = ({}, {})
        """Of each voice, whether it speaks in a stride, by the stride's end in ms."""
        self._alone = [0.0, 0.0]
        """How long each has spoken alone since the other last did."""
        self._holder: int | None = None
        self._heard_s, self._spoken, self._turns = 0.0, [0.0, 0.0], [0, 0]

    def take(self, event: dict[str, Any]) -> None:
        """Count an event of either voice, if it is a frame; others are only looked at."""
        voice, data = self._sources.index(event["source"]), Payload(event["data"])
        run, kind = event["data"]["session"], event["type"].rpartition(".")[2]
        if run != self._run:
            self._run, self._devices = run, [None, None]
            self._begin_anew()
        if kind == "status":
            self._devices[voice] = data.part("device").text("name")
            self._stride_s = data.number("stride_s") or 0.0
        end_s = data.part("window").number("end_s")
        if kind != "frame" or end_s is None or self._devices[0] is None or self._devices[0] != self._devices[1]:
            return
        speaks = data.text("state") in ("uncertain", "emotion") and not data.part("other_voice")
        place = round(1000 * end_s)
        mine, others = self._waiting[voice], self._waiting[1 - voice]
        if place in others:
            both = (speaks, others.pop(place)) if voice == PERSON else (others.pop(place), speaks)
            self._stride(both)
            return
        mine[place] = speaks
        if len(mine) > UNMATCHED:
            del mine[next(iter(mine))]

    @property
    def row(self) -> Row:
        """What there is so far, as it is stored."""
        row: Row = {"session": self._session, "heard_s": round(self._heard_s, 3)}
        for name, spoken, turns in zip(VOICES, self._spoken, self._turns, strict=True):
            row |= {f"{name}_s": round(spoken, 3), f"{name}_turns": turns}
        return row

    def _begin_anew(self) -> None:
        self._waiting, self._alone, self._holder = ({}, {}), [0.0, 0.0], None

    def _stride(self, speaks: tuple[bool, bool]) -> None:
        self._heard_s += self._stride_s
        for voice, one in enumerate(speaks):
            self._spoken[voice] += self._stride_s * one
        if speaks[PERSON] == speaks[COMPANION]:
            return
        voice = PERSON if speaks[PERSON] else COMPANION
        self._alone[voice] += self._stride_s
        self._alone[1 - voice] = 0.0
        if voice != self._holder and self._alone[voice] >= TURN_S:
            self._holder = voice
            self._turns[voice] += 1
