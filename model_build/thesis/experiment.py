"""One run of the study: all that decides what comes out of it, and a name that tells it."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from model_build.experiments.study import document, key
from serd.inference.frontend import Bands, FrontEnd, Stft

FORM = 1
"""Raise it when the same recipe gives something else: kept results are then made anew."""

FRONT_END = FrontEnd(Stft(16000, n_fft=512, hop=250), Bands("mel", 64, 60, 7600, pool=2), 96, top_db=60, quiet_db=-70)
"""64 bands x 96 rows over 3 s, whatever the shipped models use. The thesis states neither STFT nor input size."""

Protocol = Literal["random", "luna", "folds", "whole"]
"""Who tests:

- random: a quarter of the clips, drawn by the seed; speakers are on both sides (the thesis').
- luna: the actors of one of Luna-Jimenez' five folds of RAVDESS.
- folds: the speakers of one of five folds of any corpus, drawn once for all.
- whole: nobody of the corpus; other corpora test.
"""


@dataclass(frozen=True)
class ThesisSchedule:
    """How long and how fast every network of the study is trained."""

    epochs: int = 40
    """Chosen on the validation parts of two seeds of the thesis' CNN; with 25 it has not learned all it can."""
    batch: int = 8
    rate: float = 1e-3
    """Adam's learning rate at the start; it falls to 0 along a cosine."""
    shift: int = 4
    """Rows by which a training window may lie earlier or later than the aligned one."""
    views: tuple[int, ...] = (-4, -2, 0, 2, 4)
    """A clip is tested by the mean log-probability over windows so many rows from the aligned one."""


@dataclass(frozen=True)
class ThesisExperiment:
    """One training of one of the thesis' networks: all that decides what comes out of it."""

    family: ClassVar[str] = "thesis"
    """The folder of its record."""

    network: str
    """The network's name in `networks.NETWORKS`."""
    protocol: Protocol = "luna"
    fold: int | None = None
    """1 to 5."""
    seed: int = 0
    """Fixes split or validation speakers, initial weights and the order of the clips."""
    variant: tuple[tuple[str, int | bool], ...] = ()
    """Keywords of the network."""
    corpus: str = "ravdess-speech"
    """Trains, and tests unless `others` do."""
    others: tuple[str, ...] = ()
    """Corpora that test beside, or instead of, the corpus' own test part."""
    note: str = ""
    """Names what differs from the standard run, if its network does not."""
    front_end: FrontEnd = FRONT_END
    amplitude: bool = False
    """Amplitudes in place of their logarithm."""
    permuted: bool = False
    """Train on shuffled labels."""
    int8: bool = False
    """Quantize and test the quantized network, too."""
    schedule: ThesisSchedule = dataclasses.field(default_factory=ThesisSchedule)
    limit: int | None = None
    """At most so many clips of each corpus, for a quick look."""

    @property
    def name(self) -> str:
        """The name of the record's file: words that tell this experiment from all others of the studies."""
        place = {"random": "random", "luna": f"luna{self.fold}", "folds": f"fold{self.fold}", "whole": "from"}
        words = [place[self.protocol], self.network]
        if self.corpus != "ravdess-speech" or self.protocol == "whole":
            words.insert(1, self.corpus)
        words += [f"{key}-{value}".lower() for key, value in self.variant]
        words += [self.note] if self.note else []
        return "_".join([*words, f"seed{self.seed}"])

    @property
    def shortened(self) -> ThesisExperiment:
        """A form of it that takes seconds, on few clips: it shows that it works, and answers nothing."""
        return dataclasses.replace(self, limit=80, schedule=ThesisSchedule(epochs=1))

    def document(self) -> dict[str, Any]:
        """The experiment as JSON has it."""
        return document(self)

    @property
    def key(self) -> str:
        """The experiment's key: records with another one are not its own."""
        return key(FORM, self.document())
