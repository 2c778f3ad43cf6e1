"""Settings: each is declared here once, with its default, its names outside and its limits."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, fields
from typing import Literal

from serd.config.schema import Spec, channel, device, endpoint, endpoints, number, path, setting, text, truth, whole
from serd.defaults import ENDPOINT, MODEL, STRIDE_S
from serd.events.event import NAME, SESSION

ENCODINGS = ("s16le", "s16be", "s8", "u8", "s24le", "s24be", "s32le", "s32be", "f32le", "f32be", "f64le", "f64be")
"""How raw samples may be written, by ffmpeg's names: sort of number, bits, order of the bytes."""


@dataclass(frozen=True)
class Capture:
    """Where the sound comes from."""

    device: str | None = setting(None, "--device", "a device's index or part of its name", device)
    """Index or part of a name; None is the system's default."""
    channel: Literal["mix"] | int = setting(
        "mix", "--channel", '"mix" or a channel, counted from 1, up to 256', channel
    )
    input: str | None = setting(None, "--input", 'a path, or "-" for raw samples or a WAV from standard input', path)
    """A recording instead of a device."""
    rate: int = setting(16000, "--rate", "a whole number in 1000..768000", whole(1000, 768_000))
    """Rate of raw samples from standard input; like the next two, a WAV there says it itself."""
    channels: int = setting(1, "--channels", "a whole number in 1..256", whole(1, 256))
    """Channels of raw samples."""
    format: str = setting("s16le", "--format", "one of " + ", ".join(ENCODINGS), text("|".join(ENCODINGS)))
    """How raw samples are written."""
    fast: bool = setting(False, "--fast", "true or false", truth)
    """A recording as fast as it can be worked through, rather than in real time."""
    buffer_s: float = setting(10.0, "--buffer", "seconds in 1..120", number(1, 120))
    """What the ring between the audio callback and the pipeline holds."""


@dataclass(frozen=True)
class Model:
    """Which network listens, and how often."""

    name: str = setting(MODEL, "--model", "a model's name (`serd models`) or path", path)
    stride_s: float = setting(STRIDE_S, "--stride", "seconds in 0.05..5", number(0.05, 5))
    """Time between windows; the pipeline takes whole hops of the model."""


@dataclass(frozen=True)
class Publish:
    """Where the events go."""

    endpoints: tuple[str, ...] = setting(
        (ENDPOINT,),
        "--publish",
        f"1 to 16 different endpoints such as {ENDPOINT} or ipc:///run/serd/events (at most 107 bytes)",
        endpoints,
    )
    source: str = setting("default", "--source", "1 to 64 of a-z 0-9 _ -", text(NAME.pattern))
    """This serd's name in topics and events."""
    session: str = setting("", "--session", "up to 64 of A-Z a-z 0-9 . _ -", text(f"({SESSION.pattern})?"))
    """Names this run in events; empty: drawn at random."""
    high_water_mark: int = setting(1000, "--high-water-mark", "a whole number in 1..100000", whole(1, 100_000))
    """Messages kept for a subscriber that is slow to read; newer ones are dropped."""
    secure: bool = setting(False, "--secure", "true or false", truth)
    """Only readers with an allowed key, on this machine too; what other machines can reach is always so."""
    keys: str | None = setting(None, "--keys", "a folder", path)
    """Folder of keys, as `serd keys` makes them; None is this account's."""


@dataclass(frozen=True)
class Control:
    """Who may mute, besides this account."""

    endpoint: str | None = setting(None, "--control", "an endpoint such as tcp://127.0.0.1:5557", endpoint)
    """Control endpoint for holders of allowed keys; the socket in the runtime directory is there anyway."""


@dataclass(frozen=True)
class View:
    """What is shown."""

    headless: bool = setting(False, "--headless", "true or false", truth)
    """Events as JSON lines even where standard output is a terminal."""


@dataclass(frozen=True)
class Log:
    """What is told on standard error."""

    level: str = setting("info", "--log-level", "one of debug, info, warning, error", text("debug|info|warning|error"))


@dataclass(frozen=True)
class Settings:
    """All of them, by section."""

    capture: Capture = field(default_factory=Capture)
    model: Model = field(default_factory=Model)
    publish: Publish = field(default_factory=Publish)
    control: Control = field(default_factory=Control)
    decision: Mapping[str, float] = field(default_factory=dict)
    """Overrides of the model's thresholds, by their names in `serd.inference.decision.Rules`."""
    view: View = field(default_factory=View)
    log: Log = field(default_factory=Log)


SECTIONS: dict[str, type] = {
    "capture": Capture,
    "model": Model,
    "publish": Publish,
    "control": Control,
    "view": View,
    "log": Log,
}


def known_settings(rules: Collection[str] = ()) -> dict[str, Spec]:
    """Every key with its names and limits; the rules of the decision among them."""
    specs = {f"{name}.{f.name}": f.metadata["spec"] for name, kind in SECTIONS.items() for f in fields(kind)}
    for rule in rules:
        low, high, unit = (0, 60, "seconds") if rule.endswith("_s") else (0, 1, "a number")
        if rule.endswith("_db"):
            low, high, unit = -140, 0, "decibels"
        if rule == "evidence":
            high = 16
        flag, variable = f"--set {rule}", "SERD_" + rule.upper()
        specs[f"decision.{rule}"] = Spec(flag, variable, f"{unit} in {low}..{high}", number(low, high))
    return specs
