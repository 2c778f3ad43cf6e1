"""The two commands that do everything, in a clone of their own at a path with spaces, started from elsewhere."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.environments import CLEAN, ROOT, a_clone, call

pytestmark = pytest.mark.timeout(900)

SCRIPTS = [
    *(
        f"script/{name}"
        for name in (
            "run",
            "test",
            "lint",
            "setup",
            "bench",
            "bench-bridges",
            "soak",
            "journal-year",
            "make-demo",
            "make-picture",
            "release",
        )
    ),
    ".ci/run",
]


@pytest.fixture(scope="module")
def clone() -> Path:
    """A checkout whose environment script/run has made, now or in an earlier run of the tests."""
    folder = a_clone()
    done = call(folder / "script" / "run", "--version", timeout=900)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("serd ")
    return folder


@pytest.fixture
def no_microphone(tmp_path: Path) -> dict[str, str]:
    """The environment of an account without a sound server."""
    hidden = ("PULSE_SERVER", "PULSE_RUNTIME_PATH", "ALSA_CONFIG_PATH")
    kept = {key: value for key, value in CLEAN.items() if key not in hidden}
    return {
        **kept,
        "HOME": str(tmp_path),
        "XDG_RUNTIME_DIR": str(tmp_path),
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
    }


def devices(clone: Path, environment: dict[str, str]) -> list[object]:
    listed: list[object] = json.loads(call(clone / "script" / "run", "-l", "--json", env=environment).stdout)
    return listed


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_script_is_executable_and_bash_can_read_it(script: str) -> None:
    assert os.access(ROOT / script, os.X_OK)
    assert call("bash", "-n", ROOT / script).stderr == ""


def test_import_serd_finds_the_package_in_the_folder_above_the_checkout_too(clone: Path) -> None:
    """There, `serd` is a folder that Python would take for a namespace package."""
    code = "import serd, sys; print(serd.__file__, serd.subscribe.__name__, serd.score.__name__, sys.path[0] == '')"
    done = call(clone / ".venv" / "bin" / "python", "-c", code, cwd=clone.parent)
    assert clone.name == "serd"
    assert done.stdout.split() == [*str(clone / "serd" / "__init__.py").split(), "subscribe", "score", "True"], (
        done.stderr
    )


def test_run_installs_nothing_when_nothing_is_missing(clone: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in (clone / ".venv").rglob("*.dist-info")}
    done = call(clone / "script" / "run", "--version")
    assert (done.returncode, done.stderr) == (0, ""), "it says what it installs"
    assert {path: path.stat().st_mtime_ns for path in (clone / ".venv").rglob("*.dist-info")} == before
    assert before


def test_run_can_be_called_through_a_link(clone: Path, tmp_path: Path) -> None:
    (tmp_path / "serd").symlink_to(clone / "script" / "run")
    assert call(tmp_path / "serd", "--version", cwd=tmp_path).stdout.startswith("serd ")


def test_run_hands_on_arguments_and_exit_code(clone: Path, tmp_path: Path) -> None:
    done = call(clone / "script" / "run", "--input", tmp_path / "no such file.wav")
    assert done.returncode == 2
    assert "no such file.wav" in done.stderr
    assert "demo" not in done.stderr


def test_run_without_a_microphone_plays_the_demo_and_says_so(
    clone: Path, tmp_path: Path, no_microphone: dict[str, str]
) -> None:
    if devices(clone, no_microphone):
        pytest.skip("this machine has a microphone")
    playing = subprocess.Popen(
        [clone / "script" / "run", "--headless", "--publish", f"ipc://{tmp_path}/events"],
        stdout=subprocess.PIPE,
        stderr=(tmp_path / "log").open("w"),
        stdin=subprocess.DEVNULL,
        text=True,
        env=no_microphone,
        cwd="/",
    )
    assert playing.stdout
    first = playing.stdout.readline()
    playing.terminate()
    assert playing.wait(10) == 0
    assert json.loads(first)["specversion"] == "1.0"
    said = (tmp_path / "log").read_text()
    assert "no microphone found on this machine: playing the demo, synthetic speech" in said


@pytest.mark.parametrize("how", ["flag", "variable", "file"])
def test_run_plays_no_demo_where_a_microphone_was_asked_for(
    clone: Path, how: str, tmp_path: Path, no_microphone: dict[str, str]
) -> None:
    if devices(clone, no_microphone):
        pytest.skip("this machine has a microphone")
    arguments = ["--headless", "--publish", f"ipc://{tmp_path}/events"]
    if how == "flag":
        arguments += ["--device", "no-such-microphone"]
    elif how == "variable":
        no_microphone["SERD_DEVICE"] = "no-such-microphone"
    else:
        file = tmp_path / "config" / "serd" / "serd.toml"
        file.parent.mkdir(parents=True)
        file.write_text("capture.device = 'no-such-microphone'")
    with subprocess.Popen(
        [clone / "script" / "run", *arguments],
        env=no_microphone, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    ) as waiting:  # fmt: skip
        assert waiting.stderr is not None
        said = ""
        while "no-such-microphone: waiting" not in said:  # it may be plugged in yet
            line = waiting.stderr.readline()
            assert line, said
            said += line
        waiting.terminate()
        said += waiting.stderr.read()
    assert waiting.returncode == 0
    assert "demo" not in said


# script/lib.sh, function by function.


def library(code: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return call("bash", "-c", f'. "{ROOT}/script/lib.sh"; {code}', env={**CLEAN, **variables})


def test_a_python_that_does_not_start_is_passed_over(tmp_path: Path) -> None:
    """pyenv's shims exist for versions that are not selected, and fail."""
    for name in ("python3.13", "python3.12"):
        (tmp_path / name).write_text("#!/bin/sh\necho 'pyenv: command not found' >&2; exit 127\n")
        (tmp_path / name).chmod(0o755)
    found = library("find_python", PATH=f"{tmp_path}:{CLEAN['PATH']}")
    assert found.returncode == 0, found.stderr
    assert found.stdout.strip() in ("python3.11", "python3")


def test_no_python_at_all_is_a_clear_line(tmp_path: Path) -> None:
    for name in ("dirname", "uname"):
        (tmp_path / name).symlink_to(str(shutil.which(name)))
    bash = str(shutil.which("bash"))
    done = call(bash, "-c", f'. "{ROOT}/script/lib.sh"; find_python', env={"PATH": str(tmp_path)})
    assert done.returncode == 1
    assert done.stderr.startswith("serd: no Python 3.11 or later found")


def test_without_a_package_manager_it_says_what_is_missing(tmp_path: Path) -> None:
    (tmp_path / "dirname").symlink_to(str(shutil.which("dirname")))
    bash = str(shutil.which("bash"))
    code = f'. "{ROOT}/script/lib.sh"; install_system "PortAudio" libportaudio2'
    done = call(bash, "-c", code, env={"PATH": str(tmp_path)})
    assert done.returncode == 1
    assert done.stderr.startswith("serd: PortAudio is missing, and there is no apt-get here")


def test_without_root_it_says_what_to_type() -> None:
    become = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"] if os.geteuid() == 0 else []
    if (become and not shutil.which("setpriv")) or not shutil.which("apt-get"):
        pytest.skip("needs setpriv and apt-get")
    # Not from a terminal, so sudo cannot ask for a password.
    code = 'install_system "PortAudio" libportaudio2'
    script = (ROOT / "script" / "lib.sh").read_text()
    done = call(*become, "bash", "-c", f"{script}\n{code}", env={**CLEAN, "HOME": "/nonexistent"})
    assert done.returncode == 1
    assert (
        done.stderr == "serd: PortAudio is missing and needs root to install; run: sudo apt-get install libportaudio2\n"
    )


def test_an_environment_is_ready_until_the_project_changes_or_moves(clone: Path, tmp_path: Path) -> None:
    def is_ready(change: str = "") -> bool:
        done = call("bash", "-c", f'. "{clone}/script/lib.sh"; {change}\nready "{clone}/.venv" plain')
        assert done.stderr == ""
        return done.returncode == 0

    (tmp_path / "pyproject.toml").write_bytes((clone / "pyproject.toml").read_bytes())
    assert is_ready()
    assert not is_ready(f'root="{tmp_path}"'), "its programs name the folder in which they were made"
    project = clone / "pyproject.toml"
    original = project.read_text()
    project.write_text(original + "\n# changed\n")
    try:
        assert not is_ready()
    finally:
        project.write_text(original)
    assert is_ready()
