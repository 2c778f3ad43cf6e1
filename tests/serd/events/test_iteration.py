"""serd.events.iteration and .several: `for`, `async for`, and the events of several serds."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

import serd
from serd.errors import UsageError
from serd.events.subscribe import subscribe
from tests.support import wire
from tests.support.wire import PATIENCE


def test_events_come_with_async_for_as_they_do_with_for() -> None:
    async def read(endpoint: str) -> list[serd.Event]:
        got = []
        async with subscribe(endpoint, timeout=PATIENCE) as events:
            async for event in events:
                got.append(wire.valid(event))
                if len(got) == 50:
                    return got
        return got

    with wire.publishing() as (endpoint, _):
        got = asyncio.run(read(endpoint))
        assert len({event["id"] for event in got}) == 50


def test_other_tasks_have_their_turn_however_fast_events_come() -> None:
    async def read(endpoint: str) -> list[int]:
        turns = [0, 0]

        async def other() -> None:
            while True:
                turns[0] += 1
                await asyncio.sleep(0)

        task = asyncio.create_task(other())
        async with subscribe(endpoint, timeout=PATIENCE) as events:
            async for _ in events:
                turns[1] += 1
                if turns[1] == 30:
                    break
        task.cancel()
        return turns

    with wire.publishing() as (endpoint, _):
        turns = asyncio.run(read(endpoint))
        assert turns[0] >= turns[1]


def test_it_ends_when_nothing_came_for_so_long_and_when_it_is_closed(tmp_path: Path) -> None:
    async def read() -> list[serd.Event]:
        return [event async for event in subscribe(f"ipc://{tmp_path}/nobody", timeout=0.3)]

    async def closed() -> list[serd.Event]:
        events = subscribe([f"ipc://{tmp_path}/nobody", f"ipc://{tmp_path}/no"])
        asyncio.get_running_loop().call_later(0.2, events.close)
        return [event async for event in events]

    assert asyncio.run(read()) == []
    assert asyncio.run(closed()) == []


def test_a_task_that_waits_can_be_cancelled(tmp_path: Path) -> None:
    async def read() -> None:
        with subscribe(f"ipc://{tmp_path}/nobody") as events:
            task = asyncio.create_task(anext(events))
            await asyncio.sleep(0.1)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        assert events.closed

    asyncio.run(read())


def test_events_of_two_serds_come_through_one_subscription() -> None:
    async def both(endpoints: list[str]) -> set[str]:
        sessions: set[str] = set()
        async for event in subscribe(endpoints, timeout=PATIENCE):
            sessions.add(event["data"]["session"])
            if len(sessions) == 2:
                break
        return sessions

    with wire.publishing(session="a") as (one, _), wire.publishing(session="b") as (other, _):
        with subscribe([one, other, one], timeout=PATIENCE) as events:
            assert len(events.subscriptions) == 2  # type: ignore[attr-defined]
            sessions: list[str] = []
            while min(map(sessions.count, sessions), default=0) < 20 or len(set(sessions)) < 2:
                sessions.append(wire.valid(next(events))["data"]["session"])
            assert events.lost == 0
        assert events.closed
        assert next(events, None) is None
        assert asyncio.run(both([one, other])) == set(sessions)


def test_one_that_is_not_there_holds_up_nobody(tmp_path: Path) -> None:
    with wire.publishing() as (one, _), subscribe([f"ipc://{tmp_path}/nobody", one], timeout=PATIENCE) as events:
        assert wire.valid(next(events))


def test_what_cannot_be_subscribed_to_leaves_nothing_open(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="endpoints: none is given"):
        subscribe([])
    with pytest.raises(UsageError, match="http"):
        subscribe([f"ipc://{tmp_path}/a", "http://x"])
