"""serd.enrolment.profiles: names that are no paths, files that only this account reads, a service's credentials."""

from __future__ import annotations

import stat
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from serd.enrolment.profiles import Profiles
from serd.errors import ConfigError, OutputError, UsageError
from serd.events.reference import PERSON
from serd.inference.profile import Profile
from serd.inference.reference import Reference

PROFILE = Profile(Reference(np.arange(8, dtype=np.float32), 20.0), "serd-base/1", "a" * 64, "2026-01-01")


@pytest.fixture
def profiles(tmp_path: Path) -> Profiles:
    return Profiles.from_environment({"HOME": str(tmp_path)})


def test_kept_listed_read_and_forgotten(profiles: Profiles, tmp_path: Path) -> None:
    assert profiles.names() == []
    path = profiles.write("anna", PROFILE)
    assert path == tmp_path / ".local/state/serd/profiles/anna.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    profiles.write("Bo.2", PROFILE)
    assert profiles.names() == ["Bo.2", "anna"]
    assert profiles.read("anna").document() == PROFILE.document()
    assert profiles.forget("anna") == path
    assert profiles.names() == ["Bo.2"]
    assert list(path.parent.iterdir()) == [path.parent / "Bo.2.json"]
    with pytest.raises(UsageError, match="serd enrol list"):
        profiles.forget("anna")


def test_somebody_who_is_not_enrolled_is_said_with_who_is(profiles: Profiles) -> None:
    with pytest.raises(ConfigError, match="enrolled are: nobody; `serd enrol anna`"):
        profiles.read("anna")
    profiles.write("annabel", PROFILE)
    with pytest.raises(ConfigError, match="did you mean annabel"):
        profiles.read("anabel")


@pytest.mark.parametrize("name", ["", "list", "forget", "..", "../x", "a/b", ".x", "-x", "x" * 65, "a\0", "é", "a b"])
def test_what_cannot_be_a_name(profiles: Profiles, name: str) -> None:
    for act in (profiles.read, profiles.forget, profiles.check):
        with pytest.raises(UsageError, match="cannot be a name"):
            act(name)
    with pytest.raises(UsageError, match="cannot be a name"):
        profiles.write(name, PROFILE)


@given(st.text(max_size=70))
def test_no_name_leads_out_of_the_folder(name: str) -> None:
    if PERSON.fullmatch(name):
        path = Path("/folder", f"{name}.json")
        assert path.parent == Path("/folder")
        assert path.resolve().parent == Path("/folder")
        assert name not in ("list", "forget")


def test_a_folder_that_cannot_be_written_is_one_line_with_74(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file in the way")
    with pytest.raises(OutputError, match="cannot be written"):
        Profiles(tmp_path / "state" / "profiles").write("anna", PROFILE)


def test_a_services_credential_goes_before_its_folder(tmp_path: Path) -> None:
    held = tmp_path / "credentials"
    held.mkdir()
    profiles = Profiles.from_environment(
        {"STATE_DIRECTORY": str(tmp_path / "state"), "CREDENTIALS_DIRECTORY": str(held)}
    )
    (held / "profile_anna.json").write_bytes(PROFILE.document())
    assert profiles.names() == ["anna"]
    assert profiles.read("anna").origin == f"profile {held / 'profile_anna.json'}"
    profiles.write("anna", PROFILE)
    profiles.write("bo", PROFILE)
    assert profiles.names() == ["anna", "bo"]
    assert profiles.read("anna").origin == f"profile {held / 'profile_anna.json'}"
    assert profiles.read("bo").origin == f"profile {tmp_path / 'state' / 'profiles' / 'bo.json'}"
