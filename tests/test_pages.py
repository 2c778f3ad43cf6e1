"""README's and the documentation's commands, run from the text itself.

A block of shell commands or Python runs where the comment above it says so: `<!-- run -->`, or `<!-- run: until it is
interrupted after N s -->` for what has no end. One that cannot run here says why: `<!-- not run: REASON -->`. A block
runs in a folder with `clip.wav` and `recordings/`, as an account without settings, on a network of its own where a serd
plays its demo.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.speech import DEMO
from tools import docs
from tools.checkout import ROOT

MARK = r"(?:^ *<!-- (?P<mark>(?:not )?run)(?:: (?P<how>.*?))? -->\n)?"
BLOCK = re.compile(
    MARK + r"^(?P<indent> *)```(?P<language>sh|bash|python)\n(?P<text>.*?)^(?P=indent)```", re.MULTILINE | re.DOTALL
)
FENCE = re.compile(r"^ *```(\w*)[^`\n]*$", re.MULTILINE)
PYTHON = """import sys
try:
    exec(sys.argv[1], {})
except KeyboardInterrupt:
    sys.exit(130)
"""
"""Runs Python of a page; Ctrl-C ends it as it ends a command."""
UNTIL = re.compile(r"until it is interrupted after (\d+) s")


@dataclass(frozen=True)
class Block:
    """Shell commands, or Python, of a page."""

    place: str
    """Page and line."""
    mark: str
    how: str
    language: str
    text: str

    @property
    def commands(self) -> str:
        """What a shell is to run."""
        if self.language == "python":
            return shlex.join(["python", "-c", PYTHON, self.text])
        return self.text


def blocks() -> list[Block]:
    """Those of all pages of the site."""
    found = []
    for place, file in sorted(docs.pages().items()):
        if file.suffix == ".md":
            text = file.read_text()
            for match in BLOCK.finditer(text):
                line = text.count("\n", 0, match.start("text"))
                mark, how, code = match["mark"] or "", match["how"] or "", textwrap.dedent(match["text"])
                found.append(Block(f"{place}:{line}", mark, how, match["language"], code))
    return found


BLOCKS = blocks()
RUN = [block for block in BLOCKS if block.mark == "run"]


def test_every_block_of_commands_runs_or_says_why_not():
    silent = [block.place for block in BLOCKS if not block.mark or (block.mark == "not run" and len(block.how) < 10)]
    assert silent == [], "say <!-- run --> or <!-- not run: the reason --> above it"
    assert RUN


def test_every_block_names_its_language():
    """One that does not could be commands that nothing runs."""
    bare = []
    for place, file in sorted(docs.pages().items()):
        if file.suffix == ".md":
            text = file.read_text()
            begins = [match for number, match in enumerate(FENCE.finditer(text)) if number % 2 == 0]
            bare += [f"{place}:{text.count(chr(10), 0, match.start()) + 1}" for match in begins if not match[1]]
    assert bare == []


@pytest.fixture
def alone(tmp_path: Path) -> list[str]:
    """A command prefix: what follows runs on a network of its own, beside a serd that plays its demo."""
    if subprocess.run(["unshare", "-Urn", "true"], check=False, capture_output=True).returncode:
        pytest.skip("no namespaces for this account here, and so no network of one's own")
    shutil.copy2(DEMO, tmp_path / "clip.flac")
    script = tmp_path / "beside.sh"
    script.write_text(
        textwrap.dedent(
            """\
            ip link set lo up
            cd "$1"
            serd --demo --headless --model serd-small >/dev/null 2>beside.log &
            beside=$!
            until timeout 20 serd tail --count 1 >/dev/null 2>&1; do kill -0 $beside || exit 99; done
            touch ../begun
            bash -euo pipefail -c "$2"
            code=$?
            kill $beside; wait $beside
            exit $code
            """
        )
    )
    return ["unshare", "-Urn", "bash", str(script)]


@pytest.mark.parametrize("block", RUN, ids=[block.place for block in RUN])
def test_the_commands_of_a_page_run(block: Block, alone: list[str], tmp_path: Path):
    for tool in ("ffmpeg", "jq", "curl"):
        if re.search(rf"\b{tool}\b", block.text) and shutil.which(tool) is None:
            pytest.skip(f"no {tool} here; script/test installs it")
    folder = tmp_path / "folder"
    folder.mkdir()
    subprocess.run(["sox", tmp_path / "clip.flac", folder / "clip.wav", "trim", "0", "6"], check=True)
    (folder / "recordings").mkdir()
    shutil.copy2(folder / "clip.wav", folder / "recordings" / "interview.wav")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SERD_", "XDG_"))}
    environment = kept | {
        "HOME": str(tmp_path),
        "XDG_RUNTIME_DIR": str(tmp_path),
        "PATH": f"{Path(sys.executable).parent}:{ROOT / 'examples'}:{os.environ['PATH']}",
    }
    until = UNTIL.fullmatch(block.how)
    with subprocess.Popen(
        [*alone, str(folder), block.commands], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL, text=True, start_new_session=True,
    ) as process:  # fmt: skip
        try:
            if until:
                while process.poll() is None and not (tmp_path / "begun").exists():  # the serd beside it begins first
                    time.sleep(0.05)
                time.sleep(int(until[1]))
                assert process.poll() is None, process.communicate()
                os.killpg(process.pid, signal.SIGINT)
            out, errors = process.communicate(timeout=300)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
    assert process.returncode in ((0, 130) if until else (0,)), (out, errors)
    assert "Traceback" not in errors
