"""serd/bridges/nats.py through the command line, against a real nats-server that is killed, refuses, or has leaves."""

from __future__ import annotations

import contextlib
import json
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from nats.aio.client import Client
from nats.js.errors import NotFoundError

from serd.errors import brings
from tests.support import wire
from tests.support.bridging import PATIENCE, ROOT, Process, Room, bridge, until
from tests.support.certificates import self_signed
from tests.support.mosquitto import free_port
from tests.support.natsserver import NatsServer, running
from tests.support.relay import Relay

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[NatsServer]:
    yield from running(tmp_path / "server")


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with contextlib.closing(Room(f"ipc://{tmp_path}/events")) as room:
        yield room


def nats(room: Room, url: str, folder: Path, *more: str) -> contextlib.AbstractContextManager[Process]:
    return bridge(
        "nats", "--endpoint", room.endpoint, "--server", url, "--queue", "100000", "--client-id", "b", *more,
        folder=folder,
    )  # fmt: skip


@contextlib.contextmanager
def tail(url: str, *more: str) -> Iterator[Process]:
    """`serd tail URL`, killed in the end."""
    process = Process([sys.executable, "-m", "serd", "tail", url, *more], cwd=ROOT)
    try:
        yield process
    finally:
        process.process.kill()
        process.process.wait()


def printed(process: Process) -> list[int]:
    """The sequence numbers that were printed so far."""
    return [json.loads(line)["data"]["sequence"] for line in list(process.lines.queue)]


def numbers(server: NatsServer) -> list[int]:
    """The sequence numbers of the frames in the stream."""
    try:
        return [event["data"]["sequence"] for event in server.stored() if event["type"].endswith("frame")]
    except NotFoundError:
        return []


def count(server: NatsServer, stream: str = "serd") -> int:
    """How much is in the stream; nothing, as long as there is none."""

    async def asked(client: Client) -> int:
        return int((await client.jetstream().stream_info(stream)).state.messages)

    try:
        return server.ask(asked)
    except NotFoundError:
        return 0


def paced(room: Room, first: int, many: int) -> None:
    """Frames, no faster than ZeroMQ's queues take them."""
    for k in range(first, first + many):
        room.send(wire.frame(k))
        if k % 20 == 0:
            time.sleep(0.01)


def told(process: Process) -> tuple[int, int, int]:
    """Events stored, lost and not confirmed, as the bridge counts them in the end."""
    last = re.search(r"(\d+) stored, (\d+) lost, (\d+) not confirmed", "".join(process.errors))
    assert last, process.errors
    return int(last[1]), int(last[2]), int(last[3])


def test_every_event_is_stored_under_its_subject_with_its_id(room: Room, server: NatsServer, tmp_path: Path) -> None:
    with nats(room, server.url, tmp_path) as process:
        room.wait()
        room.send(wire.status(), wire.frame(), wire.segment(), wire.frame(1))
        until(lambda: process.said("open to") and count(server) == 4)
        messages = server.messages()
        assert [subject for subject, _, _ in messages] == [
            f"serd.v1.room1.{kind}" for kind in ("status", "frame", "segment", "frame")
        ]
        for _, body, headers in messages:
            envelope = wire.valid(json.loads(body))
            assert headers["Nats-Msg-Id"] == envelope["id"]
            assert headers["content-type"] == "application/cloudevents+json"
        assert process.memory_mb() < 45
        assert process.end() == 0
        assert told(process) == (4, 0, 0)


def test_a_server_killed_twice_under_load_loses_nothing_and_stores_nothing_twice(
    room: Room, server: NatsServer, tmp_path: Path
) -> None:
    with nats(room, server.url, tmp_path) as process:
        room.wait()
        load = threading.Thread(target=paced, args=(room, 0, 6000))
        load.start()
        for k in (1, 2):
            until(lambda k=k: numbers(server)[-1:] > [1000 * k])
            server.kill()
            until(lambda k=k: sum("spool" in line for line in list(process.errors)) >= k)
            time.sleep(0.5)
            server.start()
        load.join()
        until(lambda: count(server) >= 6000)
        assert numbers(server) == list(range(6000))
        assert process.end() == 0
        stored, lost, waiting = told(process)
        assert (stored, lost, waiting) == (6000, 0, 0)
        assert not process.said("on the way")


def test_beyond_the_spool_the_count_of_the_lost_is_exact(room: Room, server: NatsServer, tmp_path: Path) -> None:
    with nats(room, server.url, tmp_path, "--spool-mb", "1") as process:
        room.wait()
        paced(room, 0, 100)
        until(lambda: count(server) == 100)
        server.kill()
        until(lambda: process.said("spool"))
        paced(room, 100, 3000)
        until(lambda: process.said("events lost so far"))
        server.start()
        until(lambda: process.said("is there"))
        paced(room, 3100, 10)
        until(lambda: numbers(server)[-1:] == [3109])
        assert process.end() == 0
        stored, lost, waiting = told(process)
        found = numbers(server)
        assert stored == len(found) == len(set(found))
        assert lost == 3110 - len(found) > 1000
        assert waiting == 0
        assert found[:100] == list(range(100))
        assert found == sorted(found)
        assert found[100] > 1100, "of what never was sent the oldest went"


def test_a_server_that_comes_late_gets_what_was_numbered_before(room: Room, tmp_path: Path) -> None:
    server = NatsServer(tmp_path / "server")
    with nats(room, server.url, tmp_path) as process:
        room.wait()
        paced(room, 0, 200)
        until(lambda: process.said("cannot be reached (Connection refused); what comes is kept"))
        server.start()
        until(lambda: process.said("is there") and count(server) == 200)
        assert numbers(server) == list(range(200))
        process.end()
    server.kill()


def test_at_the_end_what_a_dead_server_did_not_get_is_counted(room: Room, tmp_path: Path) -> None:
    server = NatsServer(tmp_path / "server")
    with nats(room, server.url, tmp_path) as process:
        room.wait()
        paced(room, 0, 50)
        until(lambda: process.said("kept in the spool"))
        time.sleep(0.5)
        assert process.end() == 0
        assert told(process) == (0, 0, 50)


def test_a_network_that_breaks_in_mid_stream_loses_and_doubles_nothing(
    room: Room, server: NatsServer, tmp_path: Path
) -> None:
    with contextlib.closing(Relay(server.port)) as relay:
        with nats(room, f"nats://127.0.0.1:{relay.port}", tmp_path) as process:
            room.wait()
            for k in range(10):
                paced(room, 300 * k, 300)
                until(lambda made=relay.made: relay.made > made or not made or count(server))
                relay.cut()
            until(lambda: count(server) >= 3000)
            assert numbers(server) == list(range(3000))
            assert relay.made > 3
            process.end()
        assert told(process)[1:] == (0, 0)


def test_the_bridges_counts_can_be_heard(room: Room, server: NatsServer, tmp_path: Path) -> None:
    async def heard(client: Client) -> bytes:
        messages = await client.subscribe("serd.bridge.b.health")
        return bytes((await messages.next_msg(PATIENCE)).data)

    with nats(room, server.url, tmp_path) as process:
        until(lambda: process.said("open to"))
        names = {"taken", "stored", "spooled", "spool_bytes", "lost", "dropped", "missed"}
        assert set(json.loads(server.ask(heard))) == names


# Servers that refuse, answer nothing, or hold something else.


def test_a_wrong_password_is_one_line_and_exit_78_and_the_right_one_is_taken(
    room: Room, tmp_path: Path, run: Run
) -> None:
    secret = tmp_path / "secret"
    for server in running(tmp_path / "server", 'authorization { user: "room", password: "geheim" }'):
        for password, code in (("falsch", 78), ("geheim", 0)):
            secret.write_text(password + "\n")
            secret.chmod(0o600)
            login = ("--username", "room", "--password-file", str(secret))
            with nats(room, server.url, tmp_path, *login) as process:
                if code:
                    process.is_asked_to_end = True
                    assert process.process.wait(PATIENCE) == code
                    until(lambda process=process: process.errors)
                    assert process.errors == [
                        f"serd: server {server.url}: turns us away; give --username NAME and --password-file FILE\n"
                    ]
                    continue
                until(lambda process=process: process.said("open to"))
                with tail(server.url, *login, "--durable", "d", "-n", "1") as reader:
                    until(lambda reader=reader: room.send(wire.frame()) or printed(reader))
        done = run("tail", server.url)
        assert done.returncode == 78
        assert "turns us away" in done.stderr


def test_tls_is_spoken_with_whom_the_authority_vouches_for_and_by_whom_the_server_knows(
    room: Room, tmp_path: Path, run: Run
) -> None:
    for name in ("server", "client", "another"):
        self_signed(tmp_path, name)
    files = {"cert_file": "server.pem", "key_file": "server.key", "ca_file": "client.pem"}
    known = ", ".join(f'{what}: "{tmp_path}/{file}"' for what, file in files.items())
    server = NatsServer(tmp_path / "server", f"tls {{ {known}, verify: true }}")
    server.start()
    url = server.url.replace("nats:", "tls:")

    def trusting(ca: str, own: str) -> list[str]:
        certificate = ["--certificate", f"{tmp_path}/{own}.pem", "--certificate-key", f"{tmp_path}/{own}.key"]
        return ["--ca", f"{tmp_path}/{ca}.pem", *certificate]

    with nats(room, url, tmp_path, *trusting("server", "client")) as process:
        room.wait()
        room.send(wire.status(), wire.frame(), wire.segment())
        until(lambda: process.said("open to"))
        assert process.end() == 0
        assert told(process) == (3, 0, 0)
    for ca, fault in (("another", "is not trusted"), ("none", "cannot be used")):
        done = run("bridge", "nats", "--endpoint", room.endpoint, "--server", url, *trusting(ca, "client"))
        assert (done.returncode, done.stderr.count("\n")) == (78, 1), done.stderr
        assert fault in done.stderr
    with nats(room, url, tmp_path, *trusting("server", "another")) as process:
        until(lambda: process.said(f"server {url}: cannot be reached"))
    server.kill()


@pytest.mark.parametrize("name", ["serd", "other"])
def test_a_stream_that_is_anothers_is_left_alone(room: Room, server: NatsServer, tmp_path: Path, name: str) -> None:
    """Of our name with other subjects, or with our subjects under another name."""
    subjects = ["weather.>"] if name == "serd" else ["serd.v1.kitchen.frame"]

    async def make(client: Client) -> None:
        await client.jetstream().add_stream(name=name, subjects=subjects)

    server.ask(make)
    with nats(room, server.url, tmp_path) as process:
        process.is_asked_to_end = True
        assert process.process.wait(PATIENCE) == 78
        until(lambda: process.errors)
        assert len(process.errors) == 1
        assert process.errors[0].startswith("serd: stream serd: ")
        assert "--stream" in process.errors[0]


def test_a_server_without_jetstream_is_told_and_waited_for(room: Room, tmp_path: Path) -> None:
    server = NatsServer(tmp_path / "server", jetstream=False)
    server.start()
    with nats(room, server.url, tmp_path) as process:
        until(lambda: process.said("start nats-server with --jetstream"))
        process.end()
    server.kill()


@pytest.mark.parametrize("greeting", [b"", b"HTTP/1.0 400 Bad Request\r\n\r\n", b"INFO {]\r\n", b"\xff" * 4096])
def test_a_server_that_is_none_is_survived(room: Room, tmp_path: Path, greeting: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as hostile:

        def greet() -> None:
            with contextlib.suppress(OSError):
                while True:
                    peer, _ = hostile.accept()
                    peer.sendall(greeting)

        threading.Thread(target=greet, daemon=True).start()
        with nats(room, f"nats://127.0.0.1:{hostile.getsockname()[1]}", tmp_path) as process:
            until(lambda: process.said("kept in the spool"))
            paced(room, 0, 10)
            assert process.end() == 0
            assert not process.said("Traceback"), process.errors


def test_a_stream_that_is_deleted_under_load_is_made_again(room: Room, server: NatsServer, tmp_path: Path) -> None:
    async def delete(client: Client) -> None:
        await client.jetstream().delete_stream("serd")

    with nats(room, server.url, tmp_path):
        room.wait()
        paced(room, 0, 100)
        until(lambda: count(server) == 100)
        server.ask(delete)
        paced(room, 100, 100)
        until(lambda: numbers(server) == list(range(100, 200)))


# What is kept, and what is deleted.


def test_events_are_kept_for_a_day_unless_another_age_is_given(room: Room, server: NatsServer, tmp_path: Path) -> None:
    async def age(client: Client) -> float:
        return float((await client.jetstream().stream_info("serd")).config.max_age or 0)

    for more, expected in (((), 86400), (("--max-age-h", "1.5"), 5400), ((), 5400), (("--max-age-h", "0.01"), 36)):
        with nats(room, server.url, tmp_path, *more) as process:
            until(lambda process=process: process.said("open to"))
            assert server.ask(age) == expected
            process.end()


def test_a_source_is_purged_and_no_other(server: NatsServer, tmp_path: Path, run: Run) -> None:
    rooms = [Room(f"ipc://{tmp_path}/{name}", name) for name in ("kitchen", "kitchen2")]
    endpoints = [part for room in rooms for part in ("--endpoint", room.endpoint)]
    with bridge("nats", *endpoints, "--server", server.url, folder=tmp_path) as process:
        for room in rooms:
            room.wait()
            room.send(wire.status(), wire.segment(), *(wire.frame(k) for k in range(20)))
        until(lambda: process.said("open to") and count(server) == 44)
        process.end()
    purge = ("bridge", "nats", "--server", server.url, "--purge")
    done = run(*purge, "kitchen")
    assert done.stdout == f"purged 22 events of kitchen from stream serd at {server.url}\n", done.stderr
    assert {event["source"] for event in server.stored()} == {"kitchen2"}
    assert run(*purge, "kitchen").stdout.startswith("purged 0 events")
    assert run(*purge, "kit.>").returncode == 2
    assert run(*purge, "kitchen", "--stream", "none").returncode == 78
    server.kill()
    gone = run(*purge, "kitchen")
    assert gone.returncode == 2
    assert "cannot be reached" in gone.stderr
    assert gone.stderr.count("\n") == 1
    for room in rooms:
        room.close()


# Readers.


def test_tail_reads_on_over_an_outage_each_event_once(room: Room, server: NatsServer, tmp_path: Path) -> None:
    with nats(room, server.url, tmp_path) as process:
        until(lambda: process.said("open to"))
        room.wait()
        with tail(server.url, "--kind", "frame") as reader:
            until(lambda: consumers(server))
            paced(room, 0, 500)
            server.kill()
            paced(room, 500, 100)
            server.start()
            paced(room, 600, 100)
            until(lambda: len(printed(reader)) >= 700)
            assert printed(reader) == list(range(700))
            assert reader.end() == 0
            assert not reader.said("lost on the way"), reader.errors


def consumers(server: NatsServer) -> int:
    async def asked(client: Client) -> int:
        return int((await client.jetstream().stream_info("serd")).state.consumer_count)

    return server.ask(asked)


def test_a_durable_reader_goes_on_where_it_ended(room: Room, server: NatsServer, tmp_path: Path) -> None:
    with nats(room, server.url, tmp_path) as process:
        room.wait()
        paced(room, 0, 300)
        until(lambda: process.said("open to") and count(server) == 300)
        found = []
        for many in (1, 99, 150):
            with tail(server.url, "--durable", "archive", "-n", str(many)) as reader:
                assert reader.process.wait(PATIENCE) == 0
                until(lambda reader=reader, many=many: len(printed(reader)) == many)
                found += printed(reader)
        with tail(server.url, "--durable", "archive") as reader:
            until(lambda: len(printed(reader)) == 50)
            found += printed(reader)
            with tail(server.url, "--durable", "archive") as second:
                assert second.process.wait(PATIENCE) == 2
                until(lambda: second.said("durable archive: cannot be read now"))
            with tail(server.url, "--durable", "archive2", "--source", "room1", "-n", "1") as other:
                assert other.process.wait(PATIENCE) == 0
            reader.end()
        assert found == list(range(300))
        with tail(server.url, "--durable", "archive", "--source", "hall") as reader:
            assert reader.process.wait(PATIENCE) == 2
            until(lambda: reader.said("give another name"))


async def impatient(client: Client) -> None:
    """Let the server wait 2 s for a reader's acknowledgements, not its 30."""
    js = client.jetstream()
    config = (await js.consumer_info("serd", "archive")).config
    await js.add_consumer("serd", replace(config, ack_wait=2))


def test_a_durable_reader_that_is_killed_misses_nothing(room: Room, server: NatsServer, tmp_path: Path) -> None:
    with nats(room, server.url, tmp_path) as process:
        room.wait()
        paced(room, 0, 200)
        until(lambda: process.said("open to") and count(server) == 200)
        with tail(server.url, "--durable", "archive") as reader:
            until(lambda: len(printed(reader)) > 10)
            server.ask(impatient)
            reader.end(signal.SIGKILL)
            found = printed(reader)
        with tail(server.url, "--durable", "archive") as reader:
            # What came ahead of the killed one's acknowledgements comes again once the server has waited for them.
            until(lambda: {*found, *printed(reader)} == set(range(200)), 90)


def test_a_reader_of_nothing_is_one_line(server: NatsServer, tmp_path: Path, run: Run) -> None:
    for address, words, code in (
        (server.url, "`serd bridge nats` makes it", 2),
        (f"nats://127.0.0.1:{free_port()}", "cannot be reached (Connection refused); start it", 2),
        ("nats://127.0.0.1:0", "there is no such port", 78),
        ("nats://127.0.0.1:4222/a.b", "no name of a stream", 2),
        ("nats://user@host", "not a server", 78),
    ):
        done = run("tail", address, "--timeout", "1")
        assert (done.returncode, done.stderr.count("\n")) == (code, 1), done.stderr
        assert words in done.stderr
    assert "belongs to nats://" in run("tail", "--durable", "x").stderr
    (tmp_path / "sitecustomize.py").write_text("import sys; sys.modules['nats'] = None\n")
    done = run("tail", server.url, env={"PYTHONPATH": str(tmp_path)})
    assert done.returncode == 78
    assert done.stderr.endswith(f"is not installed; {brings('nats')}\n")


def test_messages_that_are_no_events_are_left_out_and_counted(server: NatsServer, tmp_path: Path, room: Room) -> None:
    async def send(client: Client) -> None:
        for body in (
            b"",
            b"{",
            b"[]",
            b"null",
            b'{"data":{}}',
            b"[" * 100_000,
            b"\xff",
            b'{"data":{"sequence":1e999}}',
        ):
            await client.jetstream().publish("serd.v1.room1.frame", body)
        await client.jetstream().publish("serd.v1.room1.frame.more", b"{}")

    with nats(room, server.url, tmp_path) as process:
        until(lambda: process.said("open to"))
        room.wait()
        server.ask(send)
        room.send(wire.frame(7))
        until(lambda: count(server) == 10)
        with tail(server.url, "--durable", "d", "-n", "1") as reader:
            assert reader.process.wait(PATIENCE) == 0
            until(lambda: reader.said("9 messages were not events"))
            assert printed(reader) == [0]


def test_watch_shows_a_stream(room: Room, server: NatsServer, tmp_path: Path) -> None:
    from tests.support.terminal import Terminal

    with nats(room, server.url, tmp_path) as process:
        until(lambda: process.said("open to"))
        room.wait()
        over = threading.Event()

        def feed() -> None:
            while not over.wait(0.1):
                room.send(wire.status(), wire.frame())

        thread = threading.Thread(target=feed)
        thread.start()
        try:
            terminal = Terminal(sys.executable, "-m", "serd", "watch", server.url, "--source", "room1")
            terminal.wait_for(lambda screen: "Küche" in screen and "happy" in screen)
            terminal.type(b"q")
            assert terminal.process.wait(PATIENCE) == 0
        finally:
            over.set()
            thread.join()


def test_rooms_reach_a_hub_by_a_leaf_node_and_over_its_outage(room: Room, tmp_path: Path, run: Run) -> None:
    """As docs/nats.md has it: the room's server has no JetStream, and stores nothing."""
    gate = free_port()
    hub = NatsServer(tmp_path / "hub", f'leafnodes {{ listen: "127.0.0.1:{gate}" }}', domain="hub")
    leaf = NatsServer(
        tmp_path / "leaf",
        f'leafnodes {{ reconnect: 1, remotes: [ {{ url: "nats-leaf://127.0.0.1:{gate}" }} ] }}',
        jetstream=False,
    )
    hub.start()
    leaf.start()
    with nats(room, leaf.url, tmp_path, "--domain", "hub") as process:
        room.wait()
        paced(room, 0, 300)
        until(lambda: numbers(hub) == list(range(300)))
        hub.kill()
        paced(room, 300, 300)
        until(lambda: process.said("its hub is away") or process.said("confirms nothing"))
        hub.start()
        until(lambda: count(hub) >= 600, 60)
        assert numbers(hub) == list(range(600))
        with tail(leaf.url, "--domain", "hub", "--durable", "ward", "-n", "600") as reader:
            assert reader.process.wait(PATIENCE) == 0
            until(lambda: printed(reader) == list(range(600)))
        purge = ("bridge", "nats", "--server", leaf.url, "--domain", "hub", "--purge", "room1")
        assert run(*purge).stdout.startswith("purged 600 events of room1")
        process.end()
        assert told(process)[1:] == (0, 0)
    assert not (tmp_path / "leaf" / "store").exists()
    leaf.kill()
    hub.kill()


def test_the_module_of_this_name_hides_not_the_library() -> None:
    code = "import serd.bridges.nats, nats; print(nats.__file__ != serd.bridges.nats.__file__, nats.connect.__name__)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout == "True connect\n"
