"""Recipes of heads over a frozen encoder: what `serd-base` is, before any weight of its head."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from model_build.clips.sound_views import ViewRecipe
from model_build.corpora.ravdess import LABELS
from model_build.experiments.head_schedule import HeadSchedule
from model_build.experiments.recipe import RULES
from model_build.networks.encoder import FRONT_END
from serd.inference.frontend import FrontEnd

PLAIN = ("picovoice-wakeword", "mycroft-precise", "asterisk-prompts")
"""Corpora of plain speech, which is taken to be neutral."""
READING = "librispeech"
"""The corpus of plain speech that trains no head and tests all."""
FREE = {"asterisk-prompts": ("ru_RU_f_IvrvoiceRU",)}
"""Speakers who may train, by corpus, where a corpus has several licences."""

SHARES = (
    ("ravdess-speech", 0.5),
    ("ravdess-song", 0.06),
    ("nemo", 0.2),
    ("emo-db", 0.16),
    ("picovoice-wakeword", 0.03),
    ("mycroft-precise", 0.03),
    ("asterisk-prompts", 0.02),
)
"""Share of each corpus in what a head hears; in each, its labels alike."""

VIEWS = (
    ("ravdess-speech", 6),
    ("ravdess-song", 1),
    ("nemo", 1),
    ("emo-db", 6),
    ("picovoice-wakeword", 1),
    ("mycroft-precise", 1),
    ("asterisk-prompts", 1),
)


@dataclass(frozen=True)
class HeadRecipe:
    """A frozen encoder and how the head over it is trained."""

    name: str
    note: str = ""
    """Names what differs from the shipped recipe."""
    blocks: int = 3
    """How many of the encoder's blocks, from the first on."""
    layers: tuple[int, ...] = (1, 2, 3)
    """Layers whose statistics are the head's features; 0: the convolutions, 1: the first block."""
    shares: tuple[tuple[str, float], ...] = SHARES
    counts: tuple[tuple[str, int], ...] = VIEWS
    """Random views of each clip, by corpus."""
    views: ViewRecipe = field(default_factory=ViewRecipe)
    schedule: HeadSchedule = field(default_factory=HeadSchedule)
    labels: tuple[str, ...] = LABELS
    front_end: FrontEnd = FRONT_END
    version: str = "1.0"
    rules: tuple[tuple[str, float], ...] = RULES

    @property
    def thresholds(self) -> dict[str, float]:
        """The rules by name."""
        return dict(self.rules)

    def without(self, corpus: str) -> HeadRecipe:
        """The recipe with one corpus less."""
        shares = tuple(share for share in self.shares if share[0] != corpus)
        return replace(self, note=f"without-{corpus}", shares=shares)


BASE = HeadRecipe("serd-base")
HEAD_RECIPES = {BASE.name: BASE}
