"""The model that nobody has to name, from blocks of samples to what a user sees of it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile as sf

from serd.block import Block
from serd.defaults import MODEL
from serd.inference.contract import read_model
from serd.inference.model import FOLDER
from serd.inference.reporter import Reporter
from serd.scoring.score import make_pipeline
from tests.support.speech import DEMO, read

Run = Callable[..., subprocess.CompletedProcess[str]]
TALK = read(DEMO)[: 8 * 16000]
TOLD = ("state", "reason", "label", "probabilities", "confidence", "activation", "window", "speech")
"""What a frame says of the sound."""


@pytest.fixture(autouse=True)
def nothing_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SERD_MODEL")


def frames(sizes: list[int]) -> list[dict[str, Any]]:
    """Of TALK in blocks of these sizes, over and over, to the bit."""
    pipeline = make_pipeline()
    reporter, told, start = Reporter(pipeline.emotion, 16000), list[dict[str, Any]](), 0
    while start < len(TALK):
        size = sizes[len(told) % len(sizes)]
        steps = pipeline.push(Block(TALK[start : start + size], start, False, 0.0))
        told += [event.data for step in steps for event in reporter.step(step) if event.kind == "frame"]
        start += size
    return told


@pytest.mark.parametrize("sizes", [[777], [160, 5000, 1], [48_000]])
def test_any_blocks_give_the_same_frames(sizes: list[int]) -> None:
    whole = frames([len(TALK)])
    assert frames(sizes) == whole
    assert {frame["model"] for frame in whole} == {make_pipeline().emotion.title}
    assert any(frame["probabilities"] for frame in whole)


def test_a_louder_or_softer_voice_is_the_same_to_it() -> None:
    front_end = make_pipeline().emotion.contract.front_end
    inputs = [front_end.scale(front_end.log_rows(TALK * np.float32(gain))) for gain in (1.0, 0.25, 4.0)]
    for other in inputs[1:]:
        np.testing.assert_allclose(other, inputs[0], atol=1e-5)


def test_it_is_what_serd_listens_and_scores_with(run: Run, tmp_path: Path) -> None:
    title = f"{MODEL}/{read_model(FOLDER / f'{MODEL}.tflite')[1].version}"
    talk = tmp_path / "talk.wav"
    sf.write(talk, TALK, 16000)
    scored = json.loads(run("score", "--json", talk).stdout)
    assert scored["model"] == title
    assert set(scored["activation"]) == {"value", "confidence"}
    heard = run("--input", talk, "--fast", "--headless", "--no-reference", "--publish", f"ipc://{tmp_path}/events")
    assert (heard.returncode, "Traceback" in heard.stderr) == (0, False)
    said = [json.loads(line) for line in heard.stdout.splitlines()]
    own = [event["data"] for event in said if event["type"] == "serd.v1.frame"]
    assert {frame["model"] for frame in own} == {title}
    windows = json.loads(run("score", "--json", "--windows", talk).stdout)["windows"]
    both = [[{name: frame[name] for name in TOLD} for frame in each] for each in (own, windows)]
    assert both[0] == both[1][: len(both[0])]


def test_serd_config_names_it(run: Run) -> None:
    assert f'name = "{MODEL}"  # default' in run("config").stdout


def test_its_file_is_small_and_says_whose_encoder_it_holds() -> None:
    file = FOLDER / f"{MODEL}.tflite"
    assert file.stat().st_size <= 9_000_000
    assert "Whisper" in read_model(file)[1].notes["encoder"]
    assert "MIT License" in (FOLDER / "LICENSE.whisper").read_text()
