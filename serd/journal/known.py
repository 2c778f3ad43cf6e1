"""What is known of a model's error, from the metrics that were written beside its file in the package."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from serd.events.payload import Payload

NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True, slots=True)
class Known:
    """How often the model finds what is there, in voices that it has never heard; shares with 95 % intervals."""

    protocol: str
    """What it was measured on."""
    recall: dict[str, tuple[float, float, float]]
    """By label; `mean` is that of all labels."""
    activation: tuple[float, float, float] | None
    """How often the right one of lively and subdued was told, where the model was sure; None where it tells neither."""
    activation_sure: tuple[float, float, float] | None
    """How often it was sure."""
    elsewhere: tuple[float, float, float] | None
    """The mean on corpora that it has never heard, of which `elsewhere_protocol` says which."""
    elsewhere_protocol: str | None


@cache
def known_error(model: str) -> Known | None:
    """Known error of a model as events name it (`name/version`); None where nothing is known of this very version.

    The metrics' `known` holds `version`, `protocol`, `recall` (three numbers by label, and `mean`) and may hold
    `activation` with `right` and `sure`, and `elsewhere` with `protocol` and `mean`.
    """
    name, _, version = model.partition("/")
    if not NAME.fullmatch(name):
        return None
    try:
        told = json.loads(files("serd").joinpath("models", f"{name}.metrics.json").read_text("utf-8"))
    except (OSError, ValueError):
        return None
    known = Payload(told).part("known")
    protocol, elsewhere = known.text("protocol"), known.part("elsewhere")
    if known.text("version") != version or protocol is None:
        return None
    raw: dict[str, Any] = told["known"].get("recall", {})
    recall = {label: found for label in raw if (found := _three(known.part("recall"), label))}
    active = known.part("activation")
    return Known(
        protocol, recall, _three(active, "right"), _three(active, "sure"), _three(elsewhere, "mean"),
        elsewhere.text("protocol"),
    )  # fmt: skip


def _three(fields: Payload, name: str) -> tuple[float, float, float] | None:
    numbers = fields.numbers(name)
    return (numbers[0], numbers[1], numbers[2]) if len(numbers) == 3 else None
