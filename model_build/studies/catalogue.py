"""Every study there is: the thesis' experiments, then the default models'."""

from __future__ import annotations

from collections.abc import Iterable

from model_build.experiments.experiment import Experiment
from model_build.experiments.study import Study
from model_build.studies.serd import STUDIES as SMALL
from model_build.thesis.experiment import Run
from model_build.thesis.studies import STUDIES as THESIS

Task = Run | Experiment

STUDIES: dict[str, Study[Run] | Study[Experiment]] = {**THESIS, **SMALL}


def tasks(names: Iterable[str], short: bool = False) -> list[Task]:
    """What these studies are made of, each once, in their order."""
    return list(dict.fromkeys(own for name in names for own in (STUDIES[name].quick if short else STUDIES[name].runs)))
