"""What bridges cost: `script/bench-bridges [--seconds S] [--rooms N] [--only NAME] [--outages] [--json FILE]`.

Each bridge runs by itself for S seconds on the events of a room that speaks (4 frames a second, a segment every 2 s,
a status every 5 s), to a real server. Printed are its peak memory, its CPU time (of one core, start-up left out), and
the bytes a second that leave it. `--rooms N` gives it so many rooms at once, through one endpoint each.

With `--outages` it is nats alone, with a recorded session's events from every room, whose server is killed twice and
back after 10 s: what was lost, how late it was stored, and what the bridge took; exit code 1 if anything was lost.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.support import wire
from tests.support.bridging import Room, bridge, until
from tools.bridges.fleet import load
from tools.bridges.peers import PEERS

WARM_UP_S = 2.0
OUTAGE_S = 10.0


def speak(rooms: list[Room], seconds: float) -> None:
    """Events as rooms send them in which somebody speaks."""
    began = time.monotonic()
    for k in range(int(seconds * 4)):
        time.sleep(max(began + k * 0.25 - time.monotonic(), 0))
        for room in rooms:
            room.send(wire.frame(k))
            if k % 8 == 0:
                room.send(wire.segment(k // 16, "change" if k % 16 else None))
            if k % 20 == 0:
                room.send(wire.status())


def measure(name: str, seconds: float, many: int) -> dict[str, float]:
    """Figures of one bridge: MB, share of a core in %, bytes a second."""
    with tempfile.TemporaryDirectory() as temporary, PEERS[name](Path(temporary)) as (arguments, count):
        folder = Path(temporary)
        rooms = [Room(f"ipc://{folder}/{k}", f"room{k}") for k in range(many)]
        endpoints = [part for room in rooms for part in ("--endpoint", room.endpoint)]
        with bridge(name, *endpoints, *arguments, folder=folder) as process:
            for room in rooms:
                room.wait()
            until(lambda: process.said("open to"))
            speak(rooms, WARM_UP_S)
            before, bytes_before = process.cpu_s(), count()
            speak(rooms, seconds)
            used, sent = process.cpu_s() - before, count() - bytes_before
            memory = process.memory_mb()
            process.end()
            lost = [line for line in process.errors if "dropped" in line or " lost on the way" in line]
            assert not lost, lost
        for room in rooms:
            room.close()
    return {
        "memory (MB)": round(memory, 1),
        "CPU (%)": round(100 * used / seconds, 2),
        "bytes/s": round(sent / seconds),
    }


def main() -> int:
    """Measure all bridges, one after the other; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--rooms", type=int, default=1)
    parser.add_argument("--only", choices=PEERS, metavar="NAME", help=f"one of {', '.join(PEERS)}")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    parser.add_argument("--outages", action="store_true", help="nats alone, whose server goes away twice")
    given = parser.parse_args()
    figures = outages(given.rooms, given.seconds) if given.outages else one_by_one(given)
    if given.json:
        given.json.write_text(json.dumps(figures, indent=1) + "\n")
    return 1 if figures.get("lost") else 0


def one_by_one(given: argparse.Namespace) -> dict[str, Any]:
    """By name: the figures of each bridge that is asked for."""
    figures = {}
    print(f"{given.rooms} room(s), {given.seconds:g} s each\n\n{'bridge':<12}{'memory':>10}{'CPU':>12}{'sent':>14}")
    for name in [given.only] if given.only else PEERS:
        figures[name] = found = measure(name, given.seconds, given.rooms)
        memory, used, sent = found.values()
        print(f"{name:<12}{memory:>7.1f} MB{used:>10.2f} %{sent:>10.0f} B/s", flush=True)
    return figures


def outages(rooms: int, seconds: float) -> dict[str, Any]:
    """The figures of nats over two outages."""
    with tempfile.TemporaryDirectory() as temporary:
        figures = asdict(load(Path(temporary), rooms, seconds, OUTAGE_S))
    for name, value in figures.items():
        print(f"{name:<12}{value}")
    return figures


if __name__ == "__main__":
    sys.exit(main())
