"""The default models' recipes: what `serd-small` and `serd-tiny` are, before any weight."""

from __future__ import annotations

from dataclasses import dataclass, field

from model_build.corpora.ravdess import LABELS
from model_build.small.schedule import Schedule
from serd.frontend import Bands, FrontEnd, Stft

FRONT_END = FrontEnd(Stft(16000, n_fft=512, hop=250), Bands("mel", 40, 60, 7600, pool=2), 96, top_db=60, quiet_db=-70)
"""40 mel bands x 96 rows of 31 ms: 3 s. The STFT is the speech detector's: one pipeline computes it once for both."""

TRAINS = ("ravdess-speech", "ravdess-song", "nemo")
"""Corpora whose terms let the weights be passed on; EMO-DB, URDU and ASED are never trained on."""


@dataclass(frozen=True)
class Small:
    """A default model's network and how it is trained."""

    name: str
    """Of the model file."""
    network: str
    """In `networks.NETWORKS`."""
    note: str = ""
    """Names what differs from the shipped recipe, in screening."""
    variant: tuple[tuple[str, int | float], ...] = ()
    """Keywords of the network."""
    front_end: FrontEnd = FRONT_END
    corpora: tuple[str, ...] = TRAINS
    labels: tuple[str, ...] = LABELS
    schedule: Schedule = field(default_factory=Schedule)
    version: str = "1.0"


SMALL = Small("serd-small", "serd-small")
TINY = Small("serd-tiny", "serd-tiny")

RECIPES = {recipe.name: recipe for recipe in (SMALL, TINY)}
"""What `train --recipe` may name."""
