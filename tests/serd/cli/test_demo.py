"""`serd --demo`: the recording that ships, what it holds and that it can be made again; and a corpus in its place."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

from serd.defaults import DEMO
from serd.events.event import schema
from tests.support.environments import ROOT, call
from tests.support.speech import DEMO as VOICES
from tests.support.speech import ravdess, read
from tests.support.terminal import Terminal

Run = Callable[..., subprocess.CompletedProcess[str]]
SYNTHESIZERS = ("espeak-ng", "flite", "text2wave")


def frames(done: subprocess.CompletedProcess[str]) -> list[dict]:
    assert done.returncode == 0, done.stderr
    events = [json.loads(line) for line in done.stdout.splitlines()]
    return [event["data"] for event in events if event["type"].endswith("frame")]


# The recording.


def test_it_is_two_minutes_of_16_khz_mono_in_a_small_file() -> None:
    info = sf.info(DEMO)
    assert (info.samplerate, info.channels, info.format, info.subtype) == (16000, 1, "OGG", "OPUS")
    assert 100 <= info.duration <= 150
    assert DEMO.stat().st_size <= 400_000


def test_it_says_of_itself_that_it_is_synthetic_and_free() -> None:
    with sf.SoundFile(DEMO) as file:
        assert "synthetic" in file.title.lower()
        assert all(name in file.comment for name in ("espeak-ng", "flite", "festival", "nobody was recorded"))
        assert file.license == "CC0-1.0"
    notice = DEMO.with_name("NOTICE").read_text()
    assert "synthetic: nobody was recorded" in notice


@pytest.mark.parametrize("path", [DEMO, VOICES])
def test_it_is_loud_and_quiet_and_never_clipped(path: Path) -> None:
    samples, rate = sf.read(path)
    levels = 10 * np.log10(np.square(samples[: len(samples) // rate * rate].reshape(-1, rate)).mean(axis=1) + 1e-12)
    assert np.sum(levels < -60) >= 5, "seconds of pause"
    assert np.sum(levels > -25) >= 10, "seconds of speech or noise"
    assert np.abs(samples).max() < 0.99


def test_it_can_be_made_again(tmp_path: Path) -> None:
    pytest.importorskip("pyworld")
    if missing := [name for name in SYNTHESIZERS if not shutil.which(name)]:
        pytest.skip(f"{', '.join(missing)}: not installed; script/test does that")
    made = tmp_path / "made.opus"
    done = call(ROOT / "script" / "make-demo", made, timeout=600)
    assert done.returncode == 0, done.stderr
    with sf.SoundFile(made) as again, sf.SoundFile(DEMO) as shipped:
        if again.comment != shipped.comment:
            pytest.skip(f"other synthesizers speak otherwise: {again.comment}; shipped: {shipped.comment}")
        assert again.frames == shipped.frames
        # Transforms and a lossy coder round otherwise on another processor.
        one, other = again.read(), shipped.read()
    assert np.sqrt(np.square(one - other).mean()) < 0.1 * np.sqrt(np.square(other).mean())


def test_the_recording_of_the_tests_can_be_made_again(tmp_path: Path) -> None:
    if not shutil.which("espeak-ng"):
        pytest.skip("espeak-ng is not installed; script/test does that")
    for name in ("first.flac", "second.flac"):
        done = call(ROOT / "script" / "make-demo", "--plain", tmp_path / name)
        assert done.returncode == 0, done.stderr
    assert (tmp_path / "first.flac").read_bytes() == (tmp_path / "second.flac").read_bytes()
    with sf.SoundFile(tmp_path / "first.flac") as made, sf.SoundFile(VOICES) as shipped:
        if made.comment != shipped.comment:
            pytest.skip(f"another espeak-ng speaks otherwise: {made.comment}; shipped: {shipped.comment}")
        # The noise comes from floating-point transforms, whose last bit may round otherwise elsewhere.
        assert np.abs(made.read() - shipped.read()).max() <= 2 / 512


# What serd hears in it.


@pytest.mark.parametrize(("model", "labels"), [("serd-base", 5), ("serd-small", 3)])
def test_most_of_its_speech_carries_an_emotion_and_there_are_many(run: Run, model: str, labels: int) -> None:
    """Played as a user does who cannot wait."""
    done = run("--demo", "--fast", "--headless", "--model", model, "--publish", "ipc://events", timeout=300)
    heard = frames(done)
    spoken = [frame for frame in heard if frame["state"] != "no-speech"]
    carrying = [frame["label"] for frame in spoken if frame["state"] == "emotion"]
    assert len(carrying) >= 0.6 * len(spoken)
    assert len({label for label in carrying if carrying.count(label) >= 4}) >= labels, "for a second or more each"
    assert {frame["state"] for frame in heard} == {"no-speech", "uncertain", "emotion"}
    assert {frame["reason"] for frame in heard if frame["state"] == "no-speech"} == {"silence", "noise"}
    statuses = [event["data"] for event in map(json.loads, done.stdout.splitlines()) if "uptime_s" in event["data"]]
    assert {status["synthetic"] for status in statuses} == {True}
    assert statuses[-1]["stream_s"] > 100
    assert re.fullmatch(r"serd: heard for .*: \w+ .*uncertain \d.*; next: `serd` listens .*\n", done.stderr)


def test_all_three_states_occur_in_the_recording_of_the_tests(run: Run, tmp_path: Path) -> None:
    done = run("--input", VOICES, "--fast", "--headless", "--publish", f"ipc://{tmp_path}/events")
    assert {frame["state"] for frame in frames(done)} == {"no-speech", "uncertain", "emotion"}
    assert "serd.v1.segment" in done.stdout


def test_in_real_time_it_begins_again_until_it_is_asked_to_end(serd: str, tmp_path: Path) -> None:
    """Of a shorter recording, lest the test take minutes."""
    short = tmp_path / "demo.flac"
    samples, rate = sf.read(DEMO)
    sf.write(short, samples[: 2 * rate], rate)
    code = "import sys; from pathlib import Path; import serd.defaults as d; d.DEMO = Path(sys.argv.pop(1));"
    code += "from serd.cli.main import main; sys.exit(main())"
    playing = subprocess.Popen(
        [Path(serd).with_name("python"), "-c", code, short, "--demo", "--headless", "--publish", f"ipc://{tmp_path}/e"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert playing.stdout
    events = map(json.loads, playing.stdout)
    end_s = next(
        event["data"]["window"]["end_s"] for event in events if event["data"].get("window", {}).get("end_s", 0) > 5
    )
    assert end_s > 5, "the third round of two seconds"
    playing.terminate()
    _, told = playing.communicate(timeout=20)
    assert playing.returncode == 0
    assert told.startswith("serd: heard for ")


def test_the_demo_flag_plays_it_and_calls_it_synthetic(serd: str, tmp_path: Path) -> None:
    """It plays in real time: the first events are enough."""
    playing = subprocess.Popen(
        [serd, "--demo", "--headless", "--publish", f"ipc://{tmp_path}/events"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert playing.stdout
        for line in playing.stdout:
            event = json.loads(line)
            if event["type"].endswith("status"):
                assert event["data"]["synthetic"] is True
                break
        else:
            pytest.fail("no status came")
    finally:
        playing.terminate()
        assert playing.wait(10) == 0


# A corpus in its place.


def corpus(folder: Path, seconds: int) -> Path:
    """Two recordings named as RAVDESS and EMO-DB name theirs, and one that is not."""
    (folder / "Actor_01").mkdir(parents=True)
    samples = read(VOICES)
    for name, at in (("03-01-05-02-01-01-01.wav", 2), ("03a01Tb.wav", 13), ("other.wav", 2)):
        sf.write(folder / "Actor_01" / name, samples[at * 16000 : (at + seconds) * 16000], 16000)
    return folder


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    return corpus(tmp_path / "my corpus", seconds=4)


def test_each_frame_of_a_corpus_has_its_label_beside_it(run: Run, tree: Path) -> None:
    done = run("--demo", tree, "--fast", "--headless", "--publish", "ipc://events")
    heard = frames(done)
    told = [frame["annotation"] for frame in heard if "annotation" in frame]
    assert {(one["label"], one["recording"]) for one in told} == {
        ("angry", "03-01-05-02-01-01-01.wav"),
        ("sad", "03a01Tb.wav"),
    }
    assert len(told) > 0.8 * len(heard)
    statuses = [event["data"] for event in map(json.loads, done.stdout.splitlines()) if "uptime_s" in event["data"]]
    assert {(one["synthetic"], one["device"]["name"]) for one in statuses} == {(False, "my corpus")}
    assert "annotation" in schema()["$defs"]["judgement"]["properties"]


def test_the_view_has_the_label_beside_what_serd_says(serd: str, tree: Path, tmp_path: Path) -> None:
    made = Terminal(serd, "--demo", str(tree), "--publish", f"ipc://{tmp_path}/e", size=(110, 30))
    shown = made.wait_for(lambda screen: "labelled" in screen)
    assert "labelled angry (03-01-05-02-01-01-01.wav)" in shown or "labelled sad (03a01Tb.wav)" in shown
    assert "synthetic" not in shown
    made.type(b"q")
    assert made.leave() == 0


def test_of_corpora_that_a_user_has_the_labels_are_told(run: Run, corpora: Path, tmp_path: Path) -> None:
    """Clips of both, in one folder."""
    mine = tmp_path / "mine"
    mine.mkdir()
    chosen = {"angry", "sad", "fearful"}
    for emotion in chosen:
        path = ravdess(corpora, 5, emotion, intensity=2)
        shutil.copy(path, mine / path.name)
    shutil.copy(next(corpora.glob("emo-db/03a01Fa.*")), mine)
    heard = frames(run("--demo", mine, "--fast", "--headless", "--publish", "ipc://events", "--model", "serd-base"))
    assert {frame["annotation"]["label"] for frame in heard if "annotation" in frame} == chosen | {"happy"}
    judged = [frame for frame in heard if frame["label"] and "annotation" in frame]
    right = [frame["label"] == frame["annotation"]["label"] for frame in judged]
    assert sum(right) >= 0.5 * len(right), "the actor was in training"


@pytest.mark.parametrize(("what", "says"), [("nosuch", "no such folder"), ("x.wav", "--input"), (".", "RAVDESS")])
def test_what_holds_no_labelled_recording_is_refused_in_one_line(
    run: Run, tmp_path: Path, what: str, says: str
) -> None:
    (tmp_path / "x.wav").write_bytes(b"RIFF")
    done = run("--demo", what)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert f"--demo {what}: " in done.stderr
    assert says in done.stderr


def test_a_corpus_begins_anew_until_it_is_ended(serd: str, tmp_path: Path) -> None:
    """Until a signal comes; it plays in real time."""
    tree = corpus(tmp_path / "short", seconds=1)
    playing = subprocess.Popen(
        [serd, "--demo", str(tree), "--headless", "--publish", f"ipc://{tmp_path}/events"],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert playing.stdout
    try:
        seen: list[str] = []
        for line in playing.stdout:
            told = json.loads(line)["data"].get("annotation", {}).get("recording")
            if told and (not seen or seen[-1] != told):
                seen.append(told)
            if len(seen) == 3:
                break
        assert seen[0] == seen[2] != seen[1]
        playing.send_signal(signal.SIGINT)
        playing.stdout.read()
        assert playing.wait(10) == 0
    finally:
        playing.kill()
