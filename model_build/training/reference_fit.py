"""How a head that knows a reference is trained: each time a window is heard, it has another reference."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from model_build.experiments.reference_recipe import ReferenceRecipe
from model_build.files.progress import Check, never
from model_build.networks.head import Head
from model_build.networks.person_reference import entered, shrunk
from model_build.training.head_fit import fit, moments
from model_build.training.reference_draws import ReferenceDraws
from model_build.training.reference_inputs import ReferenceInputs
from serd.inference.frontend import Rows


def train(known: ReferenceInputs, recipe: ReferenceRecipe, seed: int, check: Check = never) -> Head:
    """A head over what `person_reference.entered` gives it; `check` may raise at any epoch."""
    inputs, half_s = known.inputs, recipe.half_s
    draws = ReferenceDraws(known.spoken, recipe.most, recipe.neutral)
    mean, spread = moments(inputs)
    centre, scale = np.concatenate([mean, np.zeros_like(mean)]), np.tile(spread, 2)
    features: Rows = inputs.features.astype(np.float32)  # converted once: each is drawn often

    def see(rng: np.random.Generator, chosen: NDArray[np.intp]) -> Rows:
        means, seconds = draws.references(rng, chosen, features)
        seen: Rows = (entered(features[chosen], shrunk(means, seconds, mean, half_s)) - centre) / scale
        return seen

    weights = fit(inputs, see, len(centre), schedule=recipe.schedule, seed=seed, check=check)
    return Head(recipe.base.layers, centre, scale, **weights)
