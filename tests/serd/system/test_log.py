"""serd.system.log: floods, and readers who do not read."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from serd.system.log import REMEMBERED, REPEAT_S, Repeats

ROOT = Path(__file__).resolve().parents[3]


def test_a_line_is_held_back_for_a_minute_and_then_told_with_its_count():
    repeats = Repeats()
    assert not repeats.holds("3 strides are late", 0.0)
    for k in range(50):
        assert repeats.due(k * 1.0) == []
        assert repeats.holds(f"{k} strides are late", k * 1.0)
    assert repeats.due(REPEAT_S + 1) == [f"49 strides are late (50 times more in {REPEAT_S + 1:.0f} s)"]
    assert repeats.holds("51 strides are late", REPEAT_S + 2)
    assert repeats.due(3 * REPEAT_S)[0].startswith("51 strides are late (1 times more")


def test_a_flood_that_is_over_is_told_at_the_end():
    repeats = Repeats()
    assert not repeats.holds("lost", 0.0)
    assert not repeats.holds("found", 0.0)
    assert repeats.holds("lost", 1.0)
    assert repeats.rest() == ["lost (1 times more)"]
    assert repeats.rest() == []


def test_a_line_that_was_not_repeated_comes_again_after_a_minute():
    repeats = Repeats()
    assert not repeats.holds("lost", 0.0)
    assert repeats.due(REPEAT_S + 1) == []
    assert not repeats.holds("lost", REPEAT_S + 1)


def test_memory_is_bounded():
    repeats = Repeats()
    for k in range(10 * REMEMBERED):
        assert not repeats.holds("x" * k, 0.0)
    assert len(repeats._lines) == REMEMBERED


def test_who_logs_never_waits_for_who_reads():
    script = """
import logging, sys
from serd.system import log as logs
logs.set_up()
for k in range(3000):
    logging.getLogger("serd").warning("%s", chr(65 + k % 26) * (k % 900 + 1))
print("through", flush=True)
sys.stdin.readline()
logging.getLogger("serd").warning("the reader is back")
"""
    read, write = os.pipe()
    with subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=write
    ) as process:
        os.close(write)
        assert process.stdout is not None
        assert process.stdin is not None
        assert process.stdout.readline() == b"through\n"  # a pipe has room for 64 KB, and this was 1 MB
        said = os.read(read, 1 << 20)
        process.stdin.write(b"\n")
        process.stdin.flush()
        time.sleep(0.2)
        while b"the reader is back" not in said:
            more = os.read(read, 1 << 20)
            assert more
            said += more
        os.close(read)
        process.stdin.close()
    assert b"lines are missing here" in said


def test_a_closed_stderr_is_no_fault():
    script = "import sys, logging; from serd.system import log as logs; sys.stderr.close(); logs.set_up(); logging.error(1); print(1)"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "1\n"
