"""Work spread over processes, its results in order whatever their number."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from typing import TypeVar

from model_build.files.audio import SoundFault
from model_build.files.processes import processes
from serd.errors import RestartError, UsageError

Item = TypeVar("Item")
Result = TypeVar("Result")


def spread(work: Callable[[Item], Result], items: Iterable[Item], jobs: int) -> Iterator[Result]:
    """`work` of each item, in the items' order whatever the number of processes it is spread over.

    `work` is a module's function, or a partial of one, for other processes to find. Raises what it raises;
    UsageError for a recording that cannot be read, RestartError if a process is killed.
    """
    guarded = partial(_guarded, work)
    every = list(items)
    jobs = min(jobs, len(every))
    if jobs <= 1:
        yield from map(guarded, every)
        return
    pool = processes(jobs)
    try:
        yield from pool.map(guarded, every)
    except BrokenProcessPool:
        raise RestartError(
            "a process of the evaluation was killed, perhaps for want of memory; --jobs 1 needs less"
        ) from None
    finally:
        pool.shutdown(cancel_futures=True)


def _guarded(work: Callable[[Item], Result], item: Item) -> Result:
    try:
        return work(item)
    except SoundFault as fault:
        raise UsageError(str(fault)) from None  # a fault does not survive the way between processes
