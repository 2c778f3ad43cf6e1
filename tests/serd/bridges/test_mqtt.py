"""serd/bridges/mqtt.py through the command line, against a real mosquitto, a slow peer and a hostile one."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support import wire
from tests.support.bridging import PATIENCE, ROOT, Process, Room, bridge, serd_at_a_pipe, until
from tests.support.certificates import self_signed
from tests.support.mosquitto import Broker, Listener, free_port, running
from tests.support.relay import Relay


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    yield from running(tmp_path / "broker", "persistence true", f"persistence_location {tmp_path}/broker/")


@pytest.fixture
def listener(broker: Broker) -> Iterator[Listener]:
    with contextlib.closing(Listener(broker.port)) as listener:
        yield listener


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with contextlib.closing(Room(f"ipc://{tmp_path}/events")) as room:
        yield room


def mqtt(room: Room, broker: Broker, folder: Path, *more: str) -> contextlib.AbstractContextManager[Process]:
    return bridge("mqtt", "--endpoint", room.endpoint, "--broker", broker.url, "--client-id", "b", *more, folder=folder)


BRIDGE = "serd/bridge/b/availability"


def segments(listener: Listener) -> list[dict[str, Any]]:
    """All that came, as they were sent."""
    return [json.loads(payload) for payload in listener.all("serd/room1/segment")]


def test_what_is_heard_is_retained_and_what_happens_is_not(
    room: Room, broker: Broker, listener: Listener, tmp_path: Path
) -> None:
    with mqtt(room, broker, tmp_path):
        room.wait()
        room.send(wire.status(), wire.frame(), wire.segment(3), wire.quiet(), wire.segment(3, "change"))
        until(lambda: len(listener.all("serd/room1/segment")) == 2)
        begun, ended = segments(listener)
        assert (begun["event_type"], begun["segment"], begun["confidence"]) == ("happy", "3", 0.7)
        assert (ended["event_type"], ended["emotion"], ended["ended_by"]) == ("ended", "happy", "change")
        states = [json.loads(payload) for payload in listener.all("serd/room1/state")]
        assert [(state["emotion"], state["speech"]) for state in states] == [("happy", "ON"), ("no-speech", "OFF")]
        assert all(value is not None for state in states for value in state.values())
        with contextlib.closing(Listener(broker.port)) as late:
            until(lambda: late.last("serd/room1/state"))
            kept = {topic for topic, _, retained in late.heard if retained}
            assert kept == {
                "serd/room1/state", "serd/room1/status", "serd/room1/availability", "serd/room1/hearing", BRIDGE,
                "serd/bridge/b/health", "homeassistant/device/serd_room1/config",
            }  # fmt: skip


def test_a_state_that_stays_is_not_sent_with_each_frame(
    room: Room, broker: Broker, listener: Listener, tmp_path: Path
) -> None:
    with mqtt(room, broker, tmp_path):
        room.wait()
        room.send(wire.status(), *(wire.frame(k) for k in range(200)), wire.quiet())
        until(lambda: b"no-speech" in (listener.last("serd/room1/state") or b""))
        assert len(listener.all("serd/room1/state")) < 10


def test_home_assistant_is_told_of_a_device_that_it_can_take(
    room: Room, broker: Broker, listener: Listener, tmp_path: Path
) -> None:
    with mqtt(room, broker, tmp_path):
        room.wait()
        room.send(wire.status(), wire.frame())
        config = json.loads(until(lambda: listener.last("homeassistant/device/serd_room1/config")))
        entities = config["cmps"]
        assert {one["p"] for one in entities.values()} == {"sensor", "binary_sensor", "switch", "event"}
        assert set(entities) == {"emotion", "confidence", "speech", "level", "daemon", "microphone", "segment"}
        assert entities["emotion"]["ops"] == ["happy", "sad", "calm", "uncertain", "no-speech"]
        for one in entities.values():
            enum = one.get("dev_cla") == "enum"
            assert enum == ("ops" in one)
            assert not (enum and ("stat_cla" in one or "unit_of_meas" in one))
            assert "json_attr_t" not in one, "each would be a row of the recorder"
        assert len({one["uniq_id"] for one in entities.values()}) == len(entities)
        state = json.loads(until(lambda: listener.last("serd/room1/state")))
        for one in entities.values():
            if one["stat_t"] == "serd/room1/state":
                assert one["val_tpl"].split("value_json.")[1].split(" ")[0].rstrip(")*") in state
        # A model that tells activation adds an entity.
        frame = wire.frame()
        frame = wire.Event("frame", {**frame.data, "activation": {"value": 0.8, "confidence": 0.8}}, frame.arrived)
        room.send(frame)
        until(lambda: b'"activation":{' in (listener.last("homeassistant/device/serd_room1/config") or b""))


def test_discovery_is_told_again_when_home_assistant_starts(
    room: Room, broker: Broker, listener: Listener, tmp_path: Path
) -> None:
    topic = "homeassistant/device/serd_room1/config"
    with mqtt(room, broker, tmp_path):
        room.wait()
        room.send(wire.status())
        until(lambda: listener.last(topic))
        listener.publish("homeassistant/status", "online")
        until(lambda: len(listener.all(topic)) == 2)


def test_without_discovery_nothing_is_said_to_home_assistant(
    room: Room, broker: Broker, listener: Listener, tmp_path: Path
) -> None:
    with mqtt(room, broker, tmp_path, "--discovery", "", "--prefix", "house/voices"):
        room.wait()
        room.send(wire.status(), wire.frame())
        until(lambda: listener.last("house/voices/room1/state"))
        assert not [topic for topic, _, _ in listener.heard if topic.startswith("homeassistant")]


def test_availability_follows_the_daemon_and_the_bridge(
    room: Room, broker: Broker, listener: Listener, tmp_path: Path
) -> None:
    with mqtt(room, broker, tmp_path) as process:
        room.wait()
        room.send(wire.status("listening"))
        until(lambda: listener.last("serd/room1/hearing") == b"online")
        room.send(wire.status("muted"))
        until(lambda: listener.last("serd/room1/hearing") == b"offline")
        assert listener.last("serd/room1/availability") == b"online", "muted it can still be unmuted"
        room.send(wire.status("stopped"))
        until(lambda: listener.last("serd/room1/availability") == b"offline")
        assert listener.last(BRIDGE) == b"online"
        process.end(signal.SIGKILL)  # no time to say so: the broker does
        until(lambda: listener.last(BRIDGE) == b"offline")


def test_several_rooms_through_one_bridge(broker: Broker, listener: Listener, tmp_path: Path) -> None:
    rooms = [Room(f"ipc://{tmp_path}/{name}", name) for name in ("kitchen", "hall")]
    endpoints = [part for room in rooms for part in ("--endpoint", room.endpoint)]
    with bridge("mqtt", *endpoints, "--broker", broker.url, folder=tmp_path):
        for room in rooms:
            room.wait()
            room.send(wire.status(), wire.frame())
        for name in ("kitchen", "hall"):
            until(lambda name=name: listener.last(f"serd/{name}/state"))
            assert listener.last(f"homeassistant/device/serd_{name}/config")
    for room in rooms:
        room.close()


def test_a_broken_connection_under_load_loses_no_segment(
    room: Room, broker: Broker, listener: Listener, tmp_path: Path
) -> None:
    with contextlib.closing(Relay(broker.port)) as relay:
        url = f"mqtt://127.0.0.1:{relay.port}"
        with bridge(
            "mqtt", "--endpoint", room.endpoint, "--broker", url, "--queue", "100000", folder=tmp_path
        ) as process:
            room.wait()
            for k in range(200):
                room.send(wire.frame(k), wire.segment(k), wire.segment(k, "change"))
                if k % 50 == 20:
                    until(lambda made=relay.made: relay.made > made or process.said("open to"))
                    relay.cut()
            wanted = {(str(k), kind) for k in range(200) for kind in ("happy", "ended")}
            until(lambda: wanted == {(event["segment"], event["event_type"]) for event in segments(listener)})
            assert relay.made > 1
            assert not process.said("dropped")


def test_a_broker_that_is_killed_under_load_gets_all_that_was_sent_while_it_was_away(
    room: Room, broker: Broker, listener: Listener, tmp_path: Path
) -> None:
    """What it had acknowledged and not handed on is its own loss, of which nobody else can know."""
    with mqtt(room, broker, tmp_path, "--queue", "100000") as process:
        room.wait()
        room.send(wire.status())
        for k in range(3):
            room.send(*(wire.segment(2000 * k + n) for n in range(500)))
            until(lambda n=2000 * k: any(int(event["segment"]) >= n for event in segments(listener)))
            broker.kill()
            away = range(2000 * k + 1000, 2000 * k + 1200)
            room.send(*(wire.segment(n) for n in away))
            until(lambda: process.said("trying again"))
            process.process.send_signal(signal.SIGSTOP)  # the listener first: what it misses nobody would tell
            broker.start()
            until(lambda k=k: listener.subscribed() == k + 2)
            process.process.send_signal(signal.SIGCONT)
            until(lambda away=away: {*map(str, away)} <= {event["segment"] for event in segments(listener)})
        assert process.end() == 0
        assert not process.said("dropped")


def test_old_segments_set_nothing_off(room: Room, broker: Broker, listener: Listener, tmp_path: Path) -> None:
    """The publisher repeats its last segment for whoever comes late."""
    room.send(wire.segment(1), wire.segment(1, "change"))
    time.sleep(1.2)
    room.send(wire.status())
    with mqtt(room, broker, tmp_path):
        room.wait()
        room.send(wire.segment(2))
        until(lambda: listener.all("serd/room1/segment"))
        assert [event["segment"] for event in segments(listener)] == ["2"]


def test_the_switch_mutes_and_does_not_unmute_unless_it_may(
    broker: Broker, listener: Listener, tmp_path: Path, serd: str
) -> None:
    """A real serd, which hears a pipe; its control socket is found in the runtime directory."""
    endpoint = f"ipc://{tmp_path}/events"
    with (
        serd_at_a_pipe(serd, endpoint, tmp_path),
        bridge("mqtt", "--endpoint", endpoint, "--broker", broker.url, folder=tmp_path) as process,
    ):

        def state() -> str | None:
            found: str | None = json.loads(listener.last("serd/room1/status") or b"{}").get("state")
            return found

        until(lambda: state() == "listening")
        listener.publish("serd/room1/microphone/set", "OFF")
        until(lambda: state() == "muted")
        listener.publish("serd/room1/microphone/set", "ON")
        until(lambda: process.said("--allow-unmute"))
        listener.publish("serd/nobody/microphone/set", "OFF")
        listener.publish("serd/room1/microphone/set", "x" * 100_000)
        until(lambda: process.said("was left out"))
        assert state() == "muted"


def test_what_was_retained_is_no_command(broker: Broker, listener: Listener, tmp_path: Path, serd: str) -> None:
    listener.publish("serd/room1/microphone/set", "OFF", retain=True)
    endpoint = f"ipc://{tmp_path}/events"
    with (
        serd_at_a_pipe(serd, endpoint, tmp_path),
        bridge("mqtt", "--endpoint", endpoint, "--broker", broker.url, "--allow-unmute", folder=tmp_path),
    ):

        def state() -> str | None:
            found: str | None = json.loads(listener.last("serd/room1/status") or b"{}").get("state")
            return found

        until(lambda: state() == "listening")
        for wish, becomes in (("OFF", "muted"), ("ON", "listening")):
            listener.publish("serd/room1/microphone/set", wish)
            until(lambda becomes=becomes: state() == becomes)
        states = [json.loads(payload)["state"] for payload in listener.all("serd/room1/status")]
        assert states.count("muted") < len(states)
        first = states.index("muted")
        assert "listening" in states[:first], "the retained wish did not mute it at the start"


def test_another_accounts_serd_is_muted_over_its_control_endpoint_with_a_key(
    broker: Broker, listener: Listener, tmp_path: Path, serd: str
) -> None:
    """As the system unit's bridge has to: the daemon's runtime directory is closed to it."""
    port, endpoint = free_port(), f"ipc://{tmp_path}/events"
    keys = {name: str(tmp_path / name) for name in ("server", "reader")}
    for folder in keys.values():
        subprocess.run([serd, "keys", "--keys", folder, "new"], check=True, capture_output=True)
    subprocess.run(
        [serd, "keys", "--keys", keys["server"], "allow", "bridge", f"{keys['reader']}/client.key"], check=True
    )
    control = f"tcp://127.0.0.1:{port}"
    arguments = ["--control", control, "--keys", keys["server"]]
    with serd_at_a_pipe(serd, endpoint, tmp_path / "own", *arguments), bridge(
        "mqtt", "--endpoint", endpoint, "--broker", broker.url, "--control", control,
        "--control-key", f"{keys['server']}/server.key", "--keys", keys["reader"], folder=tmp_path / "elsewhere",
    ):  # fmt: skip
        until(lambda: b"listening" in (listener.last("serd/room1/status") or b""))
        listener.publish("serd/room1/microphone/set", "OFF")
        until(lambda: b"muted" in (listener.last("serd/room1/status") or b""))


# Credentials, TLS, and brokers that refuse, do not answer or send rubbish.


def test_a_wrong_password_is_one_line_and_exit_78_and_the_right_one_is_taken(room: Room, tmp_path: Path) -> None:
    folder = tmp_path / "broker"
    folder.mkdir()
    subprocess.run(["mosquitto_passwd", "-c", "-b", str(folder / "passwords"), "serd", "secret"], check=True)
    for broker in running(folder, f"password_file {folder}/passwords", anonymous=False):
        password = tmp_path / "password"
        for text, mode in (("secret", 0o644), ("wrong", 0o600)):
            password.write_text(text + "\n")
            password.chmod(mode)
            command = [
                sys.executable, "-m", "serd", "bridge", "mqtt", "--endpoint", room.endpoint, "--broker", broker.url,
                "--username", "serd", "--password-file", str(password),
            ]  # fmt: skip
            done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, cwd=ROOT, check=False)
            assert done.returncode == 78, done.stderr
            assert done.stderr.count("\n") == 1
            assert ("0644; chmod 600" if mode == 0o644 else "turns us away") in done.stderr
        password.write_text("secret\n")
        with bridge(*command[4:], folder=tmp_path) as process:
            until(lambda: process.said("open to"))
        password.unlink()
        credentials = tmp_path / "credentials"
        credentials.mkdir()
        (credentials / "mqtt_password").write_text("secret\n")
        (credentials / "mqtt_password").chmod(0o440)
        with bridge(*command[4:-2], folder=tmp_path, CREDENTIALS_DIRECTORY=str(credentials)) as process:
            until(lambda: process.said("open to"))


def test_tls_is_spoken_with_whom_the_given_authority_vouches_for(room: Room, tmp_path: Path) -> None:
    folder = tmp_path / "broker"
    folder.mkdir()
    for name in ("ours", "another"):
        self_signed(folder, name)
    for broker in running(folder, f"certfile {folder}/ours.pem", f"keyfile {folder}/ours.key"):
        url = broker.url.replace("mqtt:", "mqtts:")
        arguments = ["mqtt", "--endpoint", room.endpoint, "--broker", url, "--ca"]
        with bridge(*arguments, folder / "ours.pem", folder=tmp_path) as process:
            until(lambda: process.said("open to"))
        for ca, fault in ((folder / "another.pem", "is not trusted"), (folder / "none.pem", "cannot be used")):
            command = [sys.executable, "-m", "serd", "bridge", *arguments, str(ca)]
            done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, cwd=ROOT, check=False)
            assert done.returncode == 78
            assert fault in done.stderr
            assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "answer", [b"", b"\x20\x02\x00\x03", b"\xff" * 64, os.urandom(4096), b"\x20\xff\xff\xff\x7f", b"\x30\x80\x80\x80"]
)
def test_a_hostile_broker_does_not_kill_the_bridge(room: Room, tmp_path: Path, answer: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        stopped = threading.Event()
        met = threading.Semaphore(0)

        def serve() -> None:
            server.settimeout(0.2)
            while not stopped.is_set():
                with contextlib.suppress(OSError):
                    peer, _ = server.accept()
                    with peer, contextlib.suppress(OSError):
                        peer.settimeout(1)
                        peer.recv(1000)
                        peer.sendall(b"\x20\x02\x00\x00" + answer)  # it accepts, then
                        met.release()
                        peer.recv(1000)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        url = f"mqtt://127.0.0.1:{server.getsockname()[1]}"
        with bridge("mqtt", "--endpoint", room.endpoint, "--broker", url, folder=tmp_path) as process:
            for _ in range(2):
                assert met.acquire(timeout=PATIENCE)
            room.send(wire.status(), wire.frame())
            until(lambda: process.said("trying again"))
            assert process.end() == 0
        stopped.set()
        thread.join()
