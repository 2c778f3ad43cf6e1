"""`serd mute`, `serd unmute`: close the microphone of running serds, and open it again."""

from __future__ import annotations

import os
import sys
from typing import Literal

from serd.config.layers import load
from serd.daemon.mute import MuteFlag
from serd.errors import OK, ConfigError, SerdError, UsageError, escaped
from serd.events.requests import SUFFIX, ask, name_of, running
from serd.system.paths import SYSTEM_RUNTIME, state_folder


def run(
    word: Literal["mute", "unmute"],
    source: str | None = None,
    endpoint: str | None = None,
    server_key: str | None = None,
    keys: str | None = None,
    *,
    everywhere: bool = False,
) -> int:
    """Ask the serd at `endpoint`, else those named `source`, else the one of this account; a line for each.

    Of several `mute` closes all; `unmute`, which opens a microphone, wants to be told which, or `everywhere`.
    Where none runs the flag is set or removed that the next one will heed.
    Raises UsageError where that has no effect, or it must be told; otherwise the exit code tells whether all obeyed.
    """
    if endpoint is None and server_key is not None:
        raise UsageError("--server-key: belongs to --endpoint; the serds of this account need none")
    if everywhere and (source is not None or endpoint is not None):
        raise UsageError("--all: means every serd of this account; leave --source and --endpoint out")
    endpoints = [endpoint] if endpoint else running(os.environ, source)
    if not endpoints:
        return _keep(word, source)
    if word == "unmute" and len(endpoints) > 1 and source is None and not everywhere:
        names = ", ".join(dict.fromkeys(map(name_of, endpoints)))
        raise UsageError(f"unmute: {len(endpoints)} serds run here ({names}); name one with --source, or give --all")
    worst, lines = OK, []
    try:
        for one in endpoints:
            try:
                answer = ask(one, word, server_key=server_key, keys=keys)
            except SerdError as error:
                print(f"serd: {error}", file=sys.stderr)
                worst = error.exit_code
                continue
            lines.append(f"{answer.source} (process {answer.pid}): {_told(word, answer.state)}")
            if answer.note:
                print(f"serd: {answer.note}", file=sys.stderr)
    finally:  # not before: a line that cannot be written must not keep the rest from being muted
        print(*lines, sep="\n", end="\n" if lines else "")
    return worst


def _told(word: Literal["mute", "unmute"], state: str) -> str:
    if (state == "muted") != (word == "mute"):
        return f"{state}, {word} is asked for"
    return "unmuted, waiting for the microphone" if state == "waiting" else state


def _keep(word: Literal["mute", "unmute"], source: str | None) -> int:
    """Set or remove the flag of a serd that does not run."""
    if SYSTEM_RUNTIME.is_dir() and not os.access(SYSTEM_RUNTIME, os.R_OK | os.X_OK):
        named = f"source {source}: no serd of that name" if source else "no serd"
        raise UsageError(f"{named} of this account runs here; for the system's: sudo serd {word}")
    name = load({"publish.source": source}, os.environ).settings.publish.source
    flag = MuteFlag(state_folder(os.environ), name)
    where = f"no serd called {name} listens to a microphone under this account here"
    if word == "unmute" and not flag.is_set():
        raise UsageError(f"{where} (*{SUFFIX} in its runtime directory), and the next is not to be muted; start it")
    if fault := flag.set(word == "mute"):
        raise ConfigError(f"{fault}; {where}, so nothing is {word}d")
    after = "the next one begins muted, until `serd unmute`" if word == "mute" else "the next one listens"
    print(f"{name}: {word}d ({escaped(str(flag.path))}): none runs now; {after}")
    return OK
