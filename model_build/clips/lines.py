"""Lines: the room, noise, microphone and codec that several clips of one person go through alike.

A person heard for a while is heard through one line. A reference of a training clip is of the same one, so a view with
shared lines draws them for a person, not for a clip.
"""

from __future__ import annotations

from model_build.corpora import Utterance
from model_build.files import cache

SEVERAL = {"nemo": 8}
"""Lines of one person in one view, where few persons have many clips."""


def line(view: int, clip: Utterance) -> tuple[int, int, int]:
    """What the generator of the clip's line is seeded with in this view: clips with equal ones share it."""
    return view, _number(clip.group), _number(clip.name) % SEVERAL.get(clip.corpus, 1)


def draws(view: int, clip: Utterance) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Seeds of the clip's own draws in this view, and of its line's."""
    return (view, _number(clip.name), 1), line(view, clip)


def _number(name: str) -> int:
    return int(cache.key(name)[:8], 16)
