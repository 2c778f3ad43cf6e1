"""The split: frames of many channels become what is heard of them: mono, or one channel for each of several voices.

Every voice has a filter of its own, so that it is, bit for bit, what a source of that channel alone would give.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from serd.audio.mix import Mixer
from serd.audio.resampler import Resampler
from serd.block import Block, SingleChannel

Channel = Literal["mix"] | int | tuple[int, ...]
"""What is heard: all channels mixed, one, counted from 1, or one for each of several voices."""


def highest(channel: Channel) -> int:
    """The channel that a source must have at least; 1 for the mix."""
    return 1 if channel == "mix" else max(channel) if isinstance(channel, tuple) else channel


class Split:
    """Frames (n, channels) at `native_rate` in; blocks at `rate` out, (n,), or (voices, n) of several voices."""

    def __init__(self, channels: int, native_rate: int, rate: int, channel: Channel = "mix") -> None:
        self._several = isinstance(channel, tuple)
        picked = channel if isinstance(channel, tuple) else (channel,)
        self._parts = [(Mixer(channels, native_rate, one), Resampler(native_rate, rate)) for one in picked]
        self.alone: SingleChannel | None = None
        """The first channel that was heard alone in the place of the mix."""

    def push(
        self,
        frames: NDArray[Any],
        start: int,
        arrived: float,
        *,
        gap: bool = False,
        overflows: int = 0,
        voices: frozenset[int] | None = None,
    ) -> Block:
        """What comes out of frames that begin at place `start`; the rest is as in `Block`."""
        blocks = []
        for mixer, resampler in self._parts:
            samples, changes = mixer.push(frames)
            self.alone = self.alone or next((heard for _, heard in changes if heard is not None), None)
            blocks.append(resampler.push(Block(samples, start, gap, arrived, overflows, changes=changes)))
        return self._joined(blocks, voices)

    def flush(self) -> Block | None:
        """The samples still in the filters, at the end of the stream; None if there are none."""
        blocks = [resampler.flush() for _, resampler in self._parts]
        there = [block for block in blocks if block is not None]
        return self._joined(there, None) if there else None

    def _joined(self, blocks: Sequence[Block], voices: frozenset[int] | None) -> Block:
        """All filters have had as many samples, and so have given as many."""
        if not self._several:
            return blocks[0]
        return replace(blocks[0], samples=np.stack([block.samples for block in blocks]), voices=voices)
