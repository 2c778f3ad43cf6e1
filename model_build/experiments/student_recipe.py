"""Recipes of small networks that are given what serd-base has: its word, a pitch track, a reference, more speech."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from model_build.experiments.head_recipe import BASE, PLAIN, HeadRecipe
from model_build.experiments.recipe import SMALL, Recipe
from model_build.experiments.reference_recipe import ReferenceRecipe
from model_build.experiments.schedule import Schedule

LEFT_OUT = "emo-db"
"""A corpus that trains serd-base, and whose clips a student tests unless it says otherwise."""
POOLED = (0,)
"""The one layer of a student that heads are put on: what its network pools of a window."""

TOWER = replace(
    SMALL,
    name="serd-student",
    variant=(("width", 12), ("towers", 1)),
    schedule=replace(SMALL.schedule, epochs=60),
    version="",
)
"""serd-small's recipe with one of its three networks, for fewer epochs: what screening can pay for."""


@dataclass(frozen=True)
class StudentRecipe:
    """A small network's recipe, and what it is given beside."""

    base: Recipe = TOWER
    teacher: HeadRecipe | None = None
    """The head whose word on each clip, on one without a label alone, is learned (Hinton et al. 2015)."""
    softness: float = 2.0
    """The temperature of the teacher's word."""
    truth: float = 0.5
    """Share of the truth in what is to be said of a clip with a label; the rest is the teacher's word."""
    pitch: int = 0
    """Bands of the pitch track beside those of energy, see `pitch.bands`; 0: none."""

    @property
    def name(self) -> str:
        """The base's."""
        return self.base.name

    @property
    def note(self) -> str:
        """Names what differs from serd-small's recipe."""
        return self.base.note

    @property
    def labels(self) -> tuple[str, ...]:
        """The base's."""
        return self.base.labels

    @property
    def schedule(self) -> Schedule:
        """The base's."""
        return self.base.schedule

    @property
    def reference(self) -> ReferenceRecipe:
        """Two heads over what the network pools of a window: without, and with, a reference of the person."""
        shares = tuple(share for share in self.base.schedule.shares if share[0] not in self.base.read)
        head = replace(BASE, name=self.name, layers=POOLED, shares=shares)
        return ReferenceRecipe(self.name, self.note, head, tuple((corpus, 0) for corpus, _ in shares))

    @property
    def shortened(self) -> StudentRecipe:
        """A form that takes seconds on few clips."""
        return replace(self, base=replace(self.base, schedule=self.base.schedule.shortened))


def student(note: str, shares: Iterable[tuple[str, float]], *, taught: bool = False, pitch: int = 0) -> StudentRecipe:
    """A recipe that hears these corpora; those of plain speech have no label but the teacher's word.

    The teacher has not heard LEFT_OUT unless the student does.
    """
    heard = tuple(shares)
    names = [name for name, _ in heard]
    base = replace(
        TOWER,
        note=note,
        corpora=tuple(name for name in names if name not in PLAIN),
        read=tuple(name for name in names if name in PLAIN),
        schedule=replace(TOWER.schedule, shares=heard),
    )
    teacher = BASE if LEFT_OUT in names else BASE.without(LEFT_OUT)
    return StudentRecipe(base, teacher if taught else None, pitch=pitch)
