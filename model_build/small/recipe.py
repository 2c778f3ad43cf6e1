"""The default models' recipes: what `serd-small` and `serd-tiny` are, before any weight."""

from __future__ import annotations

from dataclasses import dataclass, field

from model_build.small.fit import Schedule
from serd.frontend import Bands, FrontEnd, Stft

FRONT_END = FrontEnd(Stft(16000, n_fft=512, hop=200), Bands("mel", 40, 60, 7600, pool=2), 128, top_db=60, quiet_db=-70)
"""40 mel bands x 128 rows of 25 ms: 3.2 s. A stride of 0.25 s is 10 rows."""

TRAINS = ("ravdess-speech", "ravdess-song", "nemo")
"""Corpora whose terms let the weights be passed on; EMO-DB, URDU and ASED are never trained on."""


@dataclass(frozen=True)
class Small:
    """A default model's network and how it is trained."""

    name: str
    network: str
    """In `networks.NETWORKS`."""
    front_end: FrontEnd = FRONT_END
    corpora: tuple[str, ...] = TRAINS
    schedule: Schedule = field(default_factory=Schedule)


SMALL = Small("serd-small", "serd-small")
TINY = Small("serd-tiny", "serd-tiny")
