"""serd.cli.archive: tables of all recordings below some folders, whatever is killed on the way."""

from __future__ import annotations

import functools
import json
import os
import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import soundfile

from tests.support import archives
from tests.support.archives import clips, days, failures, files, kill, started, table, until_parts, workers
from tests.support.speech import DEMO, read

pytest.importorskip("pyarrow")


@pytest.fixture
def run(run: Callable[..., Any]) -> Callable[..., Any]:
    """As everywhere, with more patience: a parent and its workers start."""
    return functools.partial(run, timeout=300)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("model", ["serd-small", "serd-base"])
def test_the_rows_are_those_of_score(run, tmp_path: Path, model: str):
    clips(tmp_path / "in", 2, seconds=5)
    soundfile.write(tmp_path / "in/stereo.wav", read(DEMO)[: 6 * 44100].reshape(-1, 2), 44100)
    done = run("archive", tmp_path / "in", "--out", "out", "--windows", "--model", model)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("3 files heard: ")
    rows = {row["file"]: row for row in table(tmp_path / "out", "files")}
    told = {}
    for name in ("segments", "windows"):
        for row in table(tmp_path / "out", name):
            told.setdefault((row["file"], name), []).append(_without_none(row))
    assert any(name == "segments" for _, name in told)
    scored = run("score", "--json", "--windows", "--model", model, *(tmp_path / "in" / file for file in rows))
    for (file, row), line in zip(rows.items(), scored.stdout.splitlines(), strict=True):
        score = json.loads(line)
        assert {key: value for key, value in row.items() if key not in ("file", "version")} == {
            key: value for key, value in score.items() if key not in ("file", "segments", "windows")
        }
        for name in ("segments", "windows"):
            assert told.get((file, name), []) == [_without_none({"file": file, **one}) for one in score[name]]


def test_settings_are_those_of_score(run, tmp_path: Path):
    clips(tmp_path / "in", 2, seconds=5)
    (tmp_path / "serd.toml").write_text("[model]\nstride_s = 0.5\n[decision]\nsmoothing_s = 3\n")
    settings, env = ("--windows", "--config", "serd.toml"), {"SERD_MODEL": "serd-tiny"}
    done = run("archive", "in", "--out", "out", *settings, env=env)
    assert done.returncode == 0, done.stderr
    windows = [_without_none(row) for row in table(tmp_path / "out", "windows")]
    (own,) = {row["model"] for row in table(tmp_path / "out", "files")}
    assert own.startswith("serd-tiny/")
    for file in files(tmp_path / "out"):
        line = json.loads(run("score", "--json", *settings, f"in/{file}", env=env).stdout)
        said = [row for row in windows if row["file"] == file]
        assert len(said) == 10
        assert said == [_without_none({"file": file, **window}) for window in line["windows"]]
    refused = run("archive", "in", "--out", "out", *settings, "--set", "smoothing_s=1", env=env)
    assert refused.returncode == 2
    assert "was begun with rules {'smoothing_s': 3.0}, not {'smoothing_s': 1.0}" in refused.stderr


def _without_none(row: dict) -> dict:
    return {k: _without_none(v) if isinstance(v, dict) else v for k, v in row.items() if v is not None}


@pytest.mark.timeout(300)
def test_killed_at_any_time_it_goes_on_without_loss_or_repeats(serd: str, run, tmp_path: Path):
    names, out = clips(tmp_path / "in", 48), tmp_path / "out"
    chance = random.Random(7)
    for kills in range(3):
        process = started(serd, tmp_path / "in", "--out", out, "--jobs", "2")
        until_parts(out, 1 + 2 * kills, process)
        time.sleep(chance.random() * 0.2)
        kill(process)
    before = files(out)
    assert 0 < len(before) < len(names), "the kills came in the middle"
    done = run("archive", tmp_path / "in", "--out", out)
    assert done.returncode == 0, done.stderr
    assert f"{len(before)} were done before" in done.stdout
    assert files(out) == names
    assert {path.name for path in (out / "segments").iterdir()} == {path.name for path in (out / "files").iterdir()}
    again = run("archive", tmp_path / "in", "--out", out)
    assert again.stdout.startswith("nothing to do: all 48 files were done before")


@pytest.mark.timeout(300)
def test_killed_it_leaves_no_worker(serd: str, tmp_path: Path):
    clips(tmp_path / "in", 40)
    process = started(serd, tmp_path / "in", "--out", tmp_path / "out", "--jobs", "2")
    until_parts(tmp_path / "out", 1, process)
    working = workers(process)
    assert len(working) == 2
    kill(process)
    for worker in working:
        worker.wait(30)


@pytest.mark.timeout(300)
def test_two_cannot_write_one_archive(serd: str, run, tmp_path: Path):
    clips(tmp_path / "in", 1)
    days(tmp_path / "in/days.au")
    process = started(serd, tmp_path / "in", "--out", tmp_path / "out", "--jobs", "1")
    until_parts(tmp_path / "out", 1, process)
    second = run("archive", tmp_path / "in", "--out", "out")
    kill(process)
    assert second.returncode == 2
    assert f"is being written already (process {process.pid})" in second.stderr
    (tmp_path / "in/days.au").unlink()
    assert run("archive", tmp_path / "in", "--out", "out").returncode == 0, "a lock dies with its holder"


@pytest.mark.timeout(300)
def test_a_worker_that_dies_loses_nothing(serd: str, tmp_path: Path):
    names, out = clips(tmp_path / "in", 40), tmp_path / "out"
    process = started(serd, tmp_path / "in", "--out", out, "--jobs", "2")
    until_parts(out, 1, process)
    workers(process)[0].kill()
    _, errors = process.communicate()
    assert process.returncode == 0, errors
    assert files(out) == names
    assert failures(out) == {}


@pytest.mark.timeout(300)
def test_a_file_that_kills_its_worker_time_and_again_is_a_failure(serd: str, tmp_path: Path):
    clips(tmp_path / "in", 1)
    days(tmp_path / "in/days.au")
    process = started(serd, tmp_path / "in", "--out", tmp_path / "out", "--jobs", "1")
    until_parts(tmp_path / "out", 1, process)
    killed = set[int]()
    while len(killed) < 3:
        for worker in workers(process):
            if worker.pid not in killed and any(path.path.endswith("days.au") for path in worker.open_files()):
                worker.kill()
                killed.add(worker.pid)
        time.sleep(0.05)
    _, errors = process.communicate()
    assert process.returncode == 0, errors
    assert failures(tmp_path / "out") == {
        "days.au": "the process that heard it has died 3 times (SIGKILL); convert it anew"
    }
    assert files(tmp_path / "out") == ["a/clip 000.flac"]


def test_what_cannot_be_heard_is_in_the_table_of_failures_alone(run, tmp_path: Path):
    folder, out = tmp_path / "in", tmp_path / "out"
    clips(folder, 2)
    (folder / "empty.wav").touch()
    (folder / "notes.txt").write_text("not sound")
    (folder / "Text.MP3").write_text("not sound")
    (folder / "phone.m4a").write_bytes(b"\0\0\0\x20ftypM4A ")
    (folder / "gone.flac").symlink_to("nowhere.flac")
    os.mkfifo(folder / "pipe.wav")
    done = run("archive", folder, "--out", out)
    assert done.returncode == 0, done.stderr
    assert "2 files heard, 5 could not be heard (failures.csv)" in done.stdout
    told = failures(out)
    assert set(told) == {"empty.wav", "Text.MP3", "phone.m4a", "gone.flac", "pipe.wav"}
    assert told["empty.wav"] == "empty; give a sound file"
    assert files(out) == ["a/clip 000.flac", "b/clip 001.flac"]
    assert run("archive", folder, "--out", out).stdout.startswith("nothing to do")
    (out / "failures.csv").unlink()
    soundfile.write(folder / "empty.wav", read(DEMO)[:24000], 16000)
    again = run("archive", folder, "--out", out)
    assert "1 files heard, 4 could not be heard" in again.stdout, "who removes the table has them tried again"
    assert "empty.wav" in files(out)
    assert set(failures(out)) == {"Text.MP3", "phone.m4a", "gone.flac", "pipe.wav"}


def test_names_may_be_anything(run, tmp_path: Path):
    folder, out = tmp_path / "in", tmp_path / "out"
    clips(folder, 1)
    good = (folder / "a/clip 000.flac").read_bytes()
    names = [
        "-x.flac",
        "two\nlines.flac",
        'tab\t,"quoted"\'.flac',
        "ümläut 🎤.FLAC",
        "back\\slash.flac",
        ".hidden.flac",
    ]
    for name in names:
        (folder / name).write_bytes(good)
    for name in ("no\nsound\r,.wav", "=1+1.wav"):
        (folder / name).write_bytes(b"no sound")
    (folder / os.fsdecode(b"latin\xe9.flac")).write_bytes(good)
    done = run("archive", folder, "--out", out)
    assert done.returncode == 0, done.stderr
    assert set(files(out)) == {*names, "latin\\udce9.flac", "a/clip 000.flac"}
    assert set(failures(out)) == {"no\nsound\r,.wav", "=1+1.wav"}
    (folder / "latin\\udce9.flac").write_bytes(good)
    assert "have one name" in run("archive", folder, "--out", out).stderr


def test_links_to_files_are_followed_and_links_to_folders_told(run, tmp_path: Path):
    clips(tmp_path / "elsewhere", 2)
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "linked.flac").symlink_to(tmp_path / "elsewhere/a/clip 000.flac")
    (folder / "loop").symlink_to(folder)
    done = run("archive", folder, "--out", "out")
    assert done.returncode == 0
    assert "in/loop: a link to a folder, which is not followed" in done.stderr
    assert files(tmp_path / "out") == ["linked.flac"]


def test_several_folders_need_names_of_their_own(run, tmp_path: Path):
    clips(tmp_path / "one", 2)
    clips(tmp_path / "two/deep", 2)
    assert run("archive", "one", "--out", "out").returncode == 0
    assert run("archive", "two", "--out", "out").returncode == 2, "rows of another folder would be taken for its own"
    done = run("archive", "one", "two", "--out", "out")
    assert done.returncode == 0, done.stderr
    assert len(files(tmp_path / "out")) == len(set(files(tmp_path / "out"))) == 4
    assert "have one name, a/clip 000.flac" in run("archive", "one", "two/deep", "--out", "other").stderr
    assert "the other way round" in run("archive", "two", "two/deep", "--out", "other").stderr


def test_one_archive_is_made_in_one_way(run, tmp_path: Path):
    clips(tmp_path / "in", 1)
    assert run("archive", "in", "--out", "out").returncode == 0
    for options, words in (
        (["--windows"], "windows False, not True"),
        (["--model", "serd-tiny"], "model serd-small/"),
        (["--channel", "1"], "channel mix"),
    ):
        done = run("archive", "in", "--out", "out", *options)
        assert done.returncode == 2
        assert f"was begun with {words}" in done.stderr


def test_what_is_wrong_is_one_line(run, tmp_path: Path):
    (tmp_path / "empty").mkdir()
    clips(tmp_path / "in", 1)
    (tmp_path / "file").touch()
    for arguments, code, words in (
        (("empty", "--out", "out"), 2, "no sound file below"),
        (("nosuch", "--out", "out"), 2, "no such folder"),
        (("file", "--out", "out"), 2, "not a folder"),
        (("in", "--out", "file"), 74, "cannot be written"),
        (("in", "--out", "out", "--jobs", "0"), 2, "--jobs 0: give 1 to"),
        (("in", "--out", "out", "--channel", "0"), 2, "--channel = '0'"),
        (("in", "--out", "out", "--model", "nosuch"), 78, "model nosuch"),
        (("in", "--out", "out2", "--model", "speech"), 78, "made for the task 'speech'"),
    ):
        done = run("archive", *arguments)
        assert (done.returncode, len(done.stderr.splitlines())) == (code, 1), done.stderr
        assert words in done.stderr


def test_a_damaged_part_is_named(run, tmp_path: Path):
    clips(tmp_path / "in", 1)
    assert run("archive", "in", "--out", "out").returncode == 0
    (part,) = (tmp_path / "out/files").iterdir()
    part.write_bytes(part.read_bytes()[:-9])
    done = run("archive", "in", "--out", "out")
    assert done.returncode == 2
    assert f"{part.name}: damaged" in done.stderr
    part.unlink()
    assert run("archive", "in", "--out", "out").returncode == 0
    assert archives.files(tmp_path / "out") == ["a/clip 000.flac"]
