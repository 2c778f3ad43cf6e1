"""Defaults that more than one part of serd must agree on; all others stand in `serd.config.settings`."""

from __future__ import annotations

from pathlib import Path

MODEL = "serd-base"
"""Name of the emotion model."""

FALLBACK_MODEL = "serd-small"
"""The default where the interpreter is too old for MODEL: an int8 network, which all of them load."""

BEST_FIRST = ("serd-base", "serd-small", "serd-tiny")
"""Models to choose from for a machine that does not carry the one that was chosen; thesis-cnn is there to compare."""

STRIDE_S = 0.25
"""Seconds between two windows."""

ENDPOINT = "tcp://127.0.0.1:5556"
"""Where serd publishes, and where its readers look for it."""

BUSY = 0.8
"""Share of real time spent on computing from which on it is worth a warning."""

DEMO = Path(__file__).with_name("data") / "demo.opus"
"""The recording of `serd --demo`."""
