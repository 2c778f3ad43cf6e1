"""What bridges cost: `script/bench-bridges [--seconds S] [--rooms N] [--only NAME] [--json FILE]`.

Each bridge runs by itself for S seconds on the events of a room that speaks (4 frames a second, a segment every 2 s,
a status every 5 s), to a real server. Printed are its peak memory, its CPU time (of one core, start-up left out), and
the bytes a second that leave it. `--rooms N` gives it so many rooms at once, through one endpoint each.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from pathlib import Path

from tests.support import wire
from tests.support.bridging import Process, Room, bridge, until
from tools.bridges.peers import PEERS

TICKS = os.sysconf("SC_CLK_TCK")
WARM_UP_S = 2.0


def cpu_s(process: Process) -> float:
    """User and system time of the process so far."""
    parts = Path(f"/proc/{process.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(parts[11]) + int(parts[12])) / TICKS


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
            before, bytes_before = cpu_s(process), count()
            speak(rooms, seconds)
            used, sent = cpu_s(process) - before, count() - bytes_before
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


def main() -> None:
    """Measure all bridges, one after the other."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--rooms", type=int, default=1)
    parser.add_argument("--only", choices=PEERS, metavar="NAME", help=f"one of {', '.join(PEERS)}")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    given = parser.parse_args()
    figures = {}
    print(f"{given.rooms} room(s), {given.seconds:g} s each\n\n{'bridge':<12}{'memory':>10}{'CPU':>12}{'sent':>14}")
    for name in [given.only] if given.only else PEERS:
        figures[name] = found = measure(name, given.seconds, given.rooms)
        memory, used, sent = found.values()
        print(f"{name:<12}{memory:>7.1f} MB{used:>10.2f} %{sent:>10.0f} B/s", flush=True)
    if given.json:
        given.json.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
