"""The control socket: mutes and unmutes a running serd, for its own account and for whoever holds an allowed key.

A request is one frame of JSON, {"request": "mute"}, and so is its answer. The socket is `ipc://`, 0600, in the
runtime directory, one for each source; a TCP endpoint may be added, which always wants keys. It is for all sources,
as signals are, which take the same way.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import select
import threading
import time
from collections.abc import Callable, Mapping
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

    def __init__(self, flags: Mapping[str, MuteFlag], folder: Path) -> None:
        """`flags`: of each source, its mute flag; `folder` is the runtime directory. Signals may be passed on from
        here on; `start` begins to hear them."""
        self._flags, self._folder = flags, folder
        self._pipe, self._mouth = os.pipe()
        os.set_blocking(self._mouth, False)
        self._over = threading.Event()
        self._context: zmq.Context[Any] = zmq.Context()
        self._sockets: dict[zmq.Socket[Any], tuple[str, ...]] = {}
        """Each with the sources that it is for."""
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
            make_private(self._folder)
            _sweep(self._folder)
            for source in self._flags:
                self._bind(f"ipc://{self._folder}/{source}.{os.getpid()}{SUFFIX}", None, (source,))
        except SerdError as error:
            log.warning("control: %s; until then only signals mute (SIGUSR1, SIGUSR2)", error)
        if endpoint is not None:
            self._bind(endpoint, keyring, tuple(self._flags))

    def start(self, watch: ThreadWatch, act: Callable[[Change, str], None], state: Callable[[str], str]) -> None:
        """Begin to hear. `act` passes a request for a source on, from this thread; `state` is the source's."""
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

    def _bind(self, endpoint: str, keyring: Keyring | None, sources: tuple[str, ...]) -> None:
        sock = self._context.socket(zmq.REP)
        self._sockets[sock] = sources
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
            for sock, sources in self._sockets.items():
                if sock in ready and not self._over.is_set():
                    self._serve(sock, sources)
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
                self._do("mute" if letter == "m" else "unmute", "a signal", tuple(self._flags))

    def _serve(self, sock: zmq.Socket[Any], sources: tuple[str, ...]) -> None:
        with contextlib.suppress(zmq.Again):  # asked for, but gone since
            frames = sock.recv_multipart(zmq.DONTWAIT)
            answer: dict[str, Any] = {"ok": True, "source": ", ".join(sources), "pid": os.getpid(), "note": None}
            try:
                word = parse(frames[0] if len(frames) == 1 else b"")
            except ValueError as error:
                answer = {"ok": False, "error": str(error)}
            else:
                if word != "status":
                    answer["note"] = self._do(word, "the control socket", sources)
                    self._await(word, sources)
                answer |= {"state": self._all(sources), "version": __version__}
            sock.send(json.dumps(answer).encode(), zmq.DONTWAIT)

    def _do(self, word: Change, asker: str, sources: tuple[str, ...]) -> str | None:
        """Pass it on and keep it; the fault if it cannot be kept."""
        whom = "" if len(self._flags) == 1 else f" for {', '.join(sources)}"
        log.info("%s: asked for by %s%s", word, asker, whom)
        for source in sources:
            self._act(word, source)
        notes = dict.fromkeys(filter(None, [self._flags[source].set(word == "mute") for source in sources]))
        for note in notes:
            log.error("%s", note)
        return next(iter(notes), None)

    def _await(self, word: Word, sources: tuple[str, ...]) -> None:
        until = time.monotonic() + EFFECT_S
        while any((self._state(one) == "muted") != (word == "mute") for one in sources) and time.monotonic() < until:
            if self._over.wait(0.02):
                return

    def _all(self, sources: tuple[str, ...]) -> str:
        """The state of all of them: the first that is not muted, if one is not."""
        states = [self._state(source) for source in sources]
        return next((state for state in states if state != "muted"), states[0])


def _sweep(folder: Path) -> None:
    """Remove what killed serds have left."""
    for path in folder.glob(f"*{SUFFIX}"):
        with contextlib.suppress(OSError):
            if path.is_socket() and not is_alive(path):
                path.unlink()
