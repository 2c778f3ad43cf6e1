"""The flags that are settings, made from their declarations: `serd`, `serd config` and `serd doctor` share them."""

from __future__ import annotations

import argparse
import os
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from serd.config.schema import Spec
from serd.config.settings import known_settings
from serd.errors import UsageError

if TYPE_CHECKING:
    from serd.config.layers import Resolved

GROUPS = {
    "capture": "source",
    "model": "model and decision",
    "publish": "publishing",
    "control": "publishing",
}
"""Section of the settings -> heading in help; flags of other sections stand with the general ones."""


def add_flags(parser: argparse.ArgumentParser, keys: Collection[str] | None = None) -> None:
    """Let `parser` take a flag for each setting, or for these, under the setting's key, and those that set rules."""
    groups = {title: parser.add_argument_group(title) for title in GROUPS.values()}
    for key, spec in known_settings().items():
        if keys is not None and key not in keys:
            continue
        title = GROUPS.get(key.partition(".")[0])
        names = [spec.short, spec.flag] if spec.short else [spec.flag]
        (groups[title] if title else parser).add_argument(*names, dest=key, **_taken(spec))
    groups[GROUPS["model"]].add_argument(
        "--set", metavar="RULE=VALUE", action="append", default=[], help="override a rule of the decision"
    )
    parser.add_argument("--config", metavar="FILE", help="read settings from this TOML file")


def _taken(spec: Spec) -> dict[str, Any]:
    """What argparse is told of a setting's flag; values stay text, and None where the flag is not given."""
    if not spec.metavar:
        return {"action": "store_true", "default": None, "help": spec.help}
    several = isinstance(spec.default, tuple)
    default = ", ".join(spec.default) if several else f"{'' if spec.default is None else spec.default}"
    shown = f"{spec.help} (default {default.removesuffix('.0')})" if default else spec.help
    return {"action": "append" if several else "store", "metavar": spec.metavar, "help": shown.replace("%", "%%")}


def resolve(args: argparse.Namespace) -> Resolved:
    """The settings in force under the flags that were given. Raises UsageError, ConfigError."""
    from dataclasses import fields, replace

    from serd.config.layers import DEFAULT, load
    from serd.inference.decision import Rules

    flags = {key: getattr(args, key, None) for key in known_settings()}
    for rule in args.set:
        name, equals, value = rule.partition("=")
        if not equals:
            raise UsageError(f"--set {rule}: give RULE=VALUE, such as --set smoothing_s=1.5")
        flags[f"decision.{name}"] = value
    resolved = load(flags, os.environ, args.config, [field.name for field in fields(Rules)])
    if resolved.origins["model.name"] != DEFAULT:
        return resolved
    from serd.inference.model import default_model

    model = replace(resolved.settings.model, name=default_model())
    return replace(resolved, settings=replace(resolved.settings, model=model))
