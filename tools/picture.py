"""Make the README's picture of the live view: `script/make-picture FILE [--at SECONDS] [--out FILE.svg]`.

FILE is heard in real time by a real serd, whose events are drawn as `serd watch` draws them. The first frame with
an emotion is printed: the README shows that too.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import serd
from serd.view.svg import export_svg
from serd.view.view import View
from tools.checkout import ROOT


def main() -> None:
    """Hear, draw, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--at", type=float, default=20, help="seconds of the recording after which to draw")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "live-view.svg")
    parser.add_argument("--size", default="100x30", help="columns x rows")
    args = parser.parse_args()
    width, height = map(int, args.size.split("x"))
    with tempfile.TemporaryDirectory() as folder:
        endpoint = f"ipc://{folder}/events"
        daemon = subprocess.Popen(
            [sys.executable, "-m", "serd", "--input", args.file, "--publish", endpoint, "--wait-subscribers", "1"],
            stdout=subprocess.DEVNULL,
            cwd=Path.cwd(),
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        view, emotion = View("tcp://127.0.0.1:5556", "q ends serd"), None
        with serd.subscribe(endpoint, timeout=20) as events:
            for event in events:
                view.take(event, time.monotonic())
                data: Mapping[str, Any] = event["data"]
                if emotion is None and event["type"].endswith("frame") and data["state"] == "emotion":
                    emotion = event
                if data["state"] == "stopped" or data.get("window", {}).get("end_s", 0) >= args.at:
                    break
        export_svg(view, args.out, width, height)
        daemon.terminate()
        daemon.wait(10)
    print(json.dumps(emotion, indent=2))


if __name__ == "__main__":
    main()
