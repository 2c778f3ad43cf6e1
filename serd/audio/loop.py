"""A recording without an end: after its last block comes its first, as the same stream."""

from __future__ import annotations

from dataclasses import replace

from serd.audio.source import EndOfStream, KeepAlive, Source, never_abort
from serd.block import Block


class Loop:
    """A `Source` that opens another source anew whenever that has ended. Positions go on; there is no gap."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._offset = self._end = 0
        """Where the present round begins in the stream, and where it has come to, in samples."""

    @property
    def name(self) -> str:
        """What a person would call the source."""
        return self._source.name

    @property
    def native_rate(self) -> int:
        """Samples per second before resampling."""
        return self._source.native_rate

    @property
    def channels(self) -> int:
        """Channels before mixing."""
        return self._source.channels

    def open(self, keep_alive: KeepAlive = never_abort, /) -> None:
        """Begin the first round. Raises SerdError."""
        self._offset = self._end = 0
        self._source.open(keep_alive)

    def read(self, timeout: float) -> Block | None:
        """The next block of this round or the next. Raises EndOfStream where a whole round has none, DeviceLost."""
        try:
            block = self._source.read(timeout)
        except EndOfStream:
            if self._end == self._offset:
                raise
            self._offset = self._end
            self._source.open()
            block = self._source.read(timeout)
        if block is None:
            return None
        block = replace(block, start=self._offset + block.start)
        self._end = block.end
        return block

    def close(self, keep_alive: KeepAlive = never_abort, /) -> None:
        """Stop; harmless when not open."""
        self._source.close(keep_alive)
