"""The flags that are settings: `serd`, `serd config` and `serd doctor` share them."""

from __future__ import annotations

import argparse
import os
from typing import TYPE_CHECKING

from serd.defaults import ENDPOINT
from serd.errors import UsageError

if TYPE_CHECKING:  # `serd tail` has no settings, and does not wait for what reads them
    from serd.config.layers import Resolved

KEYS = {
    "device": "capture.device",
    "channel": "capture.channel",
    "input": "capture.input",
    "rate": "capture.rate",
    "channels": "capture.channels",
    "format": "capture.format",
    "fast": "capture.fast",
    "buffer": "capture.buffer_s",
    "model": "model.name",
    "stride": "model.stride_s",
    "publish": "publish.endpoints",
    "source": "publish.source",
    "session": "publish.session",
    "high_water_mark": "publish.high_water_mark",
    "secure": "publish.secure",
    "keys": "publish.keys",
    "control": "control.endpoint",
    "headless": "view.headless",
    "log_level": "log.level",
}
"""Flag -> the setting that it sets."""


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Let `parser` take them; the defaults are those of `serd.config.settings`."""
    source = parser.add_argument_group("source")
    source.add_argument("-d", "--device", metavar="DEVICE", help="index or part of the name (serd -l lists them)")
    source.add_argument("--channel", metavar="N", help="one channel, counted from 1, or 'mix' (default)")
    source.add_argument("-i", "--input", metavar="FILE", help="a recording; '-' for raw samples or a WAV from stdin")
    source.add_argument("--rate", metavar="HZ", help="of raw samples from stdin (default 16000)")
    source.add_argument("--channels", metavar="N", help="of raw samples from stdin (default 1)")
    source.add_argument("--format", metavar="NAME", help="of raw samples from stdin: s16le (default), f32le, u8, ...")
    source.add_argument("--fast", action="store_true", default=None, help="the recording or demo as fast as possible")
    source.add_argument("--buffer", metavar="SECONDS", help="audio kept when the machine is busy")
    model = parser.add_argument_group("model and decision")
    model.add_argument("--model", metavar="NAME|PATH", help="a model of `serd models`, or a .tflite file")
    model.add_argument("--stride", metavar="SECONDS", help="time between windows (default 0.25)")
    model.add_argument(
        "--set", metavar="RULE=VALUE", action="append", default=[], help="override a rule of the decision"
    )
    publish = parser.add_argument_group("publishing")
    publish.add_argument("--publish", metavar="ENDPOINT", action="append", help=f"default {ENDPOINT}; repeatable")
    publish.add_argument("--source", metavar="NAME", help="this serd's name in topics: a-z 0-9 _ -")
    publish.add_argument("--session", metavar="NAME", help="names this run in events (default: drawn at random)")
    publish.add_argument("--high-water-mark", metavar="N", help="messages kept for a slow subscriber")
    publish.add_argument("--secure", action="store_true", default=None, help="only readers with an allowed key")
    publish.add_argument("--keys", metavar="FOLDER", help="keys, as `serd keys` makes them")
    publish.add_argument("--control", metavar="ENDPOINT", help="mute from elsewhere, with an allowed key")
    parser.add_argument("--headless", action="store_true", default=None, help="JSON lines instead of the live view")
    parser.add_argument("--log-level", metavar="LEVEL", help="debug, info, warning or error")
    parser.add_argument("--config", metavar="FILE", help="read settings from this TOML file")


def resolve(given: argparse.Namespace) -> Resolved:
    """The settings in force under the flags that were given. Raises UsageError, ConfigError."""
    from dataclasses import fields, replace

    from serd.config.layers import DEFAULT, load
    from serd.inference.decision import Rules

    flags = {key: getattr(given, flag, None) for flag, key in KEYS.items()}
    for rule in given.set:
        name, equals, value = rule.partition("=")
        if not equals:
            raise UsageError(f"--set {rule}: give RULE=VALUE, such as --set smoothing_s=1.5")
        flags[f"decision.{name}"] = value
    resolved = load(flags, os.environ, given.config, [field.name for field in fields(Rules)])
    if resolved.origins["model.name"] != DEFAULT:
        return resolved
    from serd.inference.model import default_model

    model = replace(resolved.settings.model, name=default_model())
    return replace(resolved, settings=replace(resolved.settings, model=model))
