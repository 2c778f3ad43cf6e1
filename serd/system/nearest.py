"""The nearest name: what was probably meant by one that is not there, among words or in a folder."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path

from serd.errors import escaped

LONGEST = 128
"""Characters of a name that are compared."""
MOST = 5000
"""Names of a folder that are looked at."""


def nearest(typed: str, known: Iterable[str]) -> str | None:
    """The known word that is most like what was typed; None where none is."""
    import difflib  # nobody waits for it who makes no mistake

    near = difflib.get_close_matches(typed[:LONGEST], list(known), 1, 0.6)
    return near[0] if near else None


def near_file(path: Path, otherwise: str) -> str:
    """What to do about a file or folder that cannot be used: the name beside it that was probably meant, else this.

    A path that is there, and one with no name like its own in its folder, get `otherwise`.
    """
    parts, place = path.parts, Path()
    for k, part in enumerate(parts):
        if not os.path.lexists(place / part):
            if (near := _near(part, _names(place))) is None:
                break
            whole = place.joinpath(near, *parts[k + 1 :])
            meant = whole if os.path.lexists(whole) else place / near
            return f"did you mean `{escaped(str(meant))}`?"
        place = place / part
    return otherwise


def _near(name: str, names: Sequence[str]) -> str | None:
    """The name whose stem is most like this one's, whatever the case; of these the one with its suffix."""
    stems: dict[str, list[str]] = {}
    for other in names:
        stems.setdefault(_stem(other), []).append(other)
    stem = nearest(_stem(name), stems)
    suffix = Path(name).suffix.casefold()
    return None if stem is None else min(stems[stem], key=lambda one: (Path(one).suffix.casefold() != suffix, one))


def _stem(name: str) -> str:
    return Path(name).stem.casefold()[:LONGEST]


def _names(folder: Path) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entry.name for entry in islice(entries, MOST))
    except (OSError, ValueError):
        return []
