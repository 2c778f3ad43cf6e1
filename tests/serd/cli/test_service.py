"""serd.cli.service: the units that ship, with this installation's program, put where systemd looks for them."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from serd.cli import service
from serd.errors import ConfigError, UsageError

SYSTEMCTL = """#!/bin/sh
echo "$@" >> {log}
[ ! -e {log}.fails ] || {{ echo "Failed to connect to bus" >&2; exit 1; }}
"""


@pytest.fixture
def asked(tmp_path: Path) -> Path:
    """File of what systemctl was asked for; there is no service manager in a test's container."""
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "systemctl"
    program.write_text(SYSTEMCTL.format(log=tmp_path / "asked"))
    program.chmod(0o755)
    return tmp_path / "asked"


def test_the_users_unit_is_installed_started_and_removed(run, serd: str, asked: Path, tmp_path: Path):
    env = {"PATH": f"{tmp_path}/bin:/usr/bin:/bin"}
    done = run("service", "install", "--user", env=env)
    assert (done.returncode, done.stderr) == (0, "")
    unit = tmp_path / "config" / "systemd" / "user" / "serd.service"
    assert f'ExecStart="{serd}" --headless\n' in unit.read_text()
    assert asked.read_text().splitlines() == ["--user daemon-reload", "--user enable --now serd.service"]
    done = run("service", "uninstall", "--user", env=env)
    assert (done.returncode, done.stderr) == (0, "")
    assert not unit.exists()
    assert asked.read_text().splitlines()[2:] == ["--user disable --now serd.service", "--user daemon-reload"]
    done = run("service", "uninstall", "--user", env=env)
    assert done.returncode == 2
    assert "nothing is installed" in done.stderr


def test_what_systemctl_refuses_is_one_line(run, asked: Path, tmp_path: Path):
    asked.with_name("asked.fails").touch()
    done = run("service", "install", "--user", env={"PATH": f"{tmp_path}/bin:/usr/bin:/bin"})
    assert done.returncode == 78
    assert done.stderr.startswith("serd: systemctl --user daemon-reload: failed (Failed to connect to bus)")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("user", [True, False])
def test_systemd_finds_nothing_wrong_with_a_unit_whose_program_has_an_odd_name(user: bool, tmp_path: Path):
    if not shutil.which("systemd-analyze"):
        pytest.skip("no systemd-analyze here; script/test installs it")
    program = tmp_path / "100 % of it" / "serd"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    (tmp_path / "serd.service").write_text(service.unit_text(user, program))
    done = subprocess.run(
        ["systemd-analyze", "verify", *(["--user"] if user else []), tmp_path / "serd.service"],
        env={**os.environ, "XDG_RUNTIME_DIR": str(tmp_path)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "serd.service" not in done.stderr
    assert done.returncode == 0, done.stderr
    with pytest.raises(ConfigError, match="no program of such a name"):
        service.unit_text(user, tmp_path / 'in "quotes"' / "serd")


def test_the_systems_unit_wants_root_and_a_program_that_it_can_see(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    with pytest.raises(UsageError, match="give --user, or use sudo"):
        service.run("install", user=False)
    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setattr(service, "_program", lambda: Path("/home/anna/.local/bin/serd"))
    with pytest.raises(UsageError, match="/opt/serd"):
        service.run("install", user=False)
