"""The row of docs/cost.md's table of boards: `script/bench --pi` prints it, whoever has a board sends it."""

from __future__ import annotations

import tempfile
from pathlib import Path

from serd.block import Samples
from serd.version import __version__
from tools.bench import peers, start
from tools.bench.daemon import live
from tools.bench.machine import machine
from tools.bench.plan import Plan
from tools.bench.score import recording, score

MODELS = ("serd-small", "serd-base")
COLUMNS = (
    "machine", "cores", "system, Python", "serd",
    *(f"CPU ms per s, {model}" for model in MODELS),
    *(f"× real time in batch, {model}" for model in MODELS),
    "latency p50, p99 (ms)", "memory (MB)", "`serd --version` (s)",
)  # fmt: skip
HEAD = ("| " + " | ".join(COLUMNS) + " |", "|---|---:|---|---|" + "---:|" * (len(COLUMNS) - 4))


def row(path: Path, samples: Samples, plan: Plan) -> str:
    """What this machine does, serd-small's latency and memory."""
    here = machine()
    costs = [peers.measure(f"serd, {model}", samples, plan.runs) for model in MODELS]
    with tempfile.TemporaryDirectory() as folder:
        recording(file := Path(folder, "minute.flac"), plan.audio_s)
        times = [score(file, model, plan.runs)["times"] for model in MODELS]
    alive = live(path, MODELS[0], plan.seconds)
    cells = (
        here["name"].replace("|", "/"),
        here["cores"],
        f"{here['system']}, {here['python']}",
        __version__,
        *("" if cost is None else f"{cost['cpu'][1]:.2f}" for cost in costs),
        *(f"{value:.0f}" for value in times),
        f"{alive['latency p50 (ms)']:.1f}, {alive['latency p99 (ms)']:.1f}",
        f"{alive['resident memory, headless (MB)']:.0f}",
        f"{start.version(plan.runs).median:.2f}",
    )
    return "| " + " | ".join(map(str, cells)) + " |"
