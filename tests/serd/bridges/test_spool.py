"""serd/bridges/spool.py: nothing is lost but what is counted, in its order, within its bound."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from serd.bridges.spool import OVERHEAD, WINDOW, Entry, Spool
from serd.events.event import encode
from tests.support import wire

MOST = 40 * (OVERHEAD + 100)


class Deliveries(RuleBasedStateMachine):
    """A spool whose server confirms in any order, breaks off, confirms late, and refuses."""

    def __init__(self) -> None:
        super().__init__()
        self.spool = Spool(MOST)
        self.numbers = itertools.count()
        self.put: list[Entry] = []
        self.out: list[Entry] = []
        self.once: set[Entry] = set()
        self.over: set[Entry] = set()

    @rule(size=st.integers(0, 600))
    def put_one(self, size: int) -> None:
        entry = Entry(str(next(self.numbers)), "s", bytes(size))
        self.put.append(entry)
        self.spool.put(entry)

    @rule(many=st.integers(1, 30))
    def send(self, many: int) -> None:
        for _ in range(many):
            entry = self.spool.next()
            if entry is None:
                return
            assert entry not in self.out
            assert entry not in self.over, "what is settled is not sent again"
            self.out.append(entry)
            self.once.add(entry)

    @precondition(lambda self: self.out)
    @rule(data=st.data(), refused=st.booleans())
    def answer(self, data: st.DataObject, refused: bool) -> None:
        entry = data.draw(st.sampled_from(self.out))
        self.out.remove(entry)
        self.over.add(entry)
        (self.spool.refuse if refused else self.spool.settle)(entry)

    @precondition(lambda self: self.over)
    @rule(data=st.data())
    def answer_again(self, data: st.DataObject) -> None:
        before = self.spool.settled, self.spool.lost
        self.spool.settle(data.draw(st.sampled_from(sorted(self.over, key=lambda entry: int(entry.id)))))
        assert (self.spool.settled, self.spool.lost) == before

    @rule()
    def break_off(self) -> None:
        self.spool.recall()
        self.out.clear()

    @invariant()
    def all_is_accounted_for(self) -> None:
        spool = self.spool
        assert spool.settled + spool.lost + len(spool) == len(self.put)
        assert spool.unconfirmed == len(self.out)

    @invariant()
    def it_keeps_within_its_bound(self) -> None:
        assert self.spool.size <= MOST
        assert len(self.out) <= WINDOW

    def teardown(self) -> None:
        """All that was sent and not answered comes again, and the newest, in their order."""
        self.spool.recall()
        rest = []
        while (entry := self.spool.next()) is not None or self.spool.unconfirmed:
            if entry is not None:
                rest.append(entry)
            else:
                for sent in rest:
                    self.spool.settle(sent)
        assert self.once - self.over <= set(rest), "what a server may have is never counted as lost"
        assert [int(entry.id) for entry in rest] == sorted(int(entry.id) for entry in rest)
        assert self.spool.size == 0


TestDeliveries = Deliveries.TestCase
TestDeliveries.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)


@given(st.lists(st.integers(0, 1000), max_size=200))
def test_without_a_server_the_newest_are_kept(sizes: list[int]) -> None:
    spool = Spool(MOST)
    for number, size in enumerate(sizes):
        spool.put(Entry(str(number), "s", bytes(size)))
    kept = []
    while (entry := spool.next()) is not None:
        kept.append(int(entry.id))
        spool.settle(entry)
    assert kept == list(range(spool.lost, len(sizes)))


def test_an_event_larger_than_the_spool_is_lost_and_counted() -> None:
    spool = Spool(MOST)
    spool.put(Entry("1", "s", bytes(MOST)))
    assert (spool.lost, len(spool), spool.size) == (1, 0, 0)


def test_a_minute_of_three_hundred_rooms_fits_into_the_default() -> None:
    pytest.importorskip("nats")
    from serd.bridges.nats import NatsSettings

    envelope = {
        "specversion": "1.0",
        "id": "0123456789ab-frame-1234567",
        "source": "room-0123",
        "type": "serd.v1.frame",
    }
    envelope |= {"time": "2026-01-01T00:00:00.000Z", "datacontenttype": "application/json", "dataschema": "urn:x"}
    body = encode({**envelope, "data": {"session": "0123456789ab", "sequence": 1234567, **wire.frame().data}})
    spool = Spool(NatsSettings().spool_mb * 1_000_000)
    # Beside the frames a status each 5 s, and a segment's start and end each 2 s.
    for number in range(int(60 * 300 * (4 + 0.2 + 1))):
        spool.put(Entry(f"0123456789ab-frame-{number}", "serd.v1.room-0123.frame", bytes(body)))
    assert spool.lost == 0
