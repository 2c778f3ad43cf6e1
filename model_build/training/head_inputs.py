"""What a head learns from: features of windows, and what is known of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model_build.corpora import Utterance
from model_build.experiments.head_recipe import HeadRecipe
from model_build.networks.head import features
from model_build.training.encoded_clips import EncodedClips, activation, may_train


@dataclass(frozen=True, eq=False)
class HeadInputs:
    """Windows to learn from."""

    features: NDArray[np.float16]
    """(n, features), see `head.features`."""
    label: NDArray[np.intp]
    """Index of each window's label (n,); -1 where it is none of ours."""
    known: NDArray[np.bool_]
    """Labels that the window's corpus has (n, labels)."""
    active: NDArray[np.intp]
    """1: high activation, 0: low, -1: not known (n,)."""
    stratum: NDArray[np.intp]
    """Stratum of each window, within which windows are drawn alike (n,)."""
    share: NDArray[np.float64]
    """Share of each stratum in all that is heard (strata,)."""

    @classmethod
    def make(
        cls, recipe: HeadRecipe, encoded: Mapping[str, EncodedClips], chosen: Callable[[Utterance], bool]
    ) -> HeadInputs:
        """The chosen clips that may train, corpora by the recipe's shares and in each its labels alike."""
        columns: dict[str, list[NDArray[np.generic]]] = {name: [] for name in ("features", "label", "known", "active")}
        stratum, shares = list[NDArray[np.intp]](), list[float]()
        for corpus, share in recipe.shares:
            clips, states = encoded[corpus].clips, encoded[corpus].states
            label = np.array([_index(recipe, clip) for clip in clips])
            active = np.array([activation(clip) for clip in clips])
            kept = learned_from(recipe, encoded[corpus], chosen)
            if not kept.any():
                continue
            clip = states.clip[kept]
            there = sorted(set(label[label >= 0].tolist()))
            known = np.zeros(len(recipe.labels), bool)
            known[there if len(there) > 1 else slice(None)] = True  # a single label is told from all
            columns["features"].append(features(states.statistics[kept], recipe.layers))
            columns["label"].append(label[clip])
            columns["known"].append(np.broadcast_to(known, (len(clip), len(known))))
            columns["active"].append(active[clip])
            kinds, inverse = np.unique(label[clip], return_inverse=True)
            stratum.append(inverse + len(shares))
            shares += [share / len(kinds)] * len(kinds)
        joined = {name: np.concatenate(values) for name, values in columns.items()}
        return cls(**joined, stratum=np.concatenate(stratum), share=np.array(shares))

    @property
    def weight(self) -> NDArray[np.float64]:
        """How often each window is heard, relative to all (n,)."""
        count = np.bincount(self.stratum, minlength=len(self.share))
        each: NDArray[np.float64] = (self.share / np.maximum(count, 1))[self.stratum]
        total: float = each.sum()
        return np.asarray(each / total, np.float64)


def learned_from(recipe: HeadRecipe, encoded: EncodedClips, chosen: Callable[[Utterance], bool]) -> NDArray[np.bool_]:
    """Windows of the chosen clips that may train, and whose emotion tells a label or activation (n,)."""
    return encoded.windows_of(
        lambda clip: chosen(clip) and may_train(clip) and (_index(recipe, clip) >= 0 or activation(clip) >= 0)
    )


def _index(recipe: HeadRecipe, clip: Utterance) -> int:
    return recipe.labels.index(clip.emotion) if clip.emotion in recipe.labels else -1
