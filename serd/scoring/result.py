"""What serd makes of one recording."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from serd.errors import UsageError
from serd.inference.decision import Reason, State

if TYPE_CHECKING:
    import pandas

Take = Callable[[dict[str, Any]], None]
"""Takes one segment, or one window, as it comes."""


@dataclass(frozen=True, repr=False)
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
    reference: dict[str, Any] | None = None
    """What the voice was compared with, as in events: `kind` (`enrolled` or `none`) and `seconds`; None where the model
    knows no reference."""
    band_limited: bool = False
    """Whether there is next to nothing above 4 kHz, as over a telephone (`serd.scoring.bandwidth`): the networks, which
    learned from whole spectra, are less often right there."""

    def __repr__(self) -> str:
        """Short: a score holds thousands of windows."""
        likely = "" if self.label is None or self.confidence is None else f" {self.label} {self.confidence:.0%}"
        what = likely if self.state == "emotion" else f" {self.state} ({self.reason}){likely and ',' + likely}"
        segments = f"{len(self.segments)} segment{'' if len(self.segments) == 1 else 's'}"
        return f"<Score{what}, {self.duration_s:.1f} s, {self.speech:.0%} speech, {segments}>"

    def to_frame(self, what: Literal["windows", "segments"] = "windows") -> pandas.DataFrame:
        """The windows, or the segments, as a `pandas.DataFrame`: a row each, `p_LABEL` for each label's probability.

        Raises UsageError for anything else, ConfigError where pandas is not installed.
        """
        from serd.scoring.frame import to_frame

        if what not in ("windows", "segments"):
            raise UsageError(f"to_frame({what!r}): a score has windows and segments; give one of them")
        return to_frame(self.windows if what == "windows" else self.segments)
