"""Bins: events in, rows of a session out. Pure: it is told the position in the session, and writes nothing.

A bin is 5 s of one stream, by the stream's own time, so that a recording played faster than it was spoken has the same
bins. A stream is one run of one serd with one set of settings; any change of them, or a step back, begins another.
"""

from __future__ import annotations

import json
from collections import deque
from typing import Any

from serd.events.payload import Payload
from serd.journal.source import LONGEST_FRAME, LONGEST_S, WAITING_FRAMES, Bin, Row, Source, reference_of, settings_of
from serd.journal.tables import ABSENCES, BIN_S

Rows = list[tuple[str, Row]]
"""Rows with the names of their tables, in an order in which they can be written."""

ABSENT_S = 12.0
"""Without any event for so long nobody is listening: statuses come every 5 s."""


class Binner:
    """Puts the events of a session into bins."""

    def __init__(self, session: str, started: str, *, frames: bool = False) -> None:
        """`started` is the session's start in UTC; with `frames` each frame is kept as well."""
        self._session, self._started, self._frames = session, started, frames
        self._sources: dict[str, Source] = {}
        self._streams = self._absences = 0
        self._runs: set[tuple[str, str, str]] = set()
        """Kinds of which a run's first event has come: it may be older than the session."""

    def take(self, event: dict[str, Any], at_s: float) -> Rows:
        """What an event, come at this position of the session, completes."""
        kind = event["type"].rpartition(".")[2]
        data, name = Payload(event["data"]), event["source"]
        first = (name, event["data"]["session"], kind)
        if first not in self._runs:
            self._runs.add(first)
            if kind != "status" and str(event.get("time", "")) < self._started:
                return []  # repeated for us, who came late: it was heard before anybody might write
        source = self._sources.setdefault(name, Source())
        source.heard_s = at_s
        if kind == "status":
            return self._status(name, source, event, data, at_s)
        if kind == "segment":
            return self._segment(source, event, data)
        if source.settings is None or source.run != event["data"]["session"]:
            source.waiting.append(event)
            return []
        return [*self._become(name, source, "listening", at_s), *self._frame(source, event, data, at_s)]

    def look(self, at_s: float) -> Rows:
        """What the passing of time completes: sources that have fallen silent."""
        rows: Rows = []
        for name, source in self._sources.items():
            if at_s - source.heard_s > ABSENT_S and source.state != "absent":
                rows += self._become(name, source, "absent", source.heard_s)
        return rows

    def finish(self, at_s: float) -> Rows:
        """What is left at the session's end."""
        rows = self.look(at_s)
        for name, source in self._sources.items():
            rows += [*self._close_bin(source), *self._become(name, source, "over", at_s)]
        if not self._sources:
            rows += self._absence("default", "absent", 0.0, at_s)
        return rows

    def _status(self, name: str, source: Source, event: dict[str, Any], data: Payload, at_s: float) -> Rows:
        run = event["data"]["session"]
        source.settings = settings_of(event)
        rows: Rows = []
        if source.run != run:
            source.run, source.sequence, source.end_s, source.skipped = run, None, None, None
            rows += self._close_bin(source)
        skipped = data.whole("skipped") or 0
        if source.bin is not None and source.skipped is not None and skipped > source.skipped:
            lost = (skipped - source.skipped) * source.settings["stride_s"]
            source.bin.add("skipped_s", lost)
        source.skipped = skipped
        state = data.text("state") or "absent"
        if state not in ABSENCES:
            state = "absent" if state in ("failed", "stopped") else "listening"
        rows += self._become(name, source, state, at_s)
        waiting, source.waiting = list(source.waiting), deque(maxlen=WAITING_FRAMES)
        for held in waiting:
            if held["data"]["session"] == run:
                rows += self._frame(source, held, Payload(held["data"]), at_s)
        return rows

    def _frame(self, source: Source, event: dict[str, Any], data: Payload, at_s: float) -> Rows:
        settings = source.settings
        end_s = data.part("window").number("end_s")
        if settings is None or end_s is None or not 0 <= end_s <= LONGEST_S:
            return []
        settings = settings | {"reference": reference_of(data) or settings["reference"]}
        settings["model"] = (data.text("model") or settings["model"])[:128]
        stride, rows = settings["stride_s"], []
        sequence: int = event["data"]["sequence"]
        hole = missed = 0.0
        if source.end_s is not None and source.sequence is not None:
            missed = max(sequence - source.sequence - 1, 0) * stride
            hole = max(end_s - source.end_s - stride, 0.0)
            missed = min(missed, hole) if hole > stride / 2 else 0.0
        number = int(max(end_s - stride, 0.0) / BIN_S)
        back = number < source.last or (source.bin is None and number == source.last)
        if source.described != settings or back:
            rows += [*self._close_bin(source), *self._open_stream(source, settings, at_s)]
        if source.bin is None or source.bin.number != number:
            rows += self._close_bin(source)
            source.bin = Bin(number, max(round(at_s - stride, 3), source.next_at_s, 0.0))
            source.next_at_s, source.last = source.bin.at_s + BIN_S, number
        one = source.bin
        source.end_s, source.sequence = end_s, sequence
        one.add("missed_s", missed)
        one.add("gap_s", hole - missed if hole > stride / 2 else 0.0)
        one.hear(data, stride)
        if self._frames:
            kept = {key: value for key, value in event["data"].items() if key not in ("session", "sequence", "model")}
            text = json.dumps(kept, separators=(",", ":"))
            if len(text) < LONGEST_FRAME:
                rows.append(("frame", self._at(source) | {"sequence": sequence, "data": text}))
        return rows

    def _segment(self, source: Source, event: dict[str, Any], data: Payload) -> Rows:
        label, name, window = data.text("label"), data.text("segment"), data.part("window")
        start_s, duration_s = window.number("start_s"), data.number("duration_s")
        if event["data"].get("phase") != "end" or source.stream < 0 or source.run != event["data"]["session"]:
            return []
        if label is None or name is None or start_s is None or duration_s is None or start_s > LONGEST_S:
            return []
        row = self._at(source) | {
            "name": name[:128], "label": label[:64], "start_s": max(start_s, 0.0),
            "duration_s": min(max(duration_s, 0.0), LONGEST_S),
            "confidence": min(max(data.number("confidence") or 0.0, 0.0), 1.0),
            "ended_by": (data.text("ended_by") or "stop")[:32],
        }  # fmt: skip
        return [("segment", row)]

    def _open_stream(self, source: Source, settings: Row, at_s: float) -> Rows:
        source.stream, self._streams = self._streams, self._streams + 1
        source.described, source.last = settings, -1
        at_s = round(max(at_s - settings["stride_s"], 0.0), 3)
        return [("stream", {"session": self._session, "number": source.stream, "at_s": at_s, **settings})]

    def _close_bin(self, source: Source) -> Rows:
        one, source.bin = source.bin, None
        return [] if one is None else [("bin", self._at(source) | one.row())]

    def _become(self, name: str, source: Source, state: str, at_s: float) -> Rows:
        if state == source.state:
            return []
        before, since = source.state, source.since_s
        source.state, source.since_s = state, at_s
        if before not in ABSENCES:
            return []
        source.end_s = source.sequence = None  # what is missing from the stream meanwhile is not counted again
        return self._absence(name, before, since, at_s)

    def _absence(self, name: str, state: str, since_s: float, at_s: float) -> Rows:
        if at_s - since_s < 0.05:
            return []
        self._absences += 1
        row = {"session": self._session, "number": self._absences, "source": name, "state": state,
               "at_s": round(since_s, 3), "seconds": round(at_s - since_s, 3)}  # fmt: skip
        return [("absence", row)]

    def _at(self, source: Source) -> Row:
        return {"session": self._session, "stream": source.stream}
