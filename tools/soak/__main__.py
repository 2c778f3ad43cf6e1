"""serd for a long time: `script/soak [--hours H] [--wall H] [--mutes N] [--json FILE]`; without any of them, all three.

--hours   hours of stream through the real daemon loop, pipeline and publisher as fast as they go, to a subscriber in
          another process (default 24)
--wall    hours by the clock through a private PulseAudio, PortAudio and the `serd` command (default 1)
--mutes   mutes and unmutes of a capturing serd through its control socket (default 100)

Memory may rise by 1 MB in 24 hours of stream after the first hour (of the hours by the clock the second half is looked
at); threads and handles stay as they were; no event is missing and every segment is closed. The figures come last; the
exit code is 1 if one of them is not as it should be.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tools.soak.command import mutes, wall
from tools.soak.limits import faults
from tools.soak.stream import stream


def main() -> None:
    """Do what is asked for, and print what it came to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hours", type=float)
    parser.add_argument("--wall", type=float)
    parser.add_argument("--mutes", type=int)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too, beside what is there")
    args = parser.parse_args()
    asked = (args.hours, args.wall, args.mutes)
    hours, wall_hours, cycles = (24.0, 1.0, 100) if asked == (None, None, None) else asked
    figures: dict[str, dict[str, Any]] = {}
    parts: tuple[tuple[str, Callable[[Any], dict[str, Any]], float | None], ...]
    parts = (("stream", stream, hours), ("mutes", mutes, cycles), ("wall", wall, wall_hours))
    for name, measure, amount in parts:
        if amount:
            print(f"{name} ({amount:g})", file=sys.stderr)
            figures[name] = measure(amount)
    if args.json:
        before = json.loads(args.json.read_text()) if args.json.exists() else {}
        args.json.write_text(json.dumps(before | figures, indent=1) + "\n")
    wrong = faults(figures)
    for name, part in figures.items():
        print(f"\n{name}")
        for key, value in part.items():
            print(f"  {key:<32}{value}")
    print("\n" + ("\n".join(wrong) or "all as it should be"))
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
