"""A large file over HTTP: with progress, gone on with where it broke off, and checked.

What has come is kept beside the target as `NAME.part`; the target appears only when its checksum is right.
"""

from __future__ import annotations

import hashlib
import http.client
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from serd.errors import UsageError

CHUNK = 1 << 18
TIMEOUT_S = 60.0
PAUSES_S = (1.0, 5.0, 15.0)
"""Waits before each new try when the connection breaks and nothing has come since the last."""
AGENT = "serd-model-build/1 (+https://arxiv.org/abs/2406.10741)"

Progress = Callable[[int, int], None]
"""Told the bytes there and the bytes there will be."""


@dataclass(frozen=True)
class PublishedFile:
    """A file as its publisher describes it."""

    name: str
    url: str
    size: int
    checksum: str
    """MD5 or SHA-256, in hexadecimal: its length tells which."""


def get(url: str) -> bytes:
    """A small document. Raises UsageError."""
    try:
        with _open(url, {}) as answer:
            data: bytes = answer.read()
            return data
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise UsageError(f"{url}: {reason(error)}; see whether it opens in a browser, and try again") from None


def download(
    wanted: PublishedFile, target: Path, progress: Progress = lambda *_: None, pauses: Sequence[float] = PAUSES_S
) -> None:
    """Bring a file whole to `target`. Raises UsageError; what has come so far is kept for the next call."""
    part = target.with_name(f"{target.name}.part")
    left = list(pauses)
    while (had := _size(part)) < wanted.size:
        try:
            _more(wanted, part, progress)
            fault = "the connection broke"
        except (OSError, http.client.HTTPException, ValueError) as error:
            if _final(error):
                raise UsageError(f"{wanted.url}: {reason(error)}; see whether it opens in a browser") from None
            fault = reason(error)
        if _size(part) > had:
            left = list(pauses)
        elif not left:
            raise UsageError(
                f"{wanted.url}: {fault} after {_size(part)} of {wanted.size} bytes; the same command goes on from there"
            )
        else:
            time.sleep(left.pop(0))
    checksum = digest(part, len(wanted.checksum))
    if _size(part) != wanted.size or checksum != wanted.checksum:
        part.unlink()
        kind = "SHA-256" if len(wanted.checksum) == 64 else "MD5"
        raise UsageError(
            f"{target.name}: what came has the {kind} {checksum}, published is {wanted.checksum}; "
            "it was removed, fetch it anew"
        )
    part.replace(target)


def length(url: str) -> int:
    """Bytes of a file, as its server states them. Raises UsageError."""
    try:
        with _open(url, {}) as answer:
            return int(answer.headers["Content-Length"])
    except (OSError, http.client.HTTPException, ValueError, TypeError) as error:
        raise UsageError(f"{url}: {reason(error)}; see whether it opens in a browser, and try again") from None


def digest(path: Path, digits: int) -> str:
    """Checksum of a file in so many hexadecimal digits: MD5 has 32, SHA-256 64."""
    with path.open("rb") as data:
        kind = hashlib.sha256 if digits == 64 else lambda: hashlib.md5(usedforsecurity=False)
        return hashlib.file_digest(data, kind).hexdigest()


def reason(error: BaseException) -> str:
    """What went wrong, in a few words."""
    if isinstance(error, urllib.error.HTTPError):
        return f"the server answers {error.code} {error.reason}"
    inner = error.reason if isinstance(error, urllib.error.URLError) else error
    text = getattr(inner, "strerror", None) or str(inner) or type(inner).__name__
    return text[:1].lower() + text[1:] if text[1:2].islower() else text


def _more(wanted: PublishedFile, part: Path, progress: Progress) -> None:
    """Add to the part what one connection brings."""
    had = _size(part)
    with _open(wanted.url, {"Range": f"bytes={had}-"} if had else {}) as answer:
        # A server that does not know ranges sends the whole file again.
        on = had > 0 and answer.status == 206 and answer.headers.get("Content-Range", "").startswith(f"bytes {had}-")
        with part.open("ab" if on else "wb") as out:
            there = had if on else 0
            while there < wanted.size and (data := answer.read(min(CHUNK, wanted.size - there))):
                out.write(data)
                there += len(data)
                progress(there, wanted.size)


def _open(url: str, headers: dict[str, str]) -> http.client.HTTPResponse:
    if not url.startswith(("http://", "https://")):
        raise ValueError("not an HTTP address")
    request = urllib.request.Request(url, headers={"User-Agent": AGENT, **headers})
    answer: http.client.HTTPResponse = urllib.request.urlopen(request, timeout=TIMEOUT_S)
    return answer


def _final(error: BaseException) -> bool:
    """Whether another try is in vain: our own disk, or a clear no."""
    if isinstance(error, urllib.error.HTTPError):
        return 400 <= error.code < 500 and error.code not in (408, 416, 429)
    network = urllib.error.URLError | TimeoutError | ConnectionError | http.client.HTTPException
    return not isinstance(error, network)


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
