"""Windows and segments as a table: one flat row each, for pandas where that is installed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from serd.errors import ConfigError

if TYPE_CHECKING:
    import pandas

PARTS = {"window": "", "activation": "activation_", "reference": "reference_", "quality": ""}
"""Nested object -> what its fields' columns begin with."""

ELSEWHERE = ("raw", "bands", "channels", "probabilities")
"""No columns: lists, objects, and what has a column for each label."""


def row(event: Mapping[str, Any]) -> dict[str, Any]:
    """A window or a segment without nesting: times first, the probabilities of the labels last, by their names."""
    flat: dict[str, Any] = dict(event["window"])
    for name, value in event.items():
        if name == "activation" and value is None:
            flat |= {"activation_value": None, "activation_confidence": None}
        elif name in PARTS:
            flat |= {f"{PARTS[name]}{part}": one for part, one in value.items() if part not in ELSEWHERE}
        elif name not in ELSEWHERE:
            flat[name] = value
    return flat | {f"p_{label}": chance for label, chance in (event["probabilities"] or {}).items()}


def to_frame(events: Iterable[Mapping[str, Any]]) -> pandas.DataFrame:
    """A `pandas.DataFrame` with a row each. Raises ConfigError where pandas is not installed."""
    try:
        import pandas
    except ModuleNotFoundError:
        raise ConfigError("to_frame: pandas is not installed; pip install pandas") from None
    return pandas.DataFrame([row(event) for event in events])
