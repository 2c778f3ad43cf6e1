"""Row 9: the machine is slower than real time. The loop's thread gets what a busy one leaves of one core: 1 or 2 %."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from itertools import pairwise

from tests.support.fieldwork import in_the_field
from tests.support.soundserver import SoundServer
from tests.support.speech import DEMO

BUSY_S = 8.0
FRESH_S = 2.5
"""A decision is about the last second; what computing takes by then comes on top. Without skipping it would be 7 s."""


def test_the_oldest_strides_are_skipped_and_decisions_stay_fresh(serd: str, sound_server: SoundServer, measured):
    core = min(os.sched_getaffinity(0))
    with in_the_field(serd, "--stride", "0.05", env=sound_server.env) as field:
        field.state("listening")
        sound_server.play(DEMO)
        field.until(lambda: len(field.of("frame")) > 20)
        loop = field.process.pid  # of its threads the first; capture and all else stay as they are
        os.sched_setaffinity(loop, {core})
        os.setpriority(os.PRIO_PROCESS, loop, 19)
        burner = subprocess.Popen(["taskset", "-c", str(core), "sh", "-c", "while :; do :; done"])
        began = time.time()
        try:
            field.until(lambda: any(status["skipped"] and status["at"] > began for status in field.of("status")))
            time.sleep(max(0.0, began + BUSY_S - time.time()))
        finally:
            burner.kill()
            burner.wait()
            over = time.time()
        field.until(lambda: any(frame["at"] > over + 1 for frame in field.of("frame")))
        assert field.end() == 0
        busy = [frame for frame in field.of("frame") if began + 1 < frame["at"] < over]
        calm = [frame for frame in field.of("frame") if frame["at"] > over + 0.8]
        statuses = field.of("status")
        assert statistics.median(frame["latency_ms"] for frame in busy) < 1000 * FRESH_S
        assert calm[-1]["latency_ms"] < 1000
        assert statuses[-1]["skipped"] > 10
        # What is skipped takes no time: how far the ratio rises is the machine's, that it rises is not.
        before = [status["realtime_ratio"] for status in statuses if status["at"] < began and status["realtime_ratio"]]
        since = [status["realtime_ratio"] for status in statuses if status["at"] >= began and status["realtime_ratio"]]
        assert max(since) > 2 * min(before, default=0.1)
        assert any("the machine is too slow" in line for line in field.stderr)
        # what was skipped was heard: the next window is whole, and nothing is missing before it
        assert statuses[-1]["overflows"] == statuses[-1]["gaps"] == 0
        assert not any(frame["gap"] for frame in field.of("frame"))
        followed = [frame for frame in field.of("frame") if frame["at"] > began]
        jumps = [b["window"]["end_s"] - a["window"]["end_s"] for a, b in pairwise(followed)]
        assert max(jumps) > 0.2
        late = next(status for status in statuses if status["skipped"])
        measured(detected_s=late["at"] - began, recovered_s=calm[0]["at"] - over, **field.losses())
        assert field.events_lost == 0
