"""A source that plays labelled recordings one after the other, with a pause before each."""

from __future__ import annotations

import logging
import time
from bisect import bisect_left
from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np

from serd.audio.corpus import Clip, clips, mixed
from serd.audio.recording import PACED_BLOCK_S, Recording
from serd.audio.source import EndOfStream, KeepAlive, never_abort
from serd.block import Block
from serd.errors import UsageError, escaped

PAUSE_S = 2.0
"""Silence before each: what was said of the one before is over by then."""
REMEMBERED = 16
"""Clips of which is known when they began: windows end a few strides behind what has been read at most."""

log = logging.getLogger(__name__)


class Playlist:
    """A `Source`. A recording that cannot be heard is said, and left out."""

    def __init__(
        self,
        clips: Sequence[Clip],
        name: str,
        rate: int = 16000,
        paced: bool = False,
        channel: int | Literal["mix"] = "mix",
    ) -> None:
        """What is `paced` begins anew after the last clip: it is played to somebody."""
        self.name = name
        self.rate = rate
        self._clips, self._paced, self._channel = clips, paced, channel
        self._playing: Recording | _Pause | None = None

    @classmethod
    def of(cls, folder: Path, rate: int, paced: bool, channel: int | Literal["mix"]) -> Playlist:
        """All labelled recordings below a folder, mixed. Raises UsageError where there is none."""
        return cls(mixed(clips(folder)), escaped(folder.resolve().name), rate, paced, channel)

    @property
    def native_rate(self) -> int:
        """Samples per second of what plays."""
        return self._playing.native_rate if self._playing else self.rate

    @property
    def channels(self) -> int:
        """Channels of what plays."""
        return self._playing.channels if self._playing else 1

    def open(self, _meanwhile: KeepAlive = never_abort, /) -> None:
        """Begin with the first clip."""
        self.close()
        self._left = deque(self._clips)
        self._offset = self._end = 0
        """Where in the stream that which plays began, and where the stream has come to, in samples."""
        self._starts: deque[tuple[int, Clip]] = deque(maxlen=REMEMBERED)
        self._opened = False
        """Whether any clip could be, since the list was last filled."""
        self._playing = _Pause(self.rate, self._paced)

    def read(self, timeout: float) -> Block | None:
        """The next block; None if it is not due within `timeout` seconds. Raises EndOfStream."""
        while True:
            if self._playing is None:
                raise RuntimeError("a playlist is read before it is opened")
            try:
                block = self._playing.read(timeout)
            except EndOfStream:
                self._turn()
                continue
            except UsageError as error:
                log.warning("%s; left out", error)
                self._turn()
                continue
            if block is not None:
                block = replace(block, start=self._offset + block.start)
                self._end = block.end
            return block

    def close(self, _meanwhile: KeepAlive = never_abort, /) -> None:
        """Harmless when not open."""
        if self._playing is not None:
            self._playing.close()
            self._playing = None

    def annotation(self, end: int) -> dict[str, str] | None:
        """Label and recording of the clip, or in the pause after it, where a window ends; None before the first."""
        at = bisect_left(self._starts, end, key=lambda begun: begun[0])
        if not at:
            return None
        clip = self._starts[at - 1][1]
        return {"label": clip.label, "recording": escaped(clip.path.name)}

    def _turn(self) -> None:
        """From a pause to a clip, from a clip to a pause. Raises EndOfStream after the last."""
        pausing = isinstance(self._playing, _Pause)
        if self._playing is not None:
            self._playing.close()
        self._offset = self._end
        self._playing = _Pause(self.rate, self._paced)
        if not pausing:
            return
        while self._left or self._again():
            clip = self._left.popleft()
            recording = Recording(clip.path, self.rate, self._paced, self._channel)
            try:
                recording.open()
            except UsageError as error:
                log.warning("%s; left out", error)
                continue
            self._playing, self._opened = recording, True
            self._starts.append((self._offset, clip))
            return
        raise EndOfStream(f"{self.name}: the last recording has ended")

    def _again(self) -> bool:
        """Refill the list where it is played to somebody, and anything of it was heard the last time."""
        if self._paced and self._opened:
            self._left.extend(self._clips)
            self._opened = False
        return bool(self._left)


class _Pause:
    """Digital silence of `PAUSE_S`, in blocks that come when they are due if they are paced."""

    channels = 1

    def __init__(self, rate: int, paced: bool) -> None:
        self.native_rate = rate
        self._paced, self._place = paced, 0
        self._began: float | None = None

    def read(self, timeout: float) -> Block | None:
        if self._place >= round(PAUSE_S * self.native_rate):
            raise EndOfStream("a pause has ended")
        now = time.monotonic()
        self._began = now if self._began is None else self._began
        count = round(PACED_BLOCK_S * self.native_rate)
        due = self._began + (self._place + count) / self.native_rate if self._paced else now
        time.sleep(max(0.0, min(due - now, timeout)))
        if due > now + timeout:
            return None
        self._place += count
        return Block(np.zeros(count, np.float32), self._place - count, False, due)

    def close(self) -> None:
        pass
