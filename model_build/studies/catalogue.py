"""Every study there is: the thesis' experiments, then the default models'."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from model_build.experiments.experiment import Experiment
from model_build.experiments.head_experiment import HeadExperiment
from model_build.experiments.record import Record
from model_build.experiments.reference_experiment import ReferenceExperiment
from model_build.experiments.student_experiment import StudentExperiment
from model_build.experiments.study import Study
from model_build.files.progress import Check, Say, never
from model_build.studies.serd import STUDIES as SMALL
from model_build.studies.serd_base import STUDIES as BASE
from model_build.studies.serd_reference import STUDIES as REFERENCE
from model_build.studies.serd_student import STUDIES as STUDENT
from model_build.thesis.experiment import ThesisExperiment
from model_build.thesis.studies import STUDIES as THESIS

AnyExperiment = ThesisExperiment | Experiment | HeadExperiment | ReferenceExperiment | StudentExperiment

STUDIES: dict[
    str,
    Study[ThesisExperiment]
    | Study[Experiment]
    | Study[HeadExperiment]
    | Study[ReferenceExperiment]
    | Study[StudentExperiment],
] = {**THESIS, **SMALL, **BASE, **REFERENCE, **STUDENT}


def run_experiment(experiment: AnyExperiment, data: Path, say: Say, check: Check = never) -> Record:
    """Carry one out on the corpora in `data`: its record. Imports Keras. Raises SerdError."""
    if isinstance(experiment, Experiment):
        from model_build.studies import run

        return run.run_experiment(experiment, data, say, check)
    if isinstance(experiment, HeadExperiment):
        from model_build.studies import head_run

        return head_run.run_experiment(experiment, data, say, check)
    if isinstance(experiment, ReferenceExperiment):
        from model_build.studies import reference_run

        return reference_run.run_experiment(experiment, data, say, check)
    if isinstance(experiment, StudentExperiment):
        from model_build.studies import student_run

        return student_run.run_experiment(experiment, data, say, check)
    from model_build.thesis import reproduction

    return reproduction.run_experiment(experiment, data, say, check)


def experiments_of(names: Iterable[str], short: bool = False) -> list[AnyExperiment]:
    """What these studies are made of, each once, in their order."""
    studies = [STUDIES[name].quick if short else STUDIES[name].runs for name in names]
    return list(dict.fromkeys(experiment for runs in studies for experiment in runs))
