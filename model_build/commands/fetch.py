"""`python -m model_build fetch`: a corpus or an encoder from its publisher, checked against its checksum."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import zipfile
from pathlib import Path

from model_build.files.download import PublishedFile, digest, download, get
from serd.errors import UsageError

RECORD = "https://zenodo.org/api/records/1188976"
"""RAVDESS on Zenodo (CC BY-NC-SA 4.0)."""
ARCHIVE = "Audio_Speech_Actors_01-24.zip"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags of `fetch`."""
    parser.add_argument(
        "what",
        choices=("ravdess", "whisper-tiny.en"),
        help="RAVDESS speech, 0.2 GB; or the encoder of Whisper tiny.en that serd-base begins with, 0.08 GB",
    )
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="folder that is to hold the corpora")
    parser.add_argument("--keep", action="store_true", help="keep the archive beside what was in it")
    parser.add_argument("--record", default=RECORD, metavar="URL", help=f"the record's description (default: {RECORD})")
    parser.add_argument("--checkpoint", metavar="URL", help="the encoder's checkpoint (default: OpenAI's own)")


def run(args: argparse.Namespace) -> int:
    """Download, check, unpack, count; 0 if all is as the publisher states, 1 if not. Raises UsageError."""
    from model_build.corpora import CORPORA, inventory

    if args.what == "whisper-tiny.en":
        from model_build.commands import fetch_encoder

        return fetch_encoder.run(args.data, args.checkpoint or fetch_encoder.CHECKPOINT, args.keep, Meter)
    try:
        args.data.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{args.data}: {error.strerror}; --data names a folder that can be written to") from None
    wanted = published(get(args.record), args.record)
    archive, folder = args.data / ARCHIVE, args.data / Path(ARCHIVE).stem
    if not (archive.is_file() and digest(archive, len(wanted.checksum)) == wanted.checksum):
        meter = Meter(wanted.name)
        download(wanted, archive, meter.show)
        meter.end()
    unpack(archive, folder)
    if not args.keep:
        archive.unlink()
    unpacked = inventory(CORPORA["ravdess-speech"], args.data)
    print(
        f"{folder}: {len(unpacked.utterances)} recordings; RAVDESS is under CC BY-NC-SA 4.0, "
        "cite Livingstone & Russo 2018"
    )
    for line in [*unpacked.differences(), *map(str, unpacked.faults)]:
        print(f"ravdess-speech: {line}")
    return int(bool(unpacked.differences() or unpacked.faults))


def published(description: bytes, source: str) -> PublishedFile:
    """The archive, as the record's description has it. Raises UsageError."""
    try:
        (entry,) = (entry for entry in json.loads(description)["files"] if entry["key"] == ARCHIVE)
        kind, _, checksum = entry["checksum"].partition(":")
        if kind != "md5" or len(checksum) != 32:
            raise ValueError(entry["checksum"])
        return PublishedFile(ARCHIVE, entry["links"]["self"], int(entry["size"]), checksum)
    except (ValueError, KeyError, TypeError) as error:
        text = f"{type(error).__name__} {error}"
        raise UsageError(f"{source}: does not describe {ARCHIVE} ({text}); fetch it by hand from the record") from None


def unpack(archive: Path, folder: Path) -> None:
    """All recordings of the archive, in a folder that appears when it is whole. Raises UsageError."""
    unfinished = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(unfinished, ignore_errors=True)
    try:
        with zipfile.ZipFile(archive) as opened:
            opened.extractall(unfinished)
        shutil.rmtree(folder, ignore_errors=True)
        unfinished.rename(folder)
    except zipfile.BadZipFile as error:
        raise UsageError(f"{archive}: no zip archive ({error}); remove it and fetch it anew") from None
    except OSError as error:
        raise UsageError(f"{folder}: {error.strerror}; make room, or name another folder") from None
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


class Meter:
    """Progress on stderr: a line that changes on a terminal, else one every tenth of the way."""

    def __init__(self, name: str) -> None:
        self._name, self._last = name, -1
        self._steps = 100 if sys.stderr.isatty() else 10

    def show(self, there: int, total: int) -> None:
        """Tell how far it is."""
        step = self._steps * there // max(1, total)
        if step != self._last:
            self._last = step
            line = f"{self._name}: {there / 1e6:.0f} of {total / 1e6:.0f} MB"
            print(f"\r{line}" if self._steps == 100 else line, end="" if self._steps == 100 else "\n", file=sys.stderr)

    def end(self) -> None:
        """Leave the line."""
        if self._steps == 100:
            print(file=sys.stderr)
