"""The hush: C libraries fall silent, serd does not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]

SCRIPT = f"""
import ctypes, logging, os, sys, threading

logging.basicConfig(format="%(message)s")  # holds sys.stderr as it was before the hush
sys.path.insert(0, {str(ROOT)!r})
from serd.system.stderr import hush

libc = ctypes.CDLL(None)
libc.dprintf(2, b"before\\n")
with hush:
    libc.dprintf(2, b"ALSA lib chatter\\n")
    with hush:
        libc.dprintf(2, b"jack chatter\\n")
    os.write(2, b"chatter after the inner end\\n")
    logging.warning("logged")
    print("printed", file=sys.stderr)
    threads = [threading.Thread(target=logging.warning, args=(f"thread {{k}}",)) for k in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
libc.dprintf(2, b"after\\n")
print("at the end", file=sys.stderr)
"""


def run(script: str, *options: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, *options, "-c", script], capture_output=True, text=True, timeout=60, check=True
    )
    return done.stderr.splitlines()


def test_chatter_is_swallowed_and_nothing_of_ours():
    for options in ((), ("-u",)):  # with -u there is one layer fewer under sys.stderr
        lines = run(SCRIPT, *options)
        assert lines[:3] == ["before", "logged", "printed"]
        assert sorted(lines[3:6]) == ["thread 0", "thread 1", "thread 2"]
        assert lines[6:] == ["after", "at the end"]


def test_a_closed_stderr_stays_closed():
    script = f"""
import os, sys
sys.path.insert(0, {str(ROOT)!r})
os.close(2)
from serd.system.stderr import hush
with hush:
    pass
try:
    os.fstat(2)
except OSError:
    sys.exit(0)
sys.exit("descriptor 2 is open")
"""
    assert run(script) == []
