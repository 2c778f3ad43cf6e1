"""The reference of a voice that a model judged by, as events tell it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

PERSON = re.compile(r"(?!(list|forget)$)[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
"""What an enrolled person may be called: neither a path nor a command of `serd enrol`."""

ReferenceKind = Literal["none", "running", "enrolled"]


@dataclass(frozen=True, slots=True)
class ReferenceUse:
    """Where the reference came from, and how much speech it was of."""

    kind: ReferenceKind
    """`running`: the stream's own; `enrolled`: a person's profile; `none`: the model could know one and is given
    none."""
    seconds: float
    """Speech that it is the mean of, rounded to 2 digits: 0 while a running one has heard nothing."""


NO_REFERENCE = ReferenceUse("none", 0.0)
