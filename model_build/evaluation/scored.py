"""Replies held against the truth: a clip without an answer counts as wrong, intervals are over speakers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from model_build.corpora import Utterance
from model_build.evaluation.scoring import ClipResults
from model_build.evaluation.selection import Part
from model_build.statistics.bootstrap import Confusions, Estimate, Figure, Tally, interval, uar
from model_build.statistics.metrics import calibration_error
from model_build.statistics.predictions import Scored, answers, score_answers
from serd.errors import UsageError

NOTHING = "no-speech"
"""The class of clips that got no label. It is never the truth."""
COVERAGE = 0.75
DRAWS = 400
"""Draws of speakers for a calibration error, each of which sorts all windows."""


@dataclass(frozen=True, eq=False)
class ScoredPart:
    """What one part's clips got, and whether that is right."""

    clips: Scored
    """The clips on the part's classes and NOTHING."""
    answered: NDArray[np.bool_]
    """Which clips have a label (n,)."""


def scored_part(part: Part, replies: ClipResults, labels: Sequence[str]) -> ScoredPart:
    """The part's clips that were listened to, scored. Raises UsageError if there are none."""
    clips = [clip for clip in part.clips if clip in replies]
    if not clips:
        raise UsageError(f"{part.corpus}: none of its {len(part.clips)} recordings can be read; fetch it anew")
    probabilities = [replies[clip].probabilities for clip in clips]
    answered = np.array([of_clip is not None for of_clip in probabilities])
    table = np.array([of_clip or (1 / len(labels),) * len(labels) for of_clip in probabilities])
    scored = score_answers(answers(clips, table), labels, part.classes)
    nothing = len(scored.classes)
    return ScoredPart(
        replace(scored, classes=(*scored.classes, NOTHING), answer=np.where(answered, scored.answer, nothing)),
        answered,
    )


def tally(scored: ScoredPart) -> Tally:
    """Confusions by speaker."""
    return Tally.of([scored.clips])


def lost(pairs: Sequence[tuple[ScoredPart, ScoredPart]], figure: Figure = uar) -> Estimate:
    """First minus second, on the same clips and drawn speakers; the mean over pairs where there are several."""
    values, drawn = [], []
    for one, other in pairs:
        both = Tally.of([one.clips, other.clips])  # at once: the same speakers, though one may lack some
        first, second = (Tally(both.groups, both.confusion[k : k + 1]) for k in (0, 1))
        values.append(float(first.each(figure)[0] - second.each(figure)[0]))
        drawn.append(first.drawn(figure) - second.drawn(figure))
    return _estimate(float(np.mean(values)), np.mean(drawn, axis=0))


def covered(scored: ScoredPart) -> tuple[ScoredPart, ScoredPart]:
    """The COVERAGE of the answered clips with the highest confidence, and all answered ones."""
    whole = ScoredPart(scored.clips.where(scored.answered), scored.answered[scored.answered])
    order = np.argsort(-whole.clips.confidence, kind="stable")[: round(COVERAGE * len(whole.answered))]
    chosen = np.zeros(len(whole.answered), bool)
    chosen[order] = True
    return ScoredPart(whole.clips.where(chosen), whole.answered[chosen]), whole


def by_gender(scored: ScoredPart) -> tuple[ScoredPart, ScoredPart] | None:
    """Women's clips and men's; None where the corpus does not name two speakers of each."""
    parts = []
    for gender in ("female", "male"):
        chosen = scored.clips.gender == gender
        if len(set(scored.clips.group[chosen])) < 2:
            return None
        parts.append(ScoredPart(scored.clips.where(chosen), scored.answered[chosen]))
    return parts[0], parts[1]


def calibration(
    right: NDArray[np.bool_],
    confidence: NDArray[np.float64],
    groups: NDArray[np.str_],
    networks: NDArray[np.intp] | None = None,
) -> Estimate:
    """`metrics.calibration_error` of answers that are right or not, with the confidence in each (n,).

    Where several networks answered (n,), the mean of theirs: pooled, the errors of one would make up for another's.
    """
    numbers = np.zeros(len(right), np.intp) if networks is None else networks

    def error(chosen: NDArray[np.intp]) -> float:
        each = (chosen[numbers[chosen] == k] for k in np.unique(numbers[chosen]))
        # One column, which is the answer; the truth lies in it or elsewhere.
        return float(np.mean([calibration_error(np.where(right[k], 0, 1), confidence[k, np.newaxis]) for k in each]))

    return Estimate(error(np.arange(len(right))), *interval(groups.tolist(), error, DRAWS))


def share(clips: Sequence[Utterance], hits: Sequence[int], of: Sequence[int]) -> Estimate:
    """How many of each clip's items are hit, over all: an interval over speakers."""
    speakers = [clip.group for clip in clips]
    groups = tuple(sorted(set(speakers)))
    counts = np.zeros((1, len(groups), 1, 2))
    np.add.at(counts[0, :, 0], np.searchsorted(groups, speakers), np.column_stack([np.subtract(of, hits), hits]))
    return Tally(groups, counts).estimate(_second)


def _second(counts: Confusions) -> NDArray[np.float64]:
    share: NDArray[np.float64] = counts[..., 0, 1] / np.maximum(counts.sum(axis=(-2, -1)), 1)
    return share


def _estimate(value: float, drawn: NDArray[np.float64]) -> Estimate:
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Estimate(value, float(low), float(high))
