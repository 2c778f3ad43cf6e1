"""The control socket: mutes and unmutes a running serd, for its own account and for whoever holds an allowed key.

A request is one frame of JSON, {"request": "mute"}, and so is its answer. The socket is `ipc://`, 0600, in the
runtime directory; a TCP endpoint may be added, which always wants keys. Signals take the same way.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import select
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import zmq

from serd.daemon.mute import MuteFlag
from serd.errors import SerdError
from serd.events.curve import Authenticator
from serd.events.endpoint import Bound, bind, is_alive, set_up, unbind
from serd.events.keys import Keyring
from serd.events.requests import LARGEST_REQUEST, SUFFIX, Change, Word, parse
from serd.system.paths import make_private
from serd.system.threads import ThreadWatch
from serd.version import __version__

log = logging.getLogger("serd")

QUEUE = 16
"""Requests kept of each peer."""
BURST, PAUSE_S = 10, 0.1
"""Requests answered at once, and seconds for each one more; ZeroMQ takes its peers in turn."""
EFFECT_S = 3.0
"""How long an answer waits for the request to take effect."""


class Control:
    """Hears requests in a thread of its own, so that a device that hangs does not keep it from answering."""

    def __init__(self, source: str, folder: Path, flag: MuteFlag) -> None:
        """`folder` is the runtime directory. Signals may be passed on from here on; `start` begins to hear them."""
        self._source, self._flag = source, flag
        self._path = folder / f"{source}.{os.getpid()}{SUFFIX}"
        self._pipe, self._mouth = os.pipe()
        os.set_blocking(self._mouth, False)
        self._over = threading.Event()
        self._context: zmq.Context[Any] = zmq.Context()
        self._sockets: list[zmq.Socket[Any]] = []
        self._bound: list[Bound] = []
        self._authenticator: Authenticator | None = None
        self._thread: threading.Thread | None = None
        self._next = 0.0

    @property
    def endpoints(self) -> tuple[str, ...]:
        """The bound endpoints, with drawn ports filled in."""
        return tuple(bound.endpoint for bound in self._bound)

    def listen(self, endpoint: str | None = None, keyring: Keyring | None = None) -> None:
        """Bind the socket in the runtime directory, and `endpoint` if given, for holders of allowed keys.

        Without a runtime directory serd goes on, with a warning: signals still work. Raises UsageError,
        ConfigError for `endpoint`.
        """
        try:
            make_private(self._path.parent)
            _sweep(self._path.parent)
            self._bind(f"ipc://{self._path}", None)
        except SerdError as error:
            log.warning("control: %s; until then only signals mute (SIGUSR1, SIGUSR2)", error)
        if endpoint is not None:
            self._bind(endpoint, keyring)

    def start(self, watch: ThreadWatch, act: Callable[[Change], None], state: Callable[[], str]) -> None:
        """Begin to hear. `act` passes a request on, from this thread; `state` is the daemon's, for the answers."""
        self._act, self._state = act, state
        self._thread = watch.start("control", self._run)

    def signalled(self, word: Change) -> None:
        """A signal asks for it; to be called from its handler, which must not wait."""
        self._tell(word[:1].encode())

    def close(self) -> None:
        """Answer no more, and remove the socket; harmless when closed."""
        if self._over.is_set():
            return
        self._over.set()
        self._tell(b"q")
        if self._thread is not None:
            self._thread.join(1.0)
        unbind(self._bound)
        for sock in self._sockets:
            sock.close(100)
        if self._authenticator is not None:
            self._authenticator.close()
        threading.Thread(target=self._context.term, name="drain", daemon=True).start()
        for descriptor in (self._pipe, self._mouth):
            os.close(descriptor)

    def _bind(self, endpoint: str, keyring: Keyring | None) -> None:
        sock = self._context.socket(zmq.REP)
        self._sockets.append(sock)
        set_up(sock, (endpoint,), LARGEST_REQUEST)
        sock.set(zmq.RCVHWM, QUEUE)
        sock.set(zmq.SNDHWM, QUEUE)
        if keyring is not None:
            self._authenticator = Authenticator(self._context, keyring)
            self._authenticator.protect(sock)
        self._bound.append(bind(sock, endpoint))

    def _tell(self, letter: bytes) -> None:
        with contextlib.suppress(OSError):  # full: a thousand signals wait already
            os.write(self._mouth, letter)

    def _run(self) -> None:
        poller = zmq.Poller()
        for heard in (self._pipe, *self._sockets):
            poller.register(heard, zmq.POLLIN)
        while not self._over.is_set():
            ready = dict(poller.poll())
            if self._pipe in ready:
                self._heed_signals()
            for sock in self._sockets:
                if sock in ready and not self._over.is_set():
                    self._serve(sock)
                    self._rest()

    def _rest(self) -> None:
        """Hold requests, not signals, back to the rate."""
        now = time.monotonic()
        self._next = max(self._next, now - BURST * PAUSE_S) + PAUSE_S
        while (left := self._next - now) > 0 and not self._over.is_set():
            if select.select([self._pipe], [], [], left)[0]:
                self._heed_signals()
            now = time.monotonic()

    def _heed_signals(self) -> None:
        for letter in os.read(self._pipe, 4096).decode():
            if letter in "mu":
                self._do("mute" if letter == "m" else "unmute", "a signal")

    def _serve(self, sock: zmq.Socket[Any]) -> None:
        with contextlib.suppress(zmq.Again):  # asked for, but gone since
            frames = sock.recv_multipart(zmq.DONTWAIT)
            answer: dict[str, Any] = {"ok": True, "source": self._source, "pid": os.getpid(), "note": None}
            try:
                word = parse(frames[0] if len(frames) == 1 else b"")
            except ValueError as error:
                answer = {"ok": False, "error": str(error)}
            else:
                if word != "status":
                    answer["note"] = self._do(word, "the control socket")
                    self._await(word)
                answer |= {"state": self._state(), "version": __version__}
            sock.send(json.dumps(answer).encode(), zmq.DONTWAIT)

    def _do(self, word: Change, asker: str) -> str | None:
        """Pass it on and keep it; the fault if it cannot be kept."""
        log.info("%s: asked for by %s", word, asker)
        self._act(word)
        note = self._flag.set(word == "mute")
        if note:
            log.error("%s", note)
        return note

    def _await(self, word: Word) -> None:
        until = time.monotonic() + EFFECT_S
        while (self._state() == "muted") != (word == "mute") and time.monotonic() < until:
            if self._over.wait(0.02):
                return


def _sweep(folder: Path) -> None:
    """Remove what killed serds have left."""
    for path in folder.glob(f"*{SUFFIX}"):
        with contextlib.suppress(OSError):
            if path.is_socket() and not is_alive(path):
                path.unlink()
