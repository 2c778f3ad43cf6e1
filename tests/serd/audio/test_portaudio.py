"""PortAudio's bad habits, kept from the rest: each test in a process of its own, which PortAudio may spoil."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.support.soundserver import ASOUNDRC, SoundServer

ROOT = Path(__file__).resolve().parents[3]

PRELUDE = """
import json, sys, threading, time
from pathlib import Path
from serd.audio import portaudio
from serd.audio.devices import list_devices
from serd.errors import SerdError

def fault(action):
    try:
        action()
    except SerdError as error:
        return [type(error).__name__, str(error)]
"""


def answer(script: str, env: dict[str, str] | None = None) -> Any:
    """The last line that `script` prints, from JSON; it must leave cleanly and without a word on stderr."""
    done = subprocess.run(
        [sys.executable, "-c", PRELUDE + script],
        env=env,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stderr == ""
    return json.loads(done.stdout.splitlines()[-1])


def test_a_library_that_cannot_be_loaded_names_the_package(tmp_path: Path):
    # found first by the loader, and no library: what a machine without PortAudio sees, and one with a broken one
    for name in ("libportaudio.so.2", "libportaudio.so"):
        (tmp_path / name).write_text("no library\n")
    script = "print(json.dumps([fault(portaudio.load), fault(list_devices), fault(portaudio.refresh)]))"
    for kind, text in answer(script, {**os.environ, "LD_LIBRARY_PATH": str(tmp_path)}):
        assert kind == "NoDeviceError"
        assert text.startswith("capture: PortAudio's library cannot be loaded (")
        assert text.endswith("; apt install libportaudio2")
        assert "\n" not in text


def test_what_hangs_is_left_behind_and_remembered():
    answered = answer("""
result = portaudio.in_time(lambda: 42, 30, "thinking")
hung = fault(lambda: portaudio.in_time(threading.Event().wait, 0.05, "waiting for ever"))
then = fault(portaudio.load)
print(json.dumps([result, hung, then]))
""")
    assert answered[0] == 42
    assert answered[1] == [
        "RestartError",
        "waiting for ever did not come back within 0.05 s; serd has to be started anew",
    ]
    assert answered[2] == ["RestartError", "waiting for ever is still hanging; serd has to be started anew"]


def test_a_fault_in_time_is_the_callers():
    answered = answer("""
def fail():
    raise KeyError("lost")
try:
    portaudio.in_time(fail, 30, "failing")
except KeyError as error:
    print(json.dumps(str(error)))
""")
    assert answered == "'lost'"


def test_new_devices_are_seen_after_a_refresh_and_not_under_an_open_stream(sound_server: SoundServer):
    script = f"""
asoundrc = Path({str(sound_server.home / ".asoundrc")!r})
names = lambda: [device.name for device in list_devices()]
before = names()
asoundrc.write_text({ASOUNDRC!r} + "\\npcm.extra {{ type pulse }}\\n")
unrefreshed = names()
stream = portaudio.open_input(lambda *_: None, samplerate=16000, channels=1)
held = [portaudio.refresh(), names()]
portaudio.close_input(stream)
print(json.dumps([before, unrefreshed, held, [portaudio.refresh(), names()]]))
"""
    before, unrefreshed, held, refreshed = answer(script, sound_server.env)
    assert before == unrefreshed
    assert "extra" not in before
    assert held == [False, before]
    assert refreshed[0]
    assert sorted(refreshed[1]) == sorted([*before, "extra"])


def test_a_callback_s_thread_has_ended_by_itself_before_portaudio_would_cancel_it(sound_server: SoundServer):
    """Cancelled while it waits for the interpreter it brings the process down: rarely, and under load alone."""
    script = """
heard = threading.Event()
stream = portaudio.open_input(lambda *_: heard.set(), samplerate=16000, channels=1, blocksize=800)
active, close = [stream.active], stream.close
stream.close = lambda **options: (active.append(stream.active), close(**options))
heard.wait(20)
portaudio.close_input(stream)
print(json.dumps(active))
"""
    assert answer(script, sound_server.env) == [True, False]


def test_the_caller_is_served_while_it_waits_and_may_cut_the_wait_short():
    answered = answer("""
looks = []
def keep_alive():
    looks.append(time.monotonic())
    return len(looks) == 5
began = time.monotonic()
hung = fault(lambda: portaudio.in_time(threading.Event().wait, 60, "waiting", keep_alive))
print(json.dumps([hung[0], len(looks), time.monotonic() - began, portaudio.hangs()]))
""")
    assert answered[:2] == ["RestartError", 5]
    assert 1.0 < answered[2] < 10
    assert answered[3]


def test_what_the_caller_meets_meanwhile_is_the_callers():
    answered = answer("""
def keep_alive():
    raise KeyError("died")
try:
    portaudio.in_time(threading.Event().wait, 60, "waiting", keep_alive)
except KeyError as error:
    print(json.dumps(str(error)))
""")
    assert answered == "'died'"
