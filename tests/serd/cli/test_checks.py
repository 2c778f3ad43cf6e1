"""serd.cli.checks: finds what is wrong on a machine, says what mends it, and leaves with the worst finding's code."""

from __future__ import annotations

import json
import os
import re
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import serd.cli.checks
import serd.cli.realtime
from serd.cli.checks import CHECKS, examine, worst
from serd.cli.finding import Finding
from serd.config.settings import Capture, Model, Publish, Settings
from serd.defaults import BEST_FIRST
from serd.events.keys import Keyring
from serd.inference.model import installed_models
from tests.support.activated import activated
from tests.support.soundserver import SoundServer

QUIET = {name: value for name, value in os.environ.items() if not name.startswith(("PULSE", "XDG_", "SERD_"))}
"""This account's environment, without its sound server."""

Ask = Callable[..., tuple[int, dict[str, list[dict[str, Any]]]]]


@pytest.fixture
def ask(run, tmp_path: Path) -> Ask:
    """`serd doctor --json`: its exit code, and its findings by check."""

    def call(*arguments: str, env: dict[str, str] | None = None) -> tuple[int, dict[str, list[dict[str, Any]]]]:
        alone = {"HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path), "PULSE_SERVER": f"unix:{tmp_path}/none"}
        done = run("doctor", "--json", *arguments, env=alone | (env or {}))
        assert done.stderr == ""
        told = json.loads(done.stdout)
        assert told["exit_code"] == done.returncode
        found: dict[str, list[dict[str, Any]]] = {}
        for finding in told["findings"]:
            found.setdefault(finding["check"], []).append(finding)
        return done.returncode, found

    return call


def levels(found: list[dict[str, Any]]) -> set[str]:
    return {finding["level"] for finding in found}


def test_where_all_is_well_it_leaves_with_0(ask: Ask, sound_server: SoundServer, tmp_path: Path):
    (tmp_path / ".asoundrc").write_text((sound_server.home / ".asoundrc").read_text())
    code, found = ask("--publish", f"ipc://{tmp_path}/events", env=sound_server.env | {"HOME": str(tmp_path)})
    assert code == 0
    assert set(found) >= {"configuration", "portaudio", "rates", *CHECKS}
    for check in ("configuration", "interpreter", "models", "portaudio", "devices", "rates", "endpoints", "cpu"):
        assert levels(found[check]) == {"ok"}, found[check]
    assert "16000" in found["rates"][0]["text"]
    assert not (tmp_path / "events").exists()
    assert sound_server.pactl("list", "short", "source-outputs") == "", "it does not listen"


def test_no_device_is_69_and_its_remedy_a_line_of_its_own(run, tmp_path: Path):
    done = run("doctor", env=QUIET | {"HOME": str(tmp_path), "PULSE_SERVER": f"unix:{tmp_path}/none"})
    lines = done.stdout.splitlines()
    slow = any(line.startswith("error    cpu") for line in lines)  # of this machine at this hour: that goes before
    assert done.returncode == (78 if slow else 69)
    (error,) = (k for k, line in enumerate(lines) if line.startswith("error    devices"))
    assert lines[error + 1].lstrip().startswith("-> connect")
    assert any(line.split()[1:2] == ["cpu"] for line in lines), "the other checks are made all the same"


def test_a_wrong_configuration_goes_before_a_missing_device(ask: Ask, tmp_path: Path):
    (tmp_path / "wrong.toml").write_text("[capture]\ndevise = 3\n")
    code, found = ask("--config", str(tmp_path / "wrong.toml"))
    assert code == 78
    assert "did you mean" in found["configuration"][0]["remedy"]


# The rest check by check, in this process.


@pytest.fixture
def check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[Finding]]:
    """What one check finds, with these settings."""
    monkeypatch.setattr(serd.cli.realtime, "MEASURE_S", 0.2)
    for name, value in QUIET.items():
        monkeypatch.setenv(name, value)
    for name in ("HOME", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(tmp_path))

    def call(name: str, settings: Settings) -> list[Finding]:
        monkeypatch.setattr(serd.cli.checks, "CHECKS", {name: CHECKS[name]})
        return [finding for finding in examine(lambda: settings) if finding.check != "configuration"]

    return call


def publishing(endpoint: str, **options: Any) -> Settings:
    return Settings(publish=Publish(endpoints=(endpoint,), **options))


def test_a_model_that_is_none_is_78(check, tmp_path: Path):
    (tmp_path / "x.tflite").write_bytes(b"no model")
    (finding,) = check("models", Settings(model=Model(name=str(tmp_path / "x.tflite"))))
    assert (finding.level, finding.exit_code) == ("error", 78)
    assert "x.tflite" in finding.text


def test_a_recording_needs_no_device(check):
    assert [finding.level for finding in check("devices", Settings(capture=Capture(input="x.wav")))] == ["ok", "note"]


def test_a_port_in_use_by_another_program_is_told(check):
    with socket.create_server(("127.0.0.1", 0)) as other:
        endpoint = f"tcp://127.0.0.1:{other.getsockname()[1]}"
        (finding,) = check("endpoints", publishing(endpoint))
    assert (finding.level, finding.exit_code) == ("error", 2)
    assert endpoint in finding.text
    assert finding.remedy


def test_the_network_without_keys_is_told_with_the_command_that_makes_them(check, tmp_path: Path):
    for settings in (publishing("tcp://0.0.0.0:*"), publishing(f"ipc://{tmp_path}/x", secure=True)):
        (finding,) = check("endpoints", settings)
        assert (finding.level, finding.exit_code) == ("error", 78)
        assert "serd keys new" in finding.remedy
    Keyring.from_environment(os.environ).new()
    assert [finding.level for finding in check("endpoints", publishing("tcp://0.0.0.0:*"))] == ["ok"]


def test_a_state_directory_that_cannot_be_written_is_a_warning(check, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    findings = check("permissions", Settings())
    assert any(f.level == "warning" and str(tmp_path / "file") in f.text and f.remedy for f in findings)
    assert worst(findings) == 0


def test_a_machine_that_is_too_slow_is_told(check, monkeypatch: pytest.MonkeyPatch):
    (finding,) = check("cpu", Settings())
    assert finding.level == "ok"
    monkeypatch.setattr(serd.cli.checks, "BUSY", 0.0)
    (finding,) = check("cpu", Settings())
    assert (finding.level, bool(finding.remedy)) == ("warning", True)
    monkeypatch.setattr(serd.cli.checks, "TOO_BUSY", 0.0)
    (finding,) = check("cpu", Settings())
    assert (finding.level, finding.exit_code) == ("error", 78)


def test_where_a_model_is_too_much_the_best_that_the_machine_carries_is_named(check):
    (finding,) = check("cpu", Settings(model=Model(name=str(activated(heavy=True)))))
    assert (finding.level, finding.exit_code) == ("error", 78)
    assert "heavy" in finding.text
    named = re.match(r"--model (\S+) \((\d+\.\d)% here\), --stride 0.5 or ", finding.remedy)
    assert named, finding.remedy
    assert named[1] in set(BEST_FIRST) & {path.stem for path in installed_models()}
    assert float(named[2]) <= 80


def test_no_model_is_named_where_none_is_carried(check, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(serd.cli.checks, "BUSY", 0.0)
    (finding,) = check("cpu", Settings())
    assert "--model" not in finding.remedy


def test_the_clock_and_systemd_are_looked_at(check):
    assert len(check("clock", Settings())) == 1
    assert check("systemd", Settings())


@pytest.mark.parametrize(
    ("codes", "code"), [([], 0), ([0, 0], 0), ([0, 69], 69), ([69, 2], 2), ([75, 69], 69), ([2, 78, 69], 78)]
)
def test_what_keeps_it_from_starting_is_worse_than_what_can_be_waited_for(codes: list[int], code: int):
    assert worst([Finding("x", "ok", "x", "", one) for one in codes]) == code


@pytest.mark.skipif(os.geteuid() == 0, reason="root may capture from any card")
def test_a_card_this_account_may_not_use_names_the_group(check):
    closed = [path for path in Path("/dev/snd").glob("pcm*c") if not os.access(path, os.R_OK)]
    if not closed:
        pytest.skip("no sound card here that is closed to this account")
    assert any("usermod -aG audio" in finding.remedy for finding in check("permissions", Settings()))
