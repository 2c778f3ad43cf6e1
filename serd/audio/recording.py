"""Sources that are no microphone: a sound file, in real time or as fast as it is read, and raw samples from a pipe."""

from __future__ import annotations

import logging
import os
import re
import select
import time
from pathlib import Path
from typing import IO, Any, Literal

import numpy as np
import soundfile

from serd.audio.resampler import Resampler, mono
from serd.audio.source import EndOfStream, Meanwhile, patiently
from serd.block import Block, Samples
from serd.errors import UsageError
from serd.system.stderr import hush

PACED_BLOCK_S = 0.05
FAST_BLOCK_S = 0.5
MAX_BLOCK = 1 << 20
"""Samples of all channels in one block, whatever rate and channel count a file claims."""

LOUDEST = 1e9
"""Of floating-point samples; full scale is 1. Their powers must stay numbers."""

RATES = range(1000, 768001)
PIPE_RATE = 16000
PIPE_BYTES = 1 << 16
KNOWN_LENGTH = (1 << 31) - (1 << 16)
"""A header that claims more bytes, or so many hours of frames, was written before the end was known."""

SHORT = re.compile(r"^ *(?:data|Data Size|SSND) *: (\d+) \(should be (\d+)\)", re.MULTILINE)
"""How libsndfile's log says that there are fewer bytes of samples than the header claims."""

log = logging.getLogger(__name__)


class Recording:
    """A `Source`: anything soundfile reads, any rate, any channel count, never whole in memory.

    `channel` is 1-based, or "mix" for the mean of all. `paced` delivers each block when its last sample would
    have been spoken, counted from the first read, and calls that the time it arrived.
    """

    def __init__(
        self, path: Path, rate: int = 16000, paced: bool = False, channel: int | Literal["mix"] = "mix"
    ) -> None:
        self.path = path
        self.name = path.name
        self.rate = rate
        self.native_rate = rate
        self.channels = 1
        self._paced = paced
        self._channel = channel
        self._file: Any = None
        self._place = 0
        self._began: float | None = None
        self._ended = False

    def open(self, _meanwhile: Meanwhile = patiently, /) -> None:
        """Raises UsageError, in one line, for anything that cannot be heard."""
        self.close()
        file = self._opened()
        try:
            self._check(file)
        except UsageError:
            file.close()
            raise
        self._file = file
        self.native_rate, self.channels = file.samplerate, file.channels
        self._resampler = Resampler(file.samplerate, self.rate)
        seconds = PACED_BLOCK_S if self._paced else FAST_BLOCK_S
        self._block = max(1, min(round(file.samplerate * seconds), MAX_BLOCK // file.channels))
        self._place, self._began, self._ended = 0, None, False

    def read(self, timeout: float) -> Block | None:
        """The next block; None if it is not due within `timeout` seconds. Raises EndOfStream, UsageError."""
        until = time.monotonic() + timeout
        if self._file is None:
            raise RuntimeError("a recording is read before it is opened")
        if self._began is None:
            self._began = time.monotonic()
        while not self._ended:
            due = self._began + min(self._place + self._block, self._file.frames) / self.native_rate
            if self._paced and due > until:
                time.sleep(max(0.0, until - time.monotonic()))
                return None
            if self._paced:
                time.sleep(max(0.0, due - time.monotonic()))
            frames = self._frames()
            if len(frames) == 0:
                self._ended = True
                last = self._resampler.flush()
                if last is not None:
                    return last
                break
            arrived = due if self._paced else time.monotonic()
            block = self._resampler.push(Block(mono(frames, self._channel), self._place, False, arrived))
            self._place += len(frames)
            if len(block.samples):
                return block
        raise EndOfStream(f"input {self.path}: its end")

    def close(self, _meanwhile: Meanwhile = patiently, /) -> None:
        """Harmless when not open; opening again begins at the beginning."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _opened(self) -> Any:
        try:
            if self.path.is_dir():
                raise UsageError(f"input {self.path}: a folder; give a sound file")
            if self.path.exists() and not self.path.is_file():  # a named pipe would be waited for
                raise UsageError(f"input {self.path}: not a file; give a sound file, or raw samples to --input -")
            if self.path.stat().st_size == 0:
                raise UsageError(f"input {self.path}: empty; give a sound file")
            with self.path.open("rb"):
                pass
            with hush:  # mpg123 speaks its mind on stderr
                return soundfile.SoundFile(self.path)
        except OSError as error:
            raise UsageError(f"input {self.path}: cannot be read ({error.strerror}); check the path") from None
        except (soundfile.LibsndfileError, TypeError, ValueError) as error:  # TypeError: a headerless format
            raise UsageError(
                f"input {self.path}: no sound file that libsndfile reads ({_reason(error)}); convert it to WAV or FLAC"
            ) from None

    def _check(self, file: Any) -> None:
        if file.frames == 0:
            raise UsageError(f"input {self.path}: a header without samples; give a sound file with sound in it")
        if file.samplerate not in RATES:
            raise UsageError(
                f"input {self.path}: claims {file.samplerate} samples per second;"
                f" convert it to a rate in {RATES[0]}..{RATES[-1]}"
            )
        if self._channel != "mix" and not 1 <= self._channel <= file.channels:
            raise UsageError(f"input {self.path}: has no channel {self._channel}; give 1 to {file.channels}, or mix")
        if short := SHORT.search(file.extra_info):
            claimed, there = map(int, short.groups())
            if there < claimed < KNOWN_LENGTH:
                self._warn_short(there / claimed)

    def _warn_short(self, part: float) -> None:
        log.warning("input %s: cut off, %.1f %% of it is here; serd hears what there is", self.path, 100 * part)

    def _frames(self) -> Samples:
        """Up to one block of frames, (n, channels). Raises UsageError at damage."""
        at = f"at {self._place / self.native_rate:.3f} s"
        try:
            with hush:
                frames: Samples = self._file.read(self._block, dtype="float32", always_2d=True)
        except (soundfile.LibsndfileError, RuntimeError) as error:
            raise UsageError(f"input {self.path}: damaged {at} ({_reason(error)}); convert it anew") from None
        fine = (np.abs(frames) <= LOUDEST).all(axis=1)  # false for NaN
        if not fine.all():
            at = f"at {(self._place + int(np.argmin(fine))) / self.native_rate:.3f} s"
            raise UsageError(f"input {self.path}: NaN, infinity or an absurd number for a sample {at}; convert it anew")
        if len(frames) == 0 and self._place < self._file.frames < KNOWN_LENGTH:
            self._warn_short(self._place / self._file.frames)
        return frames


class Pipe:
    """A `Source`: raw s16le, 16 kHz, mono, from a stream with a file descriptor, as in `arecord | serd`."""

    def __init__(self, stream: IO[bytes], rate: int = 16000) -> None:
        self.name = "standard input"
        self.native_rate = PIPE_RATE
        self.channels = 1
        self._stream = stream
        self._resampler = Resampler(PIPE_RATE, rate)
        self._place = 0
        self._odd = b""
        self._fd: int | None = None

    def open(self, _meanwhile: Meanwhile = patiently, /) -> None:
        """Raises UsageError where nothing is piped in."""
        fd = self._stream.fileno()
        if os.isatty(fd):
            raise UsageError("input -: a terminal; pipe samples in, as arecord -t raw -f S16_LE -r 16000 -c 1 does")
        self._fd = fd

    def read(self, timeout: float) -> Block | None:
        """What has come in, or None if nothing did within `timeout` seconds. Raises EndOfStream, UsageError."""
        until = time.monotonic() + timeout
        while self._fd is not None:
            if not _readable(self._fd, max(0.0, until - time.monotonic())):
                return None
            try:
                # Past Python's own buffer, of which a poll would know nothing.
                data = os.read(self._fd, PIPE_BYTES)
            except BlockingIOError:
                return None
            except OSError as error:
                raise UsageError(f"input -: cannot be read ({error.strerror}); pipe raw samples in") from None
            if not data:
                self._fd = None
                last = self._resampler.flush()
                if last is not None:
                    return last
                break
            data = self._odd + data
            whole = len(data) // 2 * 2
            self._odd = data[whole:]
            samples = np.frombuffer(data[:whole], "<i2").astype(np.float32) / np.float32(32768)
            block = self._resampler.push(Block(samples, self._place, False, time.monotonic()))
            self._place += len(samples)
            if len(block.samples):
                return block
        raise EndOfStream("input -: its end")

    def close(self, _meanwhile: Meanwhile = patiently, /) -> None:
        """Stop reading; the stream stays its owner's."""
        self._fd = None


def _readable(fd: int, timeout: float) -> bool:
    poll = select.poll()
    poll.register(fd, select.POLLIN | select.POLLHUP)
    return bool(poll.poll(timeout * 1000))


def _reason(error: Exception) -> str:
    text = str(getattr(error, "error_string", error))
    return " ".join(text.split()).rstrip(".") or type(error).__name__
