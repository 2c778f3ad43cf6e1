"""serd.inference.interpreter: the one import site, and what is said where it fails."""

from __future__ import annotations

import subprocess
import sys

import pytest

from serd.errors import ConfigError
from serd.inference.interpreter import make_interpreter, runtime


def test_ai_edge_litert_is_the_default():
    assert runtime() == "ai-edge-litert"


def test_an_unknown_runtime_is_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SERD_RUNTIME", "onnx")
    with pytest.raises(ConfigError, match="SERD_RUNTIME=onnx"):
        runtime()


def test_a_runtime_that_is_not_installed_says_what_to_install(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "tflite_runtime.interpreter", None)
    monkeypatch.setenv("SERD_RUNTIME", "tflite-runtime")
    with pytest.raises(ConfigError, match="pip install ai-edge-litert"):
        runtime()


def test_rubbish_is_a_value_error_not_a_crash():
    with pytest.raises(ValueError, match=r"."):
        make_interpreter(b"\x1c\x00\x00\x00TFL3" + bytes(64))


def test_loading_a_model_says_nothing_on_the_programs_stderr():
    taken = "from serd.system.streams import take_over; take_over()"
    code = f"{taken}; from serd.inference.model import load; load('speech', 'speech')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr == ""
