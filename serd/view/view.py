"""The live view: what one subscriber has heard, as a picture of the present moment.

It knows events and nothing else; whether they come from this process or another machine is all the same.
"""

from __future__ import annotations

import statistics
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from serd.defaults import BUSY
from serd.events.payload import Payload
from serd.view import words
from serd.view.picture import Picture, paint
from serd.view.scene import Scene, percent, span
from serd.view.timeline import Timeline

STALE_S = 2.0
"""Without a frame for this long (or two and a half strides) the last one says nothing about the present."""

SILENT_S = 12.0
"""A device without audio, of which only the heartbeat (every 5 s) tells, is stale after this long."""

LATENCIES = 40
"""Frames over which the latency's median is taken."""

NO_EVENTS = "no events"


@dataclass(frozen=True, slots=True)
class _Received:
    """What an event told, and when it came."""

    at: float
    data: Payload


class View:
    """Takes envelopes as they come; draws the state at any moment. Not thread-safe: its user holds a lock."""

    def __init__(self, endpoint: str, hint: str = "") -> None:
        """`hint`: what a key does, for the last line."""
        self.endpoint, self.hint = endpoint, hint
        self._timeline = Timeline()
        self._frame: _Received | None = None
        self._status: _Received | None = None
        self._source: str | None = None
        self._since: tuple[float, str] = (0.0, "")  # from when on the state has been what it is
        self._latencies: deque[float] = deque(maxlen=LATENCIES)
        self.latest = float("-inf")
        """When the last event came."""
        self.lost = 0
        """Events that never came, as their subscription counts them."""

    @property
    def source(self) -> str | None:
        """Name of the source that it shows; None before its first event."""
        return self._source

    def shows(self, source: str | None, at: float) -> bool:
        """Whether an event of this source that comes `at` this time is for it; one that has fallen silent gives way."""
        return source == self._source or at - self.latest >= SILENT_S

    def take(self, envelope: Mapping[str, Any], at: float | None = None) -> None:
        """Take an event that came `at` this time (s), on the clock that `render` is given.

        By default the event's own time, in Unix seconds: for recorded events. What is malformed is left out.
        """
        fields = Payload(envelope)
        kind, data = (fields.text("type") or "").rpartition(".")[2], fields.part("data")
        if at is None:
            at = moment(envelope)
        source = fields.text("source")
        if not data or at is None:
            return
        if not self.shows(source, at):  # of several at one endpoint one is followed
            return
        self._source = source
        self.latest = max(self.latest, at)
        if kind == "frame":
            self._take_frame(_Received(at, data))
        elif kind == "status":
            self._take_status(_Received(at, data))

    def _take_frame(self, frame: _Received) -> None:
        self._frame = frame
        state, label = frame.data.text("state") or "", frame.data.text("label")
        latency = frame.data.number("latency_ms")
        if latency is not None:
            self._latencies.append(latency)
        name = label if state == "emotion" and label else state
        if name != self._since[1]:
            self._since = (frame.at, name)
        self._timeline.mark(frame.at, name, frame.data.number("confidence") or 0.0)

    def _take_status(self, status: _Received) -> None:
        state = status.data.text("state") or ""
        before, self._status = self._status, status
        if state not in words.DEVICE or state == "silent":
            return
        same = before is not None and before.data.text("state") == state and status.at - before.at < SILENT_S
        self._timeline.fill(before.at if same and before else status.at, status.at, state)
        if state != self._since[1]:
            self._since = (status.at, state)

    def scene(self, now: float) -> Scene:
        """What there is to see at the time `now`."""
        word, detail, tone, frame = self._headline(now)
        told = self._status.data if self._status else Payload(None)
        status = Payload(None) if word == NO_EVENTS else told  # what it said is no longer so
        quality = frame.part("quality") if frame else Payload(None)
        confidence = frame.number("confidence") if frame and frame.text("state") == "emotion" else None
        probabilities = frame.part("probabilities").table() if frame else {}
        labels = told.texts("labels") or tuple(self._frame.data.part("probabilities").table() if self._frame else ())
        return Scene(
            now=now,
            word=word,
            detail=detail,
            tone=tone,
            confidence=confidence,
            labels=tuple(dict.fromkeys((*labels, *probabilities))),
            label=frame.text("label") if frame else None,
            probabilities=probabilities,
            level=quality.number("level"),
            bands=quality.numbers("bands"),
            clipping=quality.number("clipping") or 0.0,
            source=self._source or "",
            state=status.text("state") or "not heard",
            device=_device(told.part("device")),
            synthetic=told.flag("synthetic"),
            endpoint=self.endpoint,
            hint=self.hint,
            facts=self._facts(frame, status),
            timeline=self._timeline,
        )

    def render(self, width: int, height: int, now: float, colour: bool = True) -> Picture:
        """The picture at the time `now`, at most `width` columns by `height` rows.

        Without `colour` the timeline is made of letters.
        """
        return paint(self.scene(now), width, height, colour)

    def _headline(self, now: float) -> tuple[str, str, str, Payload | None]:
        """Word, detail, tone, and the frame if it speaks for the present."""
        status, frame = self._status, self._frame
        if status is None and frame is None:
            return NO_EVENTS, f"nothing heard yet: is serd running at {self.endpoint}?", "alarm", None
        silence = now - self.latest
        state = status.data.text("state") if status else None
        if status and state in words.DEVICE and (frame is None or frame.at <= status.at or state == "silent"):
            final = state in ("stopped", "failed")
            if silence <= SILENT_S or final:
                why = status.data.text("reason")
                text = f"{words.DEVICE[state]}{f': {why}' if why and why != state else ''} · {self._lasting(now)}"
                if final:
                    text += f" · waiting for serd at {self.endpoint}"
                return state, text, "quiet" if state in ("muted", "stopped", "waiting") else "alarm", None
        elif frame and now - frame.at <= self._patience():
            return self._judgement(frame.data, now)
        elif status and state not in words.DEVICE and silence <= SILENT_S and (not frame or status.at > frame.at + 1):
            text = f"serd is there, but has judged nothing for {span(self._frameless(now))}"
            return "no frames", text, "alarm", None
        text = f"no events for {span(silence)}: is serd running at {self.endpoint}?"
        return NO_EVENTS, text, "alarm", None

    def _judgement(self, frame: Payload, now: float) -> tuple[str, str, str, Payload | None]:
        state, reason, label = frame.text("state") or "–", frame.text("reason") or "", frame.text("label")
        why = words.REASON.get(reason, reason.replace("-", " ")) or "–"
        roused, labelled = words.activated(frame), words.foreign(frame) + words.labelled(frame)
        if state == "emotion" and label:
            return label, f"{label}{roused}: {why} · {self._lasting(now)}{labelled}", label, frame
        word = state.replace("-", " ")
        best = sorted(frame.part("probabilities").table().items(), key=lambda item: -item[1])[:2]
        close = ", ".join(f"{name} {percent(p)}" for name, p in best) or self._lasting(now)
        return word, f"{word}{roused}: {why} · {close}{labelled}", "plain" if state == "uncertain" else "quiet", frame

    def _lasting(self, now: float) -> str:
        return f"for {span(now - self._since[0])}"

    def _frameless(self, now: float) -> float:
        return now - self._frame.at if self._frame else now - self._status.at if self._status else 0.0

    def _patience(self) -> float:
        stride = self._status.data.number("stride_s") if self._status else None
        return max(STALE_S, 2.5 * (stride or 0.0))

    def _facts(self, frame: Payload | None, status: Payload) -> tuple[tuple[str, str, bool], ...]:
        latency = statistics.median(self._latencies) if frame and self._latencies else None
        overflows = frame.part("quality").whole("overflows") if frame else None
        if overflows is None:
            overflows = status.whole("overflows")
        ratio, up = status.number("realtime_ratio"), status.number("uptime_s")
        reference = words.reference(frame or status)
        return (
            ("latency", "–" if latency is None else f"{latency:.0f} ms", False),
            ("CPU", percent(status.number("cpu"), 1), False),
            ("overflows", _count(overflows), bool(overflows)),
            ("gaps", _count(status.whole("gaps")), False),
            ("lost events", str(self.lost), self.lost > 0),
            ("busy", percent(ratio, 1), ratio is not None and ratio > BUSY),
            ("speech", percent(frame.number("speech") if frame else None), False),
            *(() if reference is None else (("reference", reference, False),)),
            ("model", (frame or status).text("model") or "–", False),
            ("up", "–" if up is None else span(up), False),
            ("serd", status.text("version") or "–", False),
        )


def moment(envelope: Mapping[str, Any]) -> float | None:
    """An event's own time in Unix seconds; None if it has none."""
    try:
        return datetime.fromisoformat(str(envelope.get("time"))).timestamp()
    except (ValueError, OverflowError, OSError):
        return None


def _device(device: Payload) -> str:
    rate, channels = device.number("rate"), device.whole("channels")
    parts = [device.text("name") or "–"]
    if rate:
        parts.append(f"{rate / 1000:g} kHz")
    if channels:
        parts.append({1: "mono", 2: "stereo"}.get(channels, f"{channels} channels"))
    return ", ".join(parts)


def _count(number: int | None) -> str:
    return "–" if number is None else str(number)
