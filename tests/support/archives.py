"""Archives for tests: folders of short clips cut from the demo, and what has become of them."""

from __future__ import annotations

import csv
import os
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psutil
import soundfile

from tests.support.speech import DEMO, read


def clips(folder: Path, count: int, seconds: float = 1.5) -> list[str]:
    """Make so many FLAC files in two folders below; their names, as the tables have them."""
    samples, length, names = read(DEMO), int(seconds * 16000), list[str]()
    for number in range(count):
        start = number * 4001 % (len(samples) - length)
        name = f"{'ab'[number % 2]}/clip {number:03}.flac"
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(folder / name, samples[start : start + length], 16000)
        names.append(name)
    return sorted(names)


def days(path: Path) -> None:
    """Make an AU file of days of silence, which is a hole in the file system and takes minutes to hear."""
    with path.open("wb") as file:
        file.write(b".snd" + b"".join(n.to_bytes(4, "big") for n in (24, 0xFFFFFFFF, 3, 16000, 1)))
        file.truncate(1 << 34)


def table(out: Path, name: str) -> list[dict[str, Any]]:
    """All rows of a table, part by part."""
    import pyarrow.parquet as pq

    return [row for part in sorted((out / name).glob("*.parquet")) for row in pq.read_table(part).to_pylist()]


def files(out: Path) -> list[str]:
    """The column `file` of the table of files, sorted."""
    return sorted(row["file"] for row in table(out, "files"))


def failures(out: Path) -> dict[str, str]:
    """The table of failures."""
    with (out / "failures.csv").open(encoding="utf-8", newline="") as lines:
        return {row["file"]: row["reason"] for row in csv.DictReader(lines)}


def started(serd: str, *arguments: str | Path) -> subprocess.Popen[str]:
    """`serd archive` at work."""
    return subprocess.Popen(
        [serd, "archive", *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def until_parts(out: Path, count: int, process: subprocess.Popen[str]) -> None:
    """Wait until so many batches are done, or the process is."""
    while process.poll() is None and len(list((out / "files").glob("*.parquet"))) < count:
        time.sleep(0.01)


def workers(process: subprocess.Popen[str]) -> list[psutil.Process]:
    """Its workers that live."""
    try:
        children: Sequence[psutil.Process] = psutil.Process(process.pid).children()
    except psutil.NoSuchProcess:
        return []
    return [child for child in children if child.status() != psutil.STATUS_ZOMBIE]


def kill(process: subprocess.Popen[str]) -> None:
    """SIGKILL, and its end."""
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
