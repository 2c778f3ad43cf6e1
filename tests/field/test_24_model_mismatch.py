"""Row 24: the network does not match the front end. The shipped model with another contract, its checksum intact."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from serd.defaults import FALLBACK_MODEL
from serd.inference.contract import Contract, read_model, write_model
from serd.inference.model import find
from tests.support.speech import DEMO


def other_scale(contract: Contract) -> Contract:
    return replace(contract, input=replace(contract.input, scale=contract.input.scale * 2))


def other_zero(contract: Contract) -> Contract:
    return replace(contract, output=replace(contract.output, zero_point=contract.output.zero_point + 1))


def other_rows(contract: Contract) -> Contract:
    return replace(contract, front_end=replace(contract.front_end, rows=contract.front_end.rows + 1))


def other_labels(contract: Contract) -> Contract:
    return replace(contract, labels=contract.labels[:-1])


def other_stft(contract: Contract) -> Contract:
    stft = replace(contract.front_end.stft, hop=contract.front_end.stft.hop + 1)
    return replace(contract, front_end=replace(contract.front_end, stft=stft))


def other_rule(contract: Contract) -> Contract:
    return replace(contract, thresholds={"emotion_on": 7.0})


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (other_scale, "input quantization"),
        (other_zero, "output quantization"),
        (other_rows, "input shape"),
        (other_labels, "output shape"),
        (other_stft, "STFT"),
        (other_rule, "emotion_on"),
    ],
)
def test_it_is_refused_with_what_differs(run, tmp_path: Path, change: Callable[[Contract], Contract], named: str):
    network, contract = read_model(find(FALLBACK_MODEL))
    write_model(tmp_path / "other.tflite", network, change(contract))
    done = run("--model", str(tmp_path / "other.tflite"), "--input", str(DEMO), "--publish", f"ipc://{tmp_path}/events")
    assert done.returncode == 78
    assert done.stdout == "", "not an event is published"
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert named in done.stderr


def test_the_same_file_with_its_own_contract_is_taken(run, tmp_path: Path):
    network, contract = read_model(find(FALLBACK_MODEL))
    write_model(tmp_path / "same.tflite", network, contract)
    assert run("score", str(DEMO), "--model", str(tmp_path / "same.tflite")).returncode == 0
