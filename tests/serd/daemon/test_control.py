"""serd.daemon.control: over its real socket, well-formed requests are obeyed, and nothing else does anything."""

from __future__ import annotations

import json
import os
import random
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
import zmq
from hypothesis import given
from hypothesis import strategies as st

from serd.daemon.control import Control
from serd.daemon.mute import MuteFlag
from serd.errors import UsageError
from serd.events.keys import Keyring
from serd.events.requests import LARGEST_REQUEST, WORDS, ask, parse
from serd.system.threads import ThreadWatch

PATIENCE = 20.0
ROOT = Path(__file__).resolve().parents[3]


class Commanded:
    """A control socket, and what it controls: a state that follows requests after a while, as a daemon's does."""

    def __init__(self, folder: Path, **options: Any) -> None:
        self.state, self.asked, self.delay_s = "listening", [], 0.05
        self.flag = MuteFlag(folder / "state", "mic")
        self.control = Control({"mic": self.flag}, folder / "run")
        self.control.listen(**options)
        self.watch = ThreadWatch()
        self.control.start(self.watch, self.act, lambda _: self.state)

    def act(self, word: str, _: str) -> None:
        self.asked.append(word)
        wanted = "muted" if word == "mute" else "listening"
        if self.state == wanted:
            return

        def follow() -> None:
            self.state = wanted

        threading.Timer(self.delay_s, follow).start()


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[..., Commanded]]:
    made: list[Commanded] = []

    def call(**options: Any) -> Commanded:
        made.append(Commanded(tmp_path, **options))
        return made[-1]

    yield call
    for one in made:
        one.control.close()
        one.watch.check()


@pytest.fixture
def dealer() -> Iterator[Callable[[str], zmq.Socket[bytes]]]:
    """A socket that may send what a REQ would not."""
    with zmq.Context() as context:
        sockets = []

        def call(endpoint: str) -> zmq.Socket[bytes]:
            sock = context.socket(zmq.DEALER)
            sock.set(zmq.LINGER, 0)
            sock.connect(endpoint)
            sockets.append(sock)
            return sock

        yield call
        for sock in sockets:
            sock.close(0)


def test_mute_and_unmute_take_effect_before_the_answer_and_are_kept(make: Callable[..., Commanded]):
    made = make()
    endpoint = made.control.endpoints[0]
    assert ask(endpoint, "status").state == "listening"
    assert ask(endpoint, "mute").state == "muted"
    assert made.flag.is_set()
    assert ask(endpoint, "mute").state == "muted"
    assert ask(endpoint, "unmute").state == "listening"
    assert not made.flag.is_set()
    assert made.asked == ["mute", "mute", "unmute"]


def test_the_socket_is_this_accounts_alone_and_gone_after_the_end(make: Callable[..., Commanded], tmp_path: Path):
    make().control.close()
    assert list((tmp_path / "run").iterdir()) == []
    (path,) = [Path(endpoint.removeprefix("ipc://")) for endpoint in make().control.endpoints]
    assert path.name == f"mic.{os.getpid()}.control"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_signals_take_the_same_way(make: Callable[..., Commanded]):
    made = make()
    before = signal.signal(signal.SIGUSR1, lambda *_: made.control.signalled("mute"))
    try:
        os.kill(os.getpid(), signal.SIGUSR1)
        limit = time.monotonic() + PATIENCE
        while not made.flag.is_set() and time.monotonic() < limit:
            time.sleep(0.01)
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert made.asked == ["mute"]
    assert made.flag.is_set()


def test_a_mute_that_cannot_be_kept_is_obeyed_and_said(make: Callable[..., Commanded], tmp_path: Path):
    (tmp_path / "state").write_text("a file where the folder ought to be")
    answer = ask(make().control.endpoints[0], "mute")
    assert answer.state == "muted"
    assert answer.note
    assert str(tmp_path / "state") in answer.note


@pytest.mark.parametrize(
    "message",
    [
        b"", b"mute", b"null", b"[]", b"{}", b'"mute"', b'["request"]', b'[["request", "mute"]]', b"\xff\xfe",
        b"[" * 900, b'{"request": "stop"}', b'{"request": ["mute"]}', b'{"request": {"request": "mute"}}',
        b'{"request": "mute", "request": "mute"}', b'{"request": "mute", "x": 1}', b'{"Request": "mute"}',
        b'{"request": NaN}', b'{"request": "mute"} {}', b'{"request": "mute\xff"}',
        b'{"request": true}', b'{"request": "MUTE"}',
    ],
)  # fmt: skip
def test_what_is_not_a_request_is_refused_in_one_line(message: bytes):
    with pytest.raises(ValueError, match="the request") as fault:
        parse(message)
    assert "\n" not in str(fault.value)


@given(
    st.one_of(
        st.binary(max_size=200),
        st.recursive(
            st.none() | st.booleans() | st.floats() | st.sampled_from(["request", *WORDS]) | st.text(),
            lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["request", "x"]) | st.text(), inner),
            max_leaves=8,
        ).map(lambda value: json.dumps(value).encode()),
    )
)
def test_only_an_object_with_the_request_alone_is_obeyed(message: bytes):
    found = ""
    try:
        found = parse(message)
    except ValueError as error:
        assert "\n" not in str(error)  # noqa: PT017  # any other exception is what this test looks for
    assert not found or json.loads(message) == {"request": found}


def test_garbage_changes_nothing_and_the_next_request_is_served(make: Callable[..., Commanded], dealer):
    made = make()
    chance, endpoint = random.Random(1), made.control.endpoints[0]
    peer = dealer(endpoint)
    for frames in ([b"mute"], [b"", b""], [b""] * 5, [b"", b'{"request": "mute"}', b"more"], [b"", b"\xff" * 300]):
        peer.send_multipart(frames)
    for size in (0, 1, 10, 100, 1000):
        peer.send_multipart([b"", chance.randbytes(size)])
    answers = []
    while peer.poll(500):
        answers.append(json.loads(peer.recv_multipart()[-1])["ok"])
    assert answers == [False] * 9, "all that a REP socket takes for requests at all"
    peer.send_multipart([b"", b'{"request": "mute"' + b" " * LARGEST_REQUEST + b"}"])  # cut off
    assert ask(endpoint, "status").state == "listening"
    assert made.asked == []


def test_a_flood_is_held_to_the_rate_and_keeps_nobody_else_out(make: Callable[..., Commanded], dealer):
    made = make()
    endpoint = made.control.endpoints[0]
    flood = dealer(endpoint)
    flood.set(zmq.SNDHWM, 0)
    for _ in range(2000):
        flood.send_multipart([b"", b'{"request": "status"}'])
    assert flood.poll(1000)
    busy, began = time.process_time(), time.monotonic()
    assert ask(endpoint, "mute").state == "muted", "it has its turn beside the flood"
    answered = 0
    while time.monotonic() - began < 1.5:
        while flood.poll(100):
            flood.recv_multipart()
            answered += 1
    passed = time.monotonic() - began
    assert answered <= 12 + passed * 11
    assert time.process_time() - busy < passed * 0.5


def test_one_who_asks_and_leaves_does_no_harm(make: Callable[..., Commanded], dealer):
    made = make()
    for _ in range(5):
        peer = dealer(made.control.endpoints[0])
        peer.send_multipart([b"", b'{"request": "status"}'])
        peer.close(50)
    assert ask(made.control.endpoints[0], "status").state == "listening"


def test_over_tcp_only_allowed_keys_command(make: Callable[..., Commanded], tmp_path: Path):
    ours, theirs = Keyring(tmp_path / "ours"), Keyring(tmp_path / "theirs")
    for ring in (ours, theirs):
        ring.new()
    made = make(endpoint="tcp://127.0.0.1:*", keyring=ours)
    local, remote = made.control.endpoints
    key = ours.pair("server").public.decode()
    for keys in ({}, {"server_key": key, "keys": str(theirs.folder)}):
        with pytest.raises(UsageError, match="no answer"):
            ask(remote, "mute", timeout=0.5, **keys)
    assert made.asked == []
    ours.allow("hall", theirs.pair("client").public.decode())
    assert ask(remote, "mute", server_key=key, keys=str(theirs.folder)).state == "muted"
    assert ask(local, "status").state == "muted", "this account needs no key"


def test_sockets_of_killed_serds_are_swept_away_and_other_files_stay(make: Callable[..., Commanded], tmp_path: Path):
    (tmp_path / "run").mkdir(mode=0o700)
    (tmp_path / "run" / "file.1.control").write_text("not a socket")
    if not (child := os.fork()):
        Control({"mic": MuteFlag(tmp_path / "state", "mic")}, tmp_path / "run").listen()
        os._exit(0)
    os.waitpid(child, 0)
    assert (tmp_path / "run" / f"mic.{child}.control").is_socket()
    make()
    names = {path.name for path in (tmp_path / "run").iterdir()}
    assert names == {"file.1.control", f"mic.{os.getpid()}.control"}


def test_without_a_runtime_directory_signals_still_work(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    (tmp_path / "run").write_text("a file where the folder ought to be")
    made = Commanded(tmp_path)
    assert made.control.endpoints == ()
    assert "only signals mute" in caplog.text
    made.control.signalled("mute")
    limit = time.monotonic() + PATIENCE
    while made.asked != ["mute"] and time.monotonic() < limit:
        time.sleep(0.01)
    assert made.asked == ["mute"]
    made.control.close()


DEATH = """
import sys, time
from pathlib import Path
from serd.daemon.control import Control
from serd.daemon.mute import MuteFlag
from serd.system.threads import ThreadWatch
with ThreadWatch() as watch:
    control = Control({"mic": MuteFlag(Path(sys.argv[1], "state"), "mic")}, Path(sys.argv[1], "run"))
    control.start(watch, lambda *_: sys.exit(), lambda _: "listening")
    control.signalled("mute")
    while True:
        watch.check()
        time.sleep(0.01)
"""


def test_its_thread_cannot_die_unnoticed_not_even_by_sys_exit(tmp_path: Path):
    command = [sys.executable, "-c", DEATH, str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 1, "by the check, and not by the end of patience with it"
    assert "RestartError: thread control died (SystemExit" in done.stderr


def test_closing_leaves_neither_threads_nor_handles(tmp_path: Path):
    def once() -> None:
        Commanded(tmp_path).control.close()

    once()
    process, limit = psutil.Process(), time.monotonic() + PATIENCE
    before = process.num_fds(), threading.active_count()
    for _ in range(20):
        once()
    while (process.num_fds(), threading.active_count()) > before and time.monotonic() < limit:
        time.sleep(0.05)
    assert (process.num_fds(), threading.active_count()) <= before
