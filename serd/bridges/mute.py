"""Mutes and unmutes the serds whose events a bridge hands on: on this account, or over `--control` with a key."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Iterator
from typing import Literal

from serd.bridges.feed import key_for_each
from serd.bridges.options import ControlSettings
from serd.errors import SerdError, UsageError
from serd.events.requests import Answer, ask, running

log = logging.getLogger("serd")

Word = Literal["mute", "unmute"]

TIMEOUT_S = 5.0
"""How long one serd may take to answer. It answers within 3 s, whether or not its device hangs."""


def request(settings: ControlSettings, source: str, word: Word) -> Answer:
    """Ask the serd called `source`; waits for its answer. Raises UsageError, ConfigError."""
    for endpoint, key in _endpoints(settings, source):
        if ask(endpoint, "status", server_key=key, keys=settings.keys, timeout=TIMEOUT_S).source == source:
            return ask(endpoint, word, server_key=key, keys=settings.keys, timeout=TIMEOUT_S)
    raise UsageError(f"source {source}: no control socket of it was found here; give its --control ENDPOINT")


def obeyed(answer: Answer, word: Word) -> bool:
    """Whether what was asked for has come about."""
    return (answer.state == "muted") == (word == "mute")


def check(settings: ControlSettings) -> None:
    """Raises UsageError where keys and control endpoints do not go together."""
    key_for_each(settings.control_keys, len(settings.control), "--control-key", "--control")


def _endpoints(settings: ControlSettings, source: str) -> Iterator[tuple[str, str | None]]:
    """Control endpoints that may be those of `source`, with the keys they prove; local ones first."""
    yield from ((endpoint, None) for endpoint in running(os.environ, source))
    keys = key_for_each(settings.control_keys, len(settings.control), "--control-key", "--control")
    yield from zip(settings.control, keys, strict=True)


class MuteCommands:
    """Mutes and unmutes in a thread of its own, for who must not wait; the last command for a serd counts."""

    def __init__(self, settings: ControlSettings) -> None:
        self._settings = settings
        self._pending: dict[str, Word] = {}
        self._lock = threading.Lock()
        self._busy = False

    def put(self, source: str, word: Word) -> None:
        """Ask for it, soon; what comes of it is logged, and told by the serd's own status."""
        with self._lock:
            self._pending[source] = word
            if not self._busy:
                self._busy = True
                threading.Thread(target=self._run, name="mute", daemon=True).start()

    def _run(self) -> None:
        while True:
            with self._lock:
                if not self._pending:
                    self._busy = False
                    return
                source = next(iter(self._pending))
                word = self._pending.pop(source)
            try:
                answer = request(self._settings, source, word)
                log.info("source %s: %s asked for, it is %s", source, word, answer.state)
            except SerdError as error:
                log.warning("%s", error)
