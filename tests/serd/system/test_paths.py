"""serd.system.paths: folders of this account alone, and files that are whole or not there."""

from __future__ import annotations

import os
import resource
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from serd.errors import ConfigError, UsageError
from serd.system.paths import at_home, make_private, runtime_folder, runtime_folders, state_folder, write_whole

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize(
    ("environ", "runtime", "state"),
    [
        ({"RUNTIME_DIRECTORY": "/run/serd", "STATE_DIRECTORY": "/var/lib/serd"}, "/run/serd", "/var/lib/serd"),
        ({"RUNTIME_DIRECTORY": "/run/a:/run/b", "STATE_DIRECTORY": "/s/a:/s/b"}, "/run/a", "/s/a"),
        ({"XDG_RUNTIME_DIR": "/run/user/7", "XDG_STATE_HOME": "/h/s"}, "/run/user/7/serd", "/h/s/serd"),
        ({"HOME": "/h"}, f"/tmp/serd-{os.geteuid()}", "/h/.local/state/serd"),
        ({"HOME": "/h", "XDG_STATE_HOME": "s", "XDG_RUNTIME_DIR": "r"}, f"/tmp/serd-{os.geteuid()}",
         "/h/.local/state/serd"),
    ],
)  # fmt: skip
def test_folders_are_the_services_then_those_of_xdg(environ: dict[str, str], runtime: str, state: str):
    assert runtime_folder(environ) == Path(runtime)
    assert state_folder(environ) == Path(state)
    assert Path("/run/serd") in runtime_folders(environ)


def test_a_private_folder_is_made_for_this_account_alone(tmp_path: Path):
    folder = tmp_path / "a" / "b"
    make_private(folder)
    make_private(folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_folder_that_somebody_else_prepared_is_refused(tmp_path: Path):
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o777)
    (tmp_path / "real").mkdir(mode=0o700)
    (tmp_path / "link").symlink_to(tmp_path / "real")
    (tmp_path / "file").touch()
    for name in ("open", "link", "file"):
        with pytest.raises(ConfigError, match=name):
            make_private(tmp_path / name)


def test_a_file_is_whole_and_private_and_replaces_the_old_one(tmp_path: Path):
    path = tmp_path / "file"
    for content in (b"first", b"second, longer"):
        write_whole(path, content)
        assert path.read_bytes() == content
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_on_a_full_disk_the_old_file_stays_and_nothing_lies_about(tmp_path: Path):
    """A limit on the size of files stands for the disk: its write fails in the same place."""
    path = tmp_path / "file"
    write_whole(path, b"old")
    code = (
        "import signal, sys; from pathlib import Path; from serd.system.paths import write_whole\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "try: write_whole(Path(sys.argv[1]), b'n' * 10000)\n"
        "except OSError as error: print(error.strerror)\n"
    )

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    done = subprocess.run(
        [sys.executable, "-c", code, path],
        cwd=ROOT, preexec_fn=limit, capture_output=True, text=True, check=True,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip
    assert "too large" in done.stdout
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("path", ["~nobody-here/x", "~\0", "~\ufffd\0/keys"])
def test_a_home_that_cannot_be_is_refused(path: str):
    with pytest.raises(UsageError, match="no such home"):
        at_home(path)
    assert at_home("a~/b") == "a~/b"
