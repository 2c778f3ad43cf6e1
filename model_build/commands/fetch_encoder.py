"""The encoder of Whisper tiny.en from OpenAI: downloaded, checked, brought from its checkpoint to an `.npz`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

import numpy as np

from model_build.files import cache
from model_build.files.download import PublishedFile, digest, download, length
from model_build.files.pytorch import read
from model_build.networks.encoder import FILE, FOLDER, Encoder, shapes
from serd.errors import UsageError

CHECKPOINT = (
    "https://openaipublic.azureedge.net/main/whisper/models/"
    "d3dd57d32accea0b295c96e26691aa14d8822fac7d9d27d5dc00b4ca2826dd03/tiny.en.pt"
)
"""The address that OpenAI's package `whisper` has; the folder's name is the file's SHA-256."""


class Meter(Protocol):
    """Shows progress."""

    def show(self, there: int, total: int) -> None: ...
    def end(self) -> None: ...


def run(data: Path, url: str, keep: bool, meter: Callable[[str], Meter]) -> int:
    """Download, check, convert; the exit code. Raises UsageError."""
    folder, name = data / FOLDER, Path(urlsplit(url).path).name
    checksum = Path(urlsplit(url).path).parent.name
    if len(checksum) != 64:
        raise UsageError(f"{url}: no SHA-256 in the address; --checkpoint takes .../SHA256/tiny.en.pt")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{folder}: {error.strerror}; --data names a folder that can be written to") from None
    archive = folder / name
    if not (archive.is_file() and digest(archive, len(checksum)) == checksum):
        shown = meter(name)
        download(PublishedFile(name, url, length(url), checksum), archive, shown.show)
        shown.end()
    file = convert(archive, folder / FILE)
    if not keep:
        archive.unlink()
    print(f"{file}: the encoder of Whisper tiny.en, MIT licence; cite Radford et al. 2022")
    return 0


def convert(checkpoint: Path, file: Path) -> Path:
    """The encoder's weights of a checkpoint in half precision, as `Encoder.read` takes them. Raises UsageError."""
    try:
        state = read(checkpoint)["model_state_dict"]
        weights = {name.removeprefix("encoder."): state[name] for name in state if name.startswith("encoder.")}
        Encoder({name: array.astype(np.float32) for name, array in weights.items()}).check()
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UsageError(f"{checkpoint}: not Whisper tiny.en ({error}); remove it and fetch it anew") from None
    kept = {name: weights[name].astype(np.float16) for name in sorted(weights) if name in shapes()}
    with cache.replacing(file) as written:
        np.savez(written, **kept)
    return file
