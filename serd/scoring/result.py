"""What serd makes of one recording."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from serd.inference.decision import Reason, State

Take = Callable[[dict[str, Any]], None]
"""Takes one segment, or one window, as it comes."""


@dataclass(frozen=True)
class Score:
    """What serd makes of one recording."""

    label: str | None
    """The likeliest emotion, however likely; None without speech. `state` says whether to trust it."""
    state: State
    reason: Reason
    """Reason of the state, as for frames: `emotion` only where the label is likely enough and leads clearly."""
    confidence: float | None
    probabilities: dict[str, float] | None
    """From the mean log-probability over the windows with speech, each weighed by how much speech it holds where the
    model's rules ask for it (`evidence`); None without speech."""
    speech: float
    """Share of the recording with speech, 0 to 1."""
    duration_s: float
    segments: list[dict[str, Any]]
    """The ends of the emotion segments, as the daemon would publish them."""
    windows: list[dict[str, Any]]
    """One for each stride: as the daemon's frames, and `raw`, the network's unsmoothed probabilities."""
    model: str
    channels: dict[str, Any] | None = None
    """Where one channel was heard alone since the mix of all would have cancelled or drowned it: its number (`heard`),
    how far they agreed when that was first decided (`agreement`), and in what `share` of the windows it was so."""
    activation: dict[str, float] | None = None
    """`value`, the probability of high activation from the mean log-odds over the windows, weighed as the
    probabilities are, and `confidence`; None without speech, or where the model does not tell it."""
    band_limited: bool = False
    """Whether there is next to nothing above 4 kHz, as over a telephone (`serd.scoring.bandwidth`): the networks, which
    learned from whole spectra, are less often right there."""
