"""Every parser against what strangers may send: `script/fuzz [--inputs N] [--seed N] [--target NAME]...`

A million inputs by default, each target in a process of its own, so that a crash in a C library is told like any
other fault. The figures come last; the exit code is 1 if anything came of an input but a value or one clear line.
"""

from __future__ import annotations

import argparse
import json
import secrets
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from tools.fuzz.inputs import FuzzFailure, run, scaled
from tools.fuzz.targets import targets as all_targets


def child(name: str, inputs: int, seed: int) -> None:
    """Feed one target; prints its counts as the last line."""
    import faulthandler
    import logging
    import traceback

    faulthandler.enable()
    logging.disable()
    with all_targets() as targets:
        target = next(target for target in targets if target.name == name)
        try:
            print(json.dumps(run(target, inputs, seed)))
        except FuzzFailure as fault:
            cause = traceback.format_exception(fault.__cause__)[-6:] if fault.__cause__ else []
            sys.exit("".join((*cause, str(fault)[:1500])))


def main() -> None:
    """Feed all targets, and print what became of their inputs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--inputs", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=None, help="the same inputs again (default: drawn, and printed)")
    parser.add_argument("--target", action="append", help="only this one; repeatable")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    parser.add_argument("--child", nargs=2, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child:
        child(args.child[0], int(args.child[1]), args.seed)
        return
    seed = secrets.randbits(32) if args.seed is None else args.seed
    with all_targets() as targets:
        parts = [
            (target.name, amount)
            for target, amount in scaled(targets, args.inputs)
            if not args.target or target.name in args.target
        ]
    rows: list[dict[str, Any]] = []
    for name, amount in parts:
        print(f"{name}: {amount} inputs", file=sys.stderr, flush=True)
        began = time.monotonic()
        done = subprocess.run(
            [sys.executable, "-m", "tools.fuzz", "--child", name, str(amount), "--seed", str(seed)],
            capture_output=True, text=True, check=False, errors="replace",
        )  # fmt: skip
        fault = "" if done.returncode == 0 else done.stderr[-3000:] or f"ended by signal {-done.returncode}"
        became = {} if fault else json.loads(done.stdout.splitlines()[-1])
        rows.append({"target": name, "inputs": sum(became.values()), "seconds": round(time.monotonic() - began, 1),
                     "became": became, "fault": fault})  # fmt: skip
        if fault:
            print(fault, file=sys.stderr)
    if args.json:
        args.json.write_text(json.dumps({"seed": seed, "targets": rows}, indent=1) + "\n")
    print(f"\n{'target':<18}{'inputs':>9}{'seconds':>9}  what became of them")
    for row in rows:
        became = ", ".join(f"{count} {what}" for what, count in sorted(row["became"].items())) or "FAULT"
        print(f"{row['target']:<18}{row['inputs']:>9}{row['seconds']:>9}  {became}")
    wrong = sum(bool(row["fault"]) for row in rows)
    print(f"\n{sum(row['inputs'] for row in rows)} inputs, {wrong} targets at fault, seed {seed}")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
