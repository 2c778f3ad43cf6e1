"""Row 26: private speech leaks. The system calls of a running serd, over capture, mute, loss of the device and exit.

strace shows every file that it opens for writing, every peer that it talks to, and every byte that it sends.
What it may is what PRIVACY.md says; a path that is added to the one has to be added to the other.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import psutil
import pytest
import soundfile

from serd.defaults import MODEL
from serd.events.event import encode, schema
from serd.inference.contract import read_model
from serd.inference.model import find
from tests.support.feeder import Feeder
from tests.support.fieldwork import Field, in_the_field
from tests.support.soundserver import SoundServer
from tests.support.speech import DEMO

OPENING = ("open", "openat", "openat2", "creat")
SENDING = ("write", "writev", "pwrite64", "pwritev", "pwritev2", "sendto", "sendmsg", "sendmmsg", "sendfile", "splice")
NEVER = (
    "rename", "renameat", "renameat2", "link", "linkat", "symlink", "symlinkat", "mknod", "mknodat", "truncate",
    "process_vm_writev", "execve", "execveat", "io_uring_setup", "shmget", "mq_open", "copy_file_range",
)  # fmt: skip
OTHERS = ("/dev/null", "/dev/dsp", "/dev/snd/", "/dev/shm/jack")
"""What the sound libraries try, of which most is not there."""
CALL = re.compile(r"(\w+)\((.*)\) += (-?\d+)")
OWN_PIPES = re.compile(r"^\d+<(anon_inode:|pipe:)")
HANDSHAKE = 2000
"""Bytes of ZeroMQ's own on a connection: greetings, names, subscriptions, heartbeats."""
HEADERS = 20
"""Bytes that ZeroMQ puts before the two frames of a message."""
BYTES_PER_S = 8000
"""Speech as a telephone carries it takes as much; what serd publishes has no room for more than its numbers."""


class Call(NamedTuple):
    """A system call that succeeded."""

    name: str
    arguments: str
    result: int


def calls(folder: Path) -> Iterator[Call]:
    """Of all threads."""
    for path in folder.glob("trace.*"):
        for line in path.read_text(errors="replace").splitlines():
            found = CALL.match(line)
            if found and int(found[3]) >= 0:
                yield Call(found[1], found[2], int(found[3]))


def written(call: Call) -> str | None:
    """The file that a call opened for writing."""
    if not re.search(r"O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|O_APPEND", call.arguments) and call.name != "creat":
        return None
    return re.findall(r'"([^"]*)"', call.arguments)[0]


def names(part: Any) -> set[str]:
    """All that the schema lets a field be called."""
    if isinstance(part, dict):
        inner = set().union(*(names(value) for value in part.values())) if part else set()
        return inner | set(part.get("properties", {}))
    return set().union(*(names(value) for value in part)) if isinstance(part, list) and part else set()


def walk(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Every field within, by its name."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key, inner
            yield from walk(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield name, inner


def traced(serd: str, folder: Path) -> Path:
    """A command that runs serd under strace: a file for each thread, so that no line is cut in two."""
    command = folder / "serd"
    wanted = ",".join((*OPENING, *SENDING, "connect", *NEVER))
    command.write_text(
        f"#!/bin/sh\nexec strace -f -ff --seccomp-bpf -qq -yy -s 200 -o {folder}/trace -e trace={wanted}"
        f' {shlex.quote(serd)} "$@"\n'
    )
    command.chmod(0o755)
    return command


def sums(made: list[Call], events: Path, servers: set[str]) -> tuple[dict[str, int], list[Call]]:
    """Bytes sent, by whom they were sent to, and the calls of which that cannot be said."""
    sent: Counter[str] = Counter()
    strange = []
    for call in made:
        target = call.arguments.split(">, ")[0]
        inode = re.search(r"UNIX(?:-STREAM)?:\[(\d+)", target)
        whom = {
            "own": bool(OWN_PIPES.match(target)),
            "events": f'"{events}"' in target,
            "control": ".control" in target,
            "service manager": '/notify"' in call.arguments,
            "sound server": inode is not None and inode[1] in servers,
            "standard output": target.startswith("1<"),
            "nowhere": "/dev/null" in target,
            "log": target.startswith("2<") or "/stderr>" in f"{target}>",
            "flag": ".muted" in target,
        }
        found = next((name for name, is_it in whom.items() if is_it), None)
        if found is None:
            strange.append(call)
        else:
            sent[found] += call.result
    return sent, strange


@pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed; script/test does that")
def test_no_audio_leaves_by_any_system_call(serd: str, sound_server: SoundServer, tmp_path: Path, measured):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(f"{tmp_path}/notify")
        env = {**sound_server.env, "NOTIFY_SOCKET": f"{tmp_path}/notify", "PYTHONDONTWRITEBYTECODE": "1"}
        with in_the_field(str(traced(serd, tmp_path)), "--model", MODEL, env=env) as field:
            began = live(field, sound_server)
            events, folder, took = list(field.events), field.folder, time.time() - began
            assert field.events_lost == 0
    made = list(calls(tmp_path))
    assert {call.name for call in made} >= {"openat", "connect", "sendto"}, "the trace saw something"
    check_files(made, (f"{folder}/serd/", f"{sound_server.home}/"))
    connected = [call for call in made if call.name == "connect"]
    sound = f'sun_path="{sound_server.env["PULSE_SERVER"].removeprefix("unix:")}"'
    assert connected
    assert not [call for call in connected if sound not in call.arguments], "its one peer is the sound server"
    servers = {re.findall(r"\[(\d+)", call.arguments)[0] for call in connected}
    sent, strange = sums([call for call in made if call.name in SENDING], folder / "events", servers)
    assert not strange
    assert sent["log"] < 4000
    assert 0 < sent["sound server"] < 50_000, "commands; a voice of these seconds would take ten times that"
    # What the subscriber was sent is the events it got, and nothing beside them.
    topics = (f"serd.v1.{event['source']}.{event['type'].rpartition('.')[2]}." for event in events)
    size = sum(len(encode(event)) + len(topic) for event, topic in zip(events, topics, strict=True))
    assert size <= sent["events"] <= size + len(events) * HEADERS + HANDSHAKE
    assert sent["events"] / took < BYTES_PER_S
    assert sent["standard output"] <= size + len(events), "the same, as lines"
    check_events(events)
    measured(events_lost=0)


HEAR = """
import json, time
from serd.audio.microphone import Microphone
microphone = Microphone(None, (1, 2), 16000, buffer_s=1.0)
microphone.open()
told = []
for heard in ({0, 1}, {1}, {0, 1}):
    microphone.hear(frozenset(heard))
    end, given = time.monotonic() + 2.0, set()
    while time.monotonic() < end:
        block = microphone.read(0.5)
        if block is not None and time.monotonic() > end - 1.5:
            given |= {number for number in (0, 1) if block.voice(number) is not None}
    told.append([sorted(given), abs(microphone._ring._frames).max(axis=0).tolist()])
microphone.close()
print(json.dumps(told))
"""


def test_a_muted_voices_channel_is_not_copied(sound_server: SoundServer, tmp_path: Path, measured):
    """Of two voices on one device one is muted: the callback drops its channel, and the buffer holds none of it."""
    noise = np.random.default_rng(1).normal(0, 0.1, (16000, 2))
    soundfile.write(tmp_path / "both.wav", noise, 16000)
    with Feeder(sound_server, tmp_path / "both.wav"):
        done = subprocess.run(
            [sys.executable, "-c", HEAR], env={**os.environ, **sound_server.env}, capture_output=True, check=True,
            timeout=120,
        )  # fmt: skip
    both, one, again = json.loads(done.stdout)
    for voices, levels in (both, again):
        assert voices == [0, 1]
        assert min(levels) > 0.05
    assert one[0] == [1]
    assert one[1][0] == 0.0, "not a sample of it is there"
    assert one[1][1] > 0.05
    measured(events_lost=0)


def live(field: Field, server: SoundServer) -> float:
    """Capture, mute, loss of the device, exit; when capture began."""
    field.state("listening")
    (child,) = psutil.Process(field.process.pid).children()
    began = time.time()
    server.play(DEMO)
    field.until(lambda: any(known_s(frame) > 0 for frame in field.of("frame")))
    child.send_signal(signal.SIGUSR1)
    muted = field.state("muted")["at"]
    child.send_signal(signal.SIGUSR2)
    field.state("listening", after=muted)
    assert known_s(field.frame(after=muted)) == 0, "what the voice sounded like is forgotten"
    killed = time.time()
    server.kill()
    field.state("lost", after=killed)
    server.start()
    field.state("listening", after=killed)
    child.send_signal(signal.SIGTERM)
    assert field.process.wait(20) == 0
    field.until(lambda: field.states()[-1] == "stopped")
    return began


def known_s(frame: dict[str, Any]) -> float:
    """Seconds of speech that a frame's voice was compared with."""
    assert frame["reference"]["kind"] == "running"
    return float(frame["reference"]["seconds"])


@pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed; script/test does that")
def test_of_an_enrolled_voice_one_file_of_numbers_is_kept(serd: str, corpora: Path, tmp_path: Path, measured):
    """And `serd --person` reads it, and writes nothing of it anywhere."""
    clips = sorted((corpora / "ravdess-speech" / "Actor_04").glob("03-01-0[12]-*"))
    env = {"XDG_STATE_HOME": str(tmp_path / "state"), "SERD_MODEL": MODEL, "PYTHONDONTWRITEBYTECODE": "1"}
    folder = tmp_path / "state" / "serd" / "profiles"
    kept = folder / "anna.json"
    typed = {
        "enrol": ["enrol", "anna", "--seconds", "5", "--input", *map(str, clips)],
        "person": ["--person", "anna", "--headless", "--fast", "--input", str(clips[0]), "--publish",
                   f"ipc://{tmp_path}/events"],
    }  # fmt: skip
    for name, arguments in typed.items():
        trace = tmp_path / name
        trace.mkdir()
        command = traced(serd, trace)
        done = subprocess.run(
            [command, *arguments], env=os.environ | env, capture_output=True, check=False, timeout=300, cwd=trace
        )
        assert done.returncode == 0, done.stderr
        made = list(calls(trace))
        files = {path for call in made if call.name in OPENING and (path := written(call))}
        outside = {path for path in files if not path.startswith((*OTHERS, str(folder), str(tmp_path / "events")))}
        assert not outside
        moved = [call for call in made if call.name in NEVER and not call.name.startswith("execve")]
        if name == "enrol":
            assert not [call for call in made if call.name == "connect"], "it talks to nobody"
            assert all(str(kept) in call.arguments for call in moved), "written whole, into place"
            assert [path.name for path in folder.iterdir()] == ["anna.json"]
            assert kept.stat().st_mode & 0o077 == 0
            assert sorted(json.loads(kept.read_text())) == ["format", "made", "mean", "model", "seconds", "sha256"]
        else:
            assert not moved
            assert not [path for path in files if path.startswith(str(folder))]
            check_events([json.loads(line) for line in done.stdout.splitlines()])
    measured(events_lost=0)


def check_files(made: list[Call], folders: tuple[str, ...]) -> None:
    """What was opened for writing, and what was done to files otherwise."""
    files = {path for call in made if call.name in OPENING and (path := written(call))}
    assert not {path for path in files if not path.startswith((*folders, *OTHERS))}
    assert any(".muted" in path for path in files), "the mute was kept"
    renamed = [call for call in made if call.name in NEVER and call.name != "execve"]
    assert not [call for call in renamed if ".muted" not in call.arguments], "only the flag, written whole, into place"
    assert sum(call.name == "execve" for call in made) <= 2, "no program but strace's own and Python"


def check_events(events: list[dict]) -> None:
    """Nothing but the schema's fields, and in them numbers too few for a voice."""
    known = names(schema()) | set(read_model(find(MODEL))[1].labels)
    for event in events:
        fields = list(walk(event))
        assert {name for name, _ in fields} <= known
        assert sum(isinstance(value, float) for _, value in fields) <= 40
        assert all(len(value) <= 200 for _, value in fields if isinstance(value, str))
