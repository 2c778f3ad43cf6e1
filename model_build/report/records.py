"""The records that there are, by the run they are of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from model_build.experiments import record
from model_build.experiments.experiment import Experiment
from model_build.experiments.head_experiment import HeadExperiment
from model_build.experiments.record import Record
from model_build.statistics.bootstrap import Tally
from model_build.statistics.predictions import Classes, Scored, pool, score_answers
from model_build.studies.catalogue import STUDIES, AnyExperiment, experiments_of
from model_build.thesis.experiment import ThesisExperiment
from model_build.thesis.studies import STUDIES as THESIS

Kind = TypeVar("Kind", Experiment, HeadExperiment)


@dataclass(frozen=True, eq=False)
class Records:
    """Records by the keys of their recipes."""

    records: dict[str, Record]
    foreign: tuple[str, ...] = ()
    """Names of records that are of no run of the study as it is now."""

    @classmethod
    def open(cls, folder: Path) -> Records:
        """All records of a folder. Raises UsageError."""
        by_key = {kept.key: kept for kept in record.read_all(folder)}
        known = {experiment.key for experiment in experiments_of(STUDIES)}
        return cls(
            {key: kept for key, kept in by_key.items() if key in known},
            tuple(sorted(kept.name for key, kept in by_key.items() if key not in known)),
        )

    def find(self, run: AnyExperiment) -> Record | None:
        """The record of a run, if it was done."""
        return self.records.get(run.key)

    def there(self, runs: Iterable[AnyExperiment]) -> list[tuple[AnyExperiment, Record]]:
        """Runs of these that were done, each with its record."""
        return [(run, kept) for run in runs if (kept := self.find(run)) is not None]

    def progress(self, name: str) -> tuple[int, int]:
        """Runs of a study that were done, and all."""
        runs = STUDIES[name].runs
        return len(self.there(runs)), len(runs)


def runs(name: str, **wanted: object) -> list[ThesisExperiment]:
    """Runs of one of the thesis' studies whose fields have these values."""
    return [run for run in THESIS[name].runs if all(getattr(run, key) == value for key, value in wanted.items())]


def of_protocol(experiments: Iterable[Kind], protocol: str) -> list[Kind]:
    """Experiments of one protocol."""
    return [experiment for experiment in experiments if experiment.protocol == protocol]


Tests = dict[int, dict[int | None, Scored]]
"""Scored tests by seed and fold."""


def repetitions(
    book: Records, wanted: Sequence[AnyExperiment], part: str | None = None, classes: Classes | None = None
) -> Tests:
    """Judged tests by seed and fold. `part` names another corpus, or `int8`; by default the run's own corpus."""
    scored: defaultdict[int, dict[int | None, Scored]] = defaultdict(dict)
    for run, kept in book.there(wanted):
        answers = kept.answers.get(part or run.corpus)
        if answers is not None:
            scored[run.seed][run.fold] = score_answers(answers, kept.labels, classes)
    return dict(scored)


def tally(tests: Tests) -> Tally | None:
    """The tally of all these tests, folds pooled; None if there are none."""
    both = tallies(tests)
    return both[0] if both else None


def tallies(*sides: Tests) -> list[Tally] | None:
    """Tallies of the seeds and folds that all sides have done, folds pooled; None if there are none."""
    if not all(sides):
        return None
    places = set.intersection(*({(seed, fold) for seed, folds in side.items() for fold in folds} for side in sides))
    if not places:
        return None
    seeds = sorted({seed for seed, _ in places})
    return [
        Tally.of([pool(scored for fold, scored in side[seed].items() if (seed, fold) in places) for seed in seeds])
        for side in sides
    ]
