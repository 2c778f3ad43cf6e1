"""Endpoints: where events go out and come in, and how both ends' sockets are set up."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import ipaddress
import os
import re
import socket
import stat
import time
import weakref
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import zmq

from serd.errors import UsageError
from serd.system.paths import endpoint_at_home

Socket = zmq.Socket[Any]
Context = zmq.Context[Any]

SHAPE = re.compile(r"tcp://\S+:(\d{1,5}|\*)|ipc://[^@*].*|inproc://.+", re.DOTALL)
LONGEST_PATH = 107
"""Bytes of a Unix socket's path, a limit of the kernel's."""

HEARTBEAT_MS, PATIENCE_MS = 5_000, 15_000
"""A peer is pinged this often, and taken for gone after this long without a sign of life."""

CONNECT_MS = 5_000
"""How long an attempt to connect may take; the kernel's own limit is two minutes."""

CLAIM_S = 1.0
"""How long another serd may hold an ipc directory while it binds."""

_inside: dict[str, Context] = {}
"""Contexts of this process's own `inproc://` publishers: both ends must share one."""


def set_up(sock: Socket, endpoints: tuple[str, ...], largest: int) -> None:
    """Options of both ends, before bind or connect; `largest`: bytes of a message taken from a peer.

    Heartbeats and keep-alive find half-open connections, of which TCP alone tells nothing for hours.
    """
    sock.set(zmq.LINGER, 0)
    sock.set(zmq.MAXMSGSIZE, largest)
    sock.set(zmq.HEARTBEAT_IVL, HEARTBEAT_MS)
    sock.set(zmq.HEARTBEAT_TIMEOUT, PATIENCE_MS)
    sock.set(zmq.HEARTBEAT_TTL, PATIENCE_MS)
    sock.set(zmq.TCP_KEEPALIVE, 1)
    sock.set(zmq.TCP_KEEPALIVE_IDLE, 30)
    sock.set(zmq.TCP_KEEPALIVE_INTVL, 10)
    sock.set(zmq.TCP_KEEPALIVE_CNT, 3)
    sock.set(zmq.CONNECT_TIMEOUT, CONNECT_MS)
    sock.set(zmq.RECONNECT_IVL, 100)
    sock.set(zmq.RECONNECT_IVL_MAX, 1000)
    if any("[" in endpoint for endpoint in endpoints):
        sock.set(zmq.IPV6, 1)


def close_with(owner: object, *held: Socket | Context) -> None:
    """Close these, sockets before contexts, when `owner` is collected unclosed.

    Where the collector finds them in one circle with it, pyzmq's finalizer of a context may come before those of the
    sockets, and waits for them for ever. Held here they are in no circle.
    """
    weakref.finalize(owner, _close, held).atexit = False


def _close(held: Sequence[Socket | Context]) -> None:
    for one in held:
        if isinstance(one, zmq.Context):
            one.destroy(0)
        else:
            one.close(0)


class InUse(UsageError):
    """Another program is bound to an endpoint."""

    def __init__(self, endpoint: str) -> None:
        super().__init__(f"{endpoint}: in use by another program; stop it or give another endpoint with --publish")
        self.endpoint = endpoint


@dataclass(frozen=True, slots=True)
class Bound:
    """An endpoint that a socket is bound to."""

    endpoint: str
    """The bound endpoint; a port given as `*` is the one that was drawn."""
    path: Path | None
    """Path of an ipc socket; None for others."""
    inode: int


def bind(sock: Socket, endpoint: str) -> Bound:
    """Bind. Raises UsageError naming the remedy, InUse where another program is bound.

    The directory of an ipc socket is made, mode 0700, where it is missing; the socket itself is 0600.
    """
    endpoint = endpoint_at_home(endpoint)
    check(endpoint)
    if endpoint in _inside:
        raise UsageError(f"{endpoint}: in use by this process; give another endpoint")
    path = Path(endpoint.removeprefix("ipc://")).absolute() if endpoint.startswith("ipc:") else None
    inode = 0
    try:
        with _claim(path, endpoint) if path else contextlib.nullcontext():
            sock.bind(endpoint)
            if path:
                path.chmod(0o600)
                inode = path.lstat().st_ino
    except (zmq.ZMQError, OSError) as error:
        if error.errno == errno.EADDRINUSE:
            raise InUse(endpoint) from None
        raise UsageError(f"{endpoint}: cannot be published on: {_fault(error)}") from None
    if endpoint.startswith("inproc:"):
        _inside[endpoint] = sock.context
    last = sock.get(zmq.LAST_ENDPOINT)
    if endpoint.startswith("tcp:") and isinstance(last, bytes):
        endpoint = last.rstrip(b"\0").decode()
    return Bound(endpoint, path, inode)


def connect(sock: Socket, endpoint: str) -> None:
    """Connect, now or once somebody is there. Raises UsageError."""
    try:
        sock.connect(endpoint)
    except zmq.ZMQError as error:
        raise UsageError(f"{endpoint}: cannot be connected to: {_fault(error)}") from None


def is_local(endpoint: str) -> bool:
    """Whether no other machine can reach it; what cannot be told for sure is not."""
    check(endpoint)
    if not endpoint.startswith("tcp:"):
        return True
    host = _host(endpoint)
    return host in ("localhost", "lo") if isinstance(host, str) else host.is_loopback


def has_name(endpoint: str) -> bool:
    """Whether it is a host's name, which may have addresses of both families."""
    return endpoint.startswith("tcp:") and isinstance(_host(endpoint), str)


def _host(endpoint: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | str:
    """The address in a TCP endpoint, or the name where it is none."""
    host = endpoint.removeprefix("tcp://").rpartition(":")[0].strip("[]")
    try:
        return ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host


def context_of(endpoint: str) -> Context | None:
    """The context that a subscriber to `endpoint` must share; None if it may have its own. Raises UsageError."""
    check(endpoint)
    if not endpoint.startswith("inproc:"):
        return None
    if endpoint not in _inside:
        raise UsageError(f"{endpoint}: nobody in this process publishes there; give a tcp:// or ipc:// endpoint")
    return _inside[endpoint]


def unbind(bound: Sequence[Bound]) -> None:
    """Remove the files that ZeroMQ leaves lying about; before the close, lest they be another's by then."""
    for one in bound:
        _inside.pop(one.endpoint, None)
        if one.path is not None:
            with contextlib.suppress(OSError):
                if one.path.lstat().st_ino == one.inode:
                    one.path.unlink()


def check(endpoint: str) -> None:
    """Raises UsageError for what is no endpoint."""
    shape = SHAPE.fullmatch(endpoint)
    if shape is None or not endpoint.isprintable():
        raise UsageError(f"{endpoint!r}: not an endpoint; give tcp://ADDRESS:PORT or ipc://PATH")
    if shape[1] not in (None, "*") and not 1 <= int(shape[1]) <= 65535:
        raise UsageError(f"{endpoint}: there is no port {shape[1]}; give 1 to 65535")
    if len(os.fsencode(endpoint)) - len("ipc://") > LONGEST_PATH and endpoint.startswith("ipc:"):
        raise UsageError(f"{endpoint}: the path is longer than {LONGEST_PATH} bytes; give a shorter one")


@contextlib.contextmanager
def _claim(path: Path, endpoint: str) -> Iterator[None]:
    """Hold the directory while its socket is looked at and bound: ZeroMQ would remove whatever is there."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        give_up = time.monotonic() + CLAIM_S
        while True:
            try:
                fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > give_up:
                    raise UsageError(f"{endpoint}: its directory is locked by another program; try again") from None
                time.sleep(0.05)
        if os.path.lexists(path):
            if not stat.S_ISSOCK(path.lstat().st_mode):
                raise UsageError(f"{endpoint}: there is something else of that name; remove it or give another path")
            if is_alive(path):
                raise InUse(endpoint)
        yield
    finally:
        os.close(folder)


def is_alive(path: Path) -> bool:
    """Whether a process listens there; a socket left over from a dead one refuses."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1.0)
        try:
            probe.connect(str(path))
        except (ConnectionRefusedError, FileNotFoundError):
            return False
        except TimeoutError:
            return True
    return True


def _fault(error: OSError | zmq.ZMQError) -> str:
    remedies = {
        errno.EADDRNOTAVAIL: "not an address of this machine; give 127.0.0.1, or 0.0.0.0 for all of its addresses",
        errno.ENODEV: "not an address of this machine; give 127.0.0.1, or 0.0.0.0 for all of its addresses",
        errno.EINVAL: "the address or port is wrong; give tcp://ADDRESS:PORT with a port of 1 to 65535",
        errno.EACCES: "not permitted; give a port above 1023, or a path in a directory of your own",
    }
    code = error.errno or 0
    return remedies.get(code) or f"{os.strerror(code)}; give another endpoint"
