"""A source that is a pipe: raw samples, or a WAV, from a stream with a file descriptor, as in `arecord | serd`."""

from __future__ import annotations

import logging
import os
import select
import time
from typing import IO

import numpy as np

from serd.audio.container import UNDECIDED, WAV, recognised
from serd.audio.pcm import Layout
from serd.audio.reader import LOUDEST, RATES
from serd.audio.source import EndOfStream, KeepAlive, never_abort
from serd.audio.split import Channel, Split, highest
from serd.audio.wav import WavStream
from serd.block import Block
from serd.errors import UsageError

PIPE_BYTES = 1 << 16
HEAD_S = 1.0
"""How long a stream may take to show its first bytes before serd goes on without them; they are judged all the same."""
REMEDY = "pipe it through `ffmpeg -v error -i - -f s16le -ac 1 -ar 16000 -`, then to {command}"

log = logging.getLogger(__name__)


class Pipe:
    """A `Source`: `layout` says how raw samples are to be read; a WAV says it itself, any other container is refused.

    `channel` is 1-based, "mix" for all (`serd.audio.mix`), or one for each voice. Opened, it waits up to `patience_s`
    for the first bytes. `title` is what messages call the input, `command` the one that reads raw samples from standard
    input.
    """

    def __init__(
        self,
        stream: IO[bytes],
        rate: int = 16000,
        channel: Channel = "mix",
        layout: Layout = Layout(),  # noqa: B008 - a frozen value
        patience_s: float = 0.0,
        *,
        title: str = "-",
        command: str = "serd --input -",
    ) -> None:
        self.name = "standard input"
        self._input = f"input {title}"
        self._remedy = REMEDY.format(command=command)
        self.rate = rate
        self._stream, self._channel, self._patience_s = stream, channel, patience_s
        self._raw = layout
        self.native_rate, self.channels = layout.rate, layout.channels
        self._head: bytes | None = b""
        """What has come while it is not clear what it is; None once it is."""
        self._wav: WavStream | None = None
        self._layout: Layout | None = None
        """Layout of the samples; None while it is not known."""
        self._samples = b""
        """Bytes that are not heard yet."""
        self._place = 0
        self._told = self._over = False
        self._fd: int | None = None

    def open(self, _meanwhile: KeepAlive = never_abort, /) -> None:
        """Raises UsageError where nothing is piped in, or what serd cannot read."""
        fd = self._stream.fileno()
        if os.isatty(fd):
            raise UsageError(
                f"{self._input}: a terminal; pipe samples in, as arecord -t raw -f S16_LE -r 16000 -c 1 does"
            )
        self._fd = fd
        until, self._patience_s = time.monotonic() + self._patience_s, 0.0
        while self._layout is None and not self._over and time.monotonic() < until:
            self._receive(fd, until)

    def read(self, timeout: float) -> Block | None:
        """What has come in, or None if nothing did within `timeout` seconds. Raises EndOfStream, UsageError."""
        until = time.monotonic() + timeout
        while self._fd is not None:
            block = self._block()
            if block is None and self._over:
                self._fd = None
                block = None if self._layout is None else self._split.flush()
            elif block is None and not self._receive(self._fd, until):
                return None
            if block is not None and block.samples.size:
                return block
        raise EndOfStream(f"{self._input}: its end")

    def close(self, _meanwhile: KeepAlive = never_abort, /) -> None:
        """Stop reading; the stream stays its owner's."""
        self._fd = None

    def _receive(self, fd: int, until: float) -> bool:
        """Take in what comes before `until`, or the end; False if nothing does. Raises UsageError."""
        poll = select.poll()
        poll.register(fd, select.POLLIN | select.POLLHUP)
        if not poll.poll(max(0.0, until - time.monotonic()) * 1000):
            return False
        try:
            data = os.read(fd, PIPE_BYTES)  # past Python's own buffer, of which a poll would know nothing
        except BlockingIOError:
            return False
        except OSError as error:
            raise UsageError(f"{self._input}: cannot be read ({error.strerror}); pipe raw samples in") from None
        self._over = not data
        if self._head is not None:
            data = self._known(self._head + data)
        if self._wav is not None:
            data = self._unpacked(self._wav, data)
        self._samples += data
        return True

    def _known(self, head: bytes) -> bytes:
        """The head, once it is clear what the stream is; until then it is kept."""
        what = recognised(head, self._over)
        self._head = head if what is UNDECIDED else None
        if what == WAV:
            self._wav = WavStream()
        elif what is None:
            self._settle(self._raw)
        elif what is not UNDECIDED:
            raise UsageError(f"{self._input}: {what}, not raw samples; {self._remedy}")
        return b"" if what is UNDECIDED else head

    def _unpacked(self, wav: WavStream, data: bytes) -> bytes:
        """The samples in more of a WAV."""
        whole = wav.broken_off
        try:
            data = wav.feed(data)
        except ValueError as error:
            raise UsageError(f"{self._input}: a WAV that serd does not read ({error}); {self._remedy}") from None
        if wav.layout is not None and self._layout is None:
            self._settle(wav.layout)
        if self._over and wav.layout is None:
            raise UsageError(f"{self._input}: a WAV that ends in its header; pipe samples in")
        if wav.broken_off != whole:
            log.warning("%s: a WAV of another rate or layout follows; serd hears what comes before", self._input)
        return data

    def _settle(self, layout: Layout) -> None:
        """The samples are known to be laid out like this. Raises UsageError for what cannot be heard."""
        if layout.rate not in RATES:
            raise UsageError(f"{self._input}: claims {layout.rate} samples per second; {self._remedy}")
        if not 1 <= (wanted := highest(self._channel)) <= layout.channels:
            raise UsageError(f"{self._input}: has no channel {wanted}; give 1 to {layout.channels}, or mix")
        self._layout, self.native_rate, self.channels = layout, layout.rate, layout.channels
        self._split = Split(layout.channels, layout.rate, self.rate, self._channel)

    def _block(self) -> Block | None:
        """Make a block of the whole frames that are here; None if there are none."""
        if self._layout is None or len(self._samples) < self._layout.frame_bytes:
            return None
        whole = len(self._samples) // self._layout.frame_bytes * self._layout.frame_bytes
        frames, self._samples = self._layout.frames(self._samples[:whole]), self._samples[whole:]
        if not (np.abs(frames) <= LOUDEST).all():  # false for NaN
            at = f"after {self._place / self.native_rate:.3f} s"
            raise UsageError(f"{self._input}: NaN, infinity or an absurd number for a sample {at}; is --format right?")
        block = self._split.push(frames, self._place, time.monotonic())
        if self._split.alone and not self._told:
            log.warning("%s: %s; --channel chooses another", self._input, self._split.alone.words)
            self._told = True
        self._place += len(frames)
        return block
