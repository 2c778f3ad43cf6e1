from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from serd.view.glyphs import draw
from serd.view.layout import lay_out
from serd.view.legend import SIGNS
from tests.support.envelopes import LABELS
from tests.support.rooms import listening
from tests.support.terminal import LEAVE, SHOW_CURSOR, Terminal

ROOT = Path(__file__).resolve().parents[3]

END = r"serd: heard for \d+ s: happy \d+ s; next: [^\n]*\s*"

BROADCAST = """
import sys, time
from tests.support.envelopes import emotion, status
from serd.events.event import Event
from serd.events.publisher import Publisher

def data(envelope):
    return {name: value for name, value in envelope["data"].items() if name not in ("session", "sequence")}

publisher = Publisher([sys.argv[1]], "default", "test")
publisher.publish(Event("status", data(status(0)), None))
print("ready", flush=True)
while True:
    publisher.publish(Event("frame", data(emotion(0)), time.monotonic()))
    time.sleep(0.25)
"""

IN_A_THREAD = """
import signal, sys, threading, time
from serd.cli.watch import run

before = signal.getsignal(signal.SIGTERM)
stop, left = threading.Event(), []
thread = threading.Thread(target=lambda: left.append(run([sys.argv[1]], stop)))
thread.start()
time.sleep(2)
untouched = signal.getsignal(signal.SIGTERM) is before
stop.set()
thread.join(5)
print("left with", left, untouched)
"""


@pytest.fixture
def endpoint(tmp_path: Path) -> str:
    return f"ipc://{tmp_path}/events"


@contextlib.contextmanager
def broadcast(endpoint: str) -> Iterator[subprocess.Popen[str]]:
    """A real publisher in a process of its own, which says `happy` four times a second."""
    process = subprocess.Popen(
        [sys.executable, "-c", BROADCAST, endpoint],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.fixture
def publisher(endpoint: str) -> Iterator[subprocess.Popen[str]]:
    with broadcast(endpoint) as process:
        yield process


@pytest.fixture
def terminal() -> Iterator[Callable[..., Terminal]]:
    opened: list[Terminal] = []

    def run(*command: str, **options: object) -> Terminal:
        opened.append(Terminal(*command, **options))  # type: ignore[arg-type]
        return opened[-1]

    yield run
    for each in opened:
        each.close()


def large(word: str, width: int = 80, height: int = 24) -> Callable[[str], bool]:
    size = lay_out(width, height, LABELS).size
    assert size is not None
    rows = [row.rstrip() for row in draw(word, size)]
    return lambda picture: all(row in picture for row in rows)


@pytest.mark.usefixtures("publisher")
def test_the_emotion_is_shown_and_q_leaves(serd: str, endpoint: str, terminal: Callable[..., Terminal]) -> None:
    shown = terminal(serd, "watch", endpoint)
    assert "USB microphone" in shown.wait_for(large("happy"))
    assert "\x1b[1;38;5;136m" in shown.output
    shown.type(b"q")
    assert shown.leave() == 0
    assert re.fullmatch(END, shown.output.partition(LEAVE + SHOW_CURSOR)[2])


@pytest.mark.usefixtures("publisher")
@pytest.mark.parametrize("how", ["SIGTERM", "Ctrl-C"])
def test_a_signal_leaves_and_the_terminal_is_as_it_was(
    serd: str, endpoint: str, terminal: Callable[..., Terminal], how: str
) -> None:
    shown = terminal(serd, "watch", endpoint)
    shown.wait_for(large("happy"))
    if how == "SIGTERM":
        shown.process.send_signal(signal.SIGTERM)
    else:
        shown.type(b"\x03")
    assert shown.leave() == 0
    assert re.fullmatch(END, shown.output.partition(LEAVE + SHOW_CURSOR)[2])
    assert "Traceback" not in shown.output


@pytest.mark.usefixtures("publisher")
def test_a_key_explains_every_sign_and_brings_the_picture_back(
    serd: str, endpoint: str, terminal: Callable[..., Terminal]
) -> None:
    shown = terminal(serd, "watch", endpoint, size=(100, 40))
    shown.wait_for(large("happy", 100, 40))
    shown.type(b"?")
    said = ("what the signs mean", "m mutes", *(sign for sign, _ in SIGNS))
    shown.wait_for(lambda picture: all(text in picture for text in said))  # it is painted line by line
    shown.type(b"?")
    shown.wait_for(large("happy", 100, 40))


def test_a_key_mutes_the_serd_that_is_watched_and_opens_its_microphone_again(
    serd: str, endpoint: str, tmp_path: Path, terminal: Callable[..., Terminal]
) -> None:
    folders = {"XDG_RUNTIME_DIR": str(tmp_path), "XDG_STATE_HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}
    command = [serd, "--input", "-", "--headless", "--publish", endpoint, "--source", "hall"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, env={**os.environ, **folders}
    ) as process:
        assert process.stdin is not None
        process.stdin.write(bytes(64_000))  # two seconds of nothing, and then the pipe says nothing more
        process.stdin.flush()
        shown = terminal(serd, "watch", endpoint, **folders)
        shown.wait_for(lambda picture: "hall" in picture and "○ muted" not in picture)
        shown.type(b"m")
        shown.wait_for(lambda picture: "○ muted" in picture)
        assert (tmp_path / "serd" / "hall.muted").exists()
        shown.type(b"m")
        shown.wait_for(lambda picture: "○ muted" not in picture)
        shown.type(b"q")
        assert shown.leave() == 0
        process.terminate()


def test_two_serds_stand_one_above_the_other_each_with_its_name(
    serd: str, tmp_path: Path, terminal: Callable[..., Terminal]
) -> None:
    absent = f"ipc://{tmp_path}/attic"
    with listening(tmp_path, ["kitchen", "hall"]) as endpoints:
        shown = terminal(serd, "watch", *endpoints, absent, size=(240, 45))
        picture = shown.wait_for(lambda picture: picture.count("● listening") == 2 and "nothing heard yet" in picture)
        titles = [row for row in picture.splitlines() if row.lstrip().startswith("serd  ")]
        assert ["kitchen" in row for row in titles] == [True, False, False]
        assert ["hall" in row for row in titles] == [False, True, False]
        assert [row.rpartition(" ")[2] for row in titles] == [*endpoints, absent]
        assert f"is serd running at {absent}?" in picture
        assert "m mutes" not in picture
        shown.wait_for(lambda picture: picture.count("serd-tiny/") == 2)
        shown.type(b"q")
        assert shown.leave() == 0
    ends = shown.output.partition(LEAVE + SHOW_CURSOR)[2].split("serd: ")[1:]
    assert [line.partition(": ")[0] for line in ends] == [*endpoints, absent]
    assert [": heard for " in line for line in ends] == [True, True, False]
    assert ": nothing was heard; next: " in ends[2]


@pytest.mark.usefixtures("publisher")
def test_the_picture_follows_the_terminals_size(serd: str, endpoint: str, terminal: Callable[..., Terminal]) -> None:
    shown = terminal(serd, "watch", endpoint)
    shown.wait_for(large("happy"))
    shown.resize(200, 60)
    shown.wait_for(large("happy", 200, 60))


@pytest.mark.usefixtures("publisher")
def test_no_color_is_obeyed(serd: str, endpoint: str, terminal: Callable[..., Terminal]) -> None:
    shown = terminal(serd, "watch", endpoint, NO_COLOR="1")
    assert "H happy" in shown.wait_for(large("happy"))
    assert not re.search(r"\x1b\[[\d;]*[34]8;5|\x1b\[(?:\d+;)*[349]\d[;m]", shown.output)


def test_when_serd_dies_its_emotion_goes_until_it_is_back(
    serd: str, endpoint: str, publisher: subprocess.Popen[str], terminal: Callable[..., Terminal]
) -> None:
    shown = terminal(serd, "watch", endpoint)
    shown.wait_for(large("happy"))
    publisher.kill()
    gone = re.compile(r"no events for \d s: is serd running at\s+ipc://")
    picture = shown.wait_for(lambda picture: bool(gone.search(picture)) and large("no events")(picture))
    assert not large("happy")(picture)
    with broadcast(endpoint):
        shown.wait_for(large("happy"))


def test_it_waits_for_a_serd_that_is_not_there(serd: str, terminal: Callable[..., Terminal]) -> None:
    shown = terminal(serd, "watch", "tcp://127.0.0.1:9")
    shown.wait_for(lambda picture: "nothing heard yet: is serd running at tcp://127.0.0.1:9?" in picture)
    shown.type(b"q")
    assert shown.leave() == 0


@pytest.mark.usefixtures("publisher")
def test_in_a_thread_it_ends_when_told_and_leaves_signals_alone(
    endpoint: str, terminal: Callable[..., Terminal]
) -> None:
    shown = terminal(sys.executable, "-c", IN_A_THREAD, endpoint)
    shown.wait_for(large("happy"))
    assert shown.leave() == 0
    assert "left with [0] True" in shown.output.split(LEAVE)[1]


def test_without_a_terminal_it_says_what_to_use(serd: str, endpoint: str) -> None:
    done = subprocess.run([serd, "watch", endpoint], capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "serd tail" in done.stderr
    assert done.stdout == ""
