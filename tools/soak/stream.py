"""Hours of stream through the daemon's loop in this process, fed as fast as it takes; a subscriber in another."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
import time
from typing import Any

from serd.daemon.daemon import Daemon
from serd.events.publisher import Publisher
from serd.inference.model import SPEECH, load
from serd.inference.pipeline import Pipeline
from serd.system.systemd import Notifier
from tools.checkout import ROOT
from tools.soak.loop import Loop, mixture

HIGH_WATER_MARK = 20_000
MODEL = "serd-small"
"""A day of the default model's stream would take hours; the loop, and what it keeps, are the same."""
SUBSCRIBER = """
import collections, json, sys, serd
counts, open_segments, never_ended = collections.Counter(), set(), 0
with serd.subscribe(sys.argv[1], timeout=120) as events:
    for event in events:
        kind = event["type"].rpartition(".")[2]
        counts[kind] += 1
        if kind == "segment":
            data = event["data"]
            (open_segments.add if data["phase"] == "start" else open_segments.discard)(data["segment"])
        elif kind == "status" and event["data"]["state"] in ("stopped", "failed"):
            break
print(json.dumps({"counts": counts, "lost": events.lost, "malformed": events.malformed, "open": len(open_segments)}))
"""


def stream(hours: float) -> dict[str, Any]:
    """What `hours` of stream came to."""
    pipeline = Pipeline.assemble(load(MODEL), load(SPEECH, "speech"), 0.25)
    source = Loop(mixture(), hours)
    with tempfile.TemporaryDirectory() as folder:
        endpoint = f"ipc://{folder}/events"
        publisher = Publisher([endpoint], "soak", "soak", high_water_mark=HIGH_WATER_MARK)
        reader = subprocess.Popen(
            [sys.executable, "-c", SUBSCRIBER, endpoint], stdout=subprocess.PIPE, text=True, cwd=ROOT
        )
        if not publisher.wait_subscribers(1, 30):
            sys.exit("the subscriber does not come")
        began, cpu = time.monotonic(), time.process_time()
        Daemon.of_one(source, pipeline, publisher, Notifier({}), live=False).run(threading.Event())
        took, cpu = time.monotonic() - began, time.process_time() - cpu
        publisher.close(10)
        heard = json.loads(reader.communicate(timeout=150)[0])
    return {
        "hours of stream": hours,
        "took (s)": round(took, 1),
        "times real time": round(hours * 3600 / took, 1),
        "CPU (ms per s of audio)": round(cpu * 1000 / (hours * 3600), 3),
        **source.looks.figures(min(1.0, hours / 2)),
        "events": heard["counts"],
        "events lost": heard["lost"] + publisher.dropped,
        "segments never closed": heard["open"],
    }
