"""Rows on the level."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from model_build.evaluation.clip_result import ClipResult
from model_build.evaluation.gain import changed, rows
from model_build.evaluation.model_under_test import ModelUnderTest
from model_build.evaluation.selection import QUICK_IN_DOMAIN
from tests.support.judgements import crowd

CLIPS = crowd("urdu", ["happy", "sad"])
SURE = ClipResult((0.9, 0.1), (4000,), (True,), (0,), (0.9,))
LESS = replace(SURE, probabilities=(0.6, 0.4))
OTHER = replace(SURE, probabilities=(0.1, 0.9))
NONE = ClipResult(None, (4000,), (False,), (), ())


def test_only_another_label_or_none_is_a_change() -> None:
    clean = dict.fromkeys(CLIPS, SURE)
    assert changed(CLIPS, clean, dict.fromkeys(CLIPS, LESS)).value == 0
    assert changed(CLIPS, clean, dict.fromkeys(CLIPS, OTHER)).value == 1
    assert changed(CLIPS, clean, dict.fromkeys(CLIPS, NONE)).value == 1
    assert changed(CLIPS, dict.fromkeys(CLIPS, NONE), clean).value == 1


def test_several_gains_are_averaged_and_speakers_make_the_interval() -> None:
    clean = dict.fromkeys(CLIPS, SURE)
    some = {clip: OTHER if clip.speaker == "s0" else SURE for clip in CLIPS}
    assert changed(CLIPS, clean, some, clean).value == pytest.approx(1 / 8)
    found = changed(CLIPS, clean, some)
    assert found.low < found.value == 0.25 < found.high


def test_the_shipped_model_keeps_its_mind_at_any_gain(
    corpora: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    found = list(rows(ModelUnderTest.open("thesis-cnn", corpora), print, quick=True))
    assert [(row.name, row.heard) for row in found] == [
        (name, heard)
        for heard in ("unseen", "seen")
        for name in ("gain, worst", "gain, mean", "gain, -30 dB, in 16 bits", "gain, +10 dB, clipped at full scale")
    ]
    worst, mean = found[4], found[5]
    assert worst.count == QUICK_IN_DOMAIN
    assert (worst.most, worst.met) == (0.02, True)
    assert mean.value <= worst.value == max(value for name, value in worst.detail.items() if name.startswith("gain"))
    assert {row.most for row in found if "16 bits" in row.name or "clipped" in row.name} == {None}
