"""serd.cli.archive: ten thousand files cut from the corpora, the run killed five times at random moments."""

from __future__ import annotations

import os
import random
import time
from pathlib import Path

import pytest
import soundfile

from tests.support.archives import failures, files, kill, started, until_parts, workers

pytest.importorskip("pyarrow")

FILES, KILLS, SECONDS = 10_000, 5, 1.0


@pytest.mark.long
@pytest.mark.timeout(7200)
def test_ten_thousand_files_killed_five_times(corpora: Path, serd: str, tmp_path: Path):
    names, bad = _cut(corpora, tmp_path / "in"), {f"bad/{number}.flac" for number in range(20)}
    (tmp_path / "in/bad").mkdir()
    for name in bad:
        (tmp_path / "in" / name).write_bytes(os.urandom(100))
    out, chance = tmp_path / "out", random.Random()
    for parts in sorted(chance.sample(range(1, FILES // 64 - 8), KILLS)):
        process = started(serd, tmp_path / "in", "--out", out, "--jobs", "2")
        until_parts(out, parts, process)
        time.sleep(chance.random() * 0.5)
        left = workers(process)
        kill(process)
        for worker in left:
            worker.wait(60)
        print(f"killed after {parts} parts with {len(left)} workers")
    process = started(serd, tmp_path / "in", "--out", out, "--jobs", "2")
    output, errors = process.communicate()
    assert process.returncode == 0, errors
    print(output)
    assert files(out) == names
    assert failures(out).keys() == bad


def _cut(corpora: Path, folder: Path) -> list[str]:
    """Files of one second, in a folder for each corpus."""
    names = list[str]()
    for corpus in ("emo-db", "ravdess-speech", "ravdess-song", "nemo", "urdu", "ased"):
        (folder / corpus).mkdir(parents=True)
        for path in sorted((corpora / corpus).rglob("*.*")):
            if path.suffix not in (".flac", ".wav", ".ogg", ".opus", ".mp3"):
                continue
            samples, rate = soundfile.read(path, dtype="int16")
            length = int(rate * SECONDS)
            for start in range(0, len(samples) - length, length):
                name = f"{corpus}/{len(names):05}.flac"
                soundfile.write(folder / name, samples[start : start + length], rate)
                names.append(name)
                if len(names) == FILES:
                    return sorted(names)
    raise AssertionError(f"the corpora give {len(names)} files only")
