"""`serd config`: what is in force and where each value came from, as TOML that can be saved."""

from __future__ import annotations

from collections.abc import Mapping
from json import dumps
from types import MappingProxyType
from typing import Any

from serd.config.layers import Resolved

NO_RULES: Mapping[str, float] = MappingProxyType({})


def run(resolved: Resolved, json: bool = False, thresholds: Mapping[str, float] = NO_RULES) -> int:
    """Print to standard output; returns the exit code.

    `thresholds` are the decision's rules as the model's contract gives them, shown where nothing overrides them.
    """
    text = to_json(resolved, thresholds) if json else to_toml(resolved, thresholds)
    print(text.encode("utf-8", "replace").decode())  # a path may hold bytes that are no UTF-8
    return 0


def to_json(resolved: Resolved, thresholds: Mapping[str, float] = NO_RULES) -> str:
    """One object: key -> its value and its origin."""
    shown = {key: {"value": value, "origin": origin} for key, value, origin in resolved.values()}
    for name, value in thresholds.items():
        shown.setdefault(f"decision.{name}", {"value": value, "origin": "model"})
    return dumps(shown, ensure_ascii=False)


def to_toml(resolved: Resolved, thresholds: Mapping[str, float] = NO_RULES) -> str:
    """A file that, saved and read back, gives these settings; what is not set stands there as a comment."""
    sections: dict[str, list[str]] = {}
    for key, value, origin in resolved.values():
        section, _, name = key.partition(".")
        line = f"# {name} is not set" if value is None else f"{name} = {toml_value(value)}"
        sections.setdefault(section, []).append(f"{line}  # {origin}")
    for name, value in thresholds.items():
        if name not in resolved.settings.decision:  # a comment: as a value it would outlive a change of model
            sections.setdefault("decision", []).append(f"# {name} = {value!r}  # the model's")
    head = "# What is in force, and where each value came from. serd reads ~/.config/serd/serd.toml\n"
    return head + "\n".join("\n".join([f"\n[{name}]", *lines]) for name, lines in sections.items())


def toml_value(value: Any) -> str:
    """A TOML value. JSON's strings are TOML's, but for DEL, which TOML wants escaped."""
    if isinstance(value, tuple):
        return "[" + ", ".join(map(toml_value, value)) + "]"
    if isinstance(value, float):
        return repr(value)
    return dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
