"""serd.inference.profile: what is written is read again; what is damaged or another model's is refused in one line."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from serd.errors import ConfigError
from serd.inference.contract import Contract, read_model
from serd.inference.model import find
from serd.inference.profile import LARGEST, Profile
from serd.inference.reference import Reference


@pytest.fixture(scope="module")
def contract() -> Contract:
    return read_model(find("serd-base"))[1]


@pytest.fixture
def path(contract: Contract, tmp_path: Path) -> Path:
    assert contract.reference is not None
    mean = np.random.default_rng(1).normal(0, 1, contract.reference.width).astype(np.float32)
    made = tmp_path / "anna.json"
    made.write_bytes(Profile.of(Reference(mean, 34.256), contract).document())
    return made


def test_it_is_read_as_it_was_written(path: Path, contract: Contract) -> None:
    profile = Profile.read(path)
    reference = profile.reference_for(contract)
    assert contract.reference is not None
    expected = np.random.default_rng(1).normal(0, 1, contract.reference.width).astype(np.float32)
    assert reference.mean == pytest.approx(expected, rel=1e-6)
    assert reference.seconds == 34.26
    assert profile.model == f"{contract.name}/{contract.version}"
    assert Profile.read(path).document() == path.read_bytes()


def test_it_holds_numbers_and_whose_model_they_are_of(path: Path) -> None:
    fields = json.loads(path.read_text())
    assert sorted(fields) == ["format", "made", "mean", "model", "seconds", "sha256"]
    assert all(isinstance(number, float) for number in fields["mean"])
    assert path.stat().st_size < LARGEST / 10


@pytest.mark.parametrize(
    "change",
    [{"mean": []}, {"mean": ["x"]}, {"mean": [[1.0]]}, {"mean": [float("nan")]}, {"seconds": 0}, {"seconds": -3},
     {"format": 2}, {"model": 7}, {"mean": None}, {"sha256": ""}],
)  # fmt: skip
def test_damage_is_one_line_that_names_the_file(path: Path, change: dict[str, Any]) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(ConfigError) as caught:
        Profile.read(path)
    assert str(path) in str(caught.value)
    assert "serd enrol" in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"\xff\xfe", b"[" * 100_000, b" " * (LARGEST + 1)])
def test_what_is_no_profile_is_refused(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(ConfigError, match="serd enrol"):
        Profile.read(path)


def test_one_that_is_not_there_is_named(path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no such file"):
        Profile.read(path.with_name("nobody.json"))
    path.unlink()
    path.mkdir()
    with pytest.raises(ConfigError, match="cannot be read"):
        Profile.read(path)


def test_another_models_is_refused_with_the_remedy(path: Path, contract: Contract) -> None:
    other = dataclasses.replace(contract, version="9", sha256="0" * 64)
    with pytest.raises(ConfigError, match=f"made with {contract.name}/{contract.version}, this is serd-base/9; enrol"):
        Profile.read(path).reference_for(other)
    with pytest.raises(ConfigError, match="of other weights"):
        Profile.read(path).reference_for(dataclasses.replace(contract, sha256="0" * 64))
    with pytest.raises(ConfigError, match=r"serd-small/.*--model serd-base"):
        Profile.read(path).reference_for(read_model(find("serd-small"))[1])
