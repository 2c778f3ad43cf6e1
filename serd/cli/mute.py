"""`serd mute`, `serd unmute`: close the microphone of running serds, and open it again."""

from __future__ import annotations

import os
import sys
from typing import Literal

from serd.errors import OK, SerdError, UsageError
from serd.events.requests import SUFFIX, ask, running
from serd.system.paths import SYSTEM_RUNTIME


def run(
    word: Literal["mute", "unmute"],
    source: str | None = None,
    endpoint: str | None = None,
    server_key: str | None = None,
    keys: str | None = None,
) -> int:
    """Ask the serd at `endpoint`, else all of this account, or those named `source`; a line for each.

    Raises UsageError where there is none; otherwise the exit code tells whether all obeyed.
    """
    if endpoint is None and server_key is not None:
        raise UsageError("--server-key: belongs to --endpoint; the serds of this account need none")
    endpoints = [endpoint] if endpoint else running(os.environ, source)
    if not endpoints:
        raise UsageError(_nobody(source))
    worst = OK
    for one in endpoints:
        try:
            answer = ask(one, word, server_key=server_key, keys=keys)
        except SerdError as error:
            print(f"serd: {error}", file=sys.stderr)
            worst = error.exit_code
            continue
        print(f"{answer.source} (process {answer.pid}): {_told(word, answer.state)}")
        if answer.note:
            print(f"serd: {answer.note}", file=sys.stderr)
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
