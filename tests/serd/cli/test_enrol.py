"""`serd enrol`, `--person`, `--reference` and `--no-reference` as a user types them, with real recordings."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from jsonschema import Draft202012Validator

import serd as package
from serd.errors import ConfigError
from serd.events.event import schema
from tests.support.soundserver import SoundServer
from tests.support.speech import ravdess, read, write_joined
from tests.support.terminal import Terminal

Run = Callable[..., subprocess.CompletedProcess[str]]
MODEL = "serd-base"


@pytest.fixture
def calm(corpora: Path) -> list[Path]:
    """Neutral and calm clips of an actress: more than enough."""
    folder = corpora / "ravdess-speech" / "Actor_04"
    return sorted([*folder.glob("03-01-01-*"), *folder.glob("03-01-02-*")])


@pytest.fixture
def mine(run: Run, tmp_path: Path) -> Run:
    """`serd` with a state directory of its own, and the model that knows references."""

    def call(*arguments: str | Path, **options: object) -> subprocess.CompletedProcess[str]:
        environment = {"XDG_STATE_HOME": str(tmp_path / "state"), "SERD_MODEL": MODEL}
        return run(*arguments, timeout=300, env=environment | options.pop("env", {}), **options)  # type: ignore[operator]

    return call


def frames(done: subprocess.CompletedProcess[str]) -> list[dict]:
    assert done.returncode == 0, done.stderr
    events = [json.loads(line) for line in done.stdout.splitlines()]
    for event in events:
        Draft202012Validator(schema()).validate(event)
    return [event["data"] for event in events if event["type"].endswith("frame")]


def test_from_recordings_to_a_profile_and_back(mine: Run, calm: list[Path], corpora: Path, tmp_path: Path) -> None:
    done = mine("enrol", "anna", "--input", *calm, "--seconds", "6")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("anna: 6 s of good speech, of ")
    assert "weak: less than 12 s" in done.stdout
    path = tmp_path / "state" / "serd" / "profiles" / "anna.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert json.loads(path.read_text())["seconds"] == pytest.approx(6, abs=0.25)
    assert mine("enrol", "list").stdout.split()[:3] == ["anna", "6", "s"]
    (listed,) = json.loads(mine("enrol", "list", "--json").stdout)["enrolled"]
    assert listed["name"] == "anna"
    assert listed["model"].startswith("serd-base/")

    clip = ravdess(corpora, 4, "angry")
    alone = json.loads(mine("score", "--json", clip).stdout)
    assert alone["reference"] == {"kind": "none", "seconds": 0.0}
    known = json.loads(mine("score", "--json", "--windows", "--person", "anna", clip).stdout)
    assert known["reference"] == {"kind": "enrolled", "seconds": listed["seconds"]}
    assert {window["reference"]["kind"] for window in known["windows"]} == {"enrolled"}
    assert known["probabilities"] != alone["probabilities"]
    file = json.loads(mine("score", "--json", "--windows", "--reference", path, clip).stdout)
    assert file == known
    inside = package.score(clip, model=MODEL, reference=path)
    assert inside.probabilities == known["probabilities"]
    assert inside.reference == known["reference"]
    with pytest.raises(ConfigError, match="serd-small"):
        package.score(clip, model="serd-small", reference=path)

    live = frames(mine("--headless", "--fast", "--input", clip, "--person", "anna", "--publish", f"ipc://{tmp_path}/e"))
    assert [frame["reference"] for frame in live] == [known["reference"]] * len(live)
    assert [frame["probabilities"] for frame in live] == [window["probabilities"] for window in known["windows"]]

    findings = json.loads(mine("doctor", "--json", "--person", "anna", "--input", clip).stdout)["findings"]
    assert any("anna is enrolled" in finding["text"] for finding in findings)

    assert mine("enrol", "forget", "anna").returncode == 0
    assert not path.exists()
    done = mine("score", "--person", "anna", clip)
    assert done.returncode == 78
    assert done.stderr.startswith("serd: person anna: not enrolled here")


def test_of_too_little_nothing_is_kept(mine: Run, calm: list[Path], tmp_path: Path) -> None:
    done = mine("enrol", "anna", "--input", calm[0])
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "s of good speech in" in done.stderr
    assert "at least 5 s" in done.stderr
    assert not list(tmp_path.glob("state/serd/profiles/*"))


def test_clipped_speech_is_no_good_speech_and_that_is_said(mine: Run, calm: list[Path], tmp_path: Path) -> None:
    loud = np.clip(np.concatenate([read(clip) for clip in calm[:6]]) * 200, -1, 1)
    soundfile.write(tmp_path / "loud.wav", loud, 16000)
    done = mine("enrol", "anna", "--input", "loud.wav")
    assert done.returncode == 2
    assert "turn the gain down" in done.stderr


@pytest.mark.parametrize(
    ("typed", "code", "said"),
    [
        (["enrol"], 2, "NAME"),
        (["enrol", "../x"], 2, "cannot be a name"),
        (["enrol", "list", "anna"], 2, "it lists all"),
        (["enrol", "forget"], 2, "whom?"),
        (["enrol", "forget", "anna"], 2, "serd enrol list"),
        (["enrol", "list", "--input", "x.wav"], 2, "may not be called that"),
        (["enrol", "anna", "bo"], 2, "bo: more than"),
        (["enrol", "anna", "--seconds", "3"], 2, "give 5 to 600"),
        (["enrol", "anna", "--seconds", "long"], 2, "give 5 to 600"),
        (["enrol", "anna", "--input", "x.wav", "--device", "1"], 2, "exclude each other"),
        (["enrol", "anna", "--input", "nosuch.wav"], 2, "nosuch.wav"),
        (["enrol", "anna", "--text", "nosuch.txt"], 2, "nosuch.txt"),
        (["enrol", "anna", "--model", "serd-small", "--input", "x.wav"], 78, "--model serd-base"),
        (["score", "--person", "anna", "--reference", "x", "y.wav"], 2, "not allowed with"),
        (["--person", "anna", "--no-reference", "--input", "x.wav"], 2, "exclude each other"),
        (["--person", "list", "--input", "x.wav"], 2, "--person"),
    ],
)
def test_what_is_wrong_is_one_line(mine: Run, typed: list[str], code: int, said: str) -> None:
    done = mine(*typed)
    assert done.returncode == code
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert "Traceback" not in done.stderr


def test_an_archive_is_of_one_profile(mine: Run, calm: list[Path], corpora: Path, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    assert mine("enrol", "anna", "--input", *calm, "--seconds", "5").returncode == 0
    folder = tmp_path / "clips"
    folder.mkdir()
    (folder / "a.flac").write_bytes(ravdess(corpora, 4, "angry").read_bytes())
    usual = ("archive", folder, "--out", tmp_path / "out", "--jobs", "1", "--windows")
    done = mine(*usual, "--person", "anna")
    assert done.returncode == 0, done.stderr
    (row,) = parquet.read_table(tmp_path / "out" / "files").to_pylist()
    assert row["reference"]["kind"] == "enrolled"
    windows = parquet.read_table(tmp_path / "out" / "windows").to_pylist()
    assert {window["reference"]["kind"] for window in windows} == {"enrolled"}
    score = json.loads(mine("score", "--json", "--person", "anna", folder / "a.flac").stdout)
    assert row["probabilities"] == score["probabilities"]
    done = mine(*usual)
    assert done.returncode == 2
    assert "was begun with reference" in done.stderr


def test_a_stream_has_a_running_reference_unless_it_is_told_not_to(mine: Run, corpora: Path, tmp_path: Path) -> None:
    talk = write_joined(tmp_path / "talk.wav", [ravdess(corpora, 4, word) for word in ("neutral", "calm", "sad")])
    usual = ("--headless", "--fast", "--input", talk, "--publish", f"ipc://{tmp_path}/e")
    running = frames(mine(*usual))
    seconds = [frame["reference"]["seconds"] for frame in running]
    assert {frame["reference"]["kind"] for frame in running} == {"running"}
    assert seconds == sorted(seconds)
    assert seconds[0] == 0
    assert seconds[-1] > 1
    without = frames(mine(*usual, "--no-reference"))
    assert {json.dumps(frame["reference"]) for frame in without} == {'{"kind": "none", "seconds": 0.0}'}
    assert [frame["probabilities"] for frame in without] != [frame["probabilities"] for frame in running]
    assert all("reference" not in frame for frame in frames(mine(*usual, "--model", "serd-small")))


def test_at_a_microphone_a_text_is_shown_and_the_good_speech_counted(
    serd: str, sound_server: SoundServer, calm: list[Path], tmp_path: Path
) -> None:
    talk = write_joined(tmp_path / "talk.wav", calm[:8], pause_s=0.2)
    text = tmp_path / "text.txt"
    text.write_text("Die Fähre legt um sieben ab.\n")
    terminal = Terminal(
        serd, "enrol", "bo", "--seconds", "5", "--text", str(text),
        **sound_server.env | {"SERD_MODEL": MODEL, "XDG_CONFIG_HOME": str(tmp_path)},
    )  # fmt: skip
    terminal.wait_for(lambda _: "Die Fähre legt um sieben ab." in terminal.output, 60)
    sound_server.play(talk)
    terminal.wait_for(lambda _: "good speech 2 of 5 s" in terminal.output, 60)
    terminal.wait_for(lambda _: "bo: 5 s of good speech" in terminal.output, 60)
    assert terminal.leave(20) == 0
    (kept,) = (sound_server.home / ".local/state/serd/profiles").iterdir()
    assert json.loads(kept.read_text())["seconds"] >= 5


def test_interrupted_nothing_is_kept(serd: str, sound_server: SoundServer, tmp_path: Path) -> None:
    environment = {**sound_server.env, "SERD_MODEL": MODEL, "XDG_CONFIG_HOME": str(tmp_path)}
    process = subprocess.Popen([serd, "enrol", "bo"], env=environment, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    assert any("Read this aloud" in line for line in process.stderr)
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    assert process.wait(20) == 130
    assert "Traceback" not in process.stderr.read()
    assert not os.path.lexists(sound_server.home / ".local/state/serd/profiles")
