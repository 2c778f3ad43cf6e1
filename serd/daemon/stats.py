"""Figures of the session: what has come in, and what judging it takes.

The daemon tells it in every status. It has no clock of its own: it is told the time, and what was spent.
"""

from __future__ import annotations

from serd.block import Block

HEARTBEAT_S = 5.0
"""How often it is told though nothing else has changed; costs are means over as much."""
BEHIND_S, CAUGHT_UP_S = 1.0, 0.25
"""Strides older than the one are skipped until they are no older than the other."""


class Stats:
    """Figures of one run of the daemon, from `now` on, when the process had taken `cpu` seconds of processor time."""

    def __init__(self, stride_s: float, now: float, cpu: float) -> None:
        self._stride_s, self._began = stride_s, now
        self.position = 0
        """Where the stream is, in samples."""
        self.overflows = self.reanchored = 0
        """Overflows and re-anchorings up to the last block."""
        self.gaps = 0
        """Blocks before which audio was missing."""
        self.cpu: float | None = None
        """Processors that the process kept busy up to the last heartbeat, 1.0 being one of them."""
        self.realtime_ratio: float | None = None
        """Share of real time that judging took, up to the last heartbeat before which anything was judged."""
        self.fresh_ratio: float | None = None
        """That share between the last two heartbeats; None if nothing was judged."""
        self._behind = False
        self._renew(now, cpu)

    def uptime_s(self, now: float) -> float:
        """How long it has run."""
        return now - self._began

    def is_behind(self, age: float) -> bool:
        """Whether sound that was delivered `age` seconds ago has to be skipped, so as to catch up."""
        self._behind = age > (CAUGHT_UP_S if self._behind else BEHIND_S)
        return self._behind

    def add(self, block: Block, judged: int, spent: float) -> None:
        """A block was taken in, and `spent` seconds went into it and the strides that were `judged` with it."""
        self.position, self.overflows, self.reanchored = block.end, block.overflows, block.reanchored
        self.gaps += block.gap
        self._judged += judged
        self._spent += spent

    def heartbeat(self, now: float, cpu: float) -> bool:
        """Whether one is due; if so, the costs are those since the one before."""
        passed = now - self._since
        if passed < HEARTBEAT_S:
            return False
        self.cpu, self.fresh_ratio = round((cpu - self._cpu) / passed, 4), None
        if self._judged:
            self.realtime_ratio = self.fresh_ratio = round(self._spent / (self._judged * self._stride_s), 4)
        self._renew(now, cpu)
        return True

    def _renew(self, now: float, cpu: float) -> None:
        self._since, self._cpu = now, cpu
        self._judged, self._spent = 0, 0.0
