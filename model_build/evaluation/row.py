"""One figure of an evaluation, with all that it takes to judge it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from model_build.statistics.bootstrap import Estimate


Exposure = Literal["seen", "unseen", "mixed", "none"]
"""Whether the recordings' speakers (or folds of noise) shaped the model; `none`: nobody speaks in them."""


@dataclass(frozen=True)
class Row:
    """What was measured, how, and what came out."""

    name: str
    """The measure's name, as the model card has it."""
    protocol: str
    """What was measured and how, in one line."""
    value: float
    unit: str
    """`share`, `points`, `s`, `per hour`, ..."""
    heard: Exposure
    low: float | None = None
    high: float | None = None
    """The 95 % interval: bootstrap over speakers, where there are speakers."""
    most: float | None = None
    least: float | None = None
    """The target, if there is one: at most, at least."""
    count: int = 0
    """How many clips, windows or hours stand behind it."""
    detail: dict[str, float] = field(default_factory=dict)
    """Parts of the figure by name: corpora, classes, conditions."""

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None without one."""
        if self.most is None and self.least is None:
            return None
        return (self.most is None or self.value <= self.most) and (self.least is None or self.value >= self.least)

    @classmethod
    def of(
        cls,
        name: str,
        protocol: str,
        estimate: Estimate,
        heard: Exposure,
        *,
        unit: str = "share",
        most: float | None = None,
        least: float | None = None,
        count: int = 0,
        detail: Mapping[str, float] | None = None,
    ) -> Row:
        """A row from an estimate; one in `points`, and its detail, are given as shares and multiplied by 100."""
        scale = 100 if unit == "points" else 1
        value, low, high = (scale * number for number in (estimate.value, estimate.low, estimate.high))
        parts = {key: scale * number for key, number in (detail or {}).items()}
        return cls(name, protocol, value, unit, heard, low, high, most, least, count, parts)

    def document(self) -> dict[str, Any]:
        """The row as JSON has it, with `met`; null where a figure does not exist."""
        return {key: _plain(value) for key, value in {**asdict(self), "met": self.met}.items()}

    @classmethod
    def parse(cls, document: Mapping[str, Any]) -> Row:
        """Read a row from its document: the inverse of `document`. Raises KeyError or TypeError for anything else."""
        values = {field.name: document[field.name] for field in fields(cls)}
        detail = {name: math.nan if number is None else number for name, number in values["detail"].items()}
        return cls(**{**values, "value": math.nan if values["value"] is None else values["value"], "detail": detail})


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    return None if isinstance(value, float) and not math.isfinite(value) else value
