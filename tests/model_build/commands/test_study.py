"""`python -m model_build study`: resumes, lists, keeps to its limits; every study in a quick look."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from model_build.__main__ import main
from model_build.commands.study import THREADS, XLA, Budget, _one_thread, listing
from model_build.experiments import record
from model_build.experiments.dataset import Dataset
from model_build.experiments.experiment import Experiment
from model_build.networks.architectures import NETWORKS
from model_build.studies.catalogue import STUDIES, experiments_of
from model_build.studies.cost import expected_seconds

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def _own_cache(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("results")


LONG = {"serd-base", "reference", "levers", "floor", "serd-small"}
"""Studies that ask an encoder about many views of each clip first, or compile the training of a network that is larger
than serd-tiny's: that one goes the same way, and tests/model_build/studies/test_run.py goes the other protocols'."""


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.long if name in LONG else ()) for name in STUDIES]
)
def test_each_study_works_on_a_slice_of_real_recordings(name: str, corpora: Path, results: Path) -> None:
    arguments = ["study", name, "--quick", "--data", str(corpora), "--results", str(results), "--jobs", "1"]
    assert main(arguments) == 0
    for run in STUDIES[name].quick:
        found = record.read(record.path(results, run))
        assert found.key == run.key
        for part, own in found.answers.items():
            assert len(own.clip) > 10, part


@pytest.mark.parametrize("name", sorted(LONG - {"serd-base", "reference"}))
def test_who_takes_long_to_train_has_clips_to_train_and_test_on_and_a_network(name: str, corpora: Path) -> None:
    (run,) = STUDIES[name].quick
    assert isinstance(run, Experiment)
    train, test = Dataset.read([run], corpora).split(run)
    assert min(len(train), len(test)) > 10
    front_end = run.recipe.front_end
    model = NETWORKS[run.recipe.network](front_end.rows, front_end.bands.count, 8, **dict(run.recipe.variant))
    assert model.output_shape == (None, 8)
    assert train[0].rows.shape[1] == front_end.bands.count


def test_what_is_done_is_not_done_again(corpora: Path, results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (run,) = STUDIES["permuted"].quick
    arguments = ["study", "permuted", "--quick", "--data", str(corpora), "--results", str(results), "--jobs", "1"]
    assert main(arguments) == 0
    file = record.path(results, run)
    before = file.stat().st_mtime_ns
    capsys.readouterr()
    assert main(arguments) == 0
    assert file.stat().st_mtime_ns == before
    assert "1 runs, 1 of them done" in capsys.readouterr().err
    data = json.loads(file.read_text())
    file.write_text(json.dumps(data | {"key": "another recipe"}))
    assert main(arguments) == 0
    assert json.loads(file.read_text())["key"] == run.key


def test_an_interrupted_session_leaves_no_half_record_and_goes_on(corpora: Path, tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "model_build",
        "study",
        "fairness",
        "permuted",
        "--quick",
        "--jobs",
        "1",
    ]
    command += ["--data", str(corpora), "--results", str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) as session:
        deadline = time.monotonic() + 120
        while not list(tmp_path.rglob("*.json")) and session.poll() is None and time.monotonic() < deadline:
            time.sleep(0.05)
        session.send_signal(signal.SIGINT)
        _, said = session.communicate(timeout=60)
    done = sorted(path for path in tmp_path.rglob("*") if path.is_file())
    assert session.returncode == 130, said
    assert "interrupted; the same command goes on from here" in said
    assert "Traceback" not in said
    assert len(done) == 1
    kept = {file: file.read_bytes() for file in done}
    assert main([*command[3:]]) == 0
    assert len(list(tmp_path.rglob("*.json"))) == 2
    assert all(file.read_bytes() == data for file, data in kept.items())


def test_two_runs_at_a_time_are_as_good_as_one_after_the_other(corpora: Path, results: Path, tmp_path: Path) -> None:
    names = ["fairness", "permuted"]
    arguments = ["study", *names, "--quick", "--data", str(corpora), "--results", str(tmp_path), "--jobs", "2"]
    assert main(arguments) == 0
    assert main(["study", *names, "--quick", "--data", str(corpora), "--results", str(results), "--jobs", "1"]) == 0
    for run in experiments_of(names, short=True):
        one, other = (record.read(record.path(folder, run)) for folder in (tmp_path, results))
        assert one.answers["ravdess-speech"].clip.tolist() == other.answers["ravdess-speech"].clip.tolist()
        apart = one.answers["ravdess-speech"].probabilities - other.answers["ravdess-speech"].probabilities
        assert abs(apart).max() < 0.02


def test_the_default_models_networks_are_trained_together_before_the_runs(
    corpora: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    monkeypatch.setattr("model_build.studies.run.train_networks", lambda own, *_: asked.append(tuple(own)))
    arguments = ["--quick", "--together", "--minutes", "0", "--data", str(corpora), "--results", str(tmp_path)]
    assert main(["study", "permuted", "serd-small", *arguments]) == 0
    assert asked == [STUDIES["serd-small"].quick], "and none of the thesis'"
    assert main(["study", "permuted", *arguments]) == 0
    assert len(asked) == 1


def test_a_run_has_one_thread_of_each_library_but_what_is_set_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    for own in ({}, {"XLA_FLAGS": "--their=own", "OMP_NUM_THREADS": "2"}):
        environment: dict[str, str] = dict(own)
        monkeypatch.setattr(os, "environ", environment)
        _one_thread()
        assert environment == {**THREADS, **XLA, **own}
    assert XLA == {"XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false"}


def test_a_session_keeps_to_its_number_of_runs(
    corpora: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["study", "thesis", "--data", str(corpora), "--results", str(tmp_path), "--runs", "0"]
    assert main(arguments) == 0
    assert "15 runs left" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_session_starts_nothing_that_would_end_too_late(
    corpora: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["study", "thesis", "--data", str(corpora), "--results", str(tmp_path), "--minutes", "0.1"]
    assert main(arguments) == 0
    assert "no time for random_cnn_seed0" in capsys.readouterr().err
    runs = experiments_of(["thesis"])
    most = max(expected_seconds(run) for run in runs)
    assert all(Budget(tmp_path, runs, 1, most + 5).fits(run) for run in runs)


def test_the_list_says_what_is_done_and_what_the_rest_takes(corpora: Path, results: Path, tmp_path: Path) -> None:
    every = list(listing(["thesis", "dropout"], tmp_path))
    assert every[0].startswith("thesis: 0 of 15 runs done, ")
    assert sum("random_cnn_seed0" in line for line in every) == 2
    minutes = [float(line.split("done, ")[1].split()[0]) for line in every if "runs done" in line]
    assert float(every[-1].split()[1]) < sum(minutes), "what both share counts once"
    main(["study", "permuted", "--quick", "--data", str(corpora), "--results", str(results), "--jobs", "1"])
    assert list(listing(["permuted"], results, short=True))[1].split() == ["done", "luna1_cnn_shuffled_seed0"]


@pytest.mark.parametrize(
    ("trained", "learned"),
    [
        ({}, True),
        ({"trained": {"device": "cpu", "beside": 3, "wall_s": 90.0}}, True),
        ({"trained": {"device": "cpu", "beside": 9, "wall_s": 110.0}}, False),
        ({"trained": {"device": "NVIDIA H200", "beside": 3, "wall_s": 90.0}}, False),
    ],
    ids=["no networks kept", "trained by the run", "trained before it", "on a graphics card"],
)
def test_the_pace_of_a_core_is_learned_from_what_was_trained_on_one(
    trained: dict[str, object], learned: bool, tmp_path: Path
) -> None:
    run = STUDIES["levers"].runs[0]
    place = record.path(tmp_path, run).parent
    record.write(place, record.Record(run.document(), run.name, run.key, (), {"wall_s": 100.0, **trained}, {}, {}))
    assert Budget(tmp_path, [run], 1, None).ratio == pytest.approx(100 / expected_seconds(run) if learned else 1)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["nonsense", "--data", "."], "study nonsense: unknown; there are thesis, speakers"),
        (["thesis"], "--data is missing"),
        (["thesis", "--data", "absent"], "absent: no such folder"),
        (["thesis", "--data", ".", "--quick"], "--results names a folder of their own"),
        (["thesis", "--data", ".", "--results", "file"], "file: File exists; --results needs a folder"),
    ],
)
def test_a_wrong_command_is_one_line(
    arguments: list[str], text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("file").touch()
    assert main(["study", *arguments]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("model_build study: ")
    assert text in line


def test_no_corpus_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    results, data = tmp_path / "results", tmp_path / "data"
    data.mkdir()
    assert main(["study", "permuted", "--quick", "--data", str(data), "--results", str(results), "--jobs", "1"]) == 2
    lines = [line for line in capsys.readouterr().err.splitlines() if line.startswith("model_build")]
    assert lines == [
        f"model_build study: {data}: no recordings of RAVDESS speech; --data names the folder that holds them"
    ]
    assert not list(results.iterdir())
