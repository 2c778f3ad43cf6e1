"""serd.events.curve: over real sockets, whoever proves an allowed key gets the events, and nobody else."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import zmq

import serd.events.subscriber
from serd.errors import ConfigError, UsageError
from serd.events.keys import Keyring
from serd.events.publisher import Publisher
from serd.events.subscribe import subscribe
from tests.support import wire
from tests.support.wire import PATIENCE

REFUSED_S = 0.4


@pytest.fixture(autouse=True)
def attentive(monkeypatch: pytest.MonkeyPatch) -> None:
    """Readers look after their connection more often than every second."""
    monkeypatch.setattr(serd.events.subscriber, "LOOK_S", 0.1)


def ring(folder: Path) -> Keyring:
    made = Keyring(folder)
    made.new()
    return made


@pytest.fixture
def ours(tmp_path: Path) -> Keyring:
    return ring(tmp_path / "ours")


@pytest.fixture
def theirs(tmp_path: Path) -> Keyring:
    return ring(tmp_path / "theirs")


@pytest.fixture(params=["tcp://0.0.0.0:*", "ipc"])
def guarded(request: pytest.FixtureRequest, ours: Keyring, tmp_path: Path) -> Iterator[Publisher]:
    endpoint = f"ipc://{tmp_path}/events" if request.param == "ipc" else request.param
    publisher = Publisher([endpoint, "inproc://guarded"], "mic", "s1", keyring=ours)
    yield publisher
    publisher.close(0)


def near(publisher: Publisher) -> str:
    return publisher.endpoints[0].replace("0.0.0.0", "127.0.0.1")


def server_key(keyring: Keyring) -> str:
    return keyring.pair("server").public.decode()


def test_an_allowed_key_gets_the_events(guarded: Publisher, ours: Keyring, theirs: Keyring):
    ours.allow("hall", theirs.pair("client").public.decode())
    with subscribe(near(guarded), server_key=server_key(ours), keys=str(theirs.folder)) as reader:
        assert guarded.wait_subscribers(1, PATIENCE)
        sent = guarded.publish(wire.status())
        assert reader.receive(PATIENCE) == sent
        assert not reader.refused


def test_an_unknown_key_is_turned_away_until_it_is_allowed(guarded: Publisher, ours: Keyring, theirs: Keyring, caplog):
    with subscribe(near(guarded), server_key=server_key(ours), keys=str(theirs.folder)) as reader:
        assert not guarded.wait_subscribers(1, REFUSED_S)
        assert reader.receive(0.5) is None
        assert reader.refused
        assert theirs.pair("client").public.decode() in caplog.text, "the line says what to type"
        ours.allow("hall", theirs.pair("client").public.decode())
        sent = guarded.publish(wire.status())
        limit, event = time.monotonic() + PATIENCE, None
        while event is None and time.monotonic() < limit:  # it tries again while it reads, and needs no restart
            guarded.poll()
            event = reader.receive(0.1)
        assert event == sent


def test_a_revoked_key_does_not_come_in_again(guarded: Publisher, ours: Keyring, theirs: Keyring):
    ours.allow("hall", theirs.pair("client").public.decode())
    ours.revoke("hall")
    with subscribe(near(guarded), server_key=server_key(ours), keys=str(theirs.folder)):
        assert not guarded.wait_subscribers(1, REFUSED_S)


def test_a_plain_client_gets_nothing(guarded: Publisher):
    with subscribe(near(guarded)) as reader, zmq.Context() as context, context.socket(zmq.SUB) as raw:
        raw.set(zmq.SUBSCRIBE, b"")
        raw.connect(near(guarded))
        assert not guarded.wait_subscribers(1, REFUSED_S)
        guarded.publish(wire.status())
        assert reader.receive(0.5) is None
        assert reader.refused
        assert not raw.poll(0)


def test_a_server_that_cannot_prove_its_key_is_not_listened_to(ours: Keyring, theirs: Keyring):
    """Somebody else on the address that we meant: with another key, and with none."""
    for keyring in (theirs, None):
        publisher = Publisher(["tcp://127.0.0.1:*"], "mic", "s1", keyring=keyring)
        if keyring is not None:
            keyring.allow("us", ours.pair("client").public.decode())
        with subscribe(publisher.endpoints[0], server_key=server_key(ours), keys=str(ours.folder)):
            assert not publisher.wait_subscribers(1, REFUSED_S)
        publisher.close(0)


def test_a_subscriber_in_this_process_needs_no_key(guarded: Publisher):
    with subscribe("inproc://guarded") as reader:
        assert guarded.wait_subscribers(1, PATIENCE)
        sent = guarded.publish(wire.status())
        assert reader.receive(PATIENCE) == sent


def test_when_the_guard_is_gone_nobody_is_let_in(guarded: Publisher, ours: Keyring):
    assert guarded._authenticator is not None
    guarded._authenticator.close()
    with subscribe(near(guarded), server_key=server_key(ours), keys=str(ours.folder)):
        assert not guarded.wait_subscribers(1, REFUSED_S)


def test_without_keys_only_this_machine_is_published_to():
    for endpoint in ("tcp://0.0.0.0:*", "tcp://*:*", "tcp://[::]:*", "tcp://eth0:*", "tcp://192.0.2.1:5556"):
        with pytest.raises(UsageError, match="serd keys new") as fault:
            Publisher([endpoint], "mic", "s1")
        assert endpoint in str(fault.value)


def test_with_a_key_that_others_may_read_nothing_is_bound(ours: Keyring):
    (ours.folder / "server.key_secret").chmod(0o644)
    before = threading.active_count()
    with pytest.raises(ConfigError, match="chmod 600"):
        Publisher(["tcp://127.0.0.1:*"], "mic", "s1", keyring=ours)
    assert threading.active_count() == before


def test_closing_leaves_no_thread_behind(ours: Keyring):
    before = threading.active_count()
    for _ in range(5):
        Publisher(["tcp://127.0.0.1:*"], "mic", "s1", keyring=ours).close(0)
    limit = time.monotonic() + PATIENCE
    while threading.active_count() > before and time.monotonic() < limit:
        time.sleep(0.01)
    assert threading.active_count() == before
