"""Row 21: the time of day jumps, as when a Raspberry Pi first hears of the time. Faked for serd alone (libfaketime)."""

from __future__ import annotations

import time
from itertools import pairwise
from pathlib import Path

import pytest

from tests.support.fieldwork import EAGER, in_the_field
from tests.support.soundserver import SoundServer
from tests.support.speech import DEMO

HOUR = 3600.0


def faketime() -> str | None:
    """Path of the library, if it is here."""
    return next((str(path) for path in Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")), None)


def test_durations_and_stream_time_do_not_see_it(serd: str, sound_server: SoundServer, measured, tmp_path: Path):
    library = faketime()
    if library is None:
        pytest.skip("no libfaketime here; script/test installs it")
    offset = tmp_path / "offset"
    offset.write_text("+0\n")
    fake = {
        "LD_PRELOAD": library,
        "FAKETIME_TIMESTAMP_FILE": str(offset),
        "FAKETIME_NO_CACHE": "1",
        "DONT_FAKE_MONOTONIC": "1",
    }
    with in_the_field(serd, env={**sound_server.env, **fake}, rules=EAGER) as field:
        field.state("listening")
        sound_server.play(DEMO)
        for jump in ("+1h", "-2h"):
            field.until(lambda: field.of("segment"))
            count = len(field.of("frame"))
            field.until(lambda: len(field.of("frame")) > count + 4)  # noqa: B023
            offset.write_text(f"{jump}\n")
        jumped = time.monotonic()
        count = len(field.of("frame"))
        field.until(lambda: len(field.of("frame")) > count + 4)
        assert field.end() == 0
        took = time.monotonic() - jumped
        frames, statuses = field.of("frame"), field.of("status")
        steps = [b["at"] - a["at"] for a, b in pairwise(frames)]
        assert max(steps) > 0.9 * HOUR
        assert min(steps) < -2.9 * HOUR
        assert all(0 < b["window"]["end_s"] - a["window"]["end_s"] < 0.5 for a, b in pairwise(frames))
        assert not any(frame["gap"] for frame in frames)
        assert all(frame["latency_ms"] < 5000 for frame in frames)
        assert len({event["session"] for event in frames + statuses}) == 1
        assert field.states() == ["waiting", "listening", "stopped"]
        assert statuses[-1]["uptime_s"] < 60 + took
        assert statuses[-1]["reanchored"] == 0
        for segment in field.of("segment"):
            assert 0 <= segment["duration_s"] < 60
        measured(**field.losses())
