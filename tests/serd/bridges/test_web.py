"""serd/bridges/web.py: what browsers may and may not, server-sent events, readers that do not read, mute."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from serd.bridges.hub import QUEUE
from serd.bridges.webserver import CONNECTIONS
from tests.support import wire
from tests.support.bridging import PATIENCE, Process, Room, bridge, serd_at_a_pipe, until

TOKEN = "0123456789abcdef-token"
NONSENSE = (b"", b"GET / HT", b"\xff" * 70_000, b"POST /mute HTTP/1.1\r\nContent-Length: 9\r\n")
FOUND = ("/", "/overlay", "/healthz", "/static/page.js", "/static/uplot/uPlot.iife.min.js")
PATHS = (*FOUND, "/nothing", "/static/../web.py")


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with contextlib.closing(Room(f"ipc://{tmp_path}/events")) as room:
        yield room


@contextlib.contextmanager
def web(room: Room, folder: Path, *more: str) -> Iterator[tuple[str, Process]]:
    """HOST:PORT of a bridge that has the room's events, and its process."""
    with bridge("web", "--endpoint", room.endpoint, "--listen", "127.0.0.1:0", *more, folder=folder) as process:
        room.wait()
        yield until(lambda: place_of(process)), process


def place_of(process: Process) -> str | None:
    line = next((line for line in list(process.errors) if "open to " in line), None)
    return line and urlsplit(line.split("open to ")[1].strip()).netloc


def ask(
    place: str, path: str, method: str = "GET", body: bytes | None = None, **headers: str
) -> tuple[int, dict[str, str], bytes]:
    """Status, headers by their small names, and body."""
    connection = http.client.HTTPConnection(place, timeout=PATIENCE)
    with contextlib.closing(connection):
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()


def healthz(place: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(ask(place, "/healthz")[2])
    return found


class Events:
    """A reader of /events."""

    def __init__(self, place: str, last_id: str = "") -> None:
        self._connection = http.client.HTTPConnection(place, timeout=PATIENCE)
        self._connection.request("GET", "/events", headers={"Last-Event-ID": last_id} if last_id else {})
        self.answer = self._connection.getresponse()

    def next(self) -> dict[str, str]:
        """The fields of the next event."""
        found: dict[str, str] = {}
        while (line := self.answer.readline().decode().rstrip("\n")) or not found:
            assert line or not self.answer.closed
            name, _, value = line.partition(": ")
            found[name] = value
        return found

    def until(self, kind: str, count: int = 1) -> list[dict[str, str]]:
        """All up to the `count`-th of a kind."""
        found: list[dict[str, str]] = []
        while sum(one["event"] == kind for one in found) < count:
            found.append(self.next())
        return found

    def close(self) -> None:
        self.answer.close()
        self._connection.close()


@pytest.fixture
def token(tmp_path: Path) -> Path:
    path = tmp_path / "token"
    path.write_text(TOKEN + "\n")
    path.chmod(0o600)
    return path


def test_every_answer_keeps_browsers_in_bounds(room: Room, tmp_path: Path) -> None:
    with web(room, tmp_path) as (place, _):
        for path in PATHS:
            status, headers, body = ask(place, path, Origin="http://evil.example")
            assert status == (200 if path in FOUND else 404), path
            policy = headers["content-security-policy"]
            assert "default-src 'none'" in policy
            assert "frame-ancestors 'none'" in policy
            assert "unsafe" not in policy
            assert headers["x-content-type-options"] == "nosniff"
            assert not [name for name in headers if name.startswith("access-control")], path
            assert b"WebSettings" not in body
        for method in ("OPTIONS", "PUT", "DELETE"):
            assert ask(place, "/events", method)[0] == 405


def test_a_foreign_host_gets_400(room: Room, tmp_path: Path) -> None:
    with web(room, tmp_path, "--host", "serd.example.org") as (place, _):
        port = place.rpartition(":")[2]
        for host in ("evil.example", "127.0.0.1.evil.example", "", "localhost.", f"evil.example:{port}"):
            for path in ("/", "/events", "/healthz", "/static/page.js"):
                status, headers, _ = ask(place, path, Host=host)
                assert status == 400, (host, path)
                assert "content-security-policy" in headers
        for host in ("localhost", f"127.0.0.1:{port}", f"[::1]:{port}", "serd.example.org"):
            assert ask(place, "/", Host=host)[0] == 200, host


def test_events_are_numbered_and_taken_up_where_a_reader_was_cut_off(room: Room, tmp_path: Path) -> None:
    with web(room, tmp_path) as (place, _):
        room.send(wire.status(), *(wire.frame(k) for k in range(10)), wire.segment())
        until(lambda: healthz(place)["taken"] == 12)
        with contextlib.closing(Events(place)) as events:
            assert events.answer.headers["content-type"].startswith("text/event-stream")
            first, *rest = events.until("segment")
        hello = json.loads(first["data"])
        assert (first["event"], first["retry"], hello["mute"], hello["unmute"]) == ("hello", "2000", False, False)
        assert [one["event"] for one in rest] == ["status", *["frame"] * 10, "segment"]
        run = hello["run"]
        assert [one["id"] for one in rest] == [f"{run}-{n + 1}" for n in range(12)]
        frame = json.loads(rest[1]["data"])
        assert (frame["source"], frame["label"], frame["confidence"]) == ("room1", "happy", 0.7)
        assert frame["activation"] is None
        counts = {f"{run}-9": 3, f"{run}-12": 0, "other-9": 12, f"{run}-x": 12, "-": 12}
        with contextlib.ExitStack() as stack:  # all at once: the bridge's health, up to which they read, takes seconds
            readers = {last_id: stack.enter_context(contextlib.closing(Events(place, last_id))) for last_id in counts}
            for last_id, events in readers.items():
                found = events.until("health")
                assert sum("id" in one for one in found) == counts[last_id], last_id


def test_an_activation_is_told_where_there_is_one(room: Room, tmp_path: Path) -> None:
    with web(room, tmp_path) as (place, _), contextlib.closing(Events(place)) as events:
        activation = {"value": 0.81, "confidence": 0.62}
        room.send(wire.Event("frame", {**wire.frame().data, "activation": activation}, time.monotonic()))
        assert json.loads(events.until("frame")[-1]["data"])["activation"] == activation


def test_a_reader_that_does_not_read_is_dropped_and_counted(room: Room, tmp_path: Path) -> None:
    with web(room, tmp_path) as (place, process), contextlib.ExitStack() as stack:
        host, port = place.split(":")
        lazy = stack.enter_context(socket.socket())
        lazy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        lazy.connect((host, int(port)))
        lazy.sendall(b"GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        until(lambda: healthz(place)["readers"] == 1)
        good = stack.enter_context(contextlib.closing(Events(place)))
        sent = 0
        while healthz(place)["readers_dropped"] == 0:
            assert sent < 20 * QUEUE, "it was never dropped"
            room.send(*(wire.frame(k) for k in range(100)))
            sent += 100
            good.until("frame", 100)
        assert healthz(place)["readers"] == 1
        lazy.settimeout(PATIENCE)
        with contextlib.suppress(ConnectionResetError):
            while lazy.recv(1 << 16):
                pass
        room.send(wire.segment())
        good.until("segment")
        assert process.memory_mb() <= 48, "the last minutes were filled as five rooms would"


def test_it_takes_no_more_than_40_mb_for_a_room(room: Room, tmp_path: Path) -> None:
    with web(room, tmp_path) as (place, process), contextlib.closing(Events(place)) as events:
        for _ in range(60):  # five minutes' worth, not at once: what waits in a full queue comes on top
            room.send(wire.status(), *(wire.frame(k) for k in range(20)))
            events.until("frame", 20)
        for path in PATHS:
            ask(place, path)
        assert process.memory_mb() <= 40


def test_peers_that_say_nothing_or_nonsense_keep_nobody_out_for_long(room: Room, tmp_path: Path) -> None:
    with web(room, tmp_path) as (place, _), contextlib.ExitStack() as stack:
        host, port = place.split(":")
        for k in range(CONNECTIONS + 20):
            peer = stack.enter_context(socket.create_connection((host, int(port))))
            with contextlib.suppress(OSError):
                peer.sendall(
                    (b"", b"GET / HT", b"\xff" * 70_000, b"POST /mute HTTP/1.1\r\nContent-Length: 9\r\n")[k % 4]
                )
        room.send(wire.status())

        def answered() -> bool:
            try:
                return healthz(place)["rooms"]["room1"]["state"] == "listening"
            except (OSError, http.client.HTTPException, KeyError):
                return False

        until(answered)


def test_hostile_envelopes_are_counted_and_shown_to_nobody(room: Room, tmp_path: Path) -> None:
    with web(room, tmp_path) as (place, _), contextlib.closing(Events(place)) as events:
        bad = [{"confidence": 7}, {"state": "rage"}, {"label": "a\nevent: status"}, {"probabilities": {"x": -1}}]
        room.send(*(wire.Event("frame", {**wire.frame().data, **one}, time.monotonic()) for one in bad), wire.segment())
        assert [one["event"] for one in events.until("segment") if "id" in one] == ["segment"]
        assert until(lambda: healthz(place)["malformed"]) == len(bad)


def test_who_may_mute(room: Room, tmp_path: Path, token: Path) -> None:
    good = {"Authorization": f"Bearer {TOKEN}"}
    wish = json.dumps({"source": "room1", "request": "mute"}).encode()
    with web(room, tmp_path) as (place, _):
        assert ask(place, "/mute", "POST", wish, **good)[0] == 403
    with web(room, tmp_path, "--token-file", str(token)) as (place, _):
        room.send(wire.status())
        until(lambda: healthz(place)["rooms"])
        for headers in ({}, {"Authorization": f"Bearer {TOKEN}x"}, {"Authorization": TOKEN}, {"Cookie": TOKEN}):
            assert ask(place, "/mute", "POST", wish, **headers)[0] == 401
        assert ask(place, "/mute", "GET", **good)[0] == 405
        for body in (b"", b"{}", b"[" * 900, wish + b" " * 2000, b'{"source": "room1", "request": "status"}'):
            assert ask(place, "/mute", "POST", body, **good)[0] == 400
        assert ask(place, "/mute", "POST", wish.replace(b"room1", b"room2"), **good)[0] == 404
        assert ask(place, "/mute", "POST", wish.replace(b"mute", b"unmute"), **good)[0] == 403
        status, _, body = ask(place, "/mute", "POST", wish, **good)
        assert (status, "no control socket" in json.loads(body)["error"]) == (502, True)


def test_the_token_mutes_and_unmutes_a_real_serd(serd: str, tmp_path: Path, token: Path) -> None:
    endpoint = f"ipc://{tmp_path}/events"
    flags = ("--endpoint", endpoint, "--listen", "127.0.0.1:0", "--token-file", token, "--allow-unmute")
    with serd_at_a_pipe(serd, endpoint, tmp_path), bridge("web", *flags, folder=tmp_path) as process:
        place = until(lambda: place_of(process))
        until(lambda: healthz(place)["rooms"].get("room1", {}).get("state") == "listening")
        for word, becomes in (("mute", "muted"), ("unmute", "listening")):
            body = json.dumps({"source": "room1", "request": word}).encode()
            status, _, answer = ask(place, "/mute", "POST", body, Authorization=f"Bearer {TOKEN}")
            assert status == 200, answer
            until(lambda becomes=becomes: healthz(place)["rooms"]["room1"]["state"] == becomes)


def test_what_cannot_be_is_one_line(run: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        in_use = f"127.0.0.1:{taken.getsockname()[1]}"
        short = tmp_path / "short"
        short.write_text("secret\n")
        short.chmod(0o600)
        open_to_all = tmp_path / "open"
        open_to_all.write_text(TOKEN)
        open_to_all.chmod(0o644)
        for flags, code, text in (
            (("--listen", in_use), 2, "give another HOST:PORT"),
            (("--listen", "127.0.0.1:99999"), 2, "no such port"),
            (("--listen", "0.0.0.0:8765"), 2, "--unprotected"),
            (("--token-file", short), 78, "16 ASCII characters"),
            (("--token-file", open_to_all), 78, "chmod 600"),
        ):
            done = run("bridge", "web", *flags)
            assert done.returncode == code, done.stderr
            assert text in done.stderr
            assert done.stderr.count("\n") == 1


def test_it_ends_at_once_though_somebody_reads(room: Room, tmp_path: Path) -> None:
    with web(room, tmp_path) as (place, process), contextlib.closing(Events(place)) as events:
        room.send(wire.frame())
        events.until("frame")
        assert process.end() == 0
