"""serd.scoring.part: whole or not there; bounded in memory; nothing of a file that turns out to be unfit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from serd.scoring import part as parts
from serd.scoring.batch import Batch
from serd.scoring.part import Part, hear, place
from serd.scoring.sounds import Sound
from serd.scoring.tables import schemas
from tests.support.archives import clips, table
from tests.support.speech import DEMO, read

pytest.importorskip("pyarrow")
psutil = pytest.importorskip("psutil")


@pytest.fixture(scope="module")
def batch() -> Batch:
    return Batch(windows=True)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    for name in parts.TABLES:
        (tmp_path / "out" / name).mkdir(parents=True)
    return tmp_path / "out"


@pytest.mark.parametrize("group", [4, 4096])
def test_of_a_file_that_turns_out_to_be_unfit_there_is_no_row(
    batch: Batch, out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, group: int
):
    monkeypatch.setattr(parts, "GROUP", group)
    good = clips(tmp_path, 2)
    samples = read(DEMO)[: 6 * 16000].copy()
    samples[-1] = np.nan
    soundfile.write(tmp_path / "b.wav", samples, 16000, subtype="FLOAT")
    names = [good[0], "b.wav", good[1]]
    done = hear(batch, [Sound(name, str(tmp_path / name), 0) for name in names], out, 7, windows=True)
    assert (done.number, done.heard, list(done.failures)) == (7, 2, ["b.wav"])
    assert done.failures["b.wav"].startswith("NaN, infinity")
    assert done.seconds == pytest.approx(3)
    assert [row["file"] for row in table(out, "files")] == good
    windows = [row["file"] for row in table(out, "windows")]
    assert windows == sorted(windows)
    assert set(windows) == set(good)
    assert len(windows) == 12
    assert {path.name for path in out.rglob("*") if path.is_file()} == {"00000007.parquet"}


def test_what_is_not_committed_leaves_nothing(batch: Batch, out: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(parts, "GROUP", 1)
    with Part(out, 1, schemas(batch.contract, windows=True)) as part:
        part.add("windows", {"file": "a"})
        assert [path.name[:17] for path in (out / "windows").iterdir()] == [".00000001.parquet"]
    assert not any(path.is_file() for path in out.rglob("*"))
    assert not place(out, "files", 1).exists()


def test_memory_does_not_grow_with_the_files(out: Path, tmp_path: Path):
    """Some hundred files, in parts of ten; the first fifty may fill what is kept for all."""
    batch, name = Batch(windows=True), clips(tmp_path, 1, seconds=1)[0]
    process, resident = psutil.Process(), list[int]()
    for number in range(30):
        sounds = [Sound(f"{number}/{k}", str(tmp_path / name), 0) for k in range(10)]
        hear(batch, sounds, out, number, windows=True)
        resident.append(process.memory_info().rss)
    assert max(resident[5:]) - resident[5] < 8 << 20, [size >> 20 for size in resident]
