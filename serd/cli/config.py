"""`serd config`: what is in force and where each value came from, as TOML that can be saved."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Mapping
from json import dumps
from types import MappingProxyType
from typing import Any

from serd.config.layers import Resolved
from serd.config.schema import Spec
from serd.config.settings import known_settings

NO_RULES: Mapping[str, float] = MappingProxyType({})


def run(resolved: Resolved, json: bool = False, thresholds: Mapping[str, float] = NO_RULES) -> int:
    """Print to standard output; returns the exit code.

    `thresholds` are the decision's rules as the model's contract gives them, shown where nothing overrides them.
    """
    if json:
        print(to_json(resolved, thresholds))
    else:
        # TOML is UTF-8, whatever the terminal's encoding; a path may hold bytes that are none.
        sys.stdout.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
        print(to_toml(resolved, thresholds))
    return 0


def to_json(resolved: Resolved, thresholds: Mapping[str, float] = NO_RULES) -> str:
    """One object: key -> its value and its origin."""
    shown = {key: {"value": value, "origin": origin} for key, value, origin in resolved.values()}
    for name, value in thresholds.items():
        shown.setdefault(f"decision.{name}", {"value": value, "origin": "model"})
    return dumps(shown)


def to_toml(resolved: Resolved, thresholds: Mapping[str, float] = NO_RULES) -> str:
    """A file that, saved and read back, gives these settings; what is not set stands there as a comment.

    Above each setting stands what it is for and what it may be.
    """
    specs = known_settings({*resolved.settings.decision, *thresholds})
    sections: dict[str, list[str]] = {}
    for key, value, origin in resolved.values():
        section, _, name = key.partition(".")
        line = f"# {name} is not set" if value is None else f"{name} = {toml_value(value)}"
        commented = "" if value is None or _is_text(value) else "# "  # a flag takes any bytes, TOML does not
        sections.setdefault(section, []).extend([*_comment(specs[key]), f"{commented}{line}  # {origin}"])
    for name, value in thresholds.items():
        if name not in resolved.settings.decision:  # a comment: as a value it would outlive a change of model
            comment = _comment(specs[f"decision.{name}"])
            sections.setdefault("decision", []).extend([*comment, f"# {name} = {value!r}  # the model's"])
    head = "# What is in force, and where each value came from. serd reads ~/.config/serd/serd.toml\n"
    return head + "\n".join("\n".join([f"\n[{name}]", *lines[1:]]) for name, lines in sections.items())


def _comment(spec: Spec) -> list[str]:
    """Lines above a setting: what it is for, what it must be, its flag and its variable."""
    help, must = (f"{text[:1].upper()}{text[1:]}" for text in (spec.help, spec.must))
    what = f"{help}. {must}; {spec.flag}, {spec.variable}."
    return ["", *textwrap.wrap(what, 98, initial_indent="# ", subsequent_indent="# ", break_on_hyphens=False)]


def _is_text(value: Any) -> bool:
    try:
        dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def toml_value(value: Any) -> str:
    """A TOML value. JSON's strings are TOML's, but for characters that a terminal should not be given as they are."""
    if isinstance(value, tuple):
        return "[" + ", ".join(map(toml_value, value)) + "]"
    if isinstance(value, float):
        return repr(value)
    return "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in dumps(value, ensure_ascii=False))
