"""Which reference a voice is compared with, as the settings or flags have it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from serd.config.settings import Settings
from serd.config.voice import Voice, speakers
from serd.enrolment.profiles import Profiles
from serd.errors import UsageError
from serd.inference.contract import Contract
from serd.inference.known_voice import Known
from serd.inference.profile import Profile
from serd.system.paths import at_home


def known_voices(settings: Settings, contract: Contract) -> dict[str | None, Known]:
    """Of each voice by its name, None being a stream without voices: the person's reference alone where one is named,
    none where none is wanted, else the voice's own.

    Raises ConfigError where nobody of that name is enrolled, and for another model's profile.
    """
    voices = settings.capture.split
    default: Known = None if settings.model.no_reference else "running"
    names: list[str | None] = [voice.name for voice in voices]
    known: dict[str | None, Known] = dict.fromkeys(names or [None], default)
    profiles = Profiles.from_environment(os.environ)
    for voice, person in speakers(settings.model.person, voices).items():
        known[voice] = profiles.read(person).reference_for(contract)
    return known


def profile_path(person: str | None, file: str | None) -> Path | None:
    """The file of an enrolled person's profile, or the one that is named; None where neither is given.

    Raises UsageError, ConfigError.
    """
    if person is not None:
        return Profiles.from_environment(os.environ).find(person)
    return None if file is None else Path(at_home(file))


def profiles_of(person: str | None, file: str | None, voices: Sequence[Voice]) -> Mapping[str | None, Profile]:
    """The profiles of who speaks in recordings with these voices, by the names of the voices, None being a recording
    as a whole. Raises UsageError, ConfigError."""
    if file is not None and len(voices) > 1:
        raise UsageError(f"--reference: which of the voices is it? give --person {voices[0].name}=NAME")
    if file is not None:
        return {voices[0].name if voices else None: Profile.read(Path(at_home(file)))}
    profiles = Profiles.from_environment(os.environ)
    return {voice: profiles.read(name) for voice, name in speakers(person, voices).items()}
