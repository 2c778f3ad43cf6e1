"""`serd --voice`: several voices in one process, as a user types it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from serd.events.requests import ask, running
from tests.support.feeder import Feeder
from tests.support.fieldwork import EAGER, Field, in_the_field
from tests.support.microphones import plug_in, streams, unplug
from tests.support.soundserver import SoundServer, missing
from tests.support.speech import DEMO, read
from tests.support.wire import valid

RATE = 16000
KNOWING = "serd-base"
"""The model that knows references."""
EAGERLY = [word for rule in EAGER for word in ("--set", rule)]
VOLATILE = ("latency_ms", "realtime_ratio", "cpu", "uptime_s", "other_voice")
Run = Callable[..., Any]


@pytest.fixture(scope="module")
def stereo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A person on each channel; the first one also sounds in the second, 12 dB below, while the other is silent."""
    spoken = read(DEMO)[: 10 * RATE]
    left = np.concatenate([spoken, np.zeros(10 * RATE, np.float32)])
    right = np.concatenate([0.25 * np.roll(spoken, 40), 0.8 * spoken[::-1]])
    path = tmp_path_factory.mktemp("stereo") / "stereo.wav"
    soundfile.write(path, np.stack([left, right], axis=1), RATE)
    return path


def events(done: Any) -> list[dict[str, Any]]:
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def steady(event: dict[str, Any]) -> dict[str, Any]:
    """An event without what differs from run to run, and what is only told beside others."""
    data = {key: value for key, value in event["data"].items() if key not in VOLATILE}
    return {key: value for key, value in event.items() if key not in ("id", "time", "data")} | {"data": data}


def heard(run: Run, *arguments: str | Path, **options: Any) -> list[dict[str, Any]]:
    fixed = ("--fast", "--headless", "--session", "s", "--publish", "ipc://events", *EAGERLY)
    return events(run(*fixed, *arguments, **options))


def test_each_voice_is_published_as_its_channel_alone_would_be(run: Run, stereo: Path):
    both = heard(run, "--input", stereo, "--voice", "client=1", "--voice", "companion=2")
    assert all(valid(event) for event in both)
    for channel, name in ((1, "client"), (2, "companion")):
        alone = heard(run, "--input", stereo, "--channel", str(channel), "--source", name)
        # A status tells of the daemon, and its heartbeat of the time that has passed.
        ours, others = (
            [steady(e) for e in one if e["source"] == name and not e["type"].endswith("status")]
            for one in (both, alone)
        )
        assert ours == others
        assert {event["type"].rpartition(".")[2] for event in ours} == {"frame", "segment"}
        told = [e["data"]["voices"] for e in both if e["source"] == name and e["type"].endswith("status")]
        assert told[0] == ["client", "companion"]
        numbers = [e["data"]["sequence"] for e in both if e["source"] == name and e["type"].endswith("status")]
        assert numbers == list(range(len(numbers)))
        assert numbers


def test_a_pipe_has_voices_too(run: Run, stereo: Path):
    piped = heard(run, "-i", "-", "--voice", "b=2", "--voice", "a=1", input=stereo.read_bytes(), text=False)
    filed = heard(run, "-i", stereo, "--voice", "b=2", "--voice", "a=1")
    for name in "ab":
        frames = [
            [steady(e) for e in one if e["source"] == name and e["type"].endswith("frame")] for one in (piped, filed)
        ]
        assert frames[0] == frames[1]
        assert frames[0]


def test_what_another_voice_says_is_told_and_may_be_left_out_of_segments(run: Run, stereo: Path):
    voices = ("--input", stereo, "--voice", "client=1", "--voice", "companion=2")
    kept, dropped = heard(run, *voices), heard(run, *voices, "--crosstalk", "drop")
    foreign = [event for event in kept if "other_voice" in event["data"]]
    assert {event["source"] for event in foreign} == {"companion"}
    assert {event["data"]["other_voice"]["name"] for event in foreign} == {"client"}
    assert all(event["data"]["window"]["end_s"] < 11 for event in foreign)
    assert len(foreign) > 20

    def of(found: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
        return [event for event in found if event["type"].endswith(kind)]

    assert list(map(steady, of(kept, "frame"))) == list(map(steady, of(dropped, "frame"))), "frames are as they were"
    ends = [event["data"]["window"]["end_s"] for event in foreign]
    for event in of(dropped, "segment"):
        if event["source"] == "companion" and event["data"]["phase"] == "end":
            window = event["data"]["window"]
            assert not any(window["start_s"] < end <= window["end_s"] for end in ends)
    own = [[e["data"]["segment"] for e in of(one, "segment") if e["source"] == "client"] for one in (kept, dropped)]
    assert own[0] == own[1]
    assert own[0]


def test_each_voice_has_a_reference_of_its_own(run: Run, stereo: Path, corpora: Path, tmp_path: Path):
    """An enrolled one of the client, of the companion what that voice has said."""
    mine = {"XDG_STATE_HOME": str(tmp_path / "state"), "SERD_MODEL": KNOWING}
    clips = sorted((corpora / "ravdess-speech" / "Actor_04").glob("03-01-0[12]-*"))
    assert run("enrol", "anna", "--seconds", "5", "--input", *clips, env=mine, timeout=300).returncode == 0
    voices = ("--input", stereo, "--voice", "client=1", "--voice", "companion=2", "--person", "client=anna")
    found: dict[str, list[dict[str, Any]]] = {"client": [], "companion": []}
    for event in heard(run, *voices, env=mine, timeout=300):
        if event["type"].endswith("frame"):
            found[event["source"]].append(event["data"]["reference"])
    assert {reference["kind"] for reference in found["client"]} == {"enrolled"}
    assert len({reference["seconds"] for reference in found["client"]}) == 1
    assert {reference["kind"] for reference in found["companion"]} == {"running"}
    assert found["companion"][0]["seconds"] == 0
    assert found["companion"][-1]["seconds"] > 2
    (line,) = run("score", "--json", *voices[2:], stereo, env=mine, timeout=300).stdout.splitlines()
    assert [one["reference"]["kind"] for one in json.loads(line)["voices"]] == ["enrolled", "none"]


def test_who_of_several_voices_a_person_is_must_be_told(run: Run, stereo: Path):
    voices = ("--voice", "a=1", "--voice", "b=2", "--person", "anna")
    for command in (("--input", stereo, "--fast", "--headless", "--publish", "ipc://events"), ("score", stereo)):
        done = run(*command, *voices)
        assert done.returncode == 78
        assert "which of the voices is it? give a=anna" in done.stderr
        assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("--voice", "a=3"), "has no channel 3; give 1 to 2"),
        (("--voice", "a=1", "--voice", "a=2"), "a is given twice"),
        (("--voice", "A=1"), "cannot be a source"),
        (("--voice", "default=1"), "no voice's name"),
        (("--voice", "a"), "NAME=CHANNEL"),
        (("--voice", "a=1@USB"), "@DEVICE belongs to devices"),
        (("--voice", "a=1", "--channel", "1"), "exclude each other"),
        (("--voice", "a=1", "--source", "hall"), "leave --source out"),
        (("--voice", "a=1", "--crosstalk", "mute"), "keep or drop"),
    ],
)
def test_a_wrong_voice_is_one_line(run: Run, stereo: Path, arguments: tuple[str, ...], named: str):
    done = run("--input", stereo, "--fast", "--headless", "--publish", "ipc://events", *arguments)
    assert done.returncode == 2
    assert named in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.fixture
def two_channels() -> Iterator[SoundServer]:
    if reason := missing():
        pytest.skip(reason)
    server = SoundServer(channels=2)
    try:
        server.start()
        yield server
    finally:
        server.close()


def of_source(field: Field, source: str, kind: str) -> list[dict[str, Any]]:
    return [e["data"] for e in list(field.events) if e["source"] == source and e["type"].endswith(kind)]


def is_now(field: Field, source: str, state: str) -> Callable[[], bool]:
    return lambda: [status["state"] for status in of_source(field, source, "status")][-1:] == [state]


def test_a_muted_voice_is_not_heard_while_the_other_is_and_with_both_the_stream_closes(
    serd: str, two_channels: SoundServer, stereo: Path
):
    with (
        Feeder(two_channels, stereo),
        in_the_field(serd, "--voice", "client=1", "--voice", "companion=2", env=two_channels.env, rules=EAGER) as field,
    ):
        field.until(is_now(field, "client", "listening"))
        field.until(is_now(field, "companion", "listening"))
        (client,) = running(field.env, "client")
        (companion,) = running(field.env, "companion")
        assert ask(client, "mute").state == "muted"
        assert ask(companion, "status").state == "listening"
        before = [len(of_source(field, name, "frame")) for name in ("client", "companion")]
        field.until(lambda: len(of_source(field, "companion", "frame")) > before[1] + 8)
        assert len(of_source(field, "client", "frame")) <= before[0] + 1
        assert streams(two_channels, field.process.pid)
        assert ask(companion, "mute").state == "muted"
        assert not streams(two_channels, field.process.pid), "nobody is heard, so the stream is closed"
        ask(client, "unmute")
        field.until(is_now(field, "client", "listening"))
        assert ask(companion, "status").state == "muted"
        ask(companion, "unmute")
        field.until(is_now(field, "companion", "listening"))
        last = len(of_source(field, "companion", "frame"))
        field.until(lambda: len(of_source(field, "companion", "frame")) > last)
        assert of_source(field, "companion", "frame")[last]["gap"], "what was not heard is a gap"
        assert field.end() == 0
    assert not field.events_lost


def test_a_lost_device_is_lost_for_its_own_voices_alone(serd: str, sound_server: SoundServer):
    plug_in(sound_server, "usb")
    webcam = plug_in(sound_server, "webcam")
    voices = ("--voice", "client=1@USB_Audio", "--voice", "companion=1@Desk_Webcam")
    with in_the_field(serd, *voices, env=sound_server.env) as field:
        for name in ("client", "companion"):
            field.until(lambda name=name: len(of_source(field, name, "frame")) > 2)
        assert sorted(streams(sound_server, field.process.pid).values()) == ["mic.usb", "mic.webcam"]
        unplug(sound_server, webcam)
        field.until(is_now(field, "companion", "lost"))
        frames = len(of_source(field, "client", "frame"))
        field.until(lambda: len(of_source(field, "client", "frame")) > frames + 8)
        assert {status["state"] for status in of_source(field, "client", "status")} <= {
            "waiting", "listening", "silent"
        }  # fmt: skip
        assert not any(frame["gap"] for frame in of_source(field, "client", "frame"))
        plug_in(sound_server, "webcam")
        back = len(of_source(field, "companion", "frame"))
        field.until(lambda: len(of_source(field, "companion", "frame")) > back + 2)
        assert field.end() == 0
