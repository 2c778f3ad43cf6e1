"""Recordings that libsndfile does not read, through an `ffmpeg` that is there: phones' and browsers', films.

It runs as a program of its own whose output is a pipe; nothing is written to disk.
"""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import IO

from serd.audio.pipe import Pipe
from serd.audio.source import EndOfStream, KeepAlive, never_abort
from serd.audio.split import Channel
from serd.block import Block
from serd.errors import UsageError, escaped

HANG_S = 30.0
"""An ffmpeg that has given nothing for so long is ended."""

LEAVE_S = 5.0
"""How long it may take to leave once it has given all."""

SOON_S = 0.5
"""The same where what it gave is of no use: it may well run on."""

INSTALLERS = {
    "apt-get": "sudo apt install ffmpeg",
    "dnf": "sudo dnf install ffmpeg-free",
    "pacman": "sudo pacman -S ffmpeg",
    "zypper": "sudo zypper install ffmpeg",
    "apk": "sudo apk add ffmpeg",
    "brew": "brew install ffmpeg",
}
"""Package manager -> the line that installs it."""

log = logging.getLogger(__name__)


def installing() -> str:
    """The line that installs ffmpeg here."""
    return next((line for program, line in INSTALLERS.items() if shutil.which(program)), INSTALLERS["apt-get"])


class Ffmpeg:
    """A `Source`: a file's first audio stream, at its own rate and with its own channels.

    `container` is what the file is, for messages; `channel` as for `Recording`.
    """

    def __init__(self, path: Path, container: str, rate: int, channel: Channel = "mix") -> None:
        self.path, self.name = path, escaped(path.name)
        self.native_rate, self.channels = rate, 1
        self._container, self._rate, self._channel = container, rate, channel
        self._process: subprocess.Popen[bytes] | None = None

    def open(self, _meanwhile: KeepAlive = never_abort, /) -> None:
        """Raises UsageError where there is no ffmpeg."""
        self.close()
        program = shutil.which("ffmpeg")
        if program is None:
            raise UsageError(
                f"input {self.path}: {self._container}, which takes ffmpeg to read, and there is none; {installing()}"
            )
        # What is lacking, as in a call's pauses, is filled up, so that times are the file's.
        # The protocol is named lest a colon in the name be taken for one, and no file may lead ffmpeg elsewhere.
        command = [program, "-nostdin", "-v", "error", "-protocol_whitelist", "file,pipe", "-i", f"file:{self.path}",
                   "-map", "0:a:0", "-af", "aresample=async=1", "-c:a", "pcm_f32le", "-f", "wav", "pipe:1"]  # fmt: skip
        self._said: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - until `close`
        self._process = process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self._said, start_new_session=True
        )
        assert process.stdout is not None
        self._pipe = Pipe(process.stdout, self._rate, self._channel, title=str(self.path), command="serd score -")
        self._pipe.open()
        self._heard, self._silent_s = False, 0.0

    def read(self, timeout: float) -> Block | None:
        """The next block; None if none came within `timeout` seconds. Raises EndOfStream, UsageError."""
        if self._process is None:
            raise RuntimeError("a recording is read before it is opened")
        wait = min(timeout, HANG_S - self._silent_s)
        try:
            block = self._pipe.read(wait)
        except (EndOfStream, UsageError) as end:
            self._judge(LEAVE_S if isinstance(end, EndOfStream) else SOON_S)  # what ffmpeg says of it tells more
            raise
        self._silent_s = 0.0 if block else self._silent_s + wait
        if self._silent_s >= HANG_S:
            self.close()
            raise UsageError(
                f"input {self.path}: ffmpeg gave nothing for {HANG_S:g} s and was ended; convert it to WAV or FLAC"
            )
        self._heard = self._heard or block is not None
        self.native_rate, self.channels = self._pipe.native_rate, self._pipe.channels
        return block

    def close(self, _meanwhile: KeepAlive = never_abort, /) -> None:
        """End ffmpeg, if it still runs; harmless when not open."""
        if self._process is None:
            return
        process, self._process = self._process, None
        if process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # in a session of its own: what it started goes too
            process.wait()
        assert process.stdout is not None
        process.stdout.close()
        self._said.close()

    def _judge(self, wait_s: float) -> None:
        """What ffmpeg left with. Raises UsageError if nothing was heard on its account."""
        assert self._process is not None
        try:
            code = self._process.wait(wait_s)
        except subprocess.TimeoutExpired:
            return
        self._said.seek(0)
        lines = [" ".join(line.split()) for line in self._said.read(1 << 16).decode(errors="replace").splitlines()]
        reason = next((line for line in reversed(lines) if line), f"exit code {code}")
        reason = reason.removeprefix(f"file:{self.path}: ").rstrip(".")
        if not self._heard and (code or lines):
            raise UsageError(f"input {self.path}: ffmpeg finds no sound in it ({reason}); convert it to WAV or FLAC")
        if code or lines:
            log.warning("input %s: ffmpeg could not read all of it (%s); serd hears the rest", self.path, reason)
