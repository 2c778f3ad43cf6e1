"""A capture device whose samples a test delivers itself: PulseAudio's pipe source, fed at any pace, or not at all."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path
from typing import Self

import numpy as np
import soundfile

from tests.support.soundserver import SoundServer

CHUNK_S = 0.02


class Feeder:
    """Plays a recording over and over into the source `fed`, the server's default one, at `pace` times real time."""

    def __init__(self, server: SoundServer, path: Path, pace: float = 1.0) -> None:
        samples, rate = soundfile.read(path, dtype="int16")
        assert rate == 16000
        self._samples = np.ascontiguousarray(samples)
        self._pace = pace
        self._pipe = server.home / "fed"
        server.load(
            "module-pipe-source",
            "source_name=fed",
            f"file={self._pipe}",
            "rate=16000",
            f"channels={samples[0].size}",
            "format=s16le",
        )
        server.pactl("set-default-source", "fed")
        self._fd = os.open(self._pipe, os.O_WRONLY)
        self._runs, self._over = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._feed, daemon=True)

    def pause(self) -> None:
        """Deliver nothing; the device stays."""
        self._runs.clear()

    def resume(self) -> None:
        self._runs.set()

    def __enter__(self) -> Self:
        self._runs.set()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._runs.set()
        self._thread.join(10)
        os.close(self._fd)

    def _feed(self) -> None:
        size = round(CHUNK_S * 16000)
        at, due = 0, time.monotonic()
        while not self._over.is_set():
            if not self._runs.is_set():
                self._runs.wait()
                due = time.monotonic()
            at = (at + size) % (len(self._samples) - size)
            try:
                os.write(self._fd, self._samples[at : at + size].tobytes())
            except BrokenPipeError:
                return
            due += CHUNK_S / self._pace
            time.sleep(max(0.0, due - time.monotonic()))
