"""What the tests of events share: events of all kinds, their check against the schema, a publishing process."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from serd.events.event import Event, schema
from serd.events.publisher import Publisher

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}
PATIENCE = 20.0
"""Seconds after which something that ought to happen is taken to hang."""


@cache
def validator() -> Any:
    from jsonschema import Draft202012Validator  # the publishing process does without

    return Draft202012Validator(schema())


def valid(envelope: Any) -> Any:
    """The envelope itself, if the schema accepts it."""
    validator().validate(envelope)
    return envelope


def is_valid(envelope: Any) -> bool:
    return validator().is_valid(envelope)


def frame(k: int = 0) -> Event:
    """The k-th stride's frame; its place in the stream tells which it is."""
    window = {"start_s": k * 0.25, "end_s": k * 0.25 + 3}
    data = {
        "state": "emotion",
        "reason": "confident",
        "label": "happy",
        "probabilities": {"happy": 0.7, "sad": 0.2, "calm": 0.1},
        "speech": 0.98,
        "confidence": 0.7,
        "window": window,
        "quality": {"level": -23.4, "bands": [-42.0, -36, -30, -33, -39, -48, -57, -99], "clipping": 0, "overflows": 0},
        "gap": False,
        "model": "thesis-cnn/1",
    }
    return Event("frame", data, time.monotonic())


def quiet() -> Event:
    """A frame without speech."""
    nothing = {"state": "no-speech", "reason": "silence", "label": None, "probabilities": None, "confidence": None}
    return Event("frame", {**frame().data, **nothing, "speech": 0.01}, time.monotonic())


def segment(k: int = 0, ended_by: str | None = None) -> Event:
    """The k-th segment's start, or its end."""
    own = {"segment": str(k), "phase": "end" if ended_by else "start", "duration_s": 1.5, "ended_by": ended_by}
    return Event("segment", {**own, **frame(k).data}, time.monotonic())


def status(state: str = "listening") -> Event:
    data = {
        "state": state,
        "reason": "audio arrives",
        "device": {"name": "Mikrofon (Küche)", "rate": 48000, "channels": 2},
        "model": "thesis-cnn/1",
        "labels": ["happy", "sad", "calm"],
        "stride_s": 0.25,
        "uptime_s": 12.5,
        "stream_s": 11.25,
        "realtime_ratio": None,
        "overflows": 0,
        "gaps": 0,
        "dropped": 0,
        "cpu": 0.041,
        "synthetic": False,
        "version": "0.1.0",
    }
    return Event("status", data, None)


def of_kind(kind: str) -> Event:
    return {"frame": frame, "segment": segment, "status": status}[kind]()


@contextlib.contextmanager
def publishing(endpoint: str = "tcp://127.0.0.1:*", session: str = "s") -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """A process that publishes all kinds, some 100 events a second; its endpoint and itself."""
    with subprocess.Popen(
        [sys.executable, __file__, endpoint, session], stdout=subprocess.PIPE, text=True, env=ENVIRONMENT
    ) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip(), process
        finally:
            process.kill()


def _publish(endpoint: str, session: str) -> None:
    stopped: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: stopped.append(number))
    publisher = Publisher([endpoint], "test", session)
    print(publisher.endpoints[0], flush=True)
    k = 0
    while not stopped:
        for event in (status(), segment(k), frame(k), quiet(), segment(k, "change")):
            publisher.publish(event)
        time.sleep(0.05)
        k += 1
    publisher.close()


if __name__ == "__main__":
    _publish(*sys.argv[1:])
