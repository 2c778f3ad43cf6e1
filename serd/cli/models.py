"""`serd models`: the installed models and what they know."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

from serd.errors import OK, ConfigError
from serd.inference.contract import read_model
from serd.inference.interpreter import runtime
from serd.inference.model import installed_models, unusable


def run(as_json: bool) -> int:
    """Print a few lines a model, or the whole contracts as JSON. Raises ConfigError for a damaged file."""
    contracts = [(path, read_model(path)[1]) for path in installed_models()]
    if as_json:
        print(json.dumps([{"file": str(path), **dataclasses.asdict(made)} for path, made in contracts], indent=1))
        return OK
    for path, made in contracts:
        seconds = made.front_end.window / made.front_end.stft.sample_rate
        print(f"{made.name} {made.version}: {made.task}, {path.stat().st_size / 1000:.0f} kB, window {seconds:.2f} s")
        print(f"  labels      {' '.join(made.labels)}")
        heard = ", ".join(f"{corpus} ({len(speakers)})" for corpus, speakers in made.trained_on.items())
        print(f"  trained on  {heard}")
        print(f"  licence     {made.licence}")
        print(f"  loads here  {_loads(path)}")
    return OK


def _loads(path: Path) -> str:
    """Whether the interpreter here can run it."""
    try:
        return f"no: {fault}" if (fault := unusable(path)) else f"yes, {runtime()}"
    except ConfigError as error:
        return f"no: {error}"
