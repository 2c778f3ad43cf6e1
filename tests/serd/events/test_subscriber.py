"""The subscriber: each event once, loss counted, garbage left out."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import zmq
from hypothesis import example, given, settings
from hypothesis import strategies as st

from serd.errors import UsageError
from serd.events.event import encode
from serd.events.publisher import Publisher
from serd.events.subscribe import subscribe
from serd.events.subscriber import Subscription
from tests.support import wire
from tests.support.wire import PATIENCE


class Wire:
    """A plain XPUB that says whatever it is told, and subscriptions to it."""

    def __init__(self, sock: zmq.Socket[bytes], stack: ExitStack) -> None:
        self.sock, self._stack = sock, stack
        self.endpoint = sock.get(zmq.LAST_ENDPOINT).rstrip(b"\0").decode()  # type: ignore[union-attr]
        self._count = 0

    def subscribe(self, **options: Any) -> Subscription:
        while self.sock.poll(0):  # what those before have left
            self.sock.recv()
        subscription = self._stack.enter_context(subscribe(self.endpoint, **options))
        while self.sock.recv()[:1] != b"\x01":
            pass
        return subscription

    def say(self, session: str, sequence: int, kind: str = "frame", source: str = "mic", **changes: Any) -> str:
        """Send a small event; its id."""
        self._count += 1
        own = {"id": str(self._count), "type": f"serd.v1.{kind}", "source": source}
        body = {**own, "data": {"session": session, "sequence": sequence}, **changes}
        self.sock.send_multipart([f"serd.v1.{source}.{kind}.".encode(), encode(body)])
        return str(body["id"])

    def said(self, events: Subscription) -> list[str]:
        """Ids of what has come, up to a last event that ends the listening."""
        last, found = self.say("last", 0), []
        while (event := events.receive(PATIENCE)) is not None and event["id"] != last:
            found.append(event["id"])
        assert event is not None
        return found


@pytest.fixture(scope="module")
def line() -> Iterator[Wire]:
    with ExitStack() as stack:
        context = stack.enter_context(zmq.Context())
        sock = stack.enter_context(context.socket(zmq.XPUB))
        sock.set(zmq.XPUB_VERBOSE, 1)
        sock.set(zmq.SNDHWM, 0)
        sock.set(zmq.LINGER, 0)
        sock.set(zmq.RCVTIMEO, int(PATIENCE * 1000))
        sock.bind("tcp://127.0.0.1:*")
        yield Wire(sock, stack)


@pytest.fixture(scope="module")
def events(line: Wire) -> Subscription:
    """One subscription for tests that tell their events apart by the session."""
    return line.subscribe()


def test_every_event_of_a_running_serd_comes_once_and_valid() -> None:
    with wire.publishing() as (endpoint, _), subscribe(endpoint, timeout=PATIENCE) as events:
        got = [wire.valid(next(events)) for _ in range(100)]
        assert {event["type"] for event in got} == {"serd.v1.frame", "serd.v1.segment", "serd.v1.status"}
        assert len({event["id"] for event in got}) == 100
        assert (events.lost, events.malformed) == (0, 0)


@pytest.mark.parametrize(
    ("options", "kinds"),
    [
        ({"kinds": ("segment",)}, {"segment"}),
        ({"kinds": ("segment", "status"), "source": "mic"}, {"segment", "status"}),
        ({"kinds": ("status",), "source": "mic"}, {"status"}),
        ({"source": "mic"}, {"frame", "segment", "status"}),
    ],
)
def test_source_and_kinds_choose(line: Wire, options: dict[str, Any], kinds: set[str]) -> None:
    with line.subscribe(**options) as events:
        wanted = []
        for source in ("mi", "other", "mic", "mic2"):
            for kind in ("frame", "segment", "status", "later"):
                id = line.say("choice", 0, kind, source)
                if kind in kinds and source in (options.get("source", source),):
                    wanted.append(id)
        last = line.say("choice", 1, next(iter(kinds)), "mic")
        got = []
        while (event := events.receive(PATIENCE)) is not None and event["id"] != last:
            got.append(event["id"])
        assert got == wanted
        assert (events.lost, events.malformed) == (0, 0)


session_names = (f"session-{k}" for k in range(1_000_000))


@settings(max_examples=60, deadline=None)
@given(st.sets(st.integers(0, 300)), st.integers(0, 1 << 40))
@example({0, 1, 2, 5}, 0)
def test_loss_is_the_number_of_holes_after_the_first_that_came(
    line: Wire, events: Subscription, came: set[int], first: int
) -> None:
    session, before = next(session_names), events.lost
    ids = [line.say(session, first + k) for k in sorted(came)]
    assert line.said(events) == ids
    assert events.lost - before == (max(came) - min(came) + 1 - len(came) if came else 0)


def test_loss_is_counted_for_each_topic_and_session_apart(line: Wire, events: Subscription) -> None:
    before = events.lost
    for k in (0, 1, 3):
        for kind in ("frame", "segment"):
            for session in ("one", "two"):
                line.say(session, k, kind)
    line.said(events)
    assert events.lost - before == 4


def test_a_repeat_is_dropped_however_many_frames_came_since(line: Wire, events: Subscription) -> None:
    first = line.say("long", 0, "segment")
    ids = [line.say("long", k) for k in range(900)]
    assert line.said(events) == [first, *ids]
    before = events.repeats
    line.say("long", 0, "segment", id=first)
    assert line.said(events) == []
    assert events.repeats == before + 1


TOPIC = b"serd.v1.mic.frame."
GOOD: dict[str, Any] = {
    "id": "x",
    "type": "serd.v1.frame",
    "source": "mic",
    "data": {"session": "bad", "sequence": 0},
}


@pytest.mark.parametrize(
    "frames",
    [
        [b"serd.v1."],
        [TOPIC],
        [TOPIC, json.dumps(GOOD).encode(), b"third"],
        [b"serd.v2.mic.frame.", json.dumps(GOOD).encode()],
        [b"serd.v1.mic.frame", json.dumps(GOOD).encode()],
        [b"serd.v1.Mic.frame.", json.dumps(GOOD).encode()],
        [TOPIC, b""],
        [TOPIC, b"\xff\xfe"],
        [TOPIC, b"{"],
        [TOPIC, b"[]"],
        [TOPIC, b"null"],
        [TOPIC, b"[" * 100_000],
        [TOPIC, b"9" * 10_000],
        [TOPIC, json.dumps({**GOOD, "type": "serd.v1.status"}).encode()],
        [TOPIC, json.dumps({**GOOD, "source": "other"}).encode()],
        [TOPIC, json.dumps({**GOOD, "id": 3}).encode()],
        [TOPIC, json.dumps({**GOOD, "id": "x" * 200}).encode()],
        [TOPIC, json.dumps({**GOOD, "data": None}).encode()],
        [TOPIC, json.dumps({**GOOD, "data": {"session": "s"}}).encode()],
        [TOPIC, json.dumps({**GOOD, "data": {"session": "s", "sequence": True}}).encode()],
        [TOPIC, json.dumps({**GOOD, "data": {"session": "s", "sequence": 1.0}}).encode()],
        [TOPIC, json.dumps({**GOOD, "data": {"session": "s", "sequence": -1}}).encode()],
        [TOPIC, json.dumps({**GOOD, "data": {"session": "", "sequence": 1}}).encode()],
        [TOPIC, json.dumps({**GOOD, "p": float("nan")}).encode()],
        [TOPIC, json.dumps(GOOD).encode().replace(b'"x"', b'"x", "p": 1e999')],
    ],
    ids=lambda frames: b"|".join(frames)[:60].decode("latin-1"),
)
def test_what_is_no_event_is_counted_and_left_out(line: Wire, events: Subscription, frames: list[bytes]) -> None:
    before = events.malformed
    line.sock.send_multipart(frames)
    assert line.said(events) == []
    if frames[0].startswith(b"serd.v1."):
        assert events.malformed == before + 1


@pytest.mark.parametrize("topic", [b"serd.v1..frame.", b"serd.v1.mic.frame.x", b"serd.v1.mic.frame"])
def test_a_topic_of_another_make_is_counted_and_left_out(topic: bytes) -> None:
    """From a publisher that sends what was not asked for: a PUB cannot, so it is played by hand."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with subscribe(f"tcp://127.0.0.1:{port}", timeout=PATIENCE) as events:
            peer, _ = server.accept()
            with peer:
                greet(peer)
                for name in (topic, TOPIC):
                    payload = json.dumps(GOOD).encode()
                    peer.sendall(bytes((1, len(name))) + name + bytes((0, len(payload))) + payload)
                assert next(events) == GOOD
                assert events.malformed == 1


def greet(peer: socket.socket) -> None:
    """Each step after the other side's: libzmq does not always forgive one that comes early."""
    for step in (GREETING[:64], GREETING[64:]):
        peer.sendall(step)
        assert peer.recv(64)


GREETING = (
    b"\xff" + bytes(8) + b"\x7f\x03\x00" + b"NULL".ljust(20, b"\0") + bytes(32) + b"\x04\x19\x05READY"
    b"\x0bSocket-Type\x00\x00\x00\x03PUB"
)
"""How a ZMTP 3.0 publisher says hello (rfc.zeromq.org/spec/23)."""


@pytest.mark.parametrize(
    "hello",
    [b"", b"SSH-2.0-OpenSSH_9.2\r\n", GREETING + b"\xff" * 9, GREETING.replace(b"PUB", b"REQ")],
    ids=["nothing", "ssh", "garbage after the greeting", "another kind of socket"],
)
def test_it_comes_back_to_a_port_where_something_else_was(hello: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, ExitStack() as stack:
        endpoint = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        events = stack.enter_context(subscribe(endpoint))
        peer, _ = server.accept()
        peer.sendall(hello)
        assert events.receive(0.2) is None
        peer.close()
        server.close()
        stack.enter_context(wire.publishing(endpoint))
        assert events.receive(PATIENCE) is not None


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=10,
)
near_events = st.fixed_dictionaries(
    {},
    optional={
        "id": json_values | st.text(min_size=1, max_size=5),
        "type": json_values | st.just("serd.v1.frame"),
        "source": json_values | st.just("mic"),
        "data": json_values
        | st.fixed_dictionaries({}, optional={"session": json_values, "sequence": st.integers() | json_values}),
    },
)
garbage = st.lists(st.binary(max_size=200), max_size=3).map(lambda rest: [b"serd.v1.", *rest]) | st.one_of(
    st.binary(max_size=300), near_events.map(lambda body: json.dumps(body).encode())
).map(lambda payload: [TOPIC, payload])


@settings(max_examples=200, deadline=None)
@given(st.lists(garbage, min_size=1, max_size=5))
def test_garbage_does_no_harm(line: Wire, events: Subscription, messages: list[list[bytes]]) -> None:
    for frames in messages:
        line.sock.send_multipart(frames)
    wanted = line.say(next(session_names), 0)
    assert wanted in line.said(events)


def test_a_message_too_large_cuts_the_sender_off_and_the_next_comes(line: Wire) -> None:
    with line.subscribe() as events:
        line.sock.send_multipart([TOPIC, b" " * (2 << 20)])
        deadline = time.monotonic() + PATIENCE
        event = None
        while event is None and time.monotonic() < deadline:
            line.say("large", 0)
            event = events.receive(0.1)
        assert event is not None


def test_it_waits_for_a_serd_that_starts_later(tmp_path: Path) -> None:
    with subscribe(f"ipc://{tmp_path}/events") as events:
        assert events.receive(0.1) is None
        publisher = Publisher([f"ipc://{tmp_path}/events"], "mic", "s1")
        assert publisher.wait_subscribers(1, PATIENCE)
        sent = publisher.publish(wire.status())
        assert events.receive(PATIENCE) == sent
        publisher.close()


def test_it_goes_on_when_serd_was_killed_and_started_anew() -> None:
    with ExitStack() as stack:
        endpoint, first = stack.enter_context(wire.publishing(session="first"))
        events = stack.enter_context(subscribe(endpoint, timeout=PATIENCE))
        assert next(events)["data"]["session"] == "first"
        first.kill()
        first.wait()
        stack.enter_context(wire.publishing(endpoint, session="second"))
        assert any(event["data"]["session"] == "second" for event in events)
        assert (events.lost, events.malformed) == (0, 0)


def test_iteration_ends_after_the_timeout_and_can_go_on(line: Wire) -> None:
    with line.subscribe(timeout=0.2) as events:
        assert list(events) == []
        wanted = line.say("later", 0)
        assert [event["id"] for event in events] == [wanted]


def test_receive_with_no_time_takes_what_is_there(line: Wire) -> None:
    with line.subscribe(kinds=("status",)) as events:
        assert events.receive(0) is None
        for k in range(200):
            line.say("now", k)  # of no interest, but in the way
        wanted = line.say("now", 0, "status")
        limit, event = time.monotonic() + PATIENCE, None
        while event is None and time.monotonic() < limit:
            time.sleep(0.1)
            event = events.receive(0)
        assert event is not None
        assert event["id"] == wanted


def test_a_closed_subscription_has_ended(line: Wire) -> None:
    events = line.subscribe()
    assert not events.closed
    events.close()
    events.close()  # harmless
    assert events.closed
    assert list(events) == []


@pytest.mark.parametrize(
    ("endpoint", "options", "remedy"),
    [
        ("127.0.0.1:5556", {}, "give tcp://ADDRESS:PORT"),
        ("tcp://127.0.0.1:65536", {}, "give 1 to 65535"),
        ("tcp://127.0.0.1:*", {}, "give tcp://ADDRESS:PORT"),
        ("inproc://nowhere", {}, "nobody in this process"),
        ("tcp://127.0.0.1:5556", {"source": "A"}, "give 1 to 64"),
        ("tcp://127.0.0.1:5556", {"kinds": ()}, "give some of frame"),
        ("tcp://127.0.0.1:5556", {"kinds": ("frames",)}, "give some of frame"),
        ("tcp://127.0.0.1:5556", {"timeout": -1}, "give seconds"),
        ("tcp://127.0.0.1:5556", {"timeout": float("nan")}, "give seconds"),
    ],
)
def test_what_cannot_be_subscribed_to_is_named_with_its_remedy(
    endpoint: str, options: dict[str, Any], remedy: str
) -> None:
    with pytest.raises(UsageError, match=remedy):
        subscribe(endpoint, **options)


def test_a_subscription_that_was_never_closed_does_not_hold_up_the_exit() -> None:
    code = "import serd, sys\nfor event in serd.subscribe(sys.argv[1]): break\nprint(event['source'])"
    with wire.publishing() as (endpoint, _):
        done = subprocess.run(
            [sys.executable, "-c", code, endpoint],
            env=wire.ENVIRONMENT, capture_output=True, text=True, timeout=PATIENCE, check=False,
        )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "test\n", "")


@pytest.mark.parametrize("endpoint", ["'ipc://{}/a'", "['ipc://{}/a', 'ipc://{}/b']"])
def test_one_that_is_forgotten_in_a_circle_of_objects_does_not_hold_up_the_collector(
    endpoint: str, tmp_path: Path
) -> None:
    code = f"""
import gc, psutil, serd
before = psutil.Process().num_fds()
for _ in range(20):
    circle = [serd.subscribe({endpoint.replace("{}", str(tmp_path))})]
    circle.append(circle)
    del circle
    gc.collect()
print(psutil.Process().num_fds() - before)
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert (run.returncode, run.stderr) == (0, "")
    assert int(run.stdout) < 20


def test_subscribing_does_not_load_the_networks() -> None:
    code = "import serd, sys; serd.subscribe; print(sorted({'numpy', 'scipy', 'ai_edge_litert'} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code], env=wire.ENVIRONMENT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"
