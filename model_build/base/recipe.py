"""What `serd-base` is, before any weight of its head."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from model_build.base import views
from model_build.base.encoder import FRONT_END
from model_build.base.fit import Schedule
from model_build.corpora.ravdess import LABELS
from serd.inference.frontend import FrontEnd

PLAIN = ("picovoice-wakeword", "mycroft-precise", "asterisk-prompts")
"""Corpora of plain speech, which is taken to be neutral ..."""
READING = "librispeech"
"""... and one that tests alone."""
FREE = {"asterisk-prompts": ("ru_RU_f_IvrvoiceRU",)}
"""Of a corpus with several licences: the speakers who may train."""

RULES = (
    ("dwell_s", 0.25),
    ("emotion_off", 0.15),
    ("emotion_on", 0.5),
    ("evidence", 8.0),
    ("margin", 0.15),
    ("smoothing_s", 0.75),
    ("switch", 0.6),
)
"""The decision's: those of serd-small."""

SHARES = (
    ("ravdess-speech", 0.5),
    ("ravdess-song", 0.06),
    ("nemo", 0.2),
    ("emo-db", 0.16),
    ("picovoice-wakeword", 0.03),
    ("mycroft-precise", 0.03),
    ("asterisk-prompts", 0.02),
)
"""How much of what a head hears is of which corpus; in each, its labels alike."""

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
class Base:
    """A frozen encoder and how the head over it is trained."""

    name: str
    note: str = ""
    """Names what differs from the shipped recipe."""
    blocks: int = 3
    """Of the encoder, the first ones."""
    layers: tuple[int, ...] = (1, 2, 3)
    """Whose statistics the head hears."""
    shares: tuple[tuple[str, float], ...] = SHARES
    counts: tuple[tuple[str, int], ...] = VIEWS
    """Random views of each clip, by corpus."""
    views: views.Recipe = field(default_factory=views.Recipe)
    schedule: Schedule = field(default_factory=Schedule)
    labels: tuple[str, ...] = LABELS
    front_end: FrontEnd = FRONT_END
    version: str = "1.0"
    rules: tuple[tuple[str, float], ...] = RULES

    @property
    def thresholds(self) -> dict[str, float]:
        """The rules by name."""
        return dict(self.rules)

    def without(self, corpus: str) -> Base:
        """The recipe with one corpus less."""
        shares = tuple(own for own in self.shares if own[0] != corpus)
        return replace(self, note=f"without-{corpus}", shares=shares)


BASE = Base("serd-base")
RECIPES = {BASE.name: BASE}
