"""The quiet_stderr: in the program C libraries fall silent and serd does not; as a library serd touches nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]

SCRIPT = f"""
import ctypes, logging, os, sys, threading

sys.path.insert(0, {str(ROOT)!r})
from serd.system.stderr import quiet_stderr
from serd.system.streams import take_over

take_over()
logging.basicConfig(format="%(message)s")
libc = ctypes.CDLL(None)
libc.dprintf(2, b"before\\n")
with quiet_stderr:
    libc.dprintf(2, b"ALSA lib chatter\\n")
    with quiet_stderr:
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

LIBRARY = f"""
import os, sys
import numpy
sys.path.insert(0, {str(ROOT)!r})
{{closed}}
before = sys.stderr, sys.stdout, sys.stdin
import serd
from serd.system.stderr import quiet_stderr

def state():
    paths = {{{{number: f"/proc/self/fd/{{{{number}}}}" for number in range(3)}}}}
    return {{{{number: os.readlink(path) for number, path in paths.items() if os.path.lexists(path)}}}}

found = state()
with quiet_stderr:
    assert state() == found, state()
    os.write(2, b"the host's own line\\n") if 2 in found else None
serd.score(numpy.zeros(16000, numpy.float32), 16000)
assert state() == found, state()
assert (sys.stderr, sys.stdout, sys.stdin) == before
assert sys.stderr is None or sys.stderr.fileno() == 2
print("as it was", flush=True)
"""


def run(script: str, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *options, "-c", script], capture_output=True, text=True, timeout=60,
                          check=True)  # fmt: skip


def test_chatter_is_swallowed_and_nothing_of_ours():
    for options in ((), ("-u",)):
        lines = run(SCRIPT, *options).stderr.splitlines()
        assert lines[:3] == ["before", "logged", "printed"]
        assert sorted(lines[3:6]) == ["thread 0", "thread 1", "thread 2"]
        assert lines[6:] == ["after", "at the end"]


def test_a_hosts_streams_are_left_alone_open_or_closed():
    done = run(LIBRARY.format(closed=""))
    assert done.stdout == "as it was\n"
    assert "the host's own line" in done.stderr
    assert run(LIBRARY.format(closed="os.close(2)")).stdout == "as it was\n"
