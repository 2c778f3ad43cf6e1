"""Requests to a running serd: what may be asked over its control socket, whom to ask, and how."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import zmq

from serd.errors import UsageError
from serd.events.connection import LOOK_S, Connection
from serd.events.curve import prove
from serd.events.endpoint import check, is_alive, set_up
from serd.events.keys import Keyring, public_key
from serd.events.payload import Payload
from serd.system.paths import endpoint_at_home, runtime_folders

Word = Literal["mute", "unmute", "status"]
WORDS: tuple[Word, ...] = get_args(Word)
Change = Literal["mute", "unmute"]

SUFFIX = ".control"
"""Ending of a control socket's name in the runtime directory."""
LARGEST_REQUEST, LARGEST_ANSWER = 1024, 1 << 16
"""Bytes of a message; longer ones cut their sender off."""
TIMEOUT_S = 8.0
"""How long an answer may take."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a serd says of itself."""

    source: str
    pid: int
    state: str
    note: str | None
    """A fault that a person should know of."""


def parse(message: bytes) -> Word:
    """The request in a message. Raises ValueError with one line on what is wrong with it."""
    if len(message) > LARGEST_REQUEST:
        raise ValueError(f"the request is longer than {LARGEST_REQUEST} bytes")
    try:
        pairs = json.loads(message.decode("utf-8"), object_pairs_hook=list)
    except (ValueError, RecursionError):
        raise ValueError("the request is not JSON in UTF-8") from None
    # As pairs, so that a name given twice is seen: [] and {} look alike, [["request", ...]] does too.
    if not message.lstrip().startswith(b"{") or len(pairs) != 1 or pairs[0][0] != "request":
        raise ValueError('the request is not {"request": ...} and nothing else')
    for word in WORDS:
        if pairs[0][1] == word:
            return word
    raise ValueError(f"the request is none of {', '.join(WORDS)}")


def running(environ: Mapping[str, str], source: str | None = None) -> list[str]:
    """Control endpoints of the serds that this account may command, or of those of one name."""
    endpoints = []
    for folder in runtime_folders(environ):
        try:
            paths = sorted(path for path in folder.iterdir() if path.name.endswith(SUFFIX))
        except OSError:
            continue
        endpoints += [f"ipc://{path}" for path in paths if _is_serd(path, source)]
    return endpoints


def name_of(endpoint: str) -> str:
    """The source of the serd whose control endpoint this is, one of `running`."""
    return Path(endpoint).name.split(".")[0]


def process_of(endpoint: str) -> int | None:
    """The process of the serd whose control endpoint this is, by the endpoint's name."""
    number = Path(endpoint).name.removesuffix(SUFFIX).rpartition(".")[2]
    return int(number) if number.isdecimal() else None


def ask(
    endpoint: str, word: Word, *, server_key: str | None = None, keys: str | None = None, timeout: float = TIMEOUT_S
) -> Answer:
    """Ask one serd. Raises UsageError if it refuses or does not answer, ConfigError for keys."""
    endpoint = endpoint_at_home(endpoint)
    check(endpoint)
    with zmq.Context() as context, context.socket(zmq.REQ) as sock:
        set_up(sock, (endpoint,), LARGEST_ANSWER)
        if server_key is not None:
            prove(sock, public_key(server_key), Keyring.from_environment(os.environ, keys).pair("client"))
        sock.set(zmq.IMMEDIATE, 1)  # the request is for whoever answers, over either family of addresses
        until = time.monotonic() + timeout
        connection = Connection(sock, endpoint)
        while not sock.poll(int(LOOK_S * 1000), zmq.POLLOUT) and time.monotonic() < until:
            connection.look()
        connection.close()
        try:
            sock.send(json.dumps({"request": word}).encode(), zmq.DONTWAIT)
            answered = sock.poll(max(0, int((until - time.monotonic()) * 1000)))
        except zmq.Again:
            answered = 0
        if not answered:
            raise UsageError(
                f"{endpoint}: no answer; see that serd runs there and, over TCP, that its key is the one given with"
                " --server-key and ours is allowed there"
            )
        return _read(endpoint, sock.recv())


def _read(endpoint: str, message: bytes) -> Answer:
    """The answer in a message: it comes from a serd we trust, perhaps of another version."""
    try:
        fields = Payload(json.loads(message))
    except (ValueError, RecursionError):
        fields = Payload(None)
    if not fields.flag("ok"):
        raise UsageError(f"{endpoint}: {fields.text('error') or 'its answer is not one of serd'}; see that it is serd")
    source, pid, state = fields.text("source"), fields.whole("pid"), fields.text("state")
    return Answer(source or "?", pid or 0, state or "?", fields.text("note"))


def _is_serd(path: Path, source: str | None) -> bool:
    try:
        return source in (None, name_of(path.name)) and path.is_socket() and is_alive(path)
    except OSError:
        return False
