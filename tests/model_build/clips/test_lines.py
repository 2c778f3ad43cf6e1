"""model_build.clips.lines and views with them: one person's clips of a view go through the same line."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from model_build.clips import lines
from model_build.clips.sound_views import Surroundings, ViewRecipe, view
from model_build.corpora import Utterance
from model_build.networks.encoder import FRONT_END

RECIPE = ViewRecipe(speed=0, room=0, noise=0.5, microphone=0.5, telephone=0.5, quiet=0, begun=1, whole=1)


def clip(name: str, speaker: str = "03", corpus: str = "emo-db") -> Utterance:
    return Utterance(Path("x"), name, corpus, speaker)


def test_a_person_has_one_line_in_a_view_or_several_where_few_have_many_clips() -> None:
    assert lines.line(0, clip("a")) == lines.line(0, clip("b"))
    assert lines.line(0, clip("a")) != lines.line(1, clip("a"))
    assert lines.line(0, clip("a")) != lines.line(0, clip("a", "08"))
    many = {lines.line(0, clip(str(k), corpus="nemo")) for k in range(200)}
    assert len(many) == lines.SEVERAL["nemo"]
    own, shared = lines.draws(2, clip("a"))
    assert shared == lines.line(2, clip("b"))
    assert own != lines.draws(2, clip("b"))[0]


def test_clips_on_one_line_are_coloured_alike_whatever_they_hold() -> None:
    """Two seconds and one of the same noise, by different draws of their own: the spectra differ as one line's do."""
    rng = np.random.default_rng(0)
    sound = rng.standard_normal(32000).astype(np.float32) * 0.1
    around = Surroundings([rng.standard_normal(40000).astype(np.float32)], [])

    def spectrum(samples: np.ndarray, own: int, line: int | None) -> np.ndarray:
        shared = None if line is None else np.random.default_rng(line)
        rows = view(samples, np.random.default_rng(own), around, RECIPE, FRONT_END, line=shared)
        kept = rows[rows.max(axis=1) > 0.5]
        return kept.mean(axis=0)

    apart = [
        np.abs(spectrum(sound, 2 * seed, line) - spectrum(sound[:16000], 2 * seed + 1, line)).mean()
        for seed in range(8)
        for line in (seed,)
    ]
    strange = [
        np.abs(spectrum(sound, 2 * seed, None) - spectrum(sound[:16000], 2 * seed + 1, None)).mean()
        for seed in range(8)
    ]
    assert max(apart) < np.median(strange)
