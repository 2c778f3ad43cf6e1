"""The examples, run as a user runs them, against a publisher in another process."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import wire
from tests.support.bridging import Process, bridge
from tests.support.mosquitto import free_port
from tests.support.wire import PATIENCE

EXAMPLES = wire.ROOT / "examples"
BEGAN = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z happy \(70%\)")
ENDED = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z happy ended after 1\.50? s")


def show(command: list[str | Path], environment: dict[str, str]) -> None:
    """Run the example, read some lines, end it as a user does (Ctrl-C, to the whole foreground group)."""
    with (
        wire.publishing() as (endpoint, _),
        subprocess.Popen(
            [*command, endpoint], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env=environment, start_new_session=True,
        ) as example,
    ):  # fmt: skip
        assert example.stdout is not None
        try:
            lines = [example.stdout.readline().strip() for _ in range(6)]
            os.killpg(example.pid, signal.SIGINT)
            _, errors = example.communicate(timeout=PATIENCE)
        finally:
            example.kill()
    assert errors == ""
    # A segment's end may come first: the last one is given to whoever comes late.
    assert all(BEGAN.fullmatch(line) or ENDED.fullmatch(line) for line in lines), lines
    assert any(map(BEGAN.fullmatch, lines))
    assert any(map(ENDED.fullmatch, lines))
    assert len(set(lines)) == len(lines)  # no repeats


@pytest.fixture(scope="module")
def installed() -> Path:
    """The Node example with its dependencies; installed once, and kept for the next time."""
    npm = shutil.which("npm")
    if not npm or not shutil.which("node"):
        pytest.skip("no node and npm on this machine")
    package = (EXAMPLES / "package.json").read_bytes()
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = home / "serd-tests" / f"node-{hashlib.sha256(package).hexdigest()[:12]}"
    if not (folder / "done").exists():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "package.json").write_bytes(package)
        done = subprocess.run(
            [npm, "install", "--no-audit", "--no-fund", "--no-package-lock"],
            cwd=folder, capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
        if done.returncode:
            reason = (done.stderr.strip() or "no reason given").splitlines()[-1]
            pytest.skip(f"npm cannot install zeromq here: {reason}")
        (folder / "done").touch()
    return folder


@pytest.fixture
def path_with_serd(tmp_path: Path) -> str:
    """A PATH on which `serd` is this checkout's."""
    command = tmp_path / "serd"
    command.write_text(f"#!/bin/sh\nexec '{sys.executable}' -m serd \"$@\"\n")
    command.chmod(0o755)
    return f"{tmp_path}{os.pathsep}{os.environ['PATH']}"


def test_the_python_subscriber_shows_emotions_begin_and_end() -> None:
    show([sys.executable, EXAMPLES / "subscriber.py"], wire.ENVIRONMENT)


def test_the_node_subscriber_shows_emotions_begin_and_end(installed: Path) -> None:
    shutil.copy(EXAMPLES / "subscriber.mjs", installed)
    show(["node", installed / "subscriber.mjs"], wire.ENVIRONMENT)


def test_the_jq_pipeline_shows_emotions_begin_and_end(path_with_serd: str) -> None:
    if not shutil.which("jq"):
        pytest.skip("no jq on this machine")
    show([EXAMPLES / "jq.sh"], {**wire.ENVIRONMENT, "PATH": path_with_serd})


def test_the_go_reader_shows_emotions_begin_and_end_and_outlives_the_bridge(tmp_path: Path) -> None:
    go = shutil.which("go")
    if not go:
        pytest.skip("no Go on this machine (Debian: golang-go, 450 MB)")
    program, cache = tmp_path / "subscriber", {**os.environ, "GOCACHE": str(tmp_path / "cache"), "GO111MODULE": "off"}
    subprocess.run([go, "build", "-o", program, EXAMPLES / "subscriber.go"], env=cache, check=True)
    place, lines = f"127.0.0.1:{free_port()}", list[str]()
    with wire.publishing() as (endpoint, _):
        reader = Process([str(program), f"http://{place}/events"])
        try:
            for _ in range(2):
                with bridge("web", "--endpoint", endpoint, "--listen", place, folder=tmp_path) as web:
                    lines += [reader.lines.get(timeout=PATIENCE).strip() for _ in range(6)]
                    web.end()
        finally:
            reader.end(signal.SIGINT)
    assert all(BEGAN.fullmatch(line) or ENDED.fullmatch(line) for line in lines), lines
    assert any(map(BEGAN.fullmatch, lines[6:]))
    assert any(map(ENDED.fullmatch, lines[6:]))
    assert reader.said("connection refused"), "it waited, and said so"


def test_the_guide_names_every_example_and_no_other() -> None:
    named = set(re.findall(r"\]\((\w+\.\w+)\)", (EXAMPLES / "README.md").read_text()))
    files = {path.name for path in EXAMPLES.iterdir() if path.is_file()}
    assert named == files - {"README.md", "package.json", "package-lock.json"}
