"""Make the documentation's pictures: `script/make-picture [FILE|FOLDER] [--at SECONDS] [--last SECONDS] [--out FILE]`.

FILE is heard in real time by a real serd, of a FOLDER (RAVDESS, EMO-DB) what `serd --demo FOLDER` plays, with its
labels; its events are drawn as `serd watch` draws them, in the dark and, as FILE-light.svg, in the light. With --last
the picture moves: it shows those seconds before the end, over and over. The first frame with an emotion is printed.

With --web it is the web page instead, in a browser beside that serd, without FILE one that plays its demo; with
--report the journal's report on a simulated person. Both are WebP.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import serd
from serd.view.svg import draw_svg
from serd.view.view import View
from tools.checkout import DEMO, ROOT

STEP_S = 0.5
"""Between two pictures of one that moves."""


def moving(pictures: Sequence[str], step_s: float) -> str:
    """One SVG that shows each of these for `step_s` seconds, over and over; where nothing moves, the last."""
    head = pictures[0].partition(">")[0] + ">"
    share = 100 / len(pictures)
    style = (
        f"<style>.moment {{visibility: hidden; animation: moment {len(pictures) * step_s:g}s step-end infinite}}"
        f"@keyframes moment {{0% {{visibility: visible}} {share:.3f}% {{visibility: hidden}}}}"
        "@media (prefers-reduced-motion) {.moment {animation: none} .moment:last-of-type {visibility: visible}}</style>"
    )
    moments = (
        f'<g class="moment" style="animation-delay:{k * step_s:g}s">{picture}</g>' for k, picture in enumerate(pictures)
    )
    return head + style + "".join(moments) + "</svg>\n"


def main() -> None:
    """Draw what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, nargs="?", default=DEMO)
    parser.add_argument("--at", type=float, default=20, help="seconds of the recording after which to draw")
    parser.add_argument("--last", type=float, default=0, help="seconds before that which the picture shows, moving")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--size", default="100x30", help="columns x rows of the live view")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--web", action="store_true", help="the web page")
    which.add_argument("--report", action="store_true", help="the journal's report")
    args = parser.parse_args()
    if args.web or args.report:
        from tools.screenshots import report_page, web_page

        if args.report:
            (args.out or ROOT / "docs" / "journal-report.webp").write_bytes(report_page())
        else:
            for dark, picture in web_page(args.file, args.at).items():
                _named(args.out or ROOT / "docs" / "web-page.webp", dark).write_bytes(picture)
        return
    draw_live_view(args)


def _named(out: Path, dark: bool) -> Path:
    return out if dark else out.with_stem(out.stem + "-light")


def draw_live_view(args: argparse.Namespace) -> None:
    """Hear, draw, print."""
    width, height = map(int, args.size.split("x"))
    pictures: dict[bool, list[str]] = {True: [], False: []}
    with tempfile.TemporaryDirectory() as folder:
        endpoint = f"ipc://{folder}/events"
        source = ["--demo" if args.file.is_dir() else "--input", args.file]
        daemon = subprocess.Popen(
            [sys.executable, "-m", "serd", *source, "--publish", endpoint, "--wait-subscribers", "1"],
            stdout=subprocess.DEVNULL,
            cwd=Path.cwd(),
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        view, emotion, drawn_s = View("tcp://127.0.0.1:5556", "q ends serd"), None, -STEP_S
        with serd.subscribe(endpoint, timeout=20) as events:
            for event in events:
                view.take(event, time.monotonic())
                data: Mapping[str, Any] = event["data"]
                if emotion is None and event["type"].endswith("frame") and data["state"] == "emotion":
                    emotion = event
                now_s = data.get("window", {}).get("end_s", 0)
                is_over = data["state"] == "stopped" or now_s >= args.at
                if is_over or (now_s >= args.at - args.last and now_s - drawn_s >= STEP_S - 1e-6):
                    drawn_s = now_s
                    for dark, moments in pictures.items():
                        moments.append(draw_svg(view, width, height, dark, f"serd-{len(moments)}"))
                if is_over:
                    break
        daemon.terminate()
        daemon.wait(10)
    for dark, moments in pictures.items():
        out = _named(args.out or ROOT / "docs" / "live-view.svg", dark)
        out.write_text(moving(moments, STEP_S) if args.last else moments[-1], "utf-8")
    print(json.dumps(emotion, indent=2))


if __name__ == "__main__":
    main()
