"""model_build.studies.head_release: on few clips, from recordings to a file with both heads."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from model_build.experiments.head_recipe import HEAD_RECIPES
from model_build.experiments.reference_experiment import ReferenceExperiment
from model_build.experiments.reference_recipe import VERSION
from model_build.studies import head_release
from model_build.studies.serd_reference import RECIPE
from model_build.training.reference_session import ReferenceSession
from serd.errors import UsageError
from serd.inference.model import load


@pytest.mark.long
@pytest.mark.usefixtures("published")
def test_from_few_recordings_to_a_file_with_both_heads(
    corpora: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    experiment = ReferenceExperiment(RECIPE, "whole").shortened
    session = ReferenceSession(corpora, experiment, lambda _: None)
    file, described, alike = head_release.make(session, experiment, tmp_path)
    assert min(alike.first, alike.second) > 60  # hardly trained: labels lie near each other
    model = load(str(file))
    assert model.contract == described
    assert model.title == f"serd-base/{VERSION}"
    assert described.reference is not None
    assert described.reference.blend_s == RECIPE.blend_s
    assert "en_US_f_Allison" not in described.trained_on["asterisk-prompts"]
    assert described.trained_on["esc-10"] == ("1", "2", "3", "4")

    monkeypatch.setitem(HEAD_RECIPES, "serd-base", experiment.recipe.base)
    args = argparse.Namespace(recipe="serd-base", data=corpora, seed=7, out=tmp_path)
    with pytest.raises(UsageError, match="not trained on the recordings"):
        head_release.quantize(args, lambda _: None)
