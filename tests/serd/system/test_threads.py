"""serd.system.threads: real threads that die."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from serd.system.threads import Vigil

ROOT = Path(__file__).resolve().parents[3]

PRELUDE = """
import sys, threading, time
from serd.system.threads import Vigil
def die():
    {how}
with Vigil() as vigil:
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


OWN = 'thread = vigil.start("front", die)'
OTHERS = 'thread = threading.Thread(target=die, name="front"); thread.start()'


@pytest.mark.parametrize("start", [OWN, OTHERS], ids=["its own", "any"])
def test_a_death_is_raised_where_it_is_asked_for(start: str):
    code, said, _ = outcome('raise KeyError("gone")', start, "vigil.check()")
    assert code == 1
    assert said.splitlines()[-1].startswith("serd.errors.RestartError: thread front died (KeyError: 'gone')")


def test_not_even_sys_exit_ends_a_thread_unseen():
    code, said, _ = outcome("sys.exit()", OWN, "vigil.check()")
    assert code == 1
    assert "thread front died (SystemExit" in said


def test_a_process_whose_main_thread_hangs_is_ended_all_the_same():
    code, _, took = outcome('raise KeyError("gone")', OWN, "time.sleep(60)")
    assert code == 75
    assert took < 20


def test_what_dies_after_its_end_ends_nothing():
    """By then everything is being closed, under the last threads too."""
    late = 'thread = vigil.start("short", lambda: None); late = vigil.start("late", die)'
    code, said, _ = outcome("time.sleep(0.5); sys.exit(3)", late, "pass", "late.join(); time.sleep(2.5); vigil.check()")
    assert (code, said) == (0, "")


def test_a_thread_may_end():
    with Vigil() as vigil:
        vigil.start("short", lambda: None).join()
        vigil.check()


def test_the_hook_that_was_there_is_put_back():
    before = threading.excepthook
    with Vigil():
        assert threading.excepthook != before
    assert threading.excepthook == before
