"""Row 36: file names that are not UTF-8, that hold escape sequences, that begin new lines."""

from __future__ import annotations

import csv
import io
import json
import os
import re
from pathlib import Path

import pytest
import soundfile

from tests.support.fieldwork import in_the_field
from tests.support.speech import DEMO, read

NAMES = {
    "bytes that are no UTF-8": (b"caf\xe9.wav", r"caf\udce9.wav"),
    "an escape sequence": (b"\x1b[2J\x1b]0;owned\x07.wav", r"\x1b[2J\x1b]0;owned\x07.wav"),
    "a new line": (b"x\nserd: error: forged.wav", r"x\nserd: error: forged.wav"),
    "C1, and text from right to left": ("\x9b31m\u202egpj.wav".encode(), r"\x9b31m\u202egpj.wav"),
    "a backslash": (rb"a\nb.wav", r"a\nb.wav"),
    "markup": (b"[red]x.wav", "[red]x.wav"),
}


def recorded(folder: Path, name: bytes) -> Path:
    """A recording of that name."""
    path = Path(os.fsdecode(os.fsencode(folder) + b"/" + name))
    soundfile.write(os.fsencode(path), read(DEMO)[: 4 * 16000], 16000)
    return path


@pytest.fixture(params=NAMES)
def named(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, str]:
    """A recording of that name, and the name as it is shown."""
    name, shown = NAMES[request.param]
    return recorded(tmp_path, name), shown


@pytest.fixture
def every(tmp_path: Path) -> dict[str, str]:
    """Recordings of all the names, and each as it is shown."""
    return {recorded(tmp_path, name).name: shown for name, shown in NAMES.values()}


def test_they_are_scored_and_shown_escaped(run, every: dict[str, str]):
    done = run("score", "--model", "serd-small", *every)
    assert (done.returncode, done.stderr) == (0, "")
    for line, shown in zip(done.stdout.removesuffix("\n").split("\n"), every.values(), strict=True):
        assert line.startswith(f"{shown}: ")
        assert line.isprintable()


def test_json_carries_them_losslessly(run, every: dict[str, str]):
    done = run("score", "--model", "serd-small", "--json", *every)
    assert done.stdout.isascii()
    for line, name in zip(done.stdout.splitlines(), every, strict=True):
        assert os.fsencode(json.loads(line)["file"]) == os.fsencode(name)


def test_a_table_carries_them_losslessly(run, every: dict[str, str]):
    done = run("score", "--model", "serd-small", "--csv", *every)
    for row, name in zip(csv.DictReader(io.StringIO(done.stdout)), every, strict=True):
        assert row["file"].isprintable()
        whole = re.sub(r"\\(\\|[nrtxuU][0-9a-f]*)", lambda m: unescaped(m[0]), row["file"])
        assert os.fsencode(whole) == os.fsencode(name)


def unescaped(sequence: str) -> str:
    return sequence.encode().decode("unicode_escape", "surrogatepass")


def test_an_error_about_it_is_one_line(run, named: tuple[Path, str]):
    named[0].write_bytes(b"no sound at all")
    done = run("--headless", "--publish", "ipc://events", "--input", named[0].name)
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"serd: input {named[1]}: no sound file")
    assert line.isprintable()


def test_an_error_about_each_of_several_is_one_line(run, every: dict[str, str], tmp_path: Path):
    for name in every:
        (tmp_path / name).write_bytes(b"no sound at all")
    done = run("score", *every)
    assert done.returncode == 2
    for line, shown in zip(done.stderr.removesuffix("\n").split("\n"), every.values(), strict=True):
        assert line.startswith(f"serd: input {shown}: no sound file")
        assert line.isprintable()


def test_the_status_and_the_log_name_it_escaped(serd: str, named: tuple[Path, str]):
    with in_the_field(serd, "--input", str(named[0])) as field:
        field.frame()
        assert field.end() == 0
        assert {status["device"]["name"] for status in field.of("status")} == {named[1]}
        assert all(line.isprintable() for line in field.stderr)


def test_a_setting_that_holds_it_can_be_read_back(run, named: tuple[Path, str]):
    shown = json.loads(run("config", "--json", "--input", named[0].name).stdout)
    assert os.fsencode(shown["capture.input"]["value"]) == os.fsencode(named[0].name)
    text = run("config", "--input", named[0].name).stdout
    assert all(line.isprintable() for line in text.splitlines())
    Path(named[0].parent, "saved.toml").write_text(text)
    again = json.loads(run("config", "--json", "--config", "saved.toml").stdout)["capture.input"]["value"]
    assert again in (named[0].name, None)  # None: bytes that no TOML file can hold stand there as a comment


def test_a_name_cannot_speak_for_the_file(run, tmp_path: Path):
    """libsndfile's log, in which serd looks whether a file is cut off, begins with the file's name."""
    name = "x\n data : 9 (should be 4).wav"
    soundfile.write(tmp_path / name, read(DEMO)[:64000], 16000)
    done = run("score", "--model", "serd-small", name)
    assert (done.returncode, done.stderr) == (0, "")
