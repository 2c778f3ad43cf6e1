"""Row 29: recordings scored from several threads at once, with two models, and pipelines that change threads."""

from __future__ import annotations

import asyncio
import gc
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

import serd
from serd.block import Block
from serd.inference.scorer import SPARE
from serd.scoring.score import Score, make_pipeline, score_blocks
from tests.support.speech import DEMO, read

MODELS = ("serd-small", "thesis-cnn")
THREADS, CALLS = 8, 96
CLIPS = np.split(read(DEMO)[: 12 * 3 * 16000], 12)
JOBS = [(k, model) for k in range(len(CLIPS)) for model in MODELS] * (CALLS // len(CLIPS) // len(MODELS))


def one(job: tuple[int, str]) -> Score:
    return serd.score(CLIPS[job[0]], 16000, model=job[1])


def in_turn() -> list[Score]:
    once = {job: one(job) for job in dict.fromkeys(JOBS)}
    return [once[job] for job in JOBS]


def test_a_pool_of_threads_scores_as_one_thread_does():
    want = in_turn()
    with ThreadPoolExecutor(THREADS) as pool:
        assert list(pool.map(one, JOBS)) == want
    assert len({score.probabilities is None or tuple(score.probabilities.values()) for score in want}) > len(CLIPS)


def test_asyncio_scores_as_one_thread_does():
    async def all_at_once() -> list[Score]:
        return await asyncio.gather(*(asyncio.to_thread(one, job) for job in JOBS))

    assert asyncio.run(all_at_once()) == in_turn()


def test_a_pipeline_built_in_one_thread_runs_in_others():
    pipelines = [make_pipeline("serd-small") for _ in CLIPS]

    def run(k: int) -> Score:
        return score_blocks(iter([Block(CLIPS[k], 0, False, 0.0)]), pipelines[k])

    with ThreadPoolExecutor(THREADS) as pool:
        assert list(pool.map(run, range(len(CLIPS)))) == [one((k, MODELS[0])) for k in range(len(CLIPS))]


def test_threads_that_come_and_go_leave_no_more_interpreters_than_are_kept():
    for _ in range(3):
        threads = [threading.Thread(target=one, args=(job,)) for job in JOBS[:24]]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    gc.collect()
    made = sum(type(thing).__name__ == "Interpreter" for thing in gc.get_objects())
    assert 0 < made <= 4 * SPARE  # as many networks as may be loaded at once


def test_threads_that_want_a_model_at_once_load_it_once(tmp_path: Path):
    script = """
import threading
from concurrent.futures import ThreadPoolExecutor
from serd.scoring import score as scoring
count, real, gate = [], scoring.load, threading.Barrier(8)
scoring.load = lambda name, task: (count.append((name, task)), real(name, task))[1]
with ThreadPoolExecutor(8) as pool:
    made = list(pool.map(lambda _: (gate.wait(), scoring.make_pipeline("serd-small"))[1], range(8)))
print(len(count), len({id(pipeline.emotion) for pipeline in made}), len(set(map(id, made))))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert done.stdout.split() == ["2", "1", "8"]
