"""Settings: each is declared here once, with its default, its names outside, its help and its limits."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, fields
from typing import Literal

from serd.config.schema import Spec, channel, device, endpoint, endpoints, number, path, setting, text, truth, whole
from serd.config.voice import MUST, SPEAKERS, Voice, voices
from serd.defaults import ENDPOINT, MODEL, STRIDE_S
from serd.events.event import NAME, SESSION

ENCODINGS = ("s16le", "s16be", "s8", "u8", "s24le", "s24be", "s32le", "s32be", "f32le", "f32be", "f64le", "f64be")
"""How raw samples may be written, by ffmpeg's names: sort of number, bits, order of the bytes."""


@dataclass(frozen=True)
class Capture:
    """Where the sound comes from."""

    device: str | None = setting(
        None, "--device", "a device's index or part of its name", device,
        help="capture device: index or part of the name (serd -l lists them)", metavar="DEVICE", short="-d",
    )  # fmt: skip
    channel: Literal["mix"] | int = setting(
        "mix", "--channel", '"mix" or a channel, counted from 1, up to 256', channel,
        help="one channel, counted from 1, or mix", metavar="N",
    )  # fmt: skip
    voices: tuple[str, ...] = setting(
        (), "--voice", f"voices of different names, each {MUST}", voices,
        help="a channel with a source of its own, NAME; repeatable; @DEVICE: of another device",
        metavar="NAME=CHANNEL",
    )  # fmt: skip
    crosstalk: Literal["keep", "drop"] = setting(
        "keep", "--crosstalk", "keep or drop", text("keep|drop"),
        help="drop: leave what another voice says out of a voice's segments", metavar="WHAT",
    )  # fmt: skip
    input: str | None = setting(
        None, "--input", 'a path, or "-" for raw samples or a WAV from standard input', path,
        help="a recording instead of a device; '-' for raw samples or a WAV from stdin", metavar="FILE", short="-i",
    )  # fmt: skip
    rate: int = setting(
        16000, "--rate", "a whole number in 1000..768000", whole(1000, 768_000),
        help="rate of raw samples from stdin", metavar="HZ",
    )  # fmt: skip
    channels: int = setting(
        1,
        "--channels",
        "a whole number in 1..256",
        whole(1, 256),
        help="channels of raw samples from stdin",
        metavar="N",
    )
    format: str = setting(
        "s16le", "--format", "one of " + ", ".join(ENCODINGS), text("|".join(ENCODINGS)),
        help="encoding of raw samples from stdin, such as s16le or f32le", metavar="NAME",
    )  # fmt: skip
    fast: bool = setting(
        False, "--fast", "true or false", truth, help="a recording or the demo as fast as possible, not in real time"
    )
    buffer_s: float = setting(
        10.0, "--buffer", "seconds in 1..120", number(1, 120),
        help="audio kept while the machine is busy", metavar="SECONDS",
    )  # fmt: skip

    @property
    def split(self) -> tuple[Voice, ...]:
        """The voices; none where one is heard that has no name of its own."""
        return tuple(map(Voice.parse, self.voices))


@dataclass(frozen=True)
class Model:
    """Which network listens, and how often."""

    name: str = setting(
        MODEL, "--model", "a model's name (`serd models`) or path", path,
        help="a model of `serd models`, or a .tflite file", metavar="NAME|PATH",
    )  # fmt: skip
    stride_s: float = setting(
        STRIDE_S, "--stride", "seconds in 0.05..5", number(0.05, 5),
        help="time between windows, in whole hops", metavar="SECONDS",
    )  # fmt: skip
    person: str | None = setting(
        None, "--person", "a name of `serd enrol list`, or of several voices VOICE=NAME,VOICE=NAME", text(SPEAKERS),
        help="who speaks: the voice is compared with theirs (serd enrol)", metavar="NAME",
    )  # fmt: skip
    no_reference: bool = setting(
        False, "--no-reference", "true or false", truth,
        help="the voice is compared with nothing, not even with what it said before",
    )  # fmt: skip


@dataclass(frozen=True)
class Publish:
    """Where the events go."""

    endpoints: tuple[str, ...] = setting(
        (ENDPOINT,), "--publish",
        f"1 to 16 different endpoints such as {ENDPOINT} or ipc:///run/serd/events (at most 107 bytes)", endpoints,
        help="where events are published; repeatable", metavar="ENDPOINT",
    )  # fmt: skip
    source: str = setting(
        "default", "--source", "1 to 64 of a-z 0-9 _ -", text(NAME.pattern),
        help="this serd's name in topics", metavar="NAME",
    )  # fmt: skip
    session: str = setting(
        "", "--session", "up to 64 of A-Z a-z 0-9 . _ -", text(f"({SESSION.pattern})?"),
        help="names this run in events (without: drawn at random)", metavar="NAME",
    )  # fmt: skip
    high_water_mark: int = setting(
        1000, "--high-water-mark", "a whole number in 1..100000", whole(1, 100_000),
        help="messages kept for a slow subscriber; newer ones are dropped", metavar="N",
    )  # fmt: skip
    secure: bool = setting(
        False, "--secure", "true or false", truth,
        help="only readers with an allowed key, on this machine too; other machines' always need one",
    )  # fmt: skip
    keys: str | None = setting(
        None, "--keys", "a folder", path,
        help="keys, as `serd keys` makes them (without: this account's)", metavar="FOLDER",
    )  # fmt: skip


@dataclass(frozen=True)
class Control:
    """Who may mute, besides this account."""

    endpoint: str | None = setting(
        None, "--control", "an endpoint such as tcp://127.0.0.1:5557", endpoint,
        help="mute from elsewhere, with an allowed key", metavar="ENDPOINT",
    )  # fmt: skip


@dataclass(frozen=True)
class View:
    """What is shown."""

    headless: bool = setting(False, "--headless", "true or false", truth, help="JSON lines instead of the live view")


@dataclass(frozen=True)
class Log:
    """What is told on standard error."""

    level: str = setting(
        "info", "--log-level", "one of debug, info, warning, error", text("debug|info|warning|error"),
        help="what is told on stderr: debug, info, warning, error", metavar="LEVEL",
    )  # fmt: skip


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


RULES = {
    "speech_on": "probability at which speech begins",
    "speech_off": "probability below which speech may end",
    "speech_hold_s": "speech ends only after this long below speech_off",
    "speech_min_s": "speech that a window must hold before the emotion network is asked",
    "silence_db": "no speech below this level is called silence, above it noise",
    "smoothing_s": "time constant of the mean over log-probabilities",
    "emotion_on": "smoothed probability at which a label may be announced",
    "emotion_off": "smoothed probability below which an announced label is withdrawn",
    "margin": "lead over the second label that it takes to be announced",
    "dwell_s": "how long that lead must last",
    "switch": "lead over an announced label that it takes to replace it",
    "evidence": "power of a window's speech by which its answer counts beside others; 0: all count alike",
}
"""What each rule of the decision is for."""


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
        specs[f"decision.{rule}"] = Spec(
            flag, variable, f"{unit} in {low}..{high}", number(low, high), RULES.get(rule, "")
        )
    return specs
