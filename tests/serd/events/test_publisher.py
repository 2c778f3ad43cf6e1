"""The publisher: numbering, late subscribers, slow ones, endpoints, the end."""

from __future__ import annotations

import fcntl
import json
import logging
import os
import random
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psutil
import pytest
import zmq
from hypothesis import given, settings
from hypothesis import strategies as st

from serd.errors import UsageError
from serd.events.event import KINDS, Event
from serd.events.keys import Keyring
from serd.events.publisher import Publisher
from serd.events.subscribe import subscribe
from serd.events.subscriber import Subscription
from tests.support import wire
from tests.support.wire import PATIENCE

LOOPBACK = "tcp://127.0.0.1:*"
Make = Callable[..., Publisher]


@pytest.fixture
def make() -> Iterator[Make]:
    """Makes publishers that are closed at the end."""
    with ExitStack() as stack:

        def call(*endpoints: str, **options: Any) -> Publisher:
            publisher = Publisher(endpoints or (LOOPBACK,), "mic", "s1", **options)
            stack.callback(publisher.close, 0)
            return publisher

        yield call


@pytest.fixture
def listen() -> Iterator[Callable[..., Subscription]]:
    """Subscribes, and waits until the publisher knows."""
    with ExitStack() as stack:

        def call(publisher: Publisher, **options: Any) -> Subscription:
            before = publisher.subscribers
            subscription = stack.enter_context(subscribe(publisher.endpoints[0], **options))
            assert publisher.wait_subscribers(before + 1, PATIENCE)
            return subscription

        yield call


@pytest.fixture
def raw() -> Iterator[Callable[..., zmq.Socket[bytes]]]:
    """A plain ZeroMQ socket, as others write them, connected to a publisher."""
    with zmq.Context() as context, ExitStack() as stack:

        def call(publisher: Publisher, kind: int = zmq.SUB, topic: bytes | None = b"serd.v1.") -> zmq.Socket[bytes]:
            sock = stack.enter_context(context.socket(kind))
            sock.set(zmq.LINGER, 0)
            sock.set(zmq.RCVTIMEO, int(PATIENCE * 1000))
            sock.connect(publisher.endpoints[0])
            if topic is not None:
                before = publisher.subscribers
                sock.set(zmq.SUBSCRIBE, topic)
                assert publisher.wait_subscribers(before + 1, PATIENCE)
            return sock

        yield call


def sequences(events: Subscription, kind: str = "frame") -> list[int]:
    """Of all that has come; nothing for half a second is the end."""
    found = []
    while (event := events.receive(0.5)) is not None:
        if event["type"].endswith(kind):
            found.append(event["data"]["sequence"])
    return found


def wait_for_none(publisher: Publisher) -> None:
    deadline = time.monotonic() + PATIENCE
    while publisher.subscribers and time.monotonic() < deadline:
        time.sleep(0.001)
        publisher.poll()
    assert publisher.subscribers == 0


def test_a_message_is_the_topic_and_the_envelope_as_utf_8_json(make: Make, raw: Callable[..., Any]) -> None:
    publisher = make()
    reader = raw(publisher)
    for event in (wire.frame(), wire.quiet(), wire.segment(), wire.segment(0, "stop"), wire.status()):
        sent = publisher.publish(event)
        topic, payload = reader.recv_multipart()
        assert topic.decode() == f"serd.v1.mic.{event.kind}."
        assert json.loads(payload.decode("utf-8")) == sent
        assert wire.valid(sent)["data"]["session"] == "s1"


@settings(max_examples=30, deadline=None)
@given(st.lists(st.sampled_from(KINDS), max_size=40))
def test_each_topic_is_numbered_from_0_without_a_hole(kinds: list[str]) -> None:
    publisher = Publisher(["inproc://numbers"], "mic", "s1")
    try:
        sent = [publisher.publish(wire.of_kind(kind)) for kind in kinds]
    finally:
        publisher.close(0)
    assert len({body["id"] for body in sent}) == len(sent)
    for kind in KINDS:
        numbers = [body["data"]["sequence"] for body in sent if body["type"] == f"serd.v1.{kind}"]
        assert numbers == list(range(len(numbers)))


def test_an_event_that_cannot_be_sent_leaves_no_hole(make: Make) -> None:
    publisher = make()
    with pytest.raises(ValueError, match="JSON"):
        publisher.publish(Event("frame", {"speech": float("nan")}, 0.0))
    assert publisher.publish(wire.frame())["data"]["sequence"] == 0


def test_latency_runs_until_the_send(make: Make) -> None:
    event = wire.frame()
    time.sleep(0.02)
    assert make().publish(event)["data"]["latency_ms"] >= 20


def test_a_late_subscriber_is_given_the_last_status_and_segment_at_once(make: Make, listen: Callable[..., Any]) -> None:
    publisher = make()
    first = listen(publisher)
    sent = [publisher.publish(event) for event in (wire.segment(0), wire.segment(0, "gap"), wire.frame())]
    sent += [publisher.publish(event) for event in (wire.status("waiting"), wire.status("listening"))]
    late = listen(publisher)  # nothing is published from here on
    assert [late.receive(PATIENCE), late.receive(PATIENCE)] == [sent[4], sent[1]]
    assert late.receive(0.1) is None
    assert [first.receive(PATIENCE) for _ in sent] == sent
    assert first.receive(0.1) is None
    assert (first.repeats, first.lost, late.repeats, late.lost) == (2, 0, 0, 0)


def test_a_subscriber_to_frames_alone_is_given_nothing_old(make: Make, raw: Callable[..., Any]) -> None:
    publisher = make()
    publisher.publish(wire.status())
    publisher.publish(wire.segment())
    reader = raw(publisher, topic=b"serd.v1.mic.frame.")
    sent = publisher.publish(wire.frame())
    assert json.loads(reader.recv_multipart()[1]) == sent


def test_publishing_serves_newcomers_without_a_poll(make: Make) -> None:
    publisher = make()
    sent = publisher.publish(wire.status())
    with subscribe(publisher.endpoints[0]) as late:
        deadline = time.monotonic() + PATIENCE
        events: list[Any] = []
        while sent not in events and time.monotonic() < deadline:
            publisher.publish(wire.frame())
            events.append(late.receive(0.05))
        assert sent in events


def test_one_who_never_reads_blocks_nobody_and_sees_its_loss(make: Make, listen: Callable[..., Any],
                                                             tmp_path: Path) -> None:  # fmt: skip
    publisher = make(f"ipc://{tmp_path}/events", high_water_mark=50)
    asleep, awake = listen(publisher, kinds=("frame",)), listen(publisher)
    for k in range(5000):
        publisher.publish(wire.frame(k))
        assert awake.receive(PATIENCE)["data"]["sequence"] == k
    assert publisher.dropped > 0
    got = sequences(asleep)
    assert got == list(range(len(got)))  # the newest were dropped
    assert len(got) < 5000
    publisher.publish(wire.frame(5000))
    assert asleep.receive(PATIENCE)["data"]["sequence"] == 5000
    assert asleep.lost == 5000 - len(got)
    assert awake.lost == 0


def test_a_peer_that_is_stopped_does_not_block(make: Make) -> None:
    publisher = make(high_water_mark=20)
    code = "import sys, serd\nwith serd.subscribe(sys.argv[1]) as events:\n    for _ in events: pass"
    with subprocess.Popen([sys.executable, "-c", code, publisher.endpoints[0]], env=wire.ENVIRONMENT) as peer:
        assert publisher.wait_subscribers(1, PATIENCE)
        peer.send_signal(signal.SIGSTOP)
        for k in range(20_000):  # about 20 MB: more than sockets hold
            publisher.publish(wire.frame(k))
        assert publisher.dropped > 0
        done = threading.Thread(target=publisher.close, daemon=True)
        done.start()
        done.join(PATIENCE)
        assert not done.is_alive()
        peer.kill()


def test_lossless_delivers_everything_to_a_reader_who_begins_after_the_end(make: Make, listen: Callable[..., Any]):
    publisher = make(lossless=True, high_water_mark=10)
    reader = listen(publisher)
    for k in range(5000):
        publisher.publish(wire.frame(k))
    closing = threading.Thread(target=publisher.close)
    closing.start()
    assert sequences(reader) == list(range(5000))
    closing.join(PATIENCE)
    assert not closing.is_alive()
    assert (publisher.dropped, reader.lost) == (0, 0)


def test_lossless_gives_up_on_a_reader_who_never_reads(make: Make, listen: Callable[..., Any],
                                                       caplog: pytest.LogCaptureFixture) -> None:  # fmt: skip
    publisher = make(lossless=True)
    listen(publisher)
    for k in range(20_000):
        publisher.publish(wire.frame(k))
    with caplog.at_level(logging.WARNING, "serd"):
        publisher.close(0.3)
    assert "not all events were read" in caplog.text


def test_live_lets_the_last_events_leave(make: Make, listen: Callable[..., Any]) -> None:
    publisher = make()
    reader = listen(publisher)
    for k in range(100):
        publisher.publish(wire.frame(k))
    publisher.close()
    publisher.close()  # harmless
    assert sequences(reader) == list(range(100))


def test_subscribers_are_counted_when_they_subscribe_and_when_they_leave(make: Make, raw: Callable[..., Any]) -> None:
    publisher = make()
    assert not publisher.wait_subscribers(1, 0.05)
    raw(publisher, topic=None)  # connected, not subscribed
    raw(publisher, zmq.XSUB, None).send(b"\x01serd.v1.other.")  # subscribed to another source
    assert not publisher.wait_subscribers(1, 0.2)
    with subscribe(publisher.endpoints[0], source="mic", kinds=("frame", "status")):
        assert publisher.wait_subscribers(1, PATIENCE)
        assert not publisher.wait_subscribers(2, 0.2)
        with subscribe(publisher.endpoints[0], source="mic", kinds=("segment",)):
            assert publisher.wait_subscribers(2, PATIENCE)
    wait_for_none(publisher)


def test_waiting_for_subscribers_can_be_stopped(make: Make) -> None:
    stop = threading.Event()
    threading.Timer(0.1, stop.set).start()
    assert not make().wait_subscribers(1, stop=stop)
    assert stop.is_set()


def test_a_subscriber_in_the_same_process_needs_no_port(make: Make, listen: Callable[..., Any]) -> None:
    publisher = make("inproc://inside", LOOPBACK)
    reader = listen(publisher)
    sent = publisher.publish(wire.status())
    assert reader.receive(PATIENCE) == sent
    publisher.close()
    assert reader.receive(PATIENCE) is None
    assert reader.closed


def test_all_endpoints_carry_all_events(make: Make, tmp_path: Path) -> None:
    publisher = make(LOOPBACK, f"ipc://{tmp_path}/events", LOOPBACK.replace("*", str(free_port())))
    with ExitStack() as stack:
        readers = [stack.enter_context(subscribe(endpoint)) for endpoint in publisher.endpoints]
        assert publisher.wait_subscribers(3, PATIENCE)
        sent = publisher.publish(wire.frame())
        assert [reader.receive(PATIENCE) for reader in readers] == [sent] * 3


def test_an_ipc_socket_is_private_and_gone_after_the_end(make: Make, tmp_path: Path) -> None:
    path = tmp_path / "run" / "serd" / "events"
    publisher = make(f"ipc://{path}")
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    publisher.close()
    assert list(path.parent.iterdir()) == []


def test_an_ipc_socket_in_use_is_refused_and_goes_on_working(make: Make, listen: Callable[..., Any],
                                                             tmp_path: Path) -> None:  # fmt: skip
    publisher = make(f"ipc://{tmp_path}/events")
    with pytest.raises(UsageError, match="in use by another program"):
        make(f"ipc://{tmp_path}/events")
    reader = listen(publisher)
    sent = publisher.publish(wire.frame())
    assert reader.receive(PATIENCE) == sent


def test_an_ipc_socket_left_by_a_killed_process_is_reused(make: Make, listen: Callable[..., Any],
                                                          tmp_path: Path) -> None:  # fmt: skip
    with wire.publishing(f"ipc://{tmp_path}/events") as (_, process):
        process.kill()
        process.wait()
    assert (tmp_path / "events").is_socket()
    publisher = make(f"ipc://{tmp_path}/events")
    reader = listen(publisher)
    sent = publisher.publish(wire.frame())
    assert reader.receive(PATIENCE) == sent


def test_of_many_that_start_at_once_one_gets_the_ipc_socket(tmp_path: Path) -> None:
    won: list[Publisher] = []
    refused: list[UsageError] = []
    together = threading.Barrier(6)

    def start() -> None:
        together.wait()
        try:
            won.append(Publisher([f"ipc://{tmp_path}/events"], "mic", "s1"))
        except UsageError as error:
            refused.append(error)

    threads = [threading.Thread(target=start) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert (len(won), len(refused)) == (1, 5)
    won[0].close()


def test_an_ipc_directory_is_claimed_before_its_socket_is_looked_at(make: Make, tmp_path: Path) -> None:
    folder = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)  # as another serd that starts at the same moment holds it
    try:
        with pytest.raises(UsageError, match="locked by another program"):
            make(f"ipc://{tmp_path}/events")
    finally:
        os.close(folder)
    make(f"ipc://{tmp_path}/events")


def test_a_file_in_the_way_of_an_ipc_socket_is_left_alone(make: Make, tmp_path: Path) -> None:
    (tmp_path / "events").write_text("precious")
    with pytest.raises(UsageError, match="something else of that name"):
        make(f"ipc://{tmp_path}/events")
    assert (tmp_path / "events").read_text() == "precious"


def test_a_port_in_use_is_refused_and_what_was_bound_before_is_free_again(make: Make, tmp_path: Path) -> None:
    taken = make()
    with pytest.raises(UsageError, match="in use by another program") as fault:
        make(f"ipc://{tmp_path}/events", taken.endpoints[0])
    assert taken.endpoints[0] in str(fault.value)
    make(f"ipc://{tmp_path}/events")


@pytest.mark.parametrize(
    ("endpoint", "remedy"),
    [
        ("", "give tcp://ADDRESS:PORT or ipc://PATH"),
        ("5556", "give tcp://ADDRESS:PORT or ipc://PATH"),
        ("tcp://127.0.0.1", "give tcp://ADDRESS:PORT or ipc://PATH"),
        ("udp://127.0.0.1:5556", "give tcp://ADDRESS:PORT or ipc://PATH"),
        ("ipc://", "give tcp://ADDRESS:PORT or ipc://PATH"),
        ("ipc://@abstract", "give tcp://ADDRESS:PORT or ipc://PATH"),
        ("ipc://*", "give tcp://ADDRESS:PORT or ipc://PATH"),
        ("ipc:///tmp/a\0b", "give tcp://ADDRESS:PORT or ipc://PATH"),
        ("ipc:///tmp/" + "a" * 120, "give a shorter one"),
        ("ipc:///proc/serd/events", "give another endpoint"),
        ("tcp://127.0.0.1:70000", "give 1 to 65535"),
        ("tcp://127.0.0.1:0", "give 1 to 65535"),
        ("tcp://192.0.2.1:5556", "serd keys new"),
        ("tcp://no-such-interface:5556", "serd keys new"),
    ],
)
def test_a_bad_endpoint_is_named_with_its_remedy_in_one_line(make: Make, endpoint: str, remedy: str) -> None:
    with pytest.raises(UsageError, match=remedy) as fault:
        make(endpoint)
    assert "\n" not in str(fault.value)


@pytest.mark.parametrize("endpoint", ["tcp://192.0.2.1:5556", "tcp://no-such-interface:5556"])
def test_with_keys_an_address_of_no_interface_is_refused(make: Make, endpoint: str, tmp_path: Path) -> None:
    keyring = Keyring(tmp_path)
    keyring.new()
    with pytest.raises(UsageError, match=r"give 127\.0\.0\.1"):
        make(endpoint, keyring=keyring)


@pytest.mark.parametrize(
    ("endpoints", "source", "session"),
    [([], "mic", "s1"), ([LOOPBACK], "Mic", "s1"), ([LOOPBACK], "mic", ""), ([LOOPBACK], "mic", "a b")],
)
def test_bad_names_are_refused(endpoints: list[str], source: str, session: str) -> None:
    with pytest.raises(UsageError, match="give"):
        Publisher(endpoints, source, session)


def test_garbage_from_subscribers_does_no_harm(make: Make, raw: Callable[..., Any]) -> None:
    publisher = make()
    chance = random.Random(1)
    peer = raw(publisher, zmq.XSUB, None)
    for size in (1, 2, 10, 1000, 4000, 100_000):  # the last is cut off
        for first in (b"", b"\x00", b"\x01", b"\x02"):
            peer.send_multipart([first + chance.randbytes(size)] * 2)
    host, port = publisher.endpoints[0].removeprefix("tcp://").split(":")
    for size in (1, 10, 100, 100_000):
        with socket.create_connection((host, int(port))) as connection:
            connection.send(chance.randbytes(size))
            publisher.poll()
    time.sleep(0.2)
    wait_for_none(publisher)  # what speaks no ZMTP is at first taken for an old subscriber to everything
    with subscribe(publisher.endpoints[0]) as reader:
        sent, got, deadline = [], None, time.monotonic() + PATIENCE
        while got is None and time.monotonic() < deadline:
            sent.append(publisher.publish(wire.frame()))
            got = reader.receive(0.1)
        assert got in sent


def test_subscribers_that_come_and_go_leave_nothing_behind(make: Make) -> None:
    publisher = make()
    publisher.publish(wire.status())
    process, context = psutil.Process(), zmq.Context()

    def visit() -> None:
        sock = context.socket(zmq.SUB)
        sock.set(zmq.SUBSCRIBE, b"")
        sock.connect(publisher.endpoints[0])
        assert publisher.wait_subscribers(1, PATIENCE)
        sock.close(0)
        wait_for_none(publisher)

    visit()
    before = process.num_fds()
    for _ in range(200):
        visit()
    assert process.num_fds() <= before + 3
    context.destroy(0)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
