"""serd.cli.flags: each setting has a flag, and the flag sets it and nothing else."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any

import pytest

from serd.cli.flags import add_flags, resolve
from serd.config.settings import Settings, known_settings
from serd.defaults import ENDPOINT
from serd.errors import ConfigError, UsageError

GIVEN: dict[str, tuple[list[str], Any]] = {
    "capture.device": (["--device", "USB"], "USB"),
    "capture.channel": (["--channel", "2"], 2),
    "capture.input": (["--input", "a.wav"], "a.wav"),
    "capture.rate": (["--rate", "48000", "--input", "-"], 48000),
    "capture.channels": (["--channels", "2", "--input", "-"], 2),
    "capture.format": (["--format", "f32le", "--input", "-"], "f32le"),
    "capture.fast": (["--fast", "--input", "a.wav"], True),
    "capture.buffer_s": (["--buffer", "5"], 5.0),
    "capture.voices": (["--voice", "anna=1", "--voice", "ben=2"], ("anna=1", "ben=2")),
    "capture.crosstalk": (["--crosstalk", "drop"], "drop"),
    "model.name": (["--model", "other"], "other"),
    "model.person": (["--person", "anna"], "anna"),
    "model.no_reference": (["--no-reference"], True),
    "model.stride_s": (["--stride", "0.5"], 0.5),
    "publish.endpoints": (["--publish", "tcp://h:1", "--publish", "tcp://h:2"], ("tcp://h:1", "tcp://h:2")),
    "publish.source": (["--source", "kitchen"], "kitchen"),
    "publish.session": (["--session", "monday"], "monday"),
    "publish.high_water_mark": (["--high-water-mark", "7"], 7),
    "publish.secure": (["--secure"], True),
    "publish.keys": (["--keys", "folder"], "folder"),
    "control.endpoint": (["--control", "tcp://127.0.0.1:5557"], "tcp://127.0.0.1:5557"),
    "view.headless": (["--headless"], True),
    "log.level": (["--log-level", "debug"], "debug"),
    "decision.margin": (["--set", "margin=0.3"], 0.3),
}
"""What is typed -> what is then in force."""


@pytest.fixture(autouse=True)
def _nothing_else_is_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.startswith("SERD_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))


def typed(*arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser(allow_abbrev=False)
    add_flags(parser)
    return parser.parse_args(arguments)


def test_every_setting_has_its_flag():
    assert set(GIVEN) >= set(known_settings())
    assert set(vars(typed())) == {*known_settings(), "set", "config"}


def test_help_says_of_every_setting_what_it_is_and_its_default():
    parser = argparse.ArgumentParser(prog="serd")
    add_flags(parser)
    told = " ".join(parser.format_help().split())
    for spec in known_settings().values():
        assert spec.help
        assert f"{spec.flag} {spec.metavar}".strip() in told
        assert " ".join(spec.help.split()) in told
    assert f"repeatable (default {ENDPOINT})" in told


@pytest.mark.parametrize(("key", "arguments", "value"), [(key, *rest) for key, rest in GIVEN.items()], ids=[*GIVEN])
def test_a_flag_sets_its_setting_and_is_named_as_its_origin(key: str, arguments: list[str], value: Any):
    resolved = resolve(typed(*arguments))
    held = {name: (now, origin) for name, now, origin in resolved.values()}
    assert held[key] == (value, known_settings(["margin"])[key].flag)
    others = {name for name, (_, origin) in held.items() if name != key and origin != "default"}
    assert others <= {"capture.input"}, "which --fast and raw samples' flags want beside them"


def test_without_flags_the_defaults_are_in_force():
    assert resolve(typed()).settings == Settings()
    assert Settings().publish.endpoints == (ENDPOINT,)


def test_a_flag_goes_before_the_file_that_another_names(tmp_path: Path):
    (tmp_path / "mine.toml").write_text('[publish]\nsource = "hall"\nsession = "monday"\n')
    publish = resolve(typed("--config", str(tmp_path / "mine.toml"), "--source", "kitchen")).settings.publish
    assert (publish.source, publish.session) == ("kitchen", "monday")


def test_the_last_of_two_values_for_a_rule_counts():
    assert resolve(typed("--set", "margin=0.2", "--set", "margin=0.3")).settings.decision == {"margin": 0.3}


@pytest.mark.parametrize("rule", ["margin", "margins=0.2", "margin=7", "=1"])
def test_a_rule_that_is_none_is_refused(rule: str):
    with pytest.raises(UsageError):
        resolve(typed("--set", rule))


def test_a_file_that_is_not_there_is_refused(tmp_path: Path):
    with pytest.raises(ConfigError, match=r"nosuch\.toml"):
        resolve(typed("--config", str(tmp_path / "nosuch.toml")))
