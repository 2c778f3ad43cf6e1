"""Row 22: no TFLite interpreter for this Python or machine. Its import is kept from succeeding, as on 32-bit ARM."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.speech import DEMO

BLOCKED = """
import sys
for name in ("ai_edge_litert", "tflite_runtime"):
    sys.modules[name] = None  # an import of it raises ImportError
from serd.cli.main import main
sys.exit(main())
"""


@pytest.mark.parametrize("arguments", [["--input", str(DEMO)], ["score", str(DEMO)], ["doctor", "--input", str(DEMO)]])
def test_it_is_one_line_with_the_remedy(tmp_path: Path, arguments: list[str]):
    done = subprocess.run(
        [sys.executable, "-c", BLOCKED, *arguments], capture_output=True, text=True, check=False, cwd=tmp_path,
        env={"HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path)},
    )  # fmt: skip
    assert done.returncode == 78
    said = done.stdout if "doctor" in arguments else done.stderr
    assert "pip install ai-edge-litert" in said
    assert "Traceback" not in done.stdout + done.stderr
    if "doctor" not in arguments:
        assert len(done.stderr.splitlines()) == 1


def test_what_needs_no_network_works_without_one(tmp_path: Path):
    done = subprocess.run(
        [sys.executable, "-c", BLOCKED, "tail", f"ipc://{tmp_path}/x", "--timeout", "0.1"],
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0
