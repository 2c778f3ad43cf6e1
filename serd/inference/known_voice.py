"""The known voice: the reference that each stride of a stream is judged by, whether enrolled, running or none."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from serd.defaults import MODEL
from serd.errors import ConfigError
from serd.events.reference import NO_REFERENCE, ReferenceKind, ReferenceUse
from serd.inference.model import Model
from serd.inference.reference import Reference
from serd.inference.running_reference import RunningReference

Known = Reference | Literal["running"] | None
"""The reference of whoever speaks: an enrolled one, which stays as it is, the stream's own, or none."""


class KnownVoice:
    """Hands the reference out, stride by stride, and takes what a running one is made of."""

    def __init__(self, model: Model, known: Known, delay: int) -> None:
        """`delay`: strides of a whole window. Raises ConfigError for an enrolled reference that is not this model's.

        Of a model that cannot know a reference there is no running one.
        """
        head, self._enrolled = model.contract.reference, known if isinstance(known, Reference) else None
        if self._enrolled is not None and head is None:
            raise ConfigError(f"model {model.title}: knows no reference of a person; give --model {MODEL}")
        if self._enrolled is not None and head is not None and self._enrolled.mean.shape != (head.width,):
            raise ConfigError(f"model {model.title}: the reference is another model's; enrol the person anew")
        self._running = RunningReference(delay) if head is not None and known == "running" else None
        self._kind: ReferenceKind | None = None
        if head is not None:
            self._kind = "enrolled" if self._enrolled else "running" if self._running else "none"

    def together(self, most: int) -> int:
        """Strides, up to `most`, whose references are known before any of them is judged."""
        return most if self._running is None else min(most, self._running.delay)

    def advance(self) -> Reference | None:
        """The reference for the next stride."""
        return self._enrolled if self._running is None else self._running.advance()

    def hear(self, statistics: NDArray[np.float32] | None, seconds: float) -> None:
        """What the network says of a stride (width,), and how much new speech there is in it; None where it was not
        asked."""
        if self._running is not None:
            self._running.hear(statistics, seconds)

    def forget(self) -> None:
        """Begin a running reference anew; an enrolled one stays."""
        if self._running is not None:
            self._running.forget()

    @property
    def use(self) -> ReferenceUse | None:
        """What a stride that follows is compared with; None of a model that cannot know a reference."""
        return self.used(self._enrolled if self._running is None else self._running.reference)

    def used(self, reference: Reference | None) -> ReferenceUse | None:
        """What events tell of a stride that was judged by this."""
        if self._kind is None:
            return None
        if self._kind == "none":
            return NO_REFERENCE
        return ReferenceUse(self._kind, 0.0 if reference is None else round(reference.seconds, 2))
