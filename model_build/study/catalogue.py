"""Every study there is: the thesis' experiments, then the default models'."""

from __future__ import annotations

from collections.abc import Iterable

from model_build.base.experiment import Experiment as BaseExperiment
from model_build.base.studies import STUDIES as BASE
from model_build.small.experiment import Experiment
from model_build.small.studies import STUDIES as SMALL
from model_build.study.run import Run
from model_build.study.studies import STUDIES as THESIS
from model_build.study.studies import Study

Task = Run | Experiment | BaseExperiment

STUDIES: dict[str, Study[Run] | Study[Experiment] | Study[BaseExperiment]] = {**THESIS, **SMALL, **BASE}


def tasks(names: Iterable[str], short: bool = False) -> list[Task]:
    """What these studies are made of, each once, in their order."""
    return list(dict.fromkeys(own for name in names for own in (STUDIES[name].quick if short else STUDIES[name].runs)))
