"""The `serd` command through a private PulseAudio: hours by the clock, and many mutes."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import soundfile

from serd.events.requests import ask, running
from tests.support.feeder import Feeder
from tests.support.fieldwork import in_the_field
from tests.support.soundserver import SoundServer
from tools.soak.loop import RATE, mixture
from tools.soak.resources import ResourceUse

SERD = Path(sys.executable).with_name("serd")
WARM_MUTES = 40
"""Each helper thread may get an arena of the allocator's, which fill in the first dozens of cycles."""


def wall(hours: float) -> dict[str, Any]:
    """The command through a private PulseAudio, which plays speech all the time."""
    server = SoundServer()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "mixture.wav")
        soundfile.write(path, mixture(), RATE)
        server.start()
        try:
            with (
                Feeder(server, path),
                in_the_field(str(SERD), env=server.env) as daemon,
            ):
                daemon.state("listening")
                looks, began, shown_s = ResourceUse(daemon.process.pid), time.monotonic(), 0.0
                while (passed := time.monotonic() - began) < hours * 3600:
                    time.sleep(min(10.0, hours * 3600 - passed))
                    looks.take(passed / 3600)
                    if passed >= shown_s:
                        print(f"  {passed / 60:5.1f} min by the clock", file=sys.stderr, flush=True)
                        shown_s += 300
                code = daemon.end()
                started = {s["segment"] for s in daemon.of("segment") if s["phase"] == "start"}
                ended = {s["segment"] for s in daemon.of("segment") if s["phase"] == "end"}
                last = daemon.of("status")[-1]
                return {
                    "hours by the clock": round(hours, 3),
                    "exit code": code,
                    "stream (s)": last["stream_s"],
                    "overflows": last["overflows"],
                    "gaps": last["gaps"],
                    "strides skipped": last["skipped"],
                    **looks.figures(hours / 2),
                    "events": len(daemon.events),
                    "events lost": daemon.events_lost,
                    "segments": len(started),
                    "segments never closed": len(started - ended),
                }
        finally:
            server.close()


def mutes(count: int) -> dict[str, Any]:
    """The microphone closed and opened again, `count` times after some for warmth."""
    server = SoundServer()
    server.start()
    try:
        with in_the_field(str(SERD), env=server.env) as daemon:
            daemon.state("listening")
            (control,) = running(daemon.env)
            looks = ResourceUse(daemon.process.pid)
            for k in range(count + WARM_MUTES):
                if ask(control, "mute").state != "muted" or server.pactl("list", "short", "source-outputs"):
                    sys.exit("a mute left the stream open")
                since = time.time()
                ask(control, "unmute")
                daemon.state("listening", after=since)
                if k >= WARM_MUTES - 1:
                    looks.take(k / 3600)
            code = daemon.end()
            figures = looks.figures(0)
            del figures["memory, slope (MB per 24 h)"]
            return {"mute cycles": count, "exit code": code, **figures, "events lost": daemon.events_lost}
    finally:
        server.close()
