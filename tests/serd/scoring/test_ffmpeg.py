"""serd.scoring.ffmpeg: what phones and browsers record, through the real ffmpeg; one that fails, and one that hangs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import psutil
import pytest
import soundfile

import serd as library
from serd.errors import UsageError
from serd.scoring.ffmpeg import Ffmpeg, installing
from tests.support.speech import DEMO, read

small = partial(library.score, model="serd-small")

pytestmark = pytest.mark.skipif(not shutil.which("ffmpeg"), reason="no ffmpeg here; script/test installs it")

SECONDS = 8
KINDS = {
    "m4a": ("-c:a", "aac"),
    "mp4": ("-f", "lavfi", "-i", "color=c=black:s=32x32:r=5", "-shortest", "-c:a", "aac"),
    "webm": ("-c:a", "libopus"),
    "3gp": ("-c:a", "aac", "-ac", "1"),
}


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The same speech as each kind of file, and as a WAV."""
    folder = tmp_path_factory.mktemp("kinds")
    soundfile.write(folder / "clip.wav", read(DEMO)[: SECONDS * 16000], 16000)
    made = {"wav": folder / "clip.wav"}
    for kind, options in KINDS.items():
        made[kind] = folder / f"a clip: 1.{kind}"
        command = ["ffmpeg", "-v", "error", "-t", str(SECONDS), "-i", made["wav"], *options, f"file:{made[kind]}"]
        subprocess.run(command, check=True)
    made["amr"] = folder / "call.amr"
    subprocess.run(["sox", made["wav"], "-r", "8000", "-c", "1", "-t", "amr-nb", made["amr"]], check=True)
    return made


@pytest.mark.parametrize("kind", KINDS)
def test_it_scores_as_the_same_speech_in_a_wav(recordings: dict[str, Path], kind: str):
    known, score = (
        small(recordings["wav"]),
        small(recordings[kind]),
    )
    assert (score.label, score.state, score.band_limited) == (known.label, known.state, False)
    assert score.duration_s == pytest.approx(known.duration_s, abs=0.2)
    assert score.probabilities is not None
    assert known.probabilities is not None
    assert all(abs(score.probabilities[k] - known.probabilities[k]) < 0.1 for k in known.probabilities)


def test_a_call_is_heard_and_called_one(recordings: dict[str, Path]):
    """Its pauses are not sent; they are part of its time all the same."""
    score = small(recordings["amr"])
    assert SECONDS - 1.5 < score.duration_s < SECONDS + 0.2
    assert score.speech > 0.3
    assert score.band_limited


def test_channels_are_the_files_own(tmp_path: Path):
    talk = read(DEMO)[: 4 * 16000]
    soundfile.write(tmp_path / "x.wav", np.stack([np.zeros_like(talk), talk], 1), 16000)
    subprocess.run(["ffmpeg", "-v", "error", "-i", tmp_path / "x.wav", tmp_path / "x.m4a"], check=True)
    assert small(tmp_path / "x.m4a", channel=1).state == "no-speech"
    assert small(tmp_path / "x.m4a", channel=2).speech > 0.2
    with pytest.raises(UsageError, match="has no channel 3; give 1 to 2, or mix"):
        small(tmp_path / "x.m4a", channel=3)


def test_without_ffmpeg_the_line_that_installs_it_is_told(run, recordings: dict[str, Path], tmp_path: Path):
    done = run("score", recordings["m4a"], recordings["wav"], env={"PATH": str(tmp_path)})
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.endswith("MP4 or M4A, which takes ffmpeg to read, and there is none; sudo apt install ffmpeg")
    assert done.stdout.startswith(f"{recordings['wav']}: ")


def test_the_line_is_that_of_the_systems_own_packages(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    (tmp_path / "dnf").touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert installing() == "sudo dnf install ffmpeg-free"


def test_a_film_without_sound_and_a_broken_one_are_one_line_each(run, tmp_path: Path, recordings: dict[str, Path]):
    (tmp_path / "cut.m4a").write_bytes(recordings["m4a"].read_bytes()[:2000])
    silent = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "color=c=black:s=32x32:d=1", tmp_path / "silent.mp4"]
    subprocess.run(silent, check=True)
    done = run("score", ".", recordings["wav"])
    assert done.returncode == 2
    cut, film = done.stderr.splitlines()
    assert cut.startswith("serd: input cut.m4a: ffmpeg finds no sound in it (")
    assert film.startswith("serd: input silent.mp4: ffmpeg finds no sound in it (")
    assert len(done.stdout.splitlines()) == 1


def test_of_a_damaged_file_what_there_is_is_heard(run, recordings: dict[str, Path], tmp_path: Path):
    whole = recordings["webm"].read_bytes()
    (tmp_path / "x.webm").write_bytes(whole[: len(whole) // 2])
    done = run("score", "--csv", "x.webm")
    assert done.returncode == 0
    assert 1 < float(done.stdout.splitlines()[1].split(",")[1]) < SECONDS - 1


@pytest.fixture
def instead(tmp_path: Path) -> Callable[[str], dict[str, str]]:
    """An environment in which this script is the ffmpeg."""

    def make(script: str) -> dict[str, str]:
        (tmp_path / "bin").mkdir()
        (tmp_path / "bin" / "ffmpeg").write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / "bin" / "ffmpeg").chmod(0o755)
        return {"PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}"}

    return make


HASTY = "import sys, serd.scoring.ffmpeg as it; it.HANG_S = 1.5; from serd.cli.main import main; sys.exit(main())"


def test_one_that_hangs_is_ended_with_what_it_started_and_the_rest_is_done(
    instead: Callable[[str], dict[str, str]], recordings: dict[str, Path], tmp_path: Path
):
    env = instead(f"sleep 1000 & echo $! >{tmp_path}/child; wait")
    command = [sys.executable, "-c", HASTY, "score", recordings["m4a"], recordings["wav"]]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=os.environ | env)
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert "ffmpeg gave nothing for 1.5 s and was ended; convert it to WAV or FLAC" in line
    assert done.stdout.startswith(f"{recordings['wav']}: ")
    child = int((tmp_path / "child").read_text())
    assert not psutil.pid_exists(child) or psutil.Process(child).status() == psutil.STATUS_ZOMBIE


def test_one_that_stops_halfway_is_ended_too(instead: Callable[[str], dict[str, str]], recordings: dict[str, Path]):
    env = instead(f"head -c 60000 '{recordings['wav']}'; exec sleep 1000")
    command = [sys.executable, "-c", HASTY, "score", "--json", "--windows", recordings["m4a"]]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=os.environ | env)
    assert done.returncode == 2
    assert "and was ended" in done.stderr
    assert '"error": ' in done.stdout


def test_it_does_not_outlive_who_stops_listening(recordings: dict[str, Path]):
    source = Ffmpeg(recordings["m4a"], "M4A", 16000)
    before = {process.pid for process in psutil.Process().children()}
    source.open()
    (ours,) = {process.pid for process in psutil.Process().children()} - before
    assert source.read(10) is not None
    source.close()
    source.close()
    until = time.monotonic() + 5
    while psutil.pid_exists(ours) and time.monotonic() < until:
        time.sleep(0.01)
    assert not psutil.pid_exists(ours)
