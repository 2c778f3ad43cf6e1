"""Which reference a voice is compared with, as the settings or flags have it."""

from __future__ import annotations

import os
from pathlib import Path

from serd.config.settings import Settings
from serd.enrolment.profiles import Profiles
from serd.inference.contract import Contract
from serd.inference.known_voice import Known
from serd.inference.profile import Profile
from serd.system.paths import at_home


def known_voice(settings: Settings, contract: Contract) -> Known:
    """The person's reference alone where one is named, none where none is wanted, else the stream's own.

    Raises ConfigError where nobody of that name is enrolled, and for another model's profile.
    """
    model = settings.model
    if model.no_reference:
        return None
    if model.person is None:
        return "running"
    return Profiles.from_environment(os.environ).read(model.person).reference_for(contract)


def profile_path(person: str | None, file: str | None) -> Path | None:
    """The file of an enrolled person's profile, or the one that is named; None where neither is given.

    Raises UsageError, ConfigError.
    """
    if person is not None:
        return Profiles.from_environment(os.environ).find(person)
    return None if file is None else Path(at_home(file))


def profile_of(person: str | None, file: str | None) -> Profile | None:
    """The profile in that file. Raises UsageError, ConfigError."""
    path = profile_path(person, file)
    return None if path is None else Profile.read(path)
