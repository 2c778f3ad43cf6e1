"""`serd score --voice`: each channel of a recording by itself, in every form."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from tests.support.fieldwork import EAGER
from tests.support.speech import DEMO, read

RATE = 16000
EAGERLY = [word for rule in EAGER for word in ("--set", rule)]
VOICES = ("--voice", "right=2", "--voice", "left=1")
Run = Callable[..., Any]


@pytest.fixture
def call(tmp_path: Path) -> Path:
    """A call's two sides."""
    spoken = read(DEMO)[: 16 * RATE]
    path = tmp_path / "call.wav"
    soundfile.write(path, np.stack([spoken[: 8 * RATE], spoken[8 * RATE :]], axis=1), RATE)
    return path


def test_each_voice_is_scored_as_its_channel_alone(run: Run, call: Path):
    (line,) = run("score", "--json", "--windows", *VOICES, *EAGERLY, call).stdout.splitlines()
    both = json.loads(line)
    assert both["file"] == str(call)
    assert [(one["voice"], one["channel"]) for one in both["voices"]] == [("right", 2), ("left", 1)]
    for one in both["voices"]:
        alone = json.loads(run("score", "--json", "--windows", "--channel", str(one["channel"]), *EAGERLY, call).stdout)
        for window in one["windows"]:
            window.pop("other_voice", None)
        assert {key: value for key, value in one.items() if key not in ("voice", "channel")} == {
            key: value for key, value in alone.items() if key != "file"
        }
        assert one["segments"]
    brief = json.loads(run("score", "--json", *VOICES, *EAGERLY, call).stdout)
    assert all("windows" not in one for one in brief["voices"])


def test_standard_input_has_voices_too(run: Run, call: Path):
    piped = run("score", "--json", *VOICES, "-", input=call.read_bytes(), text=False).stdout
    filed = run("score", "--json", *VOICES, call).stdout
    assert json.loads(piped)["voices"] == json.loads(filed)["voices"]


def test_text_and_tables_name_the_voice(run: Run, call: Path):
    lines = run("score", *VOICES, call).stdout.splitlines()
    assert [line.partition(": ")[0] for line in lines] == [f"{call} [right]", f"{call} [left]"]
    rows = list(csv.DictReader(run("score", "--csv", *VOICES, call).stdout.splitlines()))
    assert [(row["file"], row["voice"]) for row in rows] == [(str(call), "right"), (str(call), "left")]
    windows = list(csv.DictReader(run("score", "--csv", "--windows", *VOICES, call).stdout.splitlines()))
    assert {row["voice"] for row in windows} == {"right", "left"}
    plain = csv.DictReader(run("score", "--csv", call).stdout.splitlines())
    assert "voice" not in (plain.fieldnames or ())


def test_labels_have_a_tier_or_a_name_for_each_voice(run: Run, call: Path):
    def written(form: str) -> str:
        return str(run("score", "--format", form, *VOICES, *EAGERLY, call).stdout)

    grid = written("textgrid")
    assert "size = 2\n" in grid
    assert grid.index('name = "right"') < grid.index('name = "left"')
    assert {line.split()[2] for line in written("rttm").splitlines()} == {"1", "2"}
    labels = [line.split("\t") for line in written("audacity").splitlines()]
    assert {label.partition(": ")[0] for _, _, label in labels} == {"left", "right"}
    starts = [float(start) for start, _, _ in labels]
    assert starts == sorted(starts)
    assert "left: " in written("srt")


def test_a_channel_or_device_that_cannot_be_is_one_line(run: Run, call: Path):
    for voice, named in (("a=3", "has no channel 3"), ("a=1@USB", "belongs to devices")):
        done = run("score", "--voice", voice, call)
        assert done.returncode == 2
        assert named in done.stderr
        assert done.stderr.count("\n") == 1


def test_voices_of_the_configuration_are_the_microphones(run: Run, call: Path):
    environment = {"SERD_VOICE": "a=1@USB,b=2"}
    assert run("score", "--json", call, env=environment).stdout == run("score", "--json", call).stdout
