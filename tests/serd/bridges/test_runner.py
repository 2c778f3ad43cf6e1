"""serd/bridges/runner.py: a bridge whose other side comes and goes, told to a real notification socket."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from serd.bridges import runner
from serd.bridges.bridge import Health, UnreachableError
from serd.bridges.feed import Feed
from serd.bridges.options import Settings
from serd.bridges.runner import Runner
from serd.errors import ConfigError, RestartError
from serd.events.reading import Reading
from serd.system.systemd import Notifier
from serd.system.threads import ThreadWatch
from tests.support import wire
from tests.support.bridging import PATIENCE, Room, until


class Other:
    """A bridge to the other side that the test makes refuse, break and come back."""

    Settings = Settings

    def __init__(self) -> None:
        self.taken: list[int] = []
        self.beats: list[Health] = []
        self.calls: list[str] = []
        self.refusals: list[Exception] = []
        self.breaks_at: set[int] = set()

    @property
    def target(self) -> str:
        return "the other side"

    def open(self) -> None:
        self.calls.append("open")
        if self.refusals:
            raise self.refusals.pop(0)

    def take(self, event: Reading) -> None:
        if event.sequence in self.breaks_at:
            self.breaks_at.remove(event.sequence)
            raise UnreachableError("it broke\noff")
        self.taken.append(event.sequence)

    def beat(self, health: Health) -> None:
        self.beats.append(health)

    def close(self) -> None:
        self.calls.append("close")


class Manager:
    """The service manager's end."""

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(path))
        self._socket.setblocking(False)
        self.messages: list[str] = []

    def heard(self, text: str) -> bool:
        try:
            while True:
                self.messages.append(self._socket.recv(4096).decode())
        except BlockingIOError:
            return any(text in message for message in self.messages)


class Stage:
    """A room, a bridge and their runner in a thread."""

    def __init__(self, folder: Path, queue: int = 1000) -> None:
        self.room = Room(f"ipc://{folder}/events")
        self.other = Other()
        self.manager = Manager(folder / "notify")
        self.stop = threading.Event()
        self.error: BaseException | None = None
        self._settings = Settings(endpoints=(self.room.endpoint,), queue=queue)
        environ = {"NOTIFY_SOCKET": str(folder / "notify"), "WATCHDOG_USEC": "400000"}
        self._notifier = Notifier(environ)
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        feed = Feed(self._settings)
        try:
            with ThreadWatch() as watch:
                self.runner = Runner("other", self.other, feed, self._notifier, watch)
                self.runner.run(self.stop)
        except BaseException as error:
            self.error = error
        feed.close()

    def start(self) -> None:
        self._thread.start()
        self.room.wait()

    def end(self) -> None:
        self.stop.set()
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()
        self.room.close()


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    monkeypatch.setattr(runner, "FIRST_PAUSE_S", 0.02)
    monkeypatch.setattr(runner, "TURN_S", 0.05)
    stage = Stage(tmp_path)
    yield stage
    stage.end()


def frames(*numbers: int) -> list[wire.Event]:
    return [wire.frame(k) for k in numbers]


def test_events_are_handed_on_and_health_is_told_at_once(stage: Stage) -> None:
    stage.start()
    stage.room.send(*frames(*range(5)))
    until(lambda: stage.other.taken == list(range(5)))
    first = stage.other.beats[0]
    assert (first.taken, first.dropped, first.lost, first.malformed, first.reopened) == (0, 0, 0, 0, 0)
    assert stage.runner.health.taken == 5
    until(lambda: stage.manager.heard("WATCHDOG=1"))
    assert stage.manager.messages.count("READY=1") == 1
    assert stage.manager.heard("STATUS=other: the other side: 0 events handed on")


def test_it_is_not_ready_before_the_other_side_is_reached(stage: Stage) -> None:
    stage.other.refusals = [UnreachableError(f"not yet {k}") for k in range(3)]
    stage.start()
    stage.room.send(*frames(0))
    until(lambda: stage.other.taken == [0])
    until(lambda: stage.manager.heard("READY=1"))
    ready = stage.manager.messages.index("READY=1")
    assert any("not yet 2" in message for message in stage.manager.messages[:ready])
    assert stage.other.calls == ["open", "close"] * 3 + ["open"]


def test_what_could_not_be_handed_on_is_given_again(stage: Stage) -> None:
    stage.other.breaks_at = {1, 3}
    stage.start()
    stage.room.send(*frames(*range(5)))
    until(lambda: len(stage.other.taken) == 5)
    assert stage.other.taken == list(range(5))
    assert stage.runner.health.reopened == 2


def test_a_refusal_at_first_ends_it_and_later_does_not(stage: Stage) -> None:
    stage.other.breaks_at = {1}
    stage.start()
    stage.room.send(*frames(0))
    until(lambda: stage.other.taken == [0])
    stage.other.refusals = [ConfigError("the password is wrong")]
    stage.room.send(*frames(1, 2))
    until(lambda: stage.other.taken == [0, 1, 2])


def test_a_refusal_at_first_is_raised(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.other.refusals = [ConfigError("the password is wrong")]
    stage._thread.start()
    until(lambda: stage.error)
    assert str(stage.error) == "the password is wrong"
    assert stage.other.calls == ["open", "close"]
    stage.end()


def test_the_pause_between_attempts_doubles(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    stage.other.refusals = [UnreachableError("away")] * 4
    stage.start()
    until(lambda: stage.other.calls.count("open") == 5)
    pauses = [float(r.args[2]) for r in caplog.records if "trying again" in r.message]  # type: ignore[index,arg-type]
    assert pauses == [0.02, 0.04, 0.08, 0.16]


def test_the_end_hands_on_what_is_queued(stage: Stage) -> None:
    stage.start()
    stage.room.send(*frames(*range(300)))
    until(lambda: stage.other.taken)
    until(lambda: stage.runner.health.taken + stage.runner.health.queued == 300)
    stage.stop.set()
    until(lambda: stage.other.calls[-1] == "close")
    assert stage.other.taken == list(range(300))
    assert stage.manager.heard("STOPPING=1")


def test_a_thread_that_dies_ends_the_bridge(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("serd.system.threads.os._exit", lambda _: None)
    monkeypatch.setattr(Feed, "_read", lambda *_: (_ for _ in ()).throw(MemoryError("none left")))
    stage.start()
    stage.room.send(*frames(0))
    until(lambda: stage.error)
    assert isinstance(stage.error, RestartError)
    assert "thread feed died" in str(stage.error)
