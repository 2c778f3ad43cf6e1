"""serd/bridges/feed.py over real publishers: order, bounds, and what is counted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import zmq

from serd.bridges.feed import Feed, key_for_each
from serd.bridges.options import Settings
from serd.errors import UsageError
from serd.events.keys import Keyring
from serd.events.publisher import Publisher
from serd.events.reading import Reading
from serd.system.threads import ThreadWatch
from tests.support import wire
from tests.support.bridging import PATIENCE, Room, until


@pytest.fixture
def watch() -> Iterator[ThreadWatch]:
    with ThreadWatch() as watch:
        yield watch
        watch.check()


def taken(feed: Feed, n: int) -> list[Reading]:
    events = [feed.next(PATIENCE) for _ in range(n)]
    return [event for event in events if event is not None]


def test_events_of_many_rooms_come_through_one_feed_in_their_order(tmp_path: Path, watch: ThreadWatch) -> None:
    rooms = [Room(f"ipc://{tmp_path}/{k}", f"room{k}") for k in range(40)]
    feed = Feed(Settings(endpoints=tuple(room.endpoint for room in rooms), queue=10_000))
    feed.start(watch)
    for room in rooms:
        room.wait()
        room.send(*(wire.frame(k) for k in range(25)))
    events = taken(feed, 40 * 25)
    for k in range(40):
        assert [event.sequence for event in events if event.source == f"room{k}"] == list(range(25))
    assert (feed.dropped, feed.lost, feed.malformed, feed.queued) == (0, 0, 0, 0)
    feed.close()
    for room in rooms:
        room.close()


def test_a_full_queue_drops_the_oldest_and_counts_them(tmp_path: Path, watch: ThreadWatch) -> None:
    room = Room(f"ipc://{tmp_path}/events")
    feed = Feed(Settings(endpoints=(room.endpoint,), queue=10))
    feed.start(watch)
    room.wait()
    room.send(*(wire.frame(k) for k in range(50)))
    until(lambda: feed.dropped == 40)
    assert [event.sequence for event in taken(feed, 10)] == list(range(40, 50))
    assert feed.next(0) is None
    feed.close()
    room.close()


def test_what_is_no_event_is_counted_and_what_is_no_good_event_too(tmp_path: Path, watch: ThreadWatch) -> None:
    with zmq.Context() as context, context.socket(zmq.XPUB) as sock:
        sock.bind(f"ipc://{tmp_path}/events")
        feed = Feed(Settings(endpoints=(f"ipc://{tmp_path}/events",)))
        feed.start(watch)
        assert sock.recv() == b"\x01serd.v1."
        good = {"id": "1", "source": "a", "type": "serd.v1.frame", "data": {"session": "s", "sequence": 0}}
        sock.send_multipart([b"serd.v1.a.frame.", b"{}"])
        sock.send_multipart([b"serd.v1.a.frame.", json.dumps(good).encode()])  # identified, and says nothing
        until(lambda: feed.malformed == 2)
        assert feed.queued == 0
        feed.close()


def test_one_source_of_several_can_be_chosen(tmp_path: Path, watch: ThreadWatch) -> None:
    rooms = [Room(f"ipc://{tmp_path}/{name}", name) for name in ("kitchen", "kitchen2")]
    feed = Feed(Settings(endpoints=tuple(room.endpoint for room in rooms), source="kitchen"))
    feed.start(watch)
    for room in rooms:
        room.wait() if room is rooms[0] else None
        room.send(wire.status())
    assert [event.source for event in taken(feed, 1)] == ["kitchen"]
    assert feed.next(0.3) is None
    feed.close()
    for room in rooms:
        room.close()


def test_a_serd_that_wants_keys_is_read_with_them(tmp_path: Path, watch: ThreadWatch) -> None:
    server, reader = Keyring(tmp_path / "server"), Keyring(tmp_path / "reader")
    server.new()
    reader.new()
    server.allow("reader", reader.pair("client").public.decode())
    publisher = Publisher([f"ipc://{tmp_path}/events"], "room", "s", keyring=server)
    key = server.pair("server").public.decode()
    feed = Feed(Settings(endpoints=publisher.endpoints, server_keys=(key,), keys=str(tmp_path / "reader")))
    feed.start(watch)
    assert publisher.wait_subscribers(1, PATIENCE)
    publisher.publish(wire.status())
    assert len(taken(feed, 1)) == 1
    feed.close()
    publisher.close()


def test_keys_are_given_for_none_all_or_each() -> None:
    assert key_for_each((), 2, "--server-key", "--endpoint") == (None, None)
    assert key_for_each(("a",), 2, "--server-key", "--endpoint") == ("a", "a")
    assert key_for_each(("a", "b"), 2, "--server-key", "--endpoint") == ("a", "b")
    with pytest.raises(UsageError, match="given 2 times for 3"):
        key_for_each(("a", "b"), 3, "--server-key", "--endpoint")
