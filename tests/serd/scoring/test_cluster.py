"""serd.scoring.cluster: a real Ray cluster, three nodes' processes on this machine, and an actor killed on the way."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from serd.scoring.batch import Batch
from tests.support.archives import clips, failures, files, started, table, until_parts

pytestmark = [pytest.mark.ray, pytest.mark.timeout(900)]
ray = pytest.importorskip("ray")


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Of a cluster of three nodes with one core each."""
    from ray.cluster_utils import Cluster

    # Ray's patience with its own processes is short for a busy machine.
    os.environ |= {"RAY_agent_register_timeout_ms": "600000", "RAY_worker_register_timeout_seconds": "600"}
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
    for _ in range(2):
        cluster.add_node(num_cpus=1)
    cluster.wait_for_nodes()
    yield cluster.address
    cluster.shutdown()


def actors() -> list[psutil.Process]:
    """The processes in which serd's actors live."""
    return [process for process in psutil.process_iter(["cmdline"])
            if "MapWorker" in " ".join(process.info["cmdline"] or ())]  # fmt: skip


def test_a_cluster_gives_the_rows_of_score_though_an_actor_is_killed(address: str, serd: str, run, tmp_path: Path):
    folder, out = tmp_path / "in", tmp_path / "out"
    names = clips(folder, 60, seconds=3)
    (folder / "broken.wav").write_bytes(b"no sound")
    process = started(serd, folder, "--out", out, "--ray", address)
    until_parts(out, 2, process)
    victims = actors()
    assert victims
    victims[0].kill()
    output, errors = process.communicate()
    assert process.returncode == 0, errors
    assert "60 files heard, 1 could not be heard" in output
    assert files(out) == names, "nothing is lost, nothing is double"
    assert list(failures(out)) == ["broken.wav"]
    segments: dict[str, list[dict[str, Any]]] = {}
    for row in table(out, "segments"):
        segments.setdefault(row.pop("file"), []).append(row)
    scored = run("score", "--json", *(folder / name for name in names), timeout=300)
    for line in map(json.loads, scored.stdout.splitlines()):
        (row,) = (row for row in table(out, "files") if str(folder / row["file"]) == line["file"])
        assert row["label"] == line["label"]
        assert row["probabilities"] == pytest.approx(line["probabilities"], abs=1e-5)
        told = [json.loads(json.dumps(one)) for one in segments.get(row["file"], [])]
        assert [(one["label"], one["window"], one["probabilities"]) for one in told] == [
            (one["label"], one["window"], one["probabilities"]) for one in line["segments"]
        ]


def test_a_cluster_that_is_not_there_is_one_line(run, tmp_path: Path):
    clips(tmp_path / "in", 1)
    done = run("archive", "in", "--out", "out", "--ray", "127.0.0.1:1", timeout=300)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith("serd: --ray 127.0.0.1:1: no cluster can be reached there")


def test_the_batch_is_a_class_for_ray_data(address: str, tmp_path: Path):
    names = clips(tmp_path / "in", 6)
    ray.init(address, log_to_driver=False)
    try:
        data = ray.data.from_items([{"path": str(tmp_path / "in" / name), "archive": "a"} for name in names])
        data.map_batches(Batch, batch_size=2, concurrency=2).write_parquet(f"file://{tmp_path}/out")
    finally:
        ray.shutdown()
    import pyarrow.parquet as pq

    rows = pq.read_table(tmp_path / "out").to_pylist()
    assert sorted(row["path"] for row in rows) == [str(tmp_path / "in" / name) for name in names]
    assert all(row["error"] is None and row["archive"] == "a" for row in rows)
    batch = Batch()
    for row in rows:
        assert {key: row[key] for key in ("probabilities", "label")} == {
            key: batch.row(row["path"])[key] for key in ("probabilities", "label")
        }
