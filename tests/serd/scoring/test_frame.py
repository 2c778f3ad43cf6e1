"""serd.scoring.frame and .result: a score as Python shows it, and its windows and segments as tables."""

from __future__ import annotations

import math
import sys
from pathlib import Path

import pytest
import soundfile

import serd
from serd.errors import ConfigError, UsageError
from tests.support.speech import DEMO, EMOTIONS, read


@pytest.fixture(scope="module")
def score() -> serd.Score:
    return serd.score(read(DEMO)[: 12 * 16000], 16000, model="serd-small")


def test_a_score_is_shown_in_a_line(score: serd.Score):
    assert score.confidence is not None
    assert repr(score).startswith(f"<Score {score.label} {score.confidence:.0%}, 12.0 s, ")
    assert repr(score).endswith(f"{len(score.segments)} segments>")
    assert repr(serd.score(DEMO, model="serd-small")).startswith("<Score ")
    silence = serd.score([0.0] * 16000, 16000)
    assert repr(silence) == "<Score no-speech (silence), 1.0 s, 0% speech, 0 segments>"


def test_a_path_scores_as_its_samples_do(score: serd.Score, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    soundfile.write(tmp_path / "x.wav", read(DEMO)[: 12 * 16000], 16000, subtype="FLOAT")
    monkeypatch.setenv("HOME", str(tmp_path))
    for path in (tmp_path / "x.wav", str(tmp_path / "x.wav"), "~/x.wav"):
        assert serd.score(path, model="serd-small") == score
    with pytest.raises(UsageError, match="a file has its own"):
        serd.score(tmp_path / "x.wav", 16000)
    with pytest.raises(UsageError, match=r"nosuch.wav: cannot be read"):
        serd.score("nosuch.wav")


def test_windows_become_a_table(score: serd.Score):
    table = score.to_frame()
    assert len(table) == len(score.windows) == 48
    assert list(table.columns[:2]) == ["start_s", "end_s"]
    assert list(table.columns[-8:]) == [f"p_{label}" for label in EMOTIONS]
    for window, (_, row) in zip(score.windows, table.iterrows(), strict=True):
        assert (row["end_s"], row["state"], row["level"]) == (
            window["window"]["end_s"], window["state"], window["quality"]["level"],
        )  # fmt: skip
        chances = window["probabilities"]
        assert math.isnan(row["p_happy"]) if chances is None else row["p_happy"] == chances["happy"]
    assert not table.map(lambda cell: isinstance(cell, list | dict)).any(axis=None)


def test_segments_become_a_table(score: serd.Score):
    table = score.to_frame("segments")
    assert list(table["label"]) == [segment["label"] for segment in score.segments]
    assert list(table["duration_s"]) == [segment["duration_s"] for segment in score.segments]
    assert len(serd.score([0.0] * 16000, 16000).to_frame("segments")) == 0
    with pytest.raises(UsageError, match="has windows and segments"):
        score.to_frame("words")  # type: ignore[arg-type]


def test_without_pandas_it_says_what_to_install(score: serd.Score, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ConfigError, match="pip install pandas"):
        score.to_frame()
