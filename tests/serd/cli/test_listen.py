"""serd.cli.listen: the whole path as a user runs it, from a real sound server to a subscriber elsewhere."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from jsonschema import Draft202012Validator

from serd.events.event import schema
from tests.support.soundserver import SoundServer
from tests.support.speech import DEMO, ravdess, read, write_joined
from tests.support.terminal import Terminal

VOLATILE = ("id", "time")
VOLATILE_DATA = ("latency_ms", "realtime_ratio", "cpu", "uptime_s")


class Running:
    """A `serd` of the test, and a `serd tail` in another process that follows it."""

    def __init__(self, serd: str, folder: Path, *arguments: str, env: dict[str, str] | None = None) -> None:
        self.endpoint = f"ipc://{folder}/events"
        self._lines = folder / "events.jsonl"
        environment = {**(env or os.environ), "XDG_CONFIG_HOME": str(folder)}
        with self._lines.open("wb") as lines:
            self._tail = subprocess.Popen([serd, "tail", self.endpoint], stdout=lines, env=environment)
        self.process = subprocess.Popen(
            [serd, "--publish", self.endpoint, "--wait-subscribers", "1", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=(folder / "stderr").open("wb"),
            env=environment,
        )

    def events(self, kind: str = "") -> list[dict]:
        """What the subscriber has received so far."""
        lines = self._lines.read_bytes().split(b"\n")[:-1]
        return [event for event in map(json.loads, lines) if event["type"].endswith(kind)]

    def until(self, done, seconds: float = 20) -> None:
        """Wait until `done(events)`; a test that waits in vain fails with the last of them."""
        limit = time.monotonic() + seconds
        while not done(self.events()):
            assert time.monotonic() < limit, self.events()[-3:]
            time.sleep(0.05)

    def state(self, name: str, seconds: float = 20) -> None:
        self.until(
            lambda events: any(e["data"]["state"] == name for e in events if e["type"].endswith("status")), seconds
        )

    def end(self, number: int | None = signal.SIGTERM) -> int:
        """Ask serd to end, or let it; the exit code, after the subscriber has heard that it ended."""
        if number is not None:
            self.process.send_signal(number)
        code = self.process.wait(30)
        if code == 0:
            self.state("stopped", 3)
        return code

    def close(self) -> None:
        for process in (self.process, self._tail):
            process.kill()
            process.wait()


@contextlib.contextmanager
def running(serd: str, folder: Path, *arguments: str | Path, env: dict[str, str] | None = None) -> Iterator[Running]:
    folder.mkdir(exist_ok=True)
    made = Running(serd, folder, *map(str, arguments), env=env)
    try:
        yield made
    finally:
        made.close()


def replay(serd: str, folder: Path, path: Path, *arguments: str) -> list[dict]:
    """All events of `serd --input PATH --fast`."""
    with running(serd, folder, "--input", path, "--fast", "--session", "replay", *arguments) as made:
        assert made.end(None) == 0
        return made.events()


def steady(event: dict) -> dict:
    """An event without what may differ from run to run."""
    data = {key: value for key, value in event["data"].items() if key not in VOLATILE_DATA}
    return {**{key: value for key, value in event.items() if key not in VOLATILE}, "data": data}


def segments(events: list[dict]) -> list[dict]:
    return [event["data"] for event in events if event["type"].endswith("segment")]


@pytest.fixture(scope="module")
def joined(corpora: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four real clips of acted emotion with pauses, 22 s."""
    clips = [ravdess(corpora, *who, intensity=2) for who in ((4, "angry"), (5, "happy"), (16, "sad"), (9, "fearful"))]
    return write_joined(tmp_path_factory.mktemp("joined") / "joined.wav", clips)


def test_a_replay_publishes_everything_numbered_and_valid(serd: str, tmp_path: Path, joined: Path):
    events = replay(serd, tmp_path / "a", joined)
    check = Draft202012Validator(schema())
    for event in events:
        check.validate(event)
    for kind in ("frame", "segment", "status"):
        numbers = [event["data"]["sequence"] for event in events if event["type"].endswith(kind)]
        assert numbers == list(range(len(numbers)))
    frames = [event for event in events if event["type"].endswith("frame")]
    assert len(frames) == -(-(len(read(joined)) - 262) // 4000)
    assert {event["data"]["state"] for event in frames} >= {"no-speech", "emotion"}
    found = segments(events)
    assert [s["phase"] for s in found] == ["start", "end"] * (len(found) // 2)


def test_two_replays_are_the_same_but_for_ids_and_times(serd: str, tmp_path: Path, joined: Path):
    first, second = (replay(serd, tmp_path / name, joined) for name in "ab")
    # A status tells of the daemon, and its heartbeat of the time that has passed: the audio's events are the others.
    heard = [[steady(event) for event in events if not event["type"].endswith("status")] for events in (first, second)]
    assert len(heard[0]) > 80
    assert heard[0] == heard[1]
    assert not {event["id"] for event in first} & {event["id"] for event in second}


@pytest.fixture(scope="module")
def pair(corpora: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two of them, for what is played in real time."""
    clips = [ravdess(corpora, *who, intensity=2) for who in ((4, "angry"), (5, "happy"))]
    return write_joined(tmp_path_factory.mktemp("pair") / "pair.wav", clips)


def _play_and_compare(serd: str, tmp_path: Path, joined: Path, sound_server: SoundServer) -> None:
    """Captured by PortAudio against `--input --fast` of the same file, aligned by the input level."""
    with running(serd, tmp_path / "live", env=sound_server.env) as made:
        made.state("listening")
        sound_server.play(joined).wait()
        time.sleep(1.0)
        assert made.end() == 0
        live = made.events()
    frames = [event["data"] for event in live if event["type"].endswith("frame")]
    assert not any(frame["gap"] or frame["quality"]["overflows"] for frame in frames)
    samples = read(joined)
    offset = _offset(samples, [frame["quality"]["level"] for frame in frames])
    padded = tmp_path / "padded.wav"
    _write_padded(padded, samples, offset)
    replayed = replay(serd, tmp_path / "replayed", padded)
    expected = [event["data"] for event in replayed if event["type"].endswith("frame")]
    pairs = list(zip(frames, expected, strict=False))
    assert len(pairs) >= len(samples) // 4000
    equal = sum(a["state"] == b["state"] and a["label"] == b["label"] for a, b in pairs)
    assert equal >= 0.95 * len(pairs)
    heard, known = segments(live), segments(replayed)
    assert [(s["phase"], s["label"]) for s in heard] == [(s["phase"], s["label"]) for s in known]
    assert known
    for a, b in zip(heard, known, strict=True):
        assert a["window"]["start_s"] == pytest.approx(b["window"]["start_s"], abs=0.5)
        assert a["window"]["end_s"] == pytest.approx(b["window"]["end_s"], abs=0.5)


def test_speech_played_into_a_sound_server_comes_out_as_in_a_replay(
    serd: str, tmp_path: Path, pair: Path, sound_server: SoundServer
):
    """A sound server without a card can falter where the machine is busy with others: it may play twice."""
    for attempt in ("first", "second"):
        (tmp_path / attempt).mkdir()
        try:
            return _play_and_compare(serd, tmp_path / attempt, pair, sound_server)
        except AssertionError:
            if attempt == "second":
                raise
    return None


def _levels(samples: np.ndarray, offset: int, count: int) -> np.ndarray:
    """Level of each stride in dB if the samples begin `offset` samples into the stream (overlap 262)."""
    power = np.concatenate([np.zeros(1), np.cumsum(np.square(samples, dtype=np.float64))])
    edges = 262 + 4000 * np.arange(count + 1) - offset
    edges = np.clip(edges, 0, len(samples))
    return 10 * np.log10(np.maximum(np.diff(power[edges]) / 4000, 10**-9.9))


def _offset(samples: np.ndarray, levels: list[float]) -> int:
    """To 5 ms, then to 5 samples: where two labels are nearly as likely, milliseconds can decide."""
    heard, found = np.array(levels), 0
    for places in (range(0, 12 * 16000, 80), range(-80, 81, 5)):
        miss = {
            o: np.abs(_levels(samples, o, len(heard)) - heard).mean() for o in (found + k for k in places) if o >= 0
        }
        found = min(miss, key=miss.__getitem__)
    return found


def _write_padded(path: Path, samples: np.ndarray, offset: int) -> None:
    import soundfile

    soundfile.write(path, np.concatenate([np.zeros(offset, np.float32), samples]), 16000, subtype="PCM_16")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "Ctrl-C"])
def test_a_signal_ends_it_cleanly_with_the_open_segment_closed(
    serd: str, tmp_path: Path, corpora: Path, number: signal.Signals
):
    clip = write_joined(tmp_path / "long.wav", [ravdess(corpora, 4, "angry", intensity=2)] * 4, pause_s=0)
    rules = ["--set", "emotion_on=0.2", "--set", "emotion_off=0", "--set", "margin=0", "--set", "speech_hold_s=5"]
    with running(serd, tmp_path / "run", "--input", clip, *rules) as made:
        made.until(lambda events: bool(segments(events)))
        began = time.monotonic()
        assert made.end(number) == 0
        assert time.monotonic() - began < 5  # an exit that hangs, not a speed
        last = segments(made.events())[-1]
    assert (last["phase"], last["ended_by"]) == ("end", "stop")
    assert (tmp_path / "run" / "stderr").read_bytes() == b""


def test_raw_samples_from_a_pipe_are_heard_as_the_file_is(serd: str, tmp_path: Path, joined: Path):
    known = [steady(e)["data"] for e in replay(serd, tmp_path / "file", joined) if e["type"].endswith("frame")]
    raw = (read(joined) * 32768).astype("<i2").tobytes()
    with running(serd, tmp_path / "pipe", "--input", "-", "--session", "replay") as made:
        assert made.process.stdin is not None
        made.process.stdin.write(raw)
        made.process.stdin.close()
        assert made.end(None) == 0
        heard = [steady(e)["data"] for e in made.events("frame")]
    assert heard == known


def test_a_lost_sound_server_is_told_and_found_again(serd: str, tmp_path: Path, sound_server: SoundServer):
    with running(serd, tmp_path / "run", env=sound_server.env) as made:
        made.state("listening")
        sound_server.kill()
        made.state("lost")
        sound_server.start()
        made.until(
            lambda events: [e["data"]["state"] for e in events if e["type"].endswith("status")].count("listening") > 1
        )
        made.until(lambda events: any(e["data"].get("gap") for e in events))
        assert made.end() == 0


def test_without_a_terminal_events_are_json_lines(run):
    done = run("--input", DEMO, "--fast")
    assert done.returncode == 0
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert events[0]["type"] == "serd.v1.status"
    assert events[-1]["data"]["state"] == "stopped"
    numbers = [e["data"]["sequence"] for e in events if e["type"].endswith("frame")]
    assert numbers == list(range(len(numbers)))
    assert len(numbers) > 100


def test_a_stride_that_cannot_be_is_told(run, joined: Path):
    """serd-base's rows meet the speech detector's every 0.25 s."""
    flags = ("--input", joined, "--fast", "--publish", "ipc://stride")
    done = run(*flags, "--model", "serd-base", "--stride", "0.1")
    assert done.returncode == 0, done.stderr
    assert "warning: stride 0.1 s: serd-base/" in done.stderr
    assert "every 0.25 s at the nearest" in done.stderr
    assert "stride" not in run(*flags, "--model", "serd-small", "--stride", "0.1").stderr


def test_a_port_in_use_is_one_line_that_says_by_which_serd_and_how_to_watch_it(serd: str, run, tmp_path: Path):
    with running(serd, tmp_path / "run", "--demo", "--source", "hall") as made:
        made.until(bool)
        done = run("--demo", "--publish", made.endpoint)
    assert done.returncode == 2
    assert done.stderr.startswith(f"serd: {made.endpoint}: in use: the serd called hall (listening) publishes there;")
    assert f"`serd watch {made.endpoint}` shows it" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_port_that_another_program_holds_is_one_line(run):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        endpoint = f"tcp://127.0.0.1:{taken.getsockname()[1]}"
        done = run("--demo", "--publish", endpoint)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"serd: {endpoint}: in use by another program; ")
    assert len(done.stderr.splitlines()) == 1


def test_other_machines_are_refused_without_keys_and_read_with_them(serd: str, run, tmp_path: Path):
    done = run("--demo", "--publish", "tcp://0.0.0.0:*")
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "serd keys new" in done.stderr
    run("keys", "new")
    keys = str(tmp_path / "config" / "serd" / "keys")
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    with running(serd, tmp_path / "run", "--demo", "--publish", f"tcp://0.0.0.0:{port}", "--keys", keys) as made:
        read = ("tail", f"tcp://127.0.0.1:{port}", "-n", "1", "--timeout")
        server = str(tmp_path / "config" / "serd" / "keys" / "server.key")
        assert json.loads(run(*read, "15", "--server-key", server).stdout)["source"] == "default"
        plain = run(*read, "2")
        assert plain.stdout == ""
        assert "turns us away" in plain.stderr
        made.process.kill()


def test_no_device_is_said_with_the_remedy(run, tmp_path: Path):
    (tmp_path / ".asoundrc").write_text("")
    done = run("--once", env={"HOME": str(tmp_path), "PULSE_SERVER": f"unix:{tmp_path}/none"})
    assert done.returncode == 69
    assert len(done.stderr.splitlines()) == 1


def test_in_a_terminal_the_view_shows_what_is_heard_and_q_ends_serd(serd: str, tmp_path: Path):
    endpoint = f"ipc://{tmp_path}/events"
    made = Terminal(serd, "--demo", "--publish", endpoint, size=(100, 30), XDG_CONFIG_HOME=str(tmp_path))
    made.wait_for(lambda shown: "synthetic" in shown and "listening" in shown)
    made.wait_for(lambda shown: "uncertain" in shown.lower() or "no speech" in shown.lower())
    made.type(b"q")
    assert made.leave() == 0
