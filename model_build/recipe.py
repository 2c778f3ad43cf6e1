"""What is trained on what: the named recipes of `python -m model_build train`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from model_build.corpora.ravdess import LABELS
from model_build.plan import Plan
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

LICENCES = {
    "ravdess-speech": "CC-BY-NC-SA-4.0",
    "ravdess-song": "CC-BY-NC-SA-4.0",
    "nemo": "CC-BY-NC-SA-4.0",
    "librispeech": "CC-BY-4.0",
    "esc-10": "CC-BY-3.0",
}
"""What the weights inherit; those trained on anything else must not be passed on without asking."""


@dataclass(frozen=True)
class Recipe:
    """A network with its front end, data and plan."""

    name: str
    """Of the model file."""
    network: str
    """In `networks.NETWORKS`."""
    front_end: FrontEnd
    corpora: tuple[str, ...]
    labels: tuple[str, ...]
    plan: Plan
    version: str
    thresholds: Mapping[str, float] = field(default_factory=lambda: THRESHOLDS)
    """The decision's rules that the contract gives."""


def thesis(network: str, corpus: str, plan: Plan) -> Recipe:
    """The thesis' experiment: RAVDESS speech, its eight emotions."""
    return Recipe(f"thesis-{network}", network, THESIS, CORPORA[corpus], LABELS, plan, "1.0")
