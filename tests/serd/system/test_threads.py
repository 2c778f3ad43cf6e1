"""serd.system.threads: real threads that die."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from serd.system.threads import ThreadWatch

ROOT = Path(__file__).resolve().parents[3]

PRELUDE = """
import sys, threading, time
from serd.system.threads import ThreadWatch
def die():
    {how}
with ThreadWatch() as watch:
    {start}
    thread.join()
    {then}
{after}
"""


def outcome(how: str, start: str, then: str, after: str = "") -> tuple[int, str, float]:
    began = time.monotonic()
    script = PRELUDE.format(how=how, start=start, then=then, after=after)
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=30, check=False
    )
    return done.returncode, done.stderr, time.monotonic() - began


OWN = 'thread = watch.start("front", die)'
OTHERS = 'thread = threading.Thread(target=die, name="front"); thread.start()'


@pytest.mark.parametrize("start", [OWN, OTHERS], ids=["its own", "any"])
def test_a_death_is_raised_where_it_is_asked_for(start: str):
    code, said, _ = outcome('raise KeyError("gone")', start, "watch.check()")
    assert code == 1
    assert said.splitlines()[-1].startswith("serd.errors.RestartError: thread front died (KeyError: 'gone')")


def test_not_even_sys_exit_ends_a_thread_unseen():
    code, said, _ = outcome("sys.exit()", OWN, "watch.check()")
    assert code == 1
    assert "thread front died (SystemExit" in said


def test_a_process_whose_main_thread_hangs_is_ended_all_the_same():
    code, _, took = outcome('raise KeyError("gone")', OWN, "time.sleep(60)")
    assert code == 75
    assert took < 20


def test_what_dies_after_its_end_ends_nothing():
    """By then everything is being closed, under the last threads too."""
    late = 'thread = watch.start("short", lambda: None); late = watch.start("late", die)'
    code, said, _ = outcome("time.sleep(0.5); sys.exit(3)", late, "pass", "late.join(); time.sleep(2.5); watch.check()")
    assert (code, said) == (0, "")


def test_a_thread_may_end():
    with ThreadWatch() as watch:
        watch.start("short", lambda: None).join()
        watch.check()


def test_the_hook_that_was_there_is_put_back():
    before = threading.excepthook
    with ThreadWatch():
        assert threading.excepthook != before
    assert threading.excepthook == before
