"""serd.cli.main: whatever is typed, the answer is one line and the documented exit code."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.support.speech import DEMO


@pytest.mark.parametrize(
    ("arguments", "code", "named"),
    [
        (["--nosuch"], 2, "--nosuch"),
        (["score"], 2, "FILE"),
        (["--demo", "--device", "0"], 2, "--demo"),
        (["--demo", "--input", "x.wav"], 2, "--demo"),
        (["--json"], 2, "--json"),
        (["--fast"], 2, "--fast"),
        (["--input", "nosuch.wav"], 2, "nosuch.wav"),
        (["--input", "empty.wav"], 2, "empty.wav"),
        (["--input", "text.wav"], 2, "text.wav"),
        (["--input", "."], 2, "."),
        (["--input", str(DEMO), "--publish", "nowhere"], 2, "--publish"),
        (["--input", str(DEMO), "--publish", "tcp://127.0.0.1:70000"], 2, "70000"),
        (["--input", str(DEMO), "--source", "My Room"], 2, "--source"),
        (["--input", str(DEMO), "--stride", "soon"], 2, "--stride"),
        (["--input", str(DEMO), "--set", "margin"], 2, "--set"),
        (["--input", str(DEMO), "--set", "margins=0.2"], 2, "--set margins"),
        (["--input", str(DEMO), "--set", "margin=7"], 2, "--set margin"),
        (["--input", str(DEMO), "--wait-subscribers", "-1"], 2, "--wait-subscribers"),
        (["--input", str(DEMO), "--model", "nosuch"], 78, "nosuch"),
        (["--input", str(DEMO), "--model", "text.wav"], 78, "text.wav"),
        (["--input", str(DEMO), "--config", "nosuch.toml"], 78, "nosuch.toml"),
        (["--input", str(DEMO), "--config", "wrong.toml"], 78, "did you mean"),
        (["tail", "nowhere"], 2, "nowhere"),
        (["watch"], 2, "serd tail"),
        (["--once", "--device", "no such microphone"], 69, "no such microphone"),
    ],
)
def test_bad_input_is_one_line_with_its_code(run, tmp_path: Path, arguments: list[str], code: int, named: str):
    (tmp_path / "empty.wav").touch()
    (tmp_path / "text.wav").write_text("this is not a sound\n" * 20)
    (tmp_path / "wrong.toml").write_text("[capture]\ndevise = 3\n")
    done = run(*arguments)
    assert done.returncode == code, done.stderr
    assert done.stdout == "" or code == 69  # a microphone is waited for, and lost, in public
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert named in done.stderr
    assert done.stderr.startswith("serd: ")


def test_help_names_commands_and_exit_codes(run):
    done = run("--help")
    assert done.returncode == 0
    for word in ("serd score", "serd watch", "serd tail", "serd models", "serd config", "exit codes", "--device"):
        assert word in done.stdout


def test_version_is_the_packages(run):
    assert run("--version").stdout.startswith("serd 0.")


def test_a_reader_that_leaves_is_no_error(serd: str):
    done = subprocess.run(
        ["bash", "-c", f"{serd} models --json | head -c 10; exit ${{PIPESTATUS[0]}}"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0
    assert done.stderr == ""


def test_a_command_does_not_load_what_it_does_not_need(serd: str):
    code = "import sys; from serd.cli.main import main; main(['--version']); print(sorted(sys.modules))"
    python = Path(serd).with_name("python")
    loaded = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "numpy" not in loaded
