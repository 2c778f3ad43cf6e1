"""serd.cli.start: where the command begins."""

from __future__ import annotations

import subprocess
import sys

import serd

CODE = """
import sys
sys.argv = ["serd", *sys.argv[1:]]
from serd.cli.start import main
code = main()
print(code, *sorted({"argparse", "dataclasses", "logging", "numpy", "zmq"} & set(sys.modules)), file=sys.stderr)
"""


def start(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", CODE, *arguments], capture_output=True, text=True, check=False, timeout=60
    )


def test_the_version_is_told_without_what_it_does_not_take() -> None:
    told = start("--version")
    assert (told.stdout, told.stderr) == (f"serd {serd.__version__}\n", "0\n")


def test_what_is_more_than_the_version_is_the_parsers() -> None:
    told = start("--version", "--nosuch")
    assert told.stdout == ""
    assert told.stderr.endswith("2 argparse dataclasses logging\n")
