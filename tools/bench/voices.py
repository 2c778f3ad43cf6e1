"""What further voices in one process cost, and how many fit: `script/bench-voices [--voices 1 8 64] [--model NAME]`.

`--json docs/voices.json` keeps the figures beside those of other models and other numbers of voices that are there;
pages are made of it.

A daemon in a process of its own hears one source of so many channels in real time, as it would hear a microphone (what
is late is skipped), and publishes to a subscriber in another process. Its channels are the recording, each from another
place on, so that half of the voices speak at any moment. Figures are of the time after the first seconds.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import threading
import time
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from serd.audio.recording import Recording
from serd.daemon.capture import Capture
from serd.daemon.daemon import Daemon
from serd.daemon.voice import Voice
from serd.events.publisher import Publisher
from serd.inference.crosstalk import Crosstalk, nobody
from serd.inference.model import SPEECH, load
from serd.inference.pipeline import Pipeline
from serd.system import malloc
from serd.system.systemd import Notifier
from tests.support.memory import resident_mb
from tools.bench.stages import read
from tools.checkout import ROOT, VOICES

RATE = 16000
WARM_S = 4.0
"""What the first seconds take says little."""

LISTENER = """
import json, sys
from serd.events.subscribe import subscribe
late, skipped = [], {}
with subscribe(sys.argv[1], timeout=30) as events:
    for event in events:
        data = event["data"]
        if event["type"].endswith("frame") and data["window"]["end_s"] > float(sys.argv[2]):
            late.append(data["latency_ms"])
        elif event["type"].endswith("status"):
            skipped[event["source"]] = data["skipped"]
            if data["state"] == "stopped" and len(late) > 0 and event["source"] == sys.argv[3]:
                break
    print(json.dumps({"late": sorted(late), "skipped": skipped, "lost": events.lost}))
"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--voices", type=int, nargs="+", default=[1, 2, 4, 8, 16, 32, 64], metavar="N")
    parser.add_argument("--model", default="serd-small")
    parser.add_argument("--stride", type=float, default=0.25, metavar="SECONDS")
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    parser.add_argument("--daemon", nargs=2, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.daemon:
        _daemon(Path(given.daemon[0]), given.daemon[1], given.model, given.stride)
        return
    print(f"{given.model}, stride {given.stride:g} s, {given.seconds:g} s each\n")
    print("voices  CPU ms/s  per voice  MB  MB a further voice  p50 ms  p99 ms  skipped  by voice, least to most  lost")
    rows = []
    for count in given.voices:
        rows.append(row := measure(count, given.model, given.stride, given.seconds))
        further = (
            (row["memory"] - rows[0]["memory"]) / (count - rows[0]["voices"]) if count > rows[0]["voices"] else 0.0
        )
        print(
            f"{count:6}{row['cpu']:10.1f}{row['cpu'] / count:11.2f}{row['memory']:7.1f}{further:10.2f}"
            f"{row['p50']:16.1f}{row['p99']:8.1f}{row['skipped']:8}{row['fewest']:12}..{row['most']}{row['lost']:14}",
            flush=True,
        )
    if given.json:
        kept = json.loads(given.json.read_text()) if given.json.exists() else {}
        every = {row["voices"]: row for row in (*kept.get(given.model, ()), *rows)}
        kept[given.model] = [every[count] for count in sorted(every)]
        given.json.write_text(json.dumps(kept, indent=1) + "\n")


def measure(count: int, model: str, stride_s: float, seconds: float) -> dict[str, Any]:
    """One run with so many voices: CPU ms per second of the source, MB, latency, what was skipped and lost."""
    with tempfile.TemporaryDirectory() as folder:
        path, endpoint = Path(folder, "many.wav"), f"ipc://{folder}/events"
        spoken = read(VOICES)
        length = round(seconds * RATE)
        tiled = np.tile(spoken, -(-2 * length // len(spoken)) + 1)
        starts = [round(number * 0.37 * len(spoken)) % len(spoken) for number in range(count)]
        with soundfile.SoundFile(path, "w", RATE, count, "PCM_16") as file:
            for at in range(0, length, RATE):
                stop = min(at + RATE, length)
                file.write(np.stack([tiled[start + at : start + stop] for start in starts], axis=1))
        listener = subprocess.Popen(
            [sys.executable, "-c", LISTENER, endpoint, str(WARM_S), _name(count - 1)],
            stdout=subprocess.PIPE, text=True, cwd=ROOT,
        )  # fmt: skip
        made = subprocess.run(
            [sys.executable, "-m", "tools.bench.voices", "--model", model, "--stride", str(stride_s),
             "--daemon", str(path), endpoint],
            stdout=subprocess.PIPE, text=True, cwd=ROOT, check=True,
        )  # fmt: skip
        heard = json.loads(listener.communicate(timeout=60)[0])
    figures = json.loads(made.stdout)
    skipped = list(heard["skipped"].values())
    return {
        "voices": count,
        "seconds": seconds,
        "stride_s": stride_s,
        **{name: round(value, 1) for name, value in figures.items()},
        "p50": round(float(np.percentile(heard["late"], 50)), 1),
        "p99": round(float(np.percentile(heard["late"], 99)), 1),
        "skipped": sum(skipped),
        "fewest": min(skipped),
        "most": max(skipped),
        "lost": heard["lost"],
    }


def _name(number: int) -> str:
    return f"v{number}"


def _daemon(path: Path, endpoint: str, model: str, stride_s: float) -> None:
    """Hear the file as a microphone; prints what that took."""
    malloc.limit()
    count = soundfile.info(path).channels
    names = [_name(number) for number in range(count)]
    emotion, speech = load(model), load(SPEECH, "speech")
    source = Recording(path, RATE, paced=True, channel=tuple(range(1, count + 1)))
    publisher, notifier = Publisher((endpoint,), names, "bench"), Notifier({})
    crosstalk = Crosstalk(names, RATE) if count > 1 else None
    voices = [
        Voice(
            source,
            Pipeline.assemble(emotion, speech, stride_s, known="running"),
            publisher,
            notifier,
            live=True,
            name=name,
            other=partial(crosstalk.other, number) if crosstalk else nobody,
        )
        for number, name in enumerate(names)
    ]
    daemon = Daemon([Capture(source, voices, notifier, live=True, crosstalk=crosstalk)], publisher, notifier)
    publisher.wait_subscribers(1, 30)
    marks: list[tuple[float, float]] = []

    def mark() -> None:
        marks.append((time.monotonic(), time.process_time()))

    timer = threading.Timer(WARM_S, mark)
    timer.start()
    daemon.run(threading.Event())
    mark()
    (began, cpu), (ended, more) = marks
    print(json.dumps({"cpu": 1000 * (more - cpu) / (ended - began), "memory": resident_mb()}))
    publisher.close()


if __name__ == "__main__":
    main()
