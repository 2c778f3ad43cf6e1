"""What is trained on what: the named recipes of `python -m model_build train`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from model_build.corpora.ravdess import LABELS
from serd.inference.frontend import Bands, FrontEnd, Stft

THRESHOLDS = {"smoothing_s": 0.75, "emotion_on": 0.45, "emotion_off": 0.3, "margin": 0.1, "dwell_s": 0.5}
"""The decision's rules as the contract gives them, by their names in `serd.inference.decision.Rules`.

Those about speech are the speech detector's.
"""

THESIS = FrontEnd(Stft(16000, n_fft=512, hop=250), Bands("mel", 64, 50, 8000, pool=2), 96, top_db=60, quiet_db=-70)
"""64 bands x 96 rows over 3 s. The thesis states neither its STFT nor its input size; on the validation part,
mel bands (accuracy 0.48, log-loss 1.48 after 20 epochs) did better than 64 linear ones up to 8 kHz (0.41, 1.54)."""

CORPORA = {"ravdess": ("ravdess-speech",)}
"""What `--corpus` may name, and which readers that means."""


@dataclass(frozen=True)
class ThesisRecipe:
    """A network with its front end, data and plan."""

    name: str
    """The model file's name."""
    network: str
    """The network's name in `networks.NETWORKS`."""
    front_end: FrontEnd
    corpora: tuple[str, ...]
    labels: tuple[str, ...]
    plan: Plan
    version: str
    thresholds: Mapping[str, float] = field(default_factory=lambda: THRESHOLDS)
    """The decision's rules that the contract gives."""


def thesis_recipe(network: str, corpus: str, plan: Plan) -> ThesisRecipe:
    """The thesis' experiment: RAVDESS speech, its eight emotions."""
    return ThesisRecipe(f"thesis-{network}", network, THESIS, CORPORA[corpus], LABELS, plan, "1.0")


@dataclass(frozen=True)
class Plan:
    """How to train."""

    epochs: int = 110
    batch: int = 32
    rate: float = 1.5e-3
    """Adam's learning rate at the start; it falls to 0 along a cosine."""
    draws: int = 2
    """Random windows of each clip in an epoch."""
    masks: int = 0
    """Stripes of time, and of frequency, set to 0 in each window (SpecAugment, Park et al. 2019)."""
    tilt: float = 0.05
    """Standard deviation of a slope added over the bands: microphones differ."""
