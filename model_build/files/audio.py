"""Sound files for training: whole, mono, at the front end's rate, or a fault that says what is wrong."""

from __future__ import annotations

import hashlib
import io
import struct
from pathlib import Path
from typing import Literal

import numpy as np
import soundfile
import soxr

from serd.block import Samples
from serd.errors import UsageError


class SoundFault(UsageError):
    """A sound file that cannot be used. `text` says why, without the path."""

    def __init__(self, path: Path, kind: Literal["missing", "unreadable", "truncated"], text: str) -> None:
        super().__init__(f"{path}: {text}")
        self.kind, self.text = kind, text


def read(path: Path, rate: int) -> tuple[Samples, str]:
    """Samples (n,), channels averaged and resampled to `rate`, and the SHA-256 of the file's bytes.

    Raises SoundFault.
    """
    data = load(path)
    return decode(path, data, rate), hashlib.sha256(data).hexdigest()


def load(path: Path) -> bytes:
    """The file's bytes. Raises SoundFault."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise SoundFault(path, "missing", "missing; fetch it anew") from None
    except OSError as error:
        raise SoundFault(path, "unreadable", f"cannot be read ({error.strerror}); fetch it anew") from None


def decode(path: Path, data: bytes, rate: int) -> Samples:
    """Samples of a file's bytes, see `read`. Raises SoundFault."""
    try:
        with soundfile.SoundFile(io.BytesIO(data)) as sound:
            stated, native = sound.frames, sound.samplerate
            try:
                samples = sound.read(dtype="float32", always_2d=True)
            except soundfile.LibsndfileError:
                samples = np.zeros((0, 1), np.float32)
    except (soundfile.LibsndfileError, ValueError) as error:
        if _cut(data):
            raise SoundFault(path, "truncated", "truncated; fetch it anew") from None
        reason = str(error).split(": ")[-1].rstrip(".")
        raise SoundFault(path, "unreadable", f"not a readable sound file ({reason}); fetch it anew") from None
    if len(samples) < stated or _cut(data):
        raise SoundFault(path, "truncated", "truncated or damaged; fetch it anew")
    if not len(samples):
        raise SoundFault(path, "unreadable", "holds no samples; fetch it anew")
    mono = samples.mean(axis=1, dtype=np.float32)
    if native != rate:
        mono = soxr.resample(mono, native, rate, quality="VHQ")
    decoded: Samples = np.ascontiguousarray(mono, np.float32)
    return decoded


def check(path: Path) -> None:
    """Read a file to its end. Raises SoundFault."""
    decode(path, load(path), 16000)


def _cut(data: bytes) -> bool:
    """Whether the container says that there was more. libsndfile takes what is left and says nothing."""
    if data[:4] == b"RIFF" and len(data) >= 8:
        size: int
        (size,) = struct.unpack("<I", data[4:8])
        return 0 < size < 0xFFFFFFFF and size + 8 > len(data) + 1  # some writers forget the pad byte
    if data[:4] == b"OggS":
        last = data[data.rfind(b"OggS") :]  # the last page is whole, and flagged "end of stream" (RFC 3533)
        segments = last[27 : 27 + last[26]] if len(last) > 26 else b""
        return not (segments and last[5] & 4 and len(last) >= 27 + len(segments) + sum(segments))
    return False
