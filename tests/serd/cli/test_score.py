"""serd.cli.score: each form, to standard output or below a folder; what cannot be read is named, the rest is scored."""

from __future__ import annotations

import csv
import io
import json
import shlex
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr
import tgt

from tests.support.speech import DEMO, EMOTIONS, read


def test_text_names_the_state_and_the_likeliest(run):
    done = run("score", DEMO)
    assert done.returncode == 0
    assert done.stdout.startswith(f"{DEMO}: ")
    assert "%" in done.stdout


def test_csv_has_a_header_and_a_row_a_file(run):
    rows = list(csv.DictReader(io.StringIO(run("score", "--model", "serd-small", "--csv", DEMO, DEMO).stdout)))
    assert len(rows) == 2
    assert rows[0] == rows[1]
    assert sum(float(rows[0][label]) for label in EMOTIONS) > 0.999


def test_windows_are_listed_in_each_form(run):
    line = json.loads(run("score", "--model", "serd-small", "--json", "--windows", DEMO).stdout)
    rows = list(csv.DictReader(io.StringIO(run("score", "--model", "serd-small", "--csv", "--windows", DEMO).stdout)))
    assert len(rows) == len(line["windows"]) == -(-int(line["duration_s"] * 16000 - 262) // 4000)
    assert {row["state"] for row in rows} == {window["state"] for window in line["windows"]}


def test_a_bad_file_is_one_line_and_the_good_ones_are_scored(run, tmp_path: Path):
    (tmp_path / "empty.wav").touch()
    done = run("score", "--model", "serd-small", "--json", "empty.wav", DEMO, "nosuch.wav")
    assert done.returncode == 2
    assert [json.loads(line)["file"] for line in done.stdout.splitlines()] == [str(DEMO)]
    assert len(done.stderr.splitlines()) == 2
    assert "empty.wav" in done.stderr
    assert "nosuch.wav" in done.stderr


def test_a_bad_model_is_one_error_with_78(run):
    done = run("score", "--model", "nosuch", DEMO, DEMO)
    assert done.returncode == 78
    assert len(done.stderr.splitlines()) == 1


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two recordings, one of them below, and what is none."""
    made = tmp_path / "clips"
    (made / "b").mkdir(parents=True)
    soundfile.write(made / "a.wav", read(DEMO)[: 8 * 16000], 16000)
    soundfile.write(made / "b" / "c.flac", read(DEMO)[8 * 16000 : 14 * 16000], 16000)
    (made / "notes.txt").write_text("no sound")
    return made


def test_a_folder_is_scored_in_order(run, folder: Path):
    done = run("score", "--json", folder.name, DEMO)
    assert (done.returncode, done.stderr) == (0, "")
    assert [json.loads(line)["file"] for line in done.stdout.splitlines()] == [
        "clips/a.wav", "clips/b/c.flac", str(DEMO),
    ]  # fmt: skip
    one = run("score", "--json", "clips/b/c.flac")
    assert one.stdout == done.stdout.splitlines(keepends=True)[1]


def test_a_folder_without_sound_is_one_line_and_the_rest_is_scored(run, folder: Path):
    (folder / "b" / "c.flac").unlink()
    done = run("score", "clips/b", "clips")
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith("serd: input clips/b: a folder without sound")
    assert done.stdout.startswith("clips/a.wav: ")


def test_a_file_that_vanishes_is_one_line_and_the_rest_is_scored(serd: str, tmp_path: Path):
    """It is there when the folder is listed: the recording before it is endless until it has gone."""
    (tmp_path / "b").mkdir()
    for name in ("a.wav", "b.wav", "c.wav"):
        soundfile.write(tmp_path / "b" / name, read(DEMO)[: 4 * 16000], 16000)
    command = [serd, "score", "--windows", "-", "b"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdin.write(bytes(32000))
        process.stdin.flush()
        assert process.stdout.readline()
        (tmp_path / "b" / "b.wav").unlink()
        process.stdin.close()
        out, err = process.stdout.read().decode(), process.stderr.read().decode()
    assert process.returncode == 2
    (line,) = err.splitlines()
    assert line.startswith("serd: input b/b.wav: cannot be read (No such file or directory)")
    assert [line.split(": ")[0] for line in out.splitlines() if line[0] != " "] == ["-", "b/a.wav", "b/c.wav"]


def test_standard_input_is_scored_as_the_file_is(run, folder: Path):
    whole = (folder / "a.wav").read_bytes()
    piped = json.loads(run("score", "--json", "-", input=whole, text=False).stdout)
    raw = run("score", "--json", "-", input=whole[44:], text=False, env={"SERD_FORMAT": "s16le"})
    known = json.loads(run("score", "--json", folder / "a.wav").stdout)
    assert {**piped, "file": ""} == {**json.loads(raw.stdout), "file": ""} == {**known, "file": ""}
    assert piped["file"] == "-"
    twice = run("score", "-", "-", input="")
    assert (twice.returncode, twice.stderr) == (2, "serd: input -: given twice; there is one standard input\n")


def test_compressed_sound_in_a_pipe_is_told_how_it_is_scored(run):
    refused = run("score", "-", input=DEMO.read_bytes(), text=False)
    assert (refused.returncode, refused.stdout) == (2, b"")
    (line,) = refused.stderr.decode().splitlines()
    assert line.startswith("serd: input -: FLAC, not raw samples; pipe it through `ffmpeg ")
    assert line.endswith(", then to serd score -")
    if shutil.which("ffmpeg") is None:
        pytest.skip("no ffmpeg here; script/test installs it")
    raw = subprocess.run(shlex.split(line.split("`")[1]), input=DEMO.read_bytes(), capture_output=True, check=True)
    piped = json.loads(run("score", "--json", "-", input=raw.stdout, text=False).stdout)
    assert {**piped, "file": ""} == {**json.loads(run("score", "--json", DEMO).stdout), "file": ""}


def test_csv_names_an_emotion_only_where_there_is_one(run, folder: Path):
    (folder / "quiet.wav").write_bytes(b"")
    soundfile.write(folder / "quiet.wav", np.zeros(32000), 16000)
    for windows in ((), ("--windows",)):
        rows = list(csv.DictReader(io.StringIO(run("score", "--csv", *windows, "clips", DEMO).stdout)))
        states = {row["state"] for row in rows}
        assert states >= ({"no-speech", "emotion", "uncertain"} if windows else {"no-speech", "emotion"})
        for row in rows:
            chances = {label: float(row[label]) for label in EMOTIONS if row[label]}
            assert bool(row["label"]) == (row["state"] == "emotion")
            assert row["likeliest"] == (max(chances, key=chances.__getitem__) if chances else "")
            assert row["label"] in ("", row["likeliest"]) or row["reason"] == "held"


def test_the_configuration_is_in_force_as_config_shows_it(run, folder: Path, tmp_path: Path):
    (tmp_path / "config" / "serd").mkdir(parents=True)
    (tmp_path / "config" / "serd" / "serd.toml").write_text('model.name = "serd-tiny"\nmodel.stride_s = 0.5\n')
    shown = json.loads(run("config", "--json").stdout)
    line = json.loads(run("score", "--json", "--windows", folder / "a.wav").stdout)
    assert line["model"].startswith(f"{shown['model.name']['value']}/")
    assert len(line["windows"]) == 16
    env = {"SERD_STRIDE": "1", "SERD_EMOTION_ON": "0.9999"}
    line = json.loads(run("score", "--json", "--windows", "--model", "serd-small", "clips/a.wav", env=env).stdout)
    assert line["model"].startswith("serd-small/")
    assert len(line["windows"]) == 8
    assert (line["state"], line["reason"]) == ("uncertain", "low-confidence")
    line = json.loads(run("score", "--json", "--set", "emotion_on=0.5", "clips/a.wav", env=env).stdout)
    assert line["state"] == "emotion"
    bad = run("score", "--set", "smoothing=1", "clips/a.wav")
    assert bad.returncode == 2
    assert "did you mean smoothing_s?" in bad.stderr


def test_labels_of_several_recordings_take_a_folder(run, folder: Path):
    done = run("score", "--format", "textgrid", "clips")
    assert (done.returncode, done.stdout) == (2, "")
    assert "add --out FOLDER" in done.stderr
    soundfile.write(folder / "b" / "c.wav", read(DEMO)[: 4 * 16000], 16000)
    done = run("score", "--format", "textgrid", "--out", "labels", "clips")
    assert (done.returncode, done.stderr) == (0, "")
    made = ["labels/a.TextGrid", "labels/b/c.flac.TextGrid", "labels/b/c.wav.TextGrid"]
    assert done.stdout.splitlines() == made
    assert sorted(str(path) for path in (folder.parent / "labels").rglob("*.*")) == [
        str(folder.parent / one) for one in made
    ]
    grid = tgt.io.read_textgrid(str(folder.parent / made[0]))
    segments = json.loads(run("score", "--json", "clips/a.wav").stdout)["segments"]
    assert segments
    assert [(one.start_time, one.text) for one in grid.tiers[0].intervals] == [
        (one["window"]["start_s"], one["label"]) for one in segments
    ]


def test_what_is_there_is_not_written_over(run, folder: Path):
    (folder / "a.srt").write_text("corrected by hand")
    done = run("score", "--format", "srt", "--out", "clips", "clips")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == ("serd: --out clips: clips/a.srt would be replaced; move them, or give another folder\n")
    assert (folder / "a.srt").read_text() == "corrected by hand"


def test_a_fault_leaves_no_half_file(run, folder: Path):
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, 64000)
    noise[50000] = np.nan
    soundfile.write(folder / "bad.wav", noise, 16000, subtype="FLOAT")
    done = run("score", "--format", "csv", "--out", "tables", "clips")
    assert done.returncode == 2
    assert done.stdout.splitlines() == ["tables/a.csv", "tables/b/c.csv"]
    assert {path.name for path in (folder.parent / "tables").iterdir()} == {"a.csv", "b"}
    done = run("score", "--json", "--windows", "--out", "lines", "clips/bad.wav")
    assert done.returncode == 2
    assert json.loads((folder.parent / "lines" / "bad.json").read_text())["error"] in done.stderr


def test_a_folder_that_cannot_be_written_is_74(run, folder: Path):
    done = run("score", "--format", "csv", "--out", "clips/notes.txt", folder.name)
    assert done.returncode == 74
    (line,) = done.stderr.splitlines()
    assert line.startswith("serd: --out clips/notes.txt/a.csv: cannot be written (")


def test_one_stream_of_rttm_names_each_recording(run, folder: Path):
    lines = run("score", "--format", "rttm", folder.name).stdout.splitlines()
    assert [line.split()[1] for line in lines] == sorted(line.split()[1] for line in lines)
    assert {line.split()[1] for line in lines} <= {"a", "c"}
    assert all(line.split()[7] in EMOTIONS for line in lines)


def test_a_telephone_is_noticed_and_said(run, folder: Path):
    narrow = soxr.resample(soxr.resample(read(DEMO)[: 8 * 16000], 16000, 8000), 8000, 44100)
    soundfile.write(folder / "call.wav", narrow, 44100)
    done = run("score", "clips")
    (line,) = done.stderr.splitlines()
    assert line == (
        "serd: warning: input clips/call.wav: nothing above 4 kHz, as over a telephone; serd is right less often there"
    )
    assert [", telephone band)" in line for line in done.stdout.splitlines()] == [False, False, True]
    rows = csv.DictReader(io.StringIO(run("score", "--csv", "clips").stdout))
    assert [row["band_limited"] for row in rows] == ["false", "false", "true"]


def test_windows_and_labels_exclude_each_other(run):
    done = run("score", "--windows", "--format", "rttm", DEMO)
    assert done.returncode == 2
    assert done.stderr.startswith("serd: --windows: rttm has segments alone")
    assert run("score", "--json", "--csv", DEMO).returncode == 2
