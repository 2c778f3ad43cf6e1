"""Rows on clean clips: how often the label is right, on whom, and whether the confidence knows it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from model_build.corpora import CORPORA
from model_build.evaluation import targets
from model_build.evaluation.condition import CLEAN
from model_build.evaluation.confidence import PublishedConfidence
from model_build.evaluation.model_under_test import ModelUnderTest
from model_build.evaluation.row import Exposure, Row
from model_build.evaluation.scored import ScoredPart, by_gender, calibration, covered, lost, scored_part, tally
from model_build.evaluation.scoring import ClipResults, listen
from model_build.evaluation.selection import IN_DOMAIN, Part, cross_corpus, in_domain, parts
from model_build.files.progress import Say
from model_build.statistics.bootstrap import accuracy, mean_estimate, uar


def rows(subject: ModelUnderTest, say: Say, quick: bool) -> Iterator[Row]:
    """The rows on clean clips. Raises SerdError."""
    chosen = parts(subject, quick, sample=False)
    replies = listen(subject, [(CLEAN, [clip for part in chosen for clip in part.clips])], say)[CLEAN]
    labels = subject.contract.labels
    scored_parts = {part: scored_part(part, replies, labels) for part in chosen}
    for part in in_domain(chosen):
        yield from _right(part, scored_parts[part])
    for heard, group in cross_corpus(chosen):
        yield from _right_cross_corpus(heard, group, scored_parts)
    answered = [part for part in chosen if scored_parts[part].answered.any()]  # without a label there is no confidence
    for part in answered:
        yield _calibrated(part, scored_parts[part])
    for part in answered:
        yield from _published(part, replies, labels)
    for part in in_domain(answered):
        yield _abstaining([part], scored_parts, part.heard, f"UAR, {title(part)}", targets.ABSTENTION_POINTS)
    for heard, group in cross_corpus(answered):
        yield _abstaining(group, scored_parts, heard, "4-class UAR, mean of the corpora", None)
    for part in chosen:
        yield from _genders(part, scored_parts[part])


def title(part: Part) -> str:
    """`EMO-DB, 10 speakers`."""
    return f"{CORPORA[part.corpus].title}, {part.speakers} speakers"


def recalls(scored: ScoredPart) -> dict[str, float]:
    """Recall of each class that occurs, and the share of clips without a label."""
    confusion = tally(scored).total
    truth = confusion.sum(axis=1)
    by_class = {name: float(confusion[k, k] / truth[k]) for k, name in enumerate(scored.clips.classes) if truth[k]}
    return by_class | {"without a label": float((~scored.answered).mean())}


def _right(part: Part, scored: ScoredPart) -> Iterator[Row]:
    counted, classes = tally(scored), len(part.classes)
    how = f"{title(part)}, {len(scored.answered)} clips; one without a label is wrong"
    # What is asked of a model is asked on voices it has not heard.
    least = targets.UAR_8 if part.heard == "unseen" else None
    yield Row.of(
        f"UAR, {classes} classes",
        how,
        counted.estimate(uar),
        part.heard,
        least=least,
        count=len(scored.answered),
        detail=recalls(scored),
    )
    yield Row.of(
        f"accuracy, {classes} classes", how, counted.estimate(accuracy), part.heard, count=len(scored.answered)
    )


def _right_cross_corpus(
    heard: Exposure, group: Sequence[Part], scored_parts: Mapping[Part, ScoredPart]
) -> Iterator[Row]:
    tallies = [tally(scored_parts[part]) for part in group]
    yield Row.of(
        "UAR, 4 classes",
        f"mean of {', '.join(CORPORA[part.corpus].title for part in group)}",
        mean_estimate(tallies, uar),
        heard,
        least=targets.UAR_4 if heard == "unseen" else None,
        count=sum(len(scored_parts[part].answered) for part in group),
        detail={part.corpus: float(confusions.each(uar)[0]) for part, confusions in zip(group, tallies, strict=True)},
    )
    for part, confusions in zip(group, tallies, strict=True):
        yield Row.of(
            f"UAR, 4 classes, {CORPORA[part.corpus].title}",
            f"{title(part)}, neutral with calm, happy, sad, angry; one without a label is wrong",
            confusions.estimate(uar),
            heard,
            count=len(scored_parts[part].answered),
            detail=recalls(scored_parts[part]),
        )


def _calibrated(part: Part, scored: ScoredPart) -> Row:
    answered = scored.clips.where(scored.answered)
    return Row.of(
        f"ECE, clips, {CORPORA[part.corpus].title}",
        f"{title(part)}, {len(part.classes)} classes, top label, 10 bins of equal mass, clips with a label",
        calibration(answered.right, answered.confidence, answered.group),
        part.heard,
        most=targets.CALIBRATION_ERROR if part.corpus == IN_DOMAIN and part.heard == "unseen" else None,
        count=len(answered.truth),
    )


def _published(part: Part, replies: ClipResults, labels: Sequence[str]) -> Iterator[Row]:
    """The calibration of windows, over all labels for any corpus: the published confidence knows of no four classes."""
    clips = [clip for clip in part.clips if clip in replies and clip.emotion in labels]
    published = PublishedConfidence.of(clips, replies, labels)
    if not len(published.right):
        return
    groups = np.array([clip.group for clip in clips])[published.clip]
    yield Row.of(
        f"ECE, published confidence, {CORPORA[part.corpus].title}",
        f"{title(part)}, windows with a confidence, all {len(labels)} labels, 10 bins of equal mass",
        calibration(published.right, published.confidence, groups),
        part.heard,
        most=targets.CALIBRATION_ERROR if part.corpus == IN_DOMAIN and part.heard == "unseen" else None,
        count=len(published.right),
    )


def _abstaining(
    group: Sequence[Part], scored_parts: Mapping[Part, ScoredPart], heard: Exposure, what: str, least: float | None
) -> Row:
    pairs = [covered(scored_parts[part]) for part in group]
    return Row.of(
        f"abstention, {CORPORA[IN_DOMAIN].title}" if group[0].corpus == IN_DOMAIN else "abstention, 4 classes",
        f"{what}: the 75 % of clips with the highest confidence against 100 %, among clips with a label",
        lost(pairs),
        heard,
        unit="points",
        least=least,
        count=sum(len(whole.answered) for _, whole in pairs),
        detail={part.corpus: lost([pair]).value for part, pair in zip(group, pairs, strict=True)},
    )


def _genders(part: Part, scored: ScoredPart) -> Iterator[Row]:
    both = by_gender(scored)
    if both is None:
        return
    women, men = (tally(side) for side in both)
    yield Row.of(
        f"women minus men, {CORPORA[part.corpus].title}",
        f"{title(part)}, UAR of {len(part.classes)} classes, speakers of each drawn apart",
        women.beside(men, uar)[0],
        part.heard,
        unit="points",
        most=targets.GENDER_POINTS,
        least=-targets.GENDER_POINTS,
        count=len(scored.answered),
        detail={"women": float(women.each(uar)[0]), "men": float(men.each(uar)[0])},
    )
