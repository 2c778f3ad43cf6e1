"""A source that is no microphone: a sound file, in real time or as fast as it is read."""

from __future__ import annotations

import logging
import time
from dataclasses import replace
from pathlib import Path

from serd.audio.reader import Reader
from serd.audio.source import EndOfStream, KeepAlive, never_abort
from serd.audio.split import Channel, Split, highest
from serd.block import Block
from serd.errors import escaped

PACED_BLOCK_S = 0.05
FAST_BLOCK_S = 2.0
MAX_BLOCK = 1 << 20
"""Samples of all channels in one block, whatever rate and channel count a file claims."""

log = logging.getLogger(__name__)


class Recording:
    """A `Source`: anything soundfile reads, any rate, any channel count, never whole in memory.

    `channel` is 1-based, or "mix" for all (`serd.audio.mix`), or one for each voice. `paced` delivers each block when
    its last sample would have been spoken, counted from the first read, and calls that the time it arrived. Of a file
    that is cut off or damaged, what there is before that is heard; of one that holds several streams, all of them.
    """

    def __init__(self, path: Path, rate: int = 16000, paced: bool = False, channel: Channel = "mix") -> None:
        self.path = path
        self.name = escaped(path.name)
        self.rate = rate
        self.native_rate = rate
        self.channels = 1
        self._paced = paced
        self._channel = channel
        self._reader: Reader | None = None
        self._began: float | None = None
        self._ended = self._told = False

    def open(self, _meanwhile: KeepAlive = never_abort, /) -> None:
        """Raises UsageError, in one line, for anything that cannot be heard."""
        self.close()
        self._reader = reader = Reader(self.path, highest(self._channel))
        self._before_s = 0.0
        """Seconds of sound before the frames of this rate."""
        self._offset = self._end = 0
        """Where those begin in the stream, and where it has come to, in samples at our rate."""
        self._began, self._ended, self._told = None, False, False
        self._renew(reader)

    def read(self, timeout: float) -> Block | None:
        """The next block; None if it is not due within `timeout` seconds. Raises EndOfStream, UsageError."""
        until = time.monotonic() + timeout
        reader = self._reader
        if reader is None:
            raise RuntimeError("a recording is read before it is opened")
        if self._began is None:
            self._began = time.monotonic()
        while not self._ended:
            frames_due = self._place + min(self._block, max(0, reader.frames - reader.place))
            due = self._began + self._before_s + frames_due / self.native_rate
            if self._paced and due > until:
                time.sleep(max(0.0, until - time.monotonic()))
                return None
            if self._paced:
                time.sleep(max(0.0, due - time.monotonic()))
            arrived = due if self._paced else time.monotonic()
            block = self._next(reader, arrived)
            if block is not None and block.samples.size:
                return block
        raise EndOfStream(f"input {self.path}: its end")

    def close(self, _meanwhile: KeepAlive = never_abort, /) -> None:
        """Harmless when not open; opening again begins at the beginning."""
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    def _next(self, reader: Reader, arrived: float) -> Block | None:
        frames = reader.read(self._block)
        if len(frames) == 0:
            return self._turn(reader)
        block = self._split.push(frames, self._place, arrived)
        if self._split.alone and not self._told:
            log.warning("input %s: %s; --channel chooses another", self.path, self._split.alone.words)
            self._told = True
        self._place += len(frames)
        return self._put(block)

    def _turn(self, reader: Reader) -> Block | None:
        """Go on with the file's next part. What the filter holds comes first, unless the next goes on through it."""
        self._ended = not reader.turn()
        if not self._ended and (reader.rate, reader.channels) == (self.native_rate, self.channels):
            return None
        last = self._split.flush()
        if last is not None:
            last = self._put(last)
        if not self._ended:
            self._before_s += self._place / self.native_rate
            self._offset = self._end
            self._renew(reader)
        return last

    def _put(self, block: Block) -> Block:
        """The block in its place in the whole stream."""
        block = replace(block, start=self._offset + block.start)
        self._end = max(self._end, block.end)
        return block

    def _renew(self, reader: Reader) -> None:
        """Begin with frames of another rate or number of channels."""
        self.native_rate, self.channels, self._place = reader.rate, reader.channels, 0
        self._split = Split(self.channels, self.native_rate, self.rate, self._channel)
        seconds = PACED_BLOCK_S if self._paced else FAST_BLOCK_S
        self._block = max(1, min(round(self.native_rate * seconds), MAX_BLOCK // self.channels))
