"""Recipes."""

from __future__ import annotations

from model_build.corpora import CORPORA as READERS
from model_build.networks.export import LICENCES
from model_build.thesis.plan import CORPORA, THESIS, Plan, thesis_recipe


def test_the_thesis_recipe_is_what_its_issue_says() -> None:
    recipe = thesis_recipe("cnn", "ravdess", Plan())
    assert recipe.name == "thesis-cnn"
    assert recipe.corpora == ("ravdess-speech",)
    assert len(recipe.labels) == 8
    assert (THESIS.rows, THESIS.bands.count) == (96, 64)
    assert THESIS.rows * THESIS.row_hop == 3 * THESIS.stft.sample_rate


def test_recipes_name_corpora_that_can_be_read() -> None:
    named = {name for names in CORPORA.values() for name in names} | set(LICENCES)
    assert named <= set(READERS)
