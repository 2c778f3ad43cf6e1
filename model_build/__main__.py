"""`python -m model_build COMMAND`: each command is a module with `add_arguments` and `run`."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence

from serd.errors import CONFIG, SerdError
from serd.system.streams import take_over

COMMANDS = {
    "corpora": (
        "model_build.commands.corpora",
        "list what is there, by emotion and speaker, and what is wrong with it",
    ),
    "train": ("model_build.commands.train", "train a network, quantize it, measure it"),
    "quantize": ("model_build.commands.quantize", "a default model's file anew, from the networks that training kept"),
    "fetch": ("model_build.commands.fetch", "download a corpus from its publisher"),
    "study": ("model_build.commands.study", "repeat the thesis' experiments and settle what it left open"),
    "report": ("model_build.commands.report", "RESULTS.md, its plots and the model card, from the study's records"),
    "evaluate": ("model_build.commands.evaluate", "every figure that one model file can have"),
    "detector": ("model_build.commands.detector", "train and measure the speech detector"),
}
"""Name -> module and what it does. Modules are imported when their command is asked for."""


EXTRA = ("tensorflow", "keras", "jax", "optax", "matplotlib")
"""What only the extra `build` brings."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code."""
    argv = list(sys.argv[1:] if arguments is None else arguments)
    try:
        return _run(argv)
    except ModuleNotFoundError as error:
        if error.name not in EXTRA:
            raise
        remedy = "`pip install '.[build]'` in serd's checkout brings it"
        print(f"model_build: {error.name} is not installed; {remedy}", file=sys.stderr)
        return CONFIG
    except KeyboardInterrupt:
        print("model_build: interrupted; the same command goes on from here", file=sys.stderr)
        return 130


def _run(argv: list[str]) -> int:
    parser = argparse.ArgumentParser("python -m model_build", description="Train, quantize and measure serd's models.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (module, text) in COMMANDS.items():
        command = commands.add_parser(name, help=text, description=text)
        if argv[:1] == [name]:
            importlib.import_module(module).add_arguments(command)
    args = parser.parse_args(argv)
    try:
        return int(importlib.import_module(COMMANDS[args.command][0]).run(args))
    except SerdError as error:
        print(f"model_build {args.command}: {error}", file=sys.stderr)
        return error.exit_code


if __name__ == "__main__":
    take_over()
    sys.exit(main())
