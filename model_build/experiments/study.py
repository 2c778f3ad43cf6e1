"""A study: a question, and the experiments that answer it."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from dataclasses import dataclass
from typing import Any, Generic, Protocol, Self, TypeVar

LATER = frozenset({"pitch"})
"""Fields that came later: left out where they are None, so that what was before them keeps its key."""


def document(recipe: Any) -> dict[str, Any]:
    """A dataclass as JSON has it."""
    data: dict[str, Any] = json.loads(json.dumps(dataclasses.asdict(recipe, dict_factory=_told)))
    return data


def _told(fields: list[tuple[str, Any]]) -> dict[str, Any]:
    return {name: value for name, value in fields if value is not None or name not in LATER}


def key(form: int, described: dict[str, Any]) -> str:
    """A short name for a recipe."""
    return hashlib.sha256(json.dumps([form, described], sort_keys=True).encode()).hexdigest()[:16]


class Runnable(Protocol):
    """What a study is made of: a `ThesisExperiment`, or an `Experiment` of a default model."""

    @property
    def family(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def key(self) -> str: ...
    @property
    def seed(self) -> int: ...
    @property
    def fold(self) -> int | None: ...
    @property
    def shortened(self) -> Self: ...


Kind = TypeVar("Kind", bound=Runnable)


@dataclass(frozen=True)
class Study(Generic[Kind]):
    """A question and the runs that answer it, the most telling first."""

    name: str
    question: str
    runs: tuple[Kind, ...]

    @property
    def quick(self) -> tuple[Kind, ...]:
        """The study in seconds: the last of its kinds of run, for one epoch on few clips."""
        return ([run for run in self.runs if run.seed == 0 and run.fold in (None, 1)][-1].shortened,)
