"""Recipes of a head that knows a reference of the person, beside the head that does not."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from model_build.experiments.head_recipe import BASE, HeadRecipe
from model_build.experiments.head_schedule import HeadSchedule

NEUTRAL = ("neutral", "calm")
"""Emotions of the clips that a person's everyday speech is taken to be like."""
LINES = (
    ("ravdess-speech", 2),
    ("nemo", 0),
    ("emo-db", 1),
    ("asterisk-prompts", 0),
    ("picovoice-wakeword", 0),
    ("mycroft-precise", 0),
)
"""Corpora that this head hears, and how many views of each have shared lines, beside the clean windows.

To a head that knows actors alone, who speaks plainly acts something, the more so the better it knows the voice. Whose
voice a wake word is, is not known: its reference is of anybody's there.
"""

VERSION = "1.1"
"""Of a model file with such a head beside the base's: without a reference it says what 1.0 says, bit for bit."""


@dataclass(frozen=True)
class ReferenceRecipe:
    """A head over a frozen encoder's statistics of a window and of what the person said before."""

    name: str = "serd-base-reference"
    note: str = ""
    """Names what differs from the recipe that was chosen, in screening."""
    base: HeadRecipe = field(default_factory=lambda: BASE)
    """The head without a reference: the same encoder, layers and schedule."""
    lines: tuple[tuple[str, int], ...] = LINES
    most: int = 8
    """Clips in a training reference, at most; at least one."""
    neutral: float = 0.8
    """Share of neutral and calm clips in a training reference: life is mostly that."""
    half_s: float = 4.0
    """Seconds of speech of which a reference counts half: the rest is the mean of all training windows."""
    blend_s: float = 4.0
    """Seconds of speech of which a reference's head counts as much as the head without one."""

    @property
    def schedule(self) -> HeadSchedule:
        """The base's."""
        return self.base.schedule

    @property
    def shares(self) -> tuple[tuple[str, float], ...]:
        """Share of each corpus in what this head hears, relative to each other."""
        heard = dict(self.lines)
        return tuple((corpus, share) for corpus, share in self.base.shares if corpus in heard)

    def without(self, corpus: str) -> ReferenceRecipe:
        """The recipe with one corpus less."""
        lines = tuple(own for own in self.lines if own[0] != corpus)
        return replace(self, note=f"without-{corpus}", base=self.base.without(corpus), lines=lines)
