"""A process of its own that captures: PortAudio reads its environment once, and the test's must stay clean.

As a program: commands as JSON lines on stdin, each answered by one JSON line on stdout. As a module:
`Capture`, the test's end of that conversation.
"""

from __future__ import annotations

import json
import select
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from serd.block import Block

ROOT = Path(__file__).resolve().parents[2]


class Capture:
    """A microphone in a child process; its methods are those of `Child`."""

    def __init__(self, env: dict[str, str], **settings: Any) -> None:
        self._process = subprocess.Popen(
            [sys.executable, __file__, json.dumps(settings)], env=env, cwd=ROOT,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0,
        )  # fmt: skip

    def ask(self, command: str, **arguments: Any) -> Any:
        """Say it and wait for the answer: a dict, with `error` and `text` if it raised."""
        self.say(command, **arguments)
        return self.answer()

    def say(self, command: str, **arguments: Any) -> None:
        """Say it without waiting."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps([command, arguments]).encode() + b"\n")

    def answer(self, timeout: float = 40) -> Any:
        """The next answer."""
        assert self._process.stdout is not None
        line = b""
        while not line.endswith(b"\n"):
            ready, _, _ = select.select([self._process.stdout], [], [], timeout)
            assert ready, f"no answer within {timeout} s"
            more = self._process.stdout.read(1 << 16)
            assert more, f"the capturing process died: {self.leave()}"
            line += more
        return json.loads(line)

    def leave(self) -> tuple[int, str]:
        """Let it come to its end; exit status and all it wrote to stderr."""
        try:
            _, err = self._process.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            _, err = self._process.communicate()
            return -999, err.decode()
        return self._process.returncode, err.decode()

    def __enter__(self) -> Capture:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()


class Child:
    """The other end."""

    def __init__(self, settings: dict[str, Any]) -> None:
        from serd.audio.microphone import Microphone

        settings["native_rates"] = tuple(settings.get("native_rates", ()))
        self.microphone = Microphone(**settings)
        self.last: dict[str, Any] = {}

    def open(self, **arguments: Any) -> dict[str, Any]:
        self.microphone.open(**arguments)
        return {
            "name": self.microphone.name,
            "native_rate": self.microphone.native_rate,
            "channels": self.microphone.channels,
        }

    def read(self, timeout: float = 20) -> dict[str, Any]:
        """One block in numbers; `block` is None where none came."""
        block = self.microphone.read(timeout)
        if block is None:
            return {"block": None}
        self.last = {
            "start": block.start,
            "end": block.end,
            "gap": block.gap,
            "overflows": block.overflows,
            "arrived": block.arrived,
            "now": time.monotonic(),
        }
        return self.last

    def drain(self) -> dict[str, Any]:
        """Read until nothing comes any more."""
        while "end" in (reply := self.read(0.3)):
            pass
        return reply

    def latest(self) -> dict[str, Any]:
        """The last block read."""
        return self.last

    def neglect(self, seconds: float) -> dict[str, Any]:
        """Let blocks pile up."""
        time.sleep(seconds)
        return {}

    def record(self, seconds: float, path: str) -> dict[str, Any]:
        """All samples of the next so many seconds, saved."""
        blocks: list[Block] = []
        while sum(len(block.samples) for block in blocks) < seconds * 16000:
            block = self.microphone.read(5)
            if block is None:
                break
            blocks.append(block)
        np.save(path, np.concatenate([block.samples for block in blocks]))
        holes = sum(one.end != after.start for one, after in pairwise(blocks))
        return {"gaps": sum(block.gap for block in blocks), "holes": holes, "overflows": blocks[-1].overflows}

    def close(self, **arguments: Any) -> dict[str, Any]:
        self.microphone.close(**arguments)
        return {"closed": True}


def main() -> None:
    """Obey until stdin ends."""
    take_over()  # as the program does: PortAudio's chatter goes nowhere
    child = Child(json.loads(sys.argv[1]))
    for line in sys.stdin:
        command, arguments = json.loads(line)
        try:
            reply = getattr(child, command)(**arguments)
        except Exception as error:
            reply = {"error": type(error).__name__, "text": str(error)}
        print(json.dumps(reply), flush=True)


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    from serd.system.streams import take_over

    main()
