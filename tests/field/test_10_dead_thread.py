"""Row 10: a thread dies and the process lives on, deaf. Here an exception is raised in each of serd's own threads."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support.soundserver import SoundServer

ROOT = Path(__file__).resolve().parents[2]
WITHIN_S = 2.0

MURDERER = """
import ctypes, gc, os, signal, sys, threading

def murder():
    victim = sys.stdin.readline().strip()
    if victim == "callback":  # what it writes into is gone: it fails in the sound library's own thread
        from serd.audio.microphone import Microphone
        microphone = next(thing for thing in gc.get_objects() if isinstance(thing, Microphone))
        microphone._ring._frames = None
        return
    thread = next(thread for thread in threading.enumerate() if victim in thread.name.lower())
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(MemoryError))
    if victim == "control":  # it waits, and is thrown out only once it has something to do
        os.kill(os.getpid(), signal.SIGUSR2)

threading.Thread(target=murder, name="murderer", daemon=True).start()
from serd.cli.main import main
sys.exit(main(["--publish", sys.argv[1]]))
"""


@pytest.mark.parametrize("victim", ["front", "callback", "control", "main"])
def test_the_death_of_any_thread_ends_the_process(victim: str, sound_server: SoundServer, tmp_path: Path, measured):
    with subprocess.Popen(
        [sys.executable, "-c", MURDERER, f"ipc://{sound_server.home}/events"],
        env={**sound_server.env, "XDG_CONFIG_HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path)},
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        try:
            assert process.stdin is not None
            assert process.stdout is not None
            while '"listening"' not in process.stdout.readline():
                assert process.poll() is None
            print(victim, file=process.stdin, flush=True)
            killed = time.monotonic()
            _, said = process.communicate(timeout=30)
            took = time.monotonic() - killed
        finally:
            process.kill()
    assert process.returncode == (1 if victim == "main" else 75)
    assert took < WITHIN_S + 1  # the interpreter's own farewell on a busy machine
    assert victim == "main" or victim in said
    measured(detected_s=took)
