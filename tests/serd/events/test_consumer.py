"""serd/events/consumer.py against a real nats-server: readers by one name that come and go while much is on its way."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from nats.aio.client import Client

from serd.events.event import encode, envelope
from serd.events.jetstream import JetStreamReader
from serd.events.natsclient import SUBJECTS, Server
from tests.support import wire
from tests.support.natsserver import NatsServer, running

MANY = 3000
"""Several times what the server sends ahead."""

SOON = 20.0
"""Seconds; what the server took for delivered comes again only after 30."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[NatsServer]:
    async def fill(client: Client) -> None:
        js = client.jetstream()
        await js.add_stream(name="serd", subjects=[SUBJECTS])
        for k in range(MANY):
            event = envelope(
                wire.frame(k), source="room1", session="one", sequence=k, id=str(k), time=datetime.now(UTC),
                now=time.monotonic(),
            )  # fmt: skip
            await js.publish("serd.v1.room1.frame", encode(event))

    for server in running(tmp_path / "server"):
        server.ask(fill)
        yield server


def read(server: NatsServer, durable: str | None, many: int) -> list[int]:
    with JetStreamReader(Server(server.url), durable=durable) as reader:
        events = [reader.receive(SOON) for _ in range(many)]
    return [event["data"]["sequence"] for event in events if event]


def test_what_is_on_its_way_to_a_reader_that_leaves_comes_to_the_next_in_its_order(server: NatsServer) -> None:
    parts = [read(server, "archive", many) for many in (0, 1, 2, 99, 500, MANY - 602)]
    assert [number for part in parts for number in part] == list(range(MANY))


def test_names_are_places_of_their_own(server: NatsServer) -> None:
    assert read(server, "first", 3) == read(server, "second", 3) == [0, 1, 2]
    assert read(server, "first", 2) == [3, 4]

    async def places(client: Client) -> int:
        return int((await client.jetstream().stream_info("serd")).state.consumer_count)

    assert server.ask(places) == 2


def test_a_name_read_to_its_end_is_left_at_its_end(server: NatsServer) -> None:
    assert len(read(server, "all", MANY)) == MANY
    with JetStreamReader(Server(server.url), durable="all") as reader:
        assert reader.receive(0.5) is None
    assert reader.lost == reader.malformed == 0
