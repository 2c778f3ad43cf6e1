"""A block of samples with its place in the stream: what every source hands on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class SingleChannel:
    """One channel that is heard alone, since the mix of all would cancel or drown it."""

    heard: int
    """Counted from 1."""

    agreement: float
    """Agreement of all channels when that was decided, -1 (opposed) to 1."""

    @property
    def words(self) -> str:
        """What to tell a person."""
        return f"its channels {'cancel' if self.agreement < 0 else 'differ'}, so channel {self.heard} alone is heard"


@dataclass(frozen=True, slots=True)
class Block:
    """Consecutive mono samples, or those of several voices at once."""

    samples: Samples
    """Shape (n,), float32, full scale is ±1; (voices, n) of a source that gives each of its voices a channel."""

    start: int
    """Place of the first sample in the stream, in samples since the stream began, lost ones counted."""

    gap: bool
    """True if samples were lost, or capture paused, right before this block."""

    arrived: float
    """`time.monotonic()` when the last sample was delivered."""

    overflows: int = 0
    """How often samples have been lost since the source was opened."""

    reanchored: int = 0
    """How often the stream's time has been set anew; see `serd.audio.drift`."""

    changes: tuple[tuple[int, SingleChannel | None], ...] = ()
    """Where in `samples` another choice of channels begins, in order; None: the mix, as at the start."""

    voices: frozenset[int] | None = None
    """Numbers of the voices whose channels were captured, the others being muted; None: all."""

    @property
    def end(self) -> int:
        """Place of the first sample after this block."""
        return self.start + int(self.samples.shape[-1])

    def voice(self, number: int) -> Block | None:
        """The samples of one voice alone, counted from 0; None if its channel was not captured."""
        if self.voices is not None and number not in self.voices:
            return None
        if self.samples.ndim == 1:
            return self
        return Block(
            self.samples[number], self.start, self.gap, self.arrived, self.overflows, self.reanchored, self.changes
        )
