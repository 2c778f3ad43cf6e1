"""serd.cli.main: whatever is typed, the answer is one line and the documented exit code."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from serd.cli.commands import COMMANDS
from serd.cli.main import main, program
from serd.cli.parser import Parser
from tests.support.speech import DEMO


@pytest.mark.parametrize(
    ("arguments", "code", "named"),
    [
        (["--nosuch"], 2, "--nosuch"),
        (["scoer"], 2, "did you mean `serd score`?"),
        (["clip.wav"], 2, "serd score clip.wav"),
        (["text.wav"], 2, "serd -i text.wav"),
        (["wrong.toml"], 2, "but a file"),
        (["recordings"], 2, "but a folder; what its recordings sound like: serd score recordings"),
        (["zzz"], 2, "`serd --help` lists them"),
        (["--devise", "3"], 2, "did you mean `--device`?"),
        (["--headless", "tail"], 2, "flags come after the command"),
        (["tail", "--tiemout", "3"], 2, "did you mean `--timeout`?"),
        (["tail", "--kind", "fram"], 2, "did you mean `frame`?"),
        (["mute", "a"], 2, "a: more than `serd mute` takes"),
        (["keys", "lst"], 2, "did you mean `serd keys list`?"),
        (["keys"], 2, "ACTION"),
        (["bridge"], 2, "NAME"),
        (["bridge", "mqt"], 2, "did you mean `serd bridge mqtt`?"),
        (["journal", "reprot"], 2, "did you mean `serd journal report`?"),
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
    (tmp_path / "recordings").mkdir()
    (tmp_path / "empty.wav").touch()
    (tmp_path / "text.wav").write_text("this is not a sound\n" * 20)
    (tmp_path / "wrong.toml").write_text("[capture]\ndevise = 3\n")
    done = run(*arguments)
    assert done.returncode == code, done.stderr
    assert done.stdout == "" or code == 69  # a microphone is waited for, and lost, in public
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert named in done.stderr
    assert done.stderr.startswith("serd: ")


@pytest.mark.parametrize(
    ("arguments", "code", "meant"),
    [
        (["score", "recordings/ana.wav"], 2, "recordings/anna.wav"),
        (["score", "recordngs/anna.wav"], 2, "recordings/anna.wav"),
        (["--input", "recordings/anna.mp3"], 2, "recordings/anna.wav"),
        (["--demo", "recording"], 2, "recordings"),
        (["score", "recordings/anna.wav", "--config", "Sred.toml"], 78, "serd.toml"),
        (["score", "recordings/anna.wav", "--model", "serd-bsae"], 78, "serd-base"),
        (["score", "recordings/anna.wav", "--model", "my_modl.tflite"], 78, "my_model.tflite"),
        (["tail", "--server-key", "./kitchen.pbu"], 2, "kitchen.pub"),
        (["bridge", "mqtt", "--password-file", "pasword"], 78, "password"),
    ],
)
def test_of_a_file_that_is_not_there_the_near_name_is_told(run, tmp_path: Path, arguments, code: int, meant: str):
    (tmp_path / "recordings").mkdir()
    for name in ("recordings/anna.wav", "serd.toml", "my_model.tflite", "kitchen.pub", "password"):
        (tmp_path / name).touch(0o600)
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (code, ""), done.stderr
    assert done.stderr.endswith(f"did you mean `{meant}`?\n")
    assert done.stderr.count("\n") == 1


def test_help_names_commands_and_exit_codes(run):
    done = run("--help")
    assert done.returncode == 0
    for name, (what, _) in COMMANDS.items():
        assert re.search(rf"^ +{name} +{re.escape(what)}$", done.stdout, re.M)
    assert "exit codes" in done.stdout
    assert "--device" in done.stdout


def helped(parser: Parser, *typed: str) -> Iterator[tuple[str, ...]]:
    """What is typed before --help, for every command there is."""
    yield typed
    for name, command in parser.commands.items():
        yield from helped(command, *typed, name)


def test_help_of_every_command_fits_on_80_columns_of_a_wide_terminal(monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "200")
    parser = program()
    parser.fill_all()
    named = list(helped(parser))
    assert {("tail",), ("keys", "allow"), ("bridge", "mqtt"), ("journal", "report")} <= set(named)
    for typed in named:
        assert main([*typed, "--help"]) == 0
        shown = capsys.readouterr().out
        assert shown.startswith(" ".join(["usage: serd", *typed]))
        assert max(map(len, shown.splitlines())) < 80, typed


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


@pytest.mark.parametrize(
    ("arguments", "unneeded"),
    [
        (["--version"], {"numpy", "zmq", "rich", "serd.audio"}),
        (["--help"], {"numpy", "zmq", "rich", "importlib.metadata"}),
        (["tail", "--count", "0"], {"numpy", "rich", "serd.config", "serd.inference", "importlib.metadata", "difflib"}),
    ],
)
def test_a_command_does_not_load_what_it_does_not_need(serd: str, arguments: list[str], unneeded: set[str]):
    code = f"import sys; from serd.cli.main import main; main({arguments}); print(*sys.modules, file=sys.stderr)"
    python = Path(serd).with_name("python")
    loaded = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True).stderr
    assert not unneeded & set(loaded.split())
