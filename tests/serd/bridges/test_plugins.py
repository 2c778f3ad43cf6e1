"""serd/bridges/plugins.py: which bridges there are, others' too, and what is said of one that lacks something."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from serd.bridges.plugins import GROUP, installed

Run = Callable[..., subprocess.CompletedProcess[str]]
NEEDS = {"mqtt": "paho", "prometheus": "prometheus_client", "lsl": "pylsl", "osc": "pythonosc", "nats": "nats"}

LAMP = '''
from dataclasses import dataclass
from serd.bridges.options import Settings

class Lamp:
    """Light a lamp."""

    Settings = Settings

    def __init__(self, settings):
        print("lit", settings.source, flush=True)
        raise SystemExit(0)
'''


def test_the_bridges_of_serd_are_found() -> None:
    assert set(installed()) >= {"mqtt", "prometheus", "lsl", "osc", "command"}


@pytest.mark.parametrize(("name", "module"), NEEDS.items())
def test_a_missing_extra_is_one_line_with_the_command_that_brings_it(
    run: Run, tmp_path: Path, name: str, module: str
) -> None:
    (tmp_path / "sitecustomize.py").write_text(f"import sys; sys.modules[{module!r}] = None\n")
    done = run("bridge", name, env={"PYTHONPATH": str(tmp_path)})
    assert done.returncode == 78
    assert done.stderr.startswith(f"serd: bridge {name}: {module}")
    assert f"is not installed; pip install '.[{name}]' (in serd's checkout" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_library_that_cannot_be_loaded_is_one_line(run: Run, tmp_path: Path) -> None:
    (tmp_path / "pylsl.py").write_text("raise RuntimeError('LSL binary library file was not found.')\n")
    done = run("bridge", "lsl", env={"PYTHONPATH": str(tmp_path)})
    assert done.returncode == 78
    assert "LSL binary library file was not found" in done.stderr
    assert done.stderr.count("\n") == 1


def test_another_package_adds_a_bridge(run: Run, tmp_path: Path) -> None:
    (tmp_path / "lamp.py").write_text(LAMP)
    metadata = tmp_path / "lamp-1.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: lamp\nVersion: 1\n")
    # One of serd's own names is not taken over.
    (metadata / "entry_points.txt").write_text(f"[{GROUP}]\nlamp = lamp:Lamp\nosc = lamp:Lamp\n")
    env = {"PYTHONPATH": str(tmp_path)}
    done = run("bridge", "lamp", "--source", "kitchen", env=env)
    assert done.stdout == "lit kitchen\n", done.stderr
    assert "Open Sound Control" not in done.stdout
    assert "Send OSC messages" in run("bridge", "osc", "--help", env=env).stdout


def test_a_name_that_is_none_is_one_line(run: Run) -> None:
    done = run("bridge", "pigeon")
    assert done.returncode == 2
    assert done.stderr.startswith("serd: pigeon: no command of serd bridge; give one of ")
    assert "prometheus" in done.stderr
    assert run("bridge").returncode == 2
    assert "mqtt" in run("bridge", "--help").stdout


SEEN = """
import importlib, sys
importlib.import_module("serd.cli.bridge")
importlib.import_module("serd.bridges.{name}")
print(*sorted(module for module in sys.modules if module.startswith("serd.")))
"""
HELD_SOUND = (
    "audio block devices drift frontend inference interpreter microphone model pipeline portaudio quality"
    " recording reporter resampler ring scoring segment stride"
)


@pytest.mark.parametrize("name", ["mqtt", "prometheus", "lsl", "osc", "command", "nats"])
def test_a_bridge_reaches_neither_sound_nor_networks_nor_another_bridge(name: str) -> None:
    done = subprocess.run([sys.executable, "-c", SEEN.format(name=name)], capture_output=True, text=True, check=True)
    modules = set(done.stdout.split())
    sound = {f"serd.{word}" for word in HELD_SOUND.split()}
    assert not {module for module in modules if module in sound or ".".join(module.split(".")[:2]) in sound}
    others = {f"serd.bridges.{other}" for other in ("mqtt", "prometheus", "lsl", "osc", "command", "web", "nats")}
    assert modules & others == {f"serd.bridges.{name}"}
    assert ("serd.bridges.homeassistant" in modules) == (name == "mqtt")
