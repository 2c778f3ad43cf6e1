"""The summary of a view: how long it heard which emotions, in one line at its end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from serd.defaults import STRIDE_S
from serd.errors import escaped
from serd.events.payload import Payload
from serd.view.scene import span

LAST = ("uncertain", "no-speech")
"""States that are told after the emotions, whose order is by their time."""

MOST = 64
"""Different labels and states, and sources, that are counted."""


class Summary:
    """Adds up the time of frames by emotion or state, for each source by itself."""

    def __init__(self) -> None:
        self._strides: dict[str, Counter[str]] = {}
        self._stride_s = STRIDE_S

    def take(self, envelope: Mapping[str, Any]) -> None:
        """Count a frame; what is malformed, and what is none, is left out."""
        fields = Payload(envelope)
        kind, data = (fields.text("type") or "").rpartition(".")[2], fields.part("data")
        if kind == "status":
            self._stride_s = data.number("stride_s") or self._stride_s
        state, label = data.text("state"), data.text("label")
        name, source = label if state == "emotion" and label else state, fields.text("source") or ""
        if kind != "frame" or not name or (source not in self._strides and len(self._strides) >= MOST):
            return
        strides = self._strides.setdefault(source, Counter())
        if name in strides or len(strides) < MOST:
            strides[name] += 1

    def line(self, then: str = "") -> str:
        """How long was heard and what of it, the most first; and what to do `then`."""
        then = then and f"; {then}"
        if not self._strides:
            return f"nothing was heard{then}"
        named = len(self._strides) > 1
        told = [f"{f'{source} ' if named else ''}{self._told(strides)}" for source, strides in self._strides.items()]
        return "; ".join(told) + then

    def _told(self, strides: Counter[str]) -> str:
        ranked = sorted(strides, key=lambda name: (name in LAST, -strides[name], name))
        told = ", ".join(f"{escaped(name.replace('-', ' '))} {self._span(strides[name])}" for name in ranked)
        return f"heard for {self._span(strides.total())}: {told}"

    def _span(self, strides: int) -> str:
        return span(strides * self._stride_s)
