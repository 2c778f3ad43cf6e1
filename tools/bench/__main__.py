"""What serd costs, measured side by side in one run: `script/bench [--input FILE] [--runs N] [--json FILE]`.

CPU milliseconds are those of the process (user and system) per second of audio; figures are medians of the
runs. Without --input the synthetic recording is used. Capture needs PulseAudio (script/test installs it), the
usual script needs librosa and tensorflow; where one is missing its line says so.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from serd.defaults import MODEL
from tests.support.journal_store import report_of_a_year
from tools.bench.daemon import capture, live
from tools.bench.stages import read, stages
from tools.bench.windows import RUNTIMES, invokes, typical_script
from tools.checkout import VOICES


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--input", type=Path, default=VOICES)
    parser.add_argument("--model", default=MODEL)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=20, help="length of the live measurements")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    given = parser.parse_args()
    samples = read(given.input)
    print(f"{given.input.name}, {len(samples) / 16000:.0f} s, model {given.model}, median of {given.runs} runs\n")
    figures: dict[str, Any] = {}

    def tell(name: str, value: float | None, unit: str = "") -> None:
        figures[name.strip()] = value
        print(f"{name:<62}{'not available here' if value is None else f'{value:8.2f} {unit}'}", flush=True)

    print("CPU ms per second of audio")
    costs = stages(samples, given.model, given.runs)
    for name, value in costs.items():
        tell(name, value)
    tell("ratio, block to sent event over bare", costs["block to sent event"] / costs["bare invokes and rfft"])
    script = typical_script(given.input)
    tell("the usual script (librosa MFCC, Keras predict)", script)
    if script:
        tell("ratio, the usual script over serd", script / costs["block to sent event"])
    print("\nCPU ms of one window")
    for runtime in RUNTIMES:
        try:
            for name, value in invokes(runtime).items():
                tell(name, value)
        except (FileNotFoundError, subprocess.CalledProcessError):
            print(f"{runtime}: not available here")
    print()
    try:
        for name, value in capture(given.seconds).items():
            tell(name, value)
    except (ImportError, FileNotFoundError, subprocess.CalledProcessError) as error:
        print(f"capture: not available here ({error})")
    for name, value in live(given.input, given.model, given.seconds).items():
        tell(name, value)
    with tempfile.TemporaryDirectory() as folder:
        tell("report of a year's journal, 156 sessions (CPU s)", report_of_a_year(given.runs, Path(folder)))
    tell("peak memory of this benchmark (MB)", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000)
    if given.json:
        given.json.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
