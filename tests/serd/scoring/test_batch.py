"""serd.scoring.batch: rows and Arrow tables for engines of any kind."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from serd.defaults import MODEL
from serd.scoring.batch import Batch
from tests.support.archives import clips


def test_a_row_is_the_json_of_score(run, tmp_path: Path):
    (name,) = clips(tmp_path, 1, seconds=5)
    row = Batch(windows=True).row(os.fsencode(tmp_path / name))
    (line,) = run("score", "--json", "--windows", "--model", MODEL, tmp_path / name).stdout.splitlines()
    told = json.loads(json.dumps(row))
    assert (told.pop("error"), told.pop("version")[0]) == (None, "0")
    assert told == json.loads(line)


def test_a_batch_is_a_typed_table_and_an_error_has_its_row(tmp_path: Path):
    pa = pytest.importorskip("pyarrow")
    (name,) = clips(tmp_path, 1)
    batch = Batch()
    table = batch({"path": [str(tmp_path / name), str(tmp_path / "gone.wav")], "archive": ["x", "y"]})
    assert table.column("archive").to_pylist() == ["x", "y"]
    good, bad = table.to_pylist()
    assert good["error"] is None
    assert good["label"] == batch.row(str(tmp_path / name))["label"]
    assert "cannot be read" in bad["error"] or "no sound file" in bad["error"]
    assert bad["label"] is None
    assert pa.types.is_struct(table.schema.field("probabilities").type)
