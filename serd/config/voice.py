"""A voice: a channel of its own, and the source that its events are published as."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from serd.errors import ConfigError, UsageError, escaped
from serd.events.event import NAME
from serd.events.reference import PERSON

MOST = 256
"""Voices in one process."""

RESERVED = ("all", "default", "mix")
"""Names that mean something else: every serd, the one without a name, all channels."""

MUST = "NAME=CHANNEL or NAME=CHANNEL@DEVICE; the name 1 to 64 of a-z 0-9 _ -, the channel counted from 1"

_SPEAKER = rf"{NAME.pattern}={PERSON.pattern}"
SPEAKERS = rf"{PERSON.pattern}|{_SPEAKER}(,{_SPEAKER})*"
"""Who speaks: one person, or of several voices VOICE=PERSON, with commas between them."""

_SHAPE = re.compile(r"([^=]*)=(\d{1,9})(?:@([^\0]{1,256}))?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Voice:
    """One voice, as it is asked for."""

    name: str
    """The source of its events."""
    channel: int
    """Counted from 1."""
    device: str | None = None
    """Index or part of the name of the device that has the channel; None: the one that is chosen for all."""

    @classmethod
    def parse(cls, text: str) -> Voice:
        """Read `NAME=CHANNEL[@DEVICE]`. Raises UsageError."""
        shown = escaped(text[:80])
        found = _SHAPE.fullmatch(text)
        if found is None:
            raise UsageError(f"{shown}: no voice; give {MUST}")
        name, channel, device = found[1], int(found[2]), found[3]
        if not NAME.fullmatch(name):
            raise UsageError(f"{shown}: {escaped(name[:64])!r} cannot be a source; give 1 to 64 of a-z 0-9 _ -")
        if name in RESERVED:
            raise UsageError(f"{shown}: {name} is no voice's name, for it means something else; give another")
        if not 1 <= channel <= 256:
            raise UsageError(f"{shown}: there is no channel {channel}; give one of 1 to 256")
        return cls(name, channel, device)


def voices(value: Any) -> tuple[str, ...]:
    """Read voices, as a list or with commas between them, each `NAME=CHANNEL[@DEVICE]`. Raises UsageError."""
    listed = [one.strip() for one in re.split(r",(?=\s*[a-z0-9_-]+=)", value)] if isinstance(value, str) else value
    if not isinstance(listed, list | tuple) or not all(isinstance(one, str) for one in listed):
        raise ValueError
    if len(listed) > MOST:
        raise UsageError(f"{len(listed)} voices are given; give {MOST} at most")
    names: set[str] = set()
    for text in listed:
        name = Voice.parse(text).name
        if name in names:
            raise UsageError(f"{name} is given twice; each voice has a name of its own")
        names.add(name)
    return tuple(listed)


def speakers(text: str | None, voices: Collection[Voice]) -> dict[str | None, str]:
    """Who speaks (`SPEAKERS`): each voice's person by its name, None being a stream that is heard as a whole.

    Raises ConfigError where that is not told of these voices.
    """
    if text is None:
        return {}
    names = [voice.name for voice in voices]
    if "=" not in text:
        if len(names) > 1:
            raise ConfigError(f"person {text}: which of the voices is it? give {names[0]}={text}")
        return {names[0] if names else None: text}
    found: dict[str | None, str] = {}
    for one in text.split(","):
        voice, _, person = one.partition("=")
        if voice not in names:
            raise ConfigError(f"person {one}: there is no voice {voice}; there are: {', '.join(names) or 'none'}")
        if voice in found:
            raise ConfigError(f"person {one}: the voice has a person already, {found[voice]}; give one of them")
        found[voice] = person
    return found
