"""What serd costs, measured side by side in one run: `script/bench [--input FILE] [--runs N] [--json FILE]`.

CPU milliseconds are those of the process (user and system) per second of audio; figures are medians of the
runs, their quartiles are in the JSON. Without --input the synthetic recording is used. Capture needs PulseAudio
(script/test installs it); what serd is put beside needs `pip install -e '.[bench]'`; where one is missing its line
says so. --quick shows in a minute that it works, with figures that say little; --long adds a day's recording and
latency over minutes; --pi prints the row of the table in docs/cost.md, and measures no more than that takes.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from serd.block import Samples
from tests.support.journal_store import report_of_a_year
from tests.support.memory import peak_mb
from tools.bench import growth, peers, pi, size, start
from tools.bench.daemon import capture, live
from tools.bench.machine import machine
from tools.bench.plan import FULL, LONG, QUICK, Plan
from tools.bench.route import RATE, Spread
from tools.bench.score import recording, score
from tools.bench.stages import WHOLE, read, stages
from tools.bench.windows import RUNTIMES, invokes, reference
from tools.checkout import VOICES


class Book:
    """The figures as docs/bench.json has them: flat ones by name, `spread` their quartiles, `peers`, `growth`."""

    def __init__(self) -> None:
        self.flat: dict[str, float | None] = {}
        self.spread: dict[str, list[float]] = {}
        self.nested: dict[str, Any] = {"machine": machine()}

    def tell(self, name: str, value: float | Spread | None) -> None:
        """Print a figure, and keep it."""
        text = ""
        if isinstance(value, Spread):
            self.spread[name.strip()] = [value.low, value.high]
            text, value = f"   ({value.low:.2f} to {value.high:.2f})", value.median
        self.flat[name.strip()] = value
        print(f"{name:<62}{'not available here' if value is None else f'{value:8.2f}{text}'}", flush=True)

    def write(self, path: Path) -> None:
        """All of it as JSON."""
        path.write_text(json.dumps({**self.flat, "spread": self.spread, **self.nested}, indent=1) + "\n")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--input", type=Path, default=VOICES)
    parser.add_argument("--model", default=growth.MODEL, help="of the stages, the live measurements and the growth")
    parser.add_argument("--runs", type=int)
    parser.add_argument("--seconds", type=float, help="length of the live measurements")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--quick", dest="plan", action="store_const", const=QUICK, help="a minute, to see that it works")
    how.add_argument("--long", dest="plan", action="store_const", const=LONG, help="a day's recording, too")
    how.add_argument("--pi", action="store_true", help="print the row to send, and nothing else")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    given = parser.parse_args()
    plan = (given.plan or FULL).but(given.runs, given.seconds)
    samples = read(given.input)[: round(plan.audio_s * RATE)]
    if given.pi:
        print("\n".join((*pi.HEAD, pi.row(given.input, samples, plan))))
        return
    print(f"{given.input.name}, {len(samples) / RATE:.0f} s, model {given.model}, median of {plan.runs} runs")
    book = Book()
    print("{name}, {cores} cores, {system}, Python {python}, load {load}\n".format(**book.nested["machine"]))
    print("CPU ms per second of audio")
    costs = stages(samples, given.model, plan.runs)
    for name, value in costs.items():
        book.tell(name, value)
    whole = costs[WHOLE]
    assert isinstance(whole, Spread)
    beside(book, samples, whole.median, plan.runs)
    print("\nCPU ms of one window")
    for runtime in RUNTIMES:
        try:
            for name, value in invokes(runtime).items():
                book.tell(name, value)
        except (FileNotFoundError, subprocess.CalledProcessError):
            print(f"{runtime}: not available here")
    for name, value in reference(given.model).items():
        book.tell(name, value)
    print()
    for name, figure in daemon(given.input, given.model, plan):
        book.tell(name, figure)
    grow(book, samples, plan)
    with tempfile.TemporaryDirectory() as folder:
        book.tell("report of a year's journal, 156 sessions (CPU s)", report_of_a_year(plan.runs, Path(folder)))
    book.tell("peak memory of this benchmark (MB)", peak_mb())
    if given.json:
        book.write(given.json)


def beside(book: Book, samples: Samples, ours: float, runs: int) -> None:
    """serd with each model, and what it is put beside; `ours` is what the ratio to the usual script refers to."""
    book.nested["peers"] = found = dict[str, Any]()
    need = size.beside_serd()
    wheel = size.wheel()
    whole = wheel[1] + need if wheel and need else None
    for name in (*peers.OURS, *peers.OTHERS):
        figures = peers.measure(name, samples, runs)
        known = name in peers.OURS
        flat = f"block to sent event, {peers.OURS[name]}" if known else name
        book.tell(flat, Spread(*figures["cpu"]) if figures else None)
        if figures is not None:
            figures["installed"] = whole if known else size.installed(*peers.OTHERS[name][2])
        found[name] = figures
        if figures and known:
            book.tell(f"streams a core, {peers.OURS[name]}", 1000 / figures["cpu"][1])
    usual = found[peers.USUAL]
    book.tell("ratio, the usual script over serd", usual["cpu"][1] / ours if usual else None)
    book.tell("wheel (MB)", wheel[0] if wheel else None)
    book.tell("installed, serd alone (MB)", wheel[1] if wheel else None)
    book.tell("installed, with what it needs (MB)", whole)


def daemon(path: Path, model: str, plan: Plan) -> Iterator[tuple[str, float | Spread | None]]:
    """Capture, the real daemon, its start."""
    try:
        yield from capture(plan.seconds).items()
    except (ImportError, FileNotFoundError, subprocess.CalledProcessError) as error:
        print(f"capture: not available here ({error})")
    yield from live(path, model, plan.seconds).items()
    yield "serd --version (s)", start.version(plan.runs)
    for one in (model, peers.MODELS[0]):
        yield f"start to first frame, {one} (s)", start.first_frame(path, one)


def grow(book: Book, samples: Samples, plan: Plan) -> None:
    """Batch by model, and how the cost grows."""
    with tempfile.TemporaryDirectory() as folder:
        recording(path := Path(folder, "minute.flac"), plan.audio_s)
        for model in peers.MODELS:
            book.tell(f"times real time in batch, a core, {model}", score(path, model, plan.runs)["times"])
    parts = {
        "voices": growth.voices(plan.voices, plan.voice_s),
        "stride": growth.strides(samples, plan.strides, peers.MODELS[:2], plan.runs),
        "length": growth.lengths(plan.lengths, plan.runs),
        "subscribers": growth.subscribers(samples, plan.subscribers, plan.runs),
    }
    book.nested["growth"] = {"model": growth.MODEL, **parts}
    for name, rows in parts.items():
        print(f"\ngrowth, {name}")
        for row in rows:
            print("  " + ", ".join(f"{key} {_short(value)}" for key, value in row.items() if key != "spread"))
    print()


def _short(value: Any) -> str:
    return f"{value:.2f}" if isinstance(value, float) else str(value)


if __name__ == "__main__":
    main()
