"""Row 34: output that cannot be written (a full disk, a closed stream, a reader that leaves, an encoding too small)."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import soundfile

from tests.support.speech import DEMO

OUTPUT = 74
COMMANDS = {
    "--help": "--help",
    "--version": "--version",
    "-l": "-l",
    "listen": "--input {wav} --fast --publish ipc://{folder}/events",
    "score": "score --model serd-small {wav}",
    "tail": "tail ipc://{folder}/events --kind frame -n 3",
    "keys new": "keys --keys {folder}/keys new",
    "doctor": "doctor",
    "models": "models",
    "config": "config",
}
Shell = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def shell(serd: str, tmp_path: Path) -> Shell:
    """Run a command of serd's by the shell, with these redirections; a serd publishes while `tail` reads."""
    wav = tmp_path / "clip.wav"
    soundfile.write(wav, *soundfile.read(DEMO), subtype="PCM_16")
    env = {**os.environ, "HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path)}

    def call(name: str, redirection: str, **more: str) -> subprocess.CompletedProcess[str]:
        words = COMMANDS.get(name, name).format(wav=wav, folder=tmp_path)
        beside = f"{serd} --demo --publish ipc://{tmp_path}/events >/dev/null 2>&1 & trap 'kill $!; wait' EXIT;"
        shutil.rmtree(tmp_path / "keys", ignore_errors=True)  # they are made once
        script = f"{beside if name == 'tail' else ''} {serd} {words} {redirection}; echo -n $? >{tmp_path}/code"
        done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=120, check=False,
                              env=env | {"PULSE_SERVER": f"unix:{tmp_path}/none"} | more)  # fmt: skip
        done.returncode = int((tmp_path / "code").read_text())
        return done

    return call


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("redirection", [">/dev/full", "<&- >&-"])
def test_what_cannot_be_written_is_one_line_and_74(shell: Shell, name: str, redirection: str):
    done = shell(name, redirection)
    (line,) = done.stderr.splitlines()
    assert line.startswith("serd: ")
    assert "standard output: cannot be written" in line
    assert done.returncode == OUTPUT


@pytest.mark.parametrize("name", COMMANDS)
def test_a_closed_stderr_loses_nothing_else(shell: Shell, name: str):
    known, done = shell(name, ""), shell(name, "2>&-")
    assert done.stderr == ""
    assert done.returncode == known.returncode
    lines = [[line for line in it.stdout.splitlines() if "v1.status" not in line] for it in (known, done)]
    assert len(lines[0]) == len(lines[1])  # of statuses there are as many as a busy machine takes time


@pytest.mark.parametrize("name", COMMANDS)
def test_a_reader_that_leaves_is_no_fault(shell: Shell, name: str):
    done = shell(name, "| head -c 0; set -- ${PIPESTATUS[@]}; (exit $1)")
    assert (done.returncode in (0, 69), done.stderr) == (True, "")
    assert done.returncode == 0 or name.startswith("doctor"), "which found no device, and says that with its code"


def test_with_all_three_closed_a_file_is_read_whole_and_left_as_it_was(shell: Shell, tmp_path: Path):
    """With descriptor 2 free the sound file became it, and what a library said there was written into the file."""
    clip = tmp_path / "clip.wav"
    shutil.copy(clip, tmp_path / "before.wav")
    heard = []
    for redirection in ("", "2>&-", "<&- 2>&-"):
        done = shell("listen", redirection)
        heard.append([json.loads(line)["data"]["state"] for line in done.stdout.splitlines() if "v1.frame" in line])
        assert (done.returncode, done.stderr) == (0, "")
    assert heard[1:] == heard[:1] * 2
    assert len(heard[0]) > 100
    assert clip.read_bytes() == (tmp_path / "before.wav").read_bytes()


def test_a_closed_stdin_is_named(shell: Shell):
    done = shell("--input -", "<&-")
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith("serd: input -: ")


def test_a_full_stderr_changes_nothing(shell: Shell):
    assert shell("--nosuch", "2>/dev/full").returncode == 2
    assert shell("--version", "2>/dev/full").returncode == 0


@pytest.mark.parametrize("form", ["", "--csv", "--json", "--csv --windows"])
def test_a_name_that_the_encoding_lacks_is_written_escaped(shell: Shell, tmp_path: Path, form: str):
    (tmp_path / "clip.wav").rename(tmp_path / "Küche.wav")
    done = shell(f"score {form} {tmp_path}/Küche.wav", "", PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, "")
    assert "K\\xfcche" in done.stdout or "K\\u00fcche" in done.stdout


def test_the_configuration_is_utf_8_whatever_the_terminals_encoding(shell: Shell):
    import tomllib

    done = shell("config --device Küche", "", PYTHONIOENCODING="ascii")
    assert tomllib.loads(done.stdout)["capture"]["device"] == "Küche"


def test_a_pipe_that_does_not_wait_loses_nothing(serd: str):
    """A program that shares our pipe, as node does, makes it non-blocking for all: 1 MB through 64 kB."""
    read, write = os.pipe()
    os.set_blocking(write, False)
    command = [serd, "score", "--model", "serd-small", "--json", "--windows", *[str(DEMO)] * 6]
    with subprocess.Popen(command, stdout=write, stderr=subprocess.PIPE) as process:
        os.close(write)
        with os.fdopen(read) as lines:
            assert len([json.loads(line) for line in lines]) == 6
        assert process.wait(60) == 0
