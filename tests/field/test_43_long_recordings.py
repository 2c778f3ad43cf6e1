"""Row 43: recordings of hours through `serd score`, whose memory must not grow with them."""

from __future__ import annotations

import csv
import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

import serd as library
from serd.inference.decision import LEAST
from serd.inference.model import softmax
from serd.scoring.clip import ClipMean
from tests.support.speech import DEMO, read

RATE = 16000
SHORT_MIN, LONG_MIN = 3, 18
GROWN_MB = 4.0
"""For a quarter of an hour; what kept every step took 12 and more."""

MEASURE = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demonstration's speech over and over: a short and a long recording."""
    made = tmp_path_factory.mktemp("long")
    talk = read(DEMO)
    for minutes in (SHORT_MIN, LONG_MIN):
        with soundfile.SoundFile(made / f"{minutes}.flac", "w", RATE, 1) as file:
            left = minutes * 60 * RATE
            while left > 0:
                file.write(talk[:left])
                left -= len(talk)
    return made


@pytest.mark.parametrize("arguments", [[], ["--json", "--windows"]], ids=" ".join)
def test_memory_is_flat(serd: str, folder: Path, arguments: list[str]):
    peaks = []
    for minutes in (SHORT_MIN, LONG_MIN):
        command = [serd, "score", "--model", "serd-tiny", *arguments, str(folder / f"{minutes}.flac")]
        done = subprocess.run(
            [sys.executable, "-c", MEASURE, *command], capture_output=True, text=True, check=True
        )  # fmt: skip
        peaks.append(float(done.stdout))
    assert peaks[1] - peaks[0] < GROWN_MB, peaks


def test_running_sums_are_the_mean_over_all_windows():
    rng = np.random.default_rng(0)
    windows, weights = rng.dirichlet(np.full(8, 0.3), 5000), rng.uniform(0.1, 9, 5000)
    mean = ClipMean()
    for window, weight in zip(windows, weights, strict=True):
        mean.add(window, weight)
    want = softmax(np.average(np.log(np.maximum(windows, LEAST)), axis=0, weights=weights))
    assert mean.probabilities is not None
    np.testing.assert_allclose(mean.probabilities, want, rtol=1e-12)


def test_windows_come_before_the_whole_is_heard(serd: str, folder: Path):
    for form in ("--json", "--csv", None):
        command = [
            serd,
            "score",
            "--model",
            "serd-small",
            "--windows",
            *filter(None, [form]),
            str(folder / f"{LONG_MIN}.flac"),
        ]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as it:
            assert it.stdout is not None
            assert len(it.stdout.read(2000)) == 2000
            assert it.poll() is None
            it.kill()


def test_json_is_one_object_a_file_with_all_that_the_library_says(run):
    done = run("score", "--model", "serd-small", "--json", "--windows", DEMO, DEMO)
    first, second = map(json.loads, done.stdout.splitlines())
    assert first == second
    assert {**vars(library.score(read(DEMO), RATE, model="serd-small")), "file": str(DEMO)} == first


def test_what_was_heard_of_a_damaged_file_can_be_read(run, tmp_path: Path):
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, 160000)
    noise[100000] = np.nan
    soundfile.write(tmp_path / "x.wav", noise, RATE, subtype="FLOAT")
    done = run("score", "--model", "serd-small", "--json", "--windows", "x.wav", DEMO)
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    damaged, whole = map(json.loads, done.stdout.splitlines())
    assert f"serd: {damaged['error']}" == line
    assert len(damaged["windows"]) > 10
    assert "label" not in damaged
    assert "error" not in whole
    rows = list(
        csv.DictReader(run("score", "--model", "serd-small", "--csv", "--windows", "x.wav").stdout.splitlines())
    )
    assert len(rows) == len(damaged["windows"])


def test_scores_go_where_they_are_sent_beside_a_bar_on_the_terminal(serd: str, tmp_path: Path):
    ours, terminal = pty.openpty()
    with (tmp_path / "out").open("wb") as out:
        subprocess.run(
            [serd, "score", "--model", "serd-small", DEMO],
            stdout=out,
            stderr=terminal,
            check=True,
            env={**os.environ, "TERM": "xterm"},
        )
    os.close(terminal)
    os.close(ours)
    assert (tmp_path / "out").read_text().startswith(f"{DEMO}: ")
