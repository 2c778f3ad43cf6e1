"""serd/bridges/options.py: a bridge's settings from `[bridge.NAME]`, variables and flags, with their origins."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from serd.bridges.options import MOST, Settings, listing, load, option
from serd.config.layers import load as load_daemon
from serd.config.settings import endpoint, truth, whole
from serd.errors import ConfigError, UsageError


@dataclass(frozen=True)
class LampSettings(Settings):
    port: int = option(7, "a whole number in 1..65535", whole(1, 65535), "of the lamp", "N")
    dim: bool = option(False, "true or false", truth, "half as bright")
    rooms: tuple[str, ...] = option(
        (), "endpoints", listing(endpoint), "of rooms", "ENDPOINT", flag="--room", many=True
    )


def settle(tmp_path: Path, file: str = "", environ: dict[str, str] | None = None, **flags: Any) -> Any:
    path = tmp_path / "serd.toml"
    path.write_text(file)
    return load("big-lamp", LampSettings, flags, environ or {}, config_file=path, system_file=tmp_path / "none")


def test_defaults_hold_where_nothing_is_given(tmp_path: Path) -> None:
    settings, origins = settle(tmp_path, port=None, rooms=None)
    assert settings == LampSettings()
    assert settings.endpoints == ("tcp://127.0.0.1:5556",)
    assert set(origins.values()) == {"default"}


def test_flags_go_before_variables_and_these_before_files(tmp_path: Path) -> None:
    file = '[bridge.big-lamp]\nport = 1\ndim = true\nsource = "kitchen"\nendpoints = ["tcp://10.0.0.1:1"]\n'
    environ = {"SERD_BRIDGE_BIG_LAMP_PORT": "2", "SERD_BRIDGE_BIG_LAMP_DIM": "no"}
    settings, origins = settle(tmp_path, file, environ, port="3")
    assert (settings.port, settings.dim, settings.source) == (3, False, "kitchen")
    assert origins["port"] == "--port"
    assert origins["dim"] == "SERD_BRIDGE_BIG_LAMP_DIM"
    assert origins["endpoints"] == str(tmp_path / "serd.toml")


def test_a_list_may_hold_many_and_is_split_at_commas_in_text(tmp_path: Path) -> None:
    many = [f"tcp://10.0.0.1:{port}" for port in range(1, 301)]
    assert len(settle(tmp_path, rooms=many)[0].rooms) == 300
    environ = {"SERD_BRIDGE_BIG_LAMP_ROOMS": "tcp://a:1, ipc:///b"}
    assert settle(tmp_path, environ=environ)[0].rooms == ("tcp://a:1", "ipc:///b")
    with pytest.raises(UsageError, match="--room"):
        settle(tmp_path, rooms=many * (MOST // 300 + 1))


@pytest.mark.parametrize(
    ("file", "environ", "flags", "fault"),
    [
        ("[bridge.big-lamp]\nprot = 1", {}, {}, r"unknown key bridge\.big-lamp\.prot; did you mean .*port"),
        ('[bridge.big-lamp]\nport = "1"', {}, {}, "must be a whole number in 1..65535, not a string"),
        ("bridge.big-lamp = 3", {}, {}, "unknown key bridge.big-lamp"),
        ("", {"SERD_BRIDGE_BIG_LAMP_PORT": "x"}, {}, "variable SERD_BRIDGE_BIG_LAMP_PORT"),
        ("", {"SERD_BRIDGE_BIG_LAMP_RED": "x"}, {}, "unknown"),
        ("", {}, {"port": "0"}, "--port"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_one_line(
    tmp_path: Path, file: str, environ: dict[str, str], flags: dict[str, str], fault: str
) -> None:
    with pytest.raises((ConfigError, UsageError), match=fault):
        settle(tmp_path, file, environ, **flags)


def test_bridges_sections_do_not_concern_the_daemon_nor_each_other(tmp_path: Path) -> None:
    file = tmp_path / "serd.toml"
    file.write_text("[bridge.other]\nwhat = 1\n[bridge.big-lamp]\nport = 5\n[publish]\nsource = 'here'\n")
    environ = {"SERD_BRIDGE_OTHER_X": "1", "SERD_SOURCE": "there"}
    assert load("big-lamp", LampSettings, {}, environ, config_file=file)[0].port == 5
    assert load_daemon({}, environ, file).settings.publish.source == "there"


def test_show_config_prints_what_can_be_read_back(
    run: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    first = run("bridge", "osc", "--source", "kitchen", "--target", "10.0.0.1:9", "--show-config")
    assert first.returncode == 0, first.stderr
    assert 'destination = "10.0.0.1:9"  # --target' in first.stdout.splitlines()
    (tmp_path / "own.toml").write_text(first.stdout)
    again = run("bridge", "osc", "--config", tmp_path / "own.toml", "--show-config")
    assert f'source = "kitchen"  # {tmp_path}/own.toml' in again.stdout.splitlines()
