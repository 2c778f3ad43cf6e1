"""`serd mute`, `serd unmute`: close the microphone of running serds, and open it again."""

from __future__ import annotations

import os
import sys
from typing import Literal

from serd.errors import OK, SerdError, UsageError
from serd.events.requests import SUFFIX, ask, name_of, running
from serd.system.paths import SYSTEM_RUNTIME


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
    Raises UsageError where there is none, or it must be told; otherwise the exit code tells whether all obeyed.
    """
    if endpoint is None and server_key is not None:
        raise UsageError("--server-key: belongs to --endpoint; the serds of this account need none")
    if everywhere and (source is not None or endpoint is not None):
        raise UsageError("--all: means every serd of this account; leave --source and --endpoint out")
    endpoints = [endpoint] if endpoint else running(os.environ, source)
    if not endpoints:
        raise UsageError(_nobody(source))
    if word == "unmute" and len(endpoints) > 1 and source is None and not everywhere:
        names = ", ".join(dict.fromkeys(map(name_of, endpoints)))
        raise UsageError(f"unmute: {len(endpoints)} serds run here ({names}); name one with --source, or give --all")
    worst, told = OK, []
    try:
        for one in endpoints:
            try:
                answer = ask(one, word, server_key=server_key, keys=keys)
            except SerdError as error:
                print(f"serd: {error}", file=sys.stderr)
                worst = error.exit_code
                continue
            told.append(f"{answer.source} (process {answer.pid}): {_told(word, answer.state)}")
            if answer.note:
                print(f"serd: {answer.note}", file=sys.stderr)
    finally:  # not before: a line that cannot be written must not keep the rest from being muted
        print(*told, sep="\n", end="\n" if told else "")
    return worst


def _told(word: Literal["mute", "unmute"], state: str) -> str:
    if (state == "muted") != (word == "mute"):
        return f"{state}, {word} is asked for"
    return "unmuted, waiting for the microphone" if state == "waiting" else state


def _nobody(source: str | None) -> str:
    named = f"source {source}: no serd of that name" if source else "no serd"
    if SYSTEM_RUNTIME.is_dir() and not os.access(SYSTEM_RUNTIME, os.R_OK | os.X_OK):
        return f"{named} of this account runs here; for the system's: sudo serd mute"
    return f"{named} listens to a microphone under this account here (*{SUFFIX} in its runtime directory); start it"
