"""`python -m model_build study`: do the runs that are not done yet, one after the other or on several cores.

Each run has a process's single thread, which makes it repeatable; several cores do several runs at a time.
A session that is interrupted loses the runs under way, no more.
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

from model_build.experiments import record
from model_build.experiments.experiment import Experiment
from model_build.files import cache
from model_build.files.processes import processes
from model_build.files.progress import Check, never, say
from model_build.studies.catalogue import STUDIES, AnyExperiment, experiments_of, run_experiment
from model_build.studies.cost import expected_seconds, pace
from serd.errors import RestartError, SerdError, UsageError

RESULTS = Path("results")

THREADS = dict.fromkeys(("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS"), "1")
"""Set before the backend is imported: one thread a run."""
XLA = {"XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false"}
"""Flags of JAX for one thread a run. The variable stays the user's where it is set: it may hold more than threads."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags of `study`."""
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which studies; all ({', '.join(STUDIES)})")
    parser.add_argument("--data", type=Path, metavar="DIR", help="folder that holds the corpora")
    parser.add_argument("--results", type=Path, default=RESULTS, metavar="DIR", help="the records (default: results)")
    parser.add_argument("--list", action="store_true", help="show what is done, and what the rest is expected to take")
    parser.add_argument("--runs", type=int, metavar="N", help="at most so many runs in this session")
    parser.add_argument("--minutes", type=float, metavar="M", help="start no run that is expected to end later")
    parser.add_argument("--jobs", type=int, metavar="N", help="runs at a time, a core each (default: all cores)")
    parser.add_argument(
        "--together",
        action="store_true",
        help="train the default models' networks side by side first: what a graphics card is good at",
    )
    parser.add_argument("--quick", action="store_true", help="one run of one epoch on few clips, to see that it works")


def run(args: argparse.Namespace) -> int:
    """Do, or list, the studies asked for; the exit code. Raises SerdError."""
    for name in args.names:
        if name not in STUDIES:
            raise UsageError(f"study {name}: unknown; there are {', '.join(STUDIES)}")
    names = args.names or list(STUDIES)
    if args.list:
        for line in listing(names, args.results, args.quick):
            print(line)
        return 0
    if args.data is None:
        raise UsageError("--data is missing: it names the folder that holds the corpora")
    if not args.data.is_dir():
        raise UsageError(f"{args.data}: no such folder; --data names the folder that holds the corpora")
    if args.quick and args.results == RESULTS:
        raise UsageError("--quick makes records that answer nothing; --results names a folder of their own for them")
    cache.writable(args.results, "--results")
    wanted = experiments_of(names, args.quick)
    left = [experiment for experiment in wanted if not record.done(args.results, experiment)]
    say(f"{len(wanted)} runs, {len(wanted) - len(left)} of them done")
    jobs = max(1, min(args.jobs or os.cpu_count() or 1, len(left)))
    if args.runs is not None:
        left = left[: max(0, args.runs)]
    budget = Budget(args.results, wanted, jobs, None if args.minutes is None else 60 * args.minutes)
    if args.together:
        _together(left, args.data)
    faults = _here(left, args, budget) if jobs == 1 else _pool(left, args, budget, jobs)
    for line in faults:
        say(f"model_build study: {line}")
    still = sum(not record.done(args.results, experiment) for experiment in wanted)
    say(f"{still} runs left" if still else "all runs are done; `python -m model_build report` says what they mean")
    return UsageError.exit_code if faults else 0


def listing(names: Sequence[str], results: Path, short: bool = False) -> Iterable[str]:
    """A line for each run and for each study."""
    ratio = Budget(results, experiments_of(names, short), 1, None).ratio
    for name in names:
        runs = STUDIES[name].quick if short else STUDIES[name].runs
        there = {experiment: record.done(results, experiment) for experiment in runs}
        rest = ratio * sum(expected_seconds(experiment) for experiment in runs if not there[experiment]) / 60
        yield f"{name}: {sum(there.values())} of {len(runs)} runs done, {rest:.0f} min of one core left"
        for experiment in runs:
            state = "done" if there[experiment] else f"{ratio * expected_seconds(experiment) / 60:4.1f} min"
            yield f"  {state:>8}  {experiment.name}"
    every = experiments_of(names, short)
    rest = (
        ratio * sum(expected_seconds(experiment) for experiment in every if not record.done(results, experiment)) / 60
    )
    yield f"all: {rest:.0f} min of one core left; runs that studies share count once here"


class Budget:
    """The time of a session, and what its runs are expected to take here."""

    def __init__(self, results: Path, runs: Sequence[AnyExperiment], jobs: int, seconds: float | None) -> None:
        """`seconds` of the clock for `jobs` runs at a time; None: as long as it takes."""
        self._began, self._seconds = time.monotonic(), seconds
        done = {experiment: record.done(results, experiment) for experiment in runs}
        pairs = [(expected_seconds(experiment), _took(results, experiment)) for experiment in runs if done[experiment]]
        self.ratio = pace((wanted, took) for wanted, took in pairs if took is not None)
        self.left = sum(expected_seconds(experiment) for experiment in runs if not done[experiment]) / jobs

    def fits(self, experiment: AnyExperiment) -> bool:
        """Whether a run started now would end in time."""
        spent = time.monotonic() - self._began
        return self._seconds is None or spent + self.ratio * expected_seconds(experiment) <= self._seconds

    def minutes(self, finished: AnyExperiment, jobs: int) -> float:
        """What is left, now that a run is finished."""
        self.left -= expected_seconds(finished) / jobs
        return self.ratio * max(0.0, self.left) / 60


def _took(results: Path, experiment: AnyExperiment) -> float | None:
    """Seconds; None where its networks trained on another device, or before it: that tells nothing of this core."""
    numbers = record.read(record.path(results, experiment)).numbers
    trained = numbers.get("trained", {"device": "cpu", "wall_s": 0})  # the thesis' networks are never kept
    here = trained["device"] == "cpu" and trained["wall_s"] <= numbers["wall_s"]
    return float(numbers["wall_s"]) if here else None


def carry_out(experiment: AnyExperiment, data: Path, results: Path, check: Check = never) -> str:
    """Carry out one experiment here; what it came to, in a line. `check` may raise at any batch. Raises SerdError."""
    from model_build.files.silence import import_keras

    import_keras()
    logging.getLogger("tensorflow").setLevel(logging.ERROR)  # it has views on the last batch's being smaller
    finished = run_experiment(experiment, data, say, check)
    record.write(record.path(results, experiment).parent, finished)
    return record.summary(finished)


def _together(left: Sequence[AnyExperiment], data: Path) -> None:
    """Train what the default models' experiments take, in this process. Raises SerdError."""
    experiments = [experiment for experiment in left if isinstance(experiment, Experiment)]
    if not experiments:
        return
    _one_thread()
    from model_build.files.silence import import_keras

    import_keras()
    from model_build.studies.run import train_networks

    with Interrupts() as interrupts:
        train_networks(experiments, data, say, interrupts.check)


def _one_thread() -> None:
    """Give this process one thread, unless its user wants it otherwise."""
    os.environ.update({name: value for name, value in (THREADS | XLA).items() if name not in os.environ})


def _here(left: Sequence[AnyExperiment], args: argparse.Namespace, budget: Budget) -> list[str]:
    _one_thread()
    faults = []
    with Interrupts() as interrupts:
        for number, experiment in enumerate(left, 1):
            interrupts.check()
            if not budget.fits(experiment):
                say(f"no time for {experiment.name}")
                break
            try:
                line = carry_out(experiment, args.data, args.results, interrupts.check)
            except SerdError as error:
                faults.append(str(error))
                continue
            say(f"{number}/{len(left)} {line}; {budget.minutes(experiment, 1):.0f} min left")
    return faults


class Interrupts:
    """Ctrl-C, remembered until it can be heeded: what a handler raises, a backend's callbacks may swallow.

    A second one is raised at once.
    """

    def __init__(self) -> None:
        self._seen = False

    def __enter__(self) -> Interrupts:
        self._before = signal.signal(signal.SIGINT, self._handle)
        return self

    def __exit__(self, *_: object) -> None:
        signal.signal(signal.SIGINT, self._before)

    def check(self) -> None:
        """Raises KeyboardInterrupt if there has been one."""
        if self._seen:
            raise KeyboardInterrupt

    def _handle(self, *_: object) -> None:
        self.check()
        self._seen = True


def _pool(left: Sequence[AnyExperiment], args: argparse.Namespace, budget: Budget, jobs: int) -> list[str]:
    _one_thread()
    os.environ.update(THREADS)  # there are as many runs as cores
    faults: list[str] = []
    pool = processes(jobs)
    under_way: dict[Future[str], AnyExperiment] = {}
    waiting, finished = list(left), 0
    try:
        while waiting or under_way:
            while waiting and len(under_way) < jobs:
                if not budget.fits(waiting[0]):
                    say(f"no time for {waiting[0].name}")
                    waiting.clear()
                    break
                experiment = waiting.pop(0)
                under_way[pool.submit(carry_out, experiment, args.data, args.results)] = experiment
            for future in wait(under_way, return_when=FIRST_COMPLETED).done:
                experiment, finished = under_way.pop(future), finished + 1
                try:
                    line = future.result()
                except SerdError as error:
                    faults.append(str(error))
                    continue
                say(f"{finished}/{len(left)} {line}; {budget.minutes(experiment, jobs):.0f} min left")
    except BrokenProcessPool:
        raise RestartError("a run's process was killed, perhaps for want of memory; --jobs 1 needs less") from None
    except BaseException:
        for process in list(getattr(pool, "_processes", {}).values()):  # they train on, else
            process.terminate()
        raise
    finally:
        pool.shutdown(cancel_futures=True)
    return faults
