"""The default models' recipes: what `serd-small` and `serd-tiny` are, before any weight."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from model_build.clips.pitch import VOICE
from model_build.corpora.ravdess import LABELS
from model_build.experiments.schedule import Schedule
from serd.inference.frontend import Bands, FrontEnd, Stft

FRONT_END = FrontEnd(Stft(16000, n_fft=512, hop=250), Bands("mel", 40, 60, 7600, pool=2), 96, top_db=60, quiet_db=-70)
"""40 mel bands x 96 rows of 31 ms: 3 s. The STFT is the speech detector's: one pipeline computes it once for both."""

TRAINS = ("ravdess-speech", "nemo")
"""Corpora with labels. RAVDESS' songs may train, too, by their terms; EMO-DB, URDU and ASED never do."""

RULES = (
    ("dwell_s", 0.25),
    ("emotion_off", 0.15),
    ("emotion_on", 0.5),
    ("evidence", 8.0),
    ("margin", 0.15),
    ("smoothing_s", 0.75),
    ("switch", 0.6),
)
"""A label is announced when it is likelier right than wrong, and soon; then it takes much to replace it."""


@dataclass(frozen=True)
class Recipe:
    """A default model's network and how it is trained."""

    name: str
    """The model file's name."""
    network: str
    """The network's name in `networks.NETWORKS`."""
    note: str = ""
    """Names what differs from the shipped recipe, in screening."""
    variant: tuple[tuple[str, int | float], ...] = ()
    """Keywords of the network."""
    front_end: FrontEnd = FRONT_END
    corpora: tuple[str, ...] = TRAINS
    read: tuple[str, ...] = ()
    """Corpora of plain reading, which is taken to be neutral."""
    labels: tuple[str, ...] = LABELS
    schedule: Schedule = field(default_factory=Schedule)
    version: str = "1.0"
    rules: tuple[tuple[str, float], ...] = RULES
    """The decision's, by their names in `Rules`: the contract gives them, no training needs them."""

    @property
    def shape(self) -> Recipe:
        """What networks have in common that can be trained side by side: all but what they hear, and its names."""
        schedule = replace(self.schedule, shares=())
        return replace(self, note="", corpora=(), read=(), schedule=schedule, version="", rules=())

    @property
    def ships(self) -> bool:
        """Whether this version is the one that a model file is made of; another has yet to show that it is better."""
        return self.version == RECIPES.get(self.name, self).version

    @property
    def thresholds(self) -> dict[str, float]:
        """The rules by name."""
        return dict(self.rules)


SMALL = Recipe("serd-small", "serd-small", version="1.1")
TINY = Recipe("serd-tiny", "serd-tiny")
SECOND = replace(SMALL, note="pitch", front_end=replace(FRONT_END, pitch=VOICE), version="2.0")
"""What would replace SMALL: the same, told of the pitch."""

TEACHERS = {"serd-tiny": SMALL}
"""Who teaches a recipe's network: what the one of this recipe, which has heard the same clips, says of every view
(distillation, Hinton et al. 2015)."""

RECIPES = {recipe.name: recipe for recipe in (SMALL, TINY)}
"""What `train --recipe` may name."""
