"""Rows on noise, rooms and telephones: what is lost of the UAR, on the same clips."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from model_build.corpora import CORPORA
from model_build.evaluation.condition import CHANNELS, CLEAN, ROOM_S, Condition, noisy
from model_build.evaluation.missed import missed_rows
from model_build.evaluation.model_under_test import ModelUnderTest
from model_build.evaluation.row import Row
from model_build.evaluation.scored import lost, scored_part, tally
from model_build.evaluation.scoring import ClipResults, listen
from model_build.evaluation.selection import Part, cross_corpus, in_domain, parts
from model_build.evaluation.targets import SPEECH_MISSED, UAR_LOST
from model_build.files.progress import Say
from model_build.statistics.bootstrap import uar


def rows(subject: ModelUnderTest, say: Say, quick: bool) -> Iterator[Row]:
    """The rows on noise, rooms and telephones. Raises SerdError."""
    chosen = parts(subject, quick, sample=True)
    noises = noisy(subject)
    if not noises:
        say("warning: every fold of ESC-10 trained the model or the detector; no rows at 20, 10 and 5 dB")
    clips = [clip for part in chosen for clip in part.clips]
    replies = listen(subject, [(condition, clips) for condition in (CLEAN, *noises, *CHANNELS)], say)
    folds = ", ".join(sorted({str(noise.fold) for condition in noises for noise in condition.noises}))
    for condition in (*noises, *CHANNELS):
        for part in in_domain(chosen):
            yield _lost(subject, [part], replies, condition, folds)
        for _, group in cross_corpus(chosen):
            yield _lost(subject, group, replies, condition, folds)
    for condition in (CLEAN, *noises):
        if condition.name in SPEECH_MISSED:
            yield from missed_rows(subject, chosen, replies[condition], condition, SPEECH_MISSED[condition.name])


def _lost(
    subject: ModelUnderTest,
    group: Sequence[Part],
    replies: Mapping[Condition, ClipResults],
    condition: Condition,
    folds: str,
) -> Row:
    labels = subject.contract.labels
    both = [[scored_part(part, _common(replies, each), labels) for each in (CLEAN, condition)] for part in group]
    pairs = [(clean, other) for clean, other in both]
    parts_lost = {part.corpus: lost([pair]).value for part, pair in zip(group, pairs, strict=True)}
    left = {
        f"UAR left, {part.corpus}": float(tally(pair[1]).each(uar)[0]) for part, pair in zip(group, pairs, strict=True)
    }
    where = ", ".join(f"{CORPORA[part.corpus].title} ({len(part.clips)})" for part in group)
    return Row.of(
        f"UAR lost, {condition.name}, {len(group[0].classes)} classes",
        f"{'mean of ' if len(group) > 1 else ''}{where}; {_how(condition, folds)}; paired on the same clips",
        lost(pairs),
        group[0].heard,
        unit="points",
        most=UAR_LOST[condition.name],
        count=sum(len(clean.answered) for clean, _ in pairs),
        detail=parts_lost | left,
    )


def _common(replies: Mapping[Condition, ClipResults], condition: Condition) -> ClipResults:
    """Results of the clips that were scored clean, too: a pair is on the same clips."""
    return {clip: reply for clip, reply in replies[condition].items() if clip in replies[CLEAN]}


def _how(condition: Condition, folds: str) -> str:
    match condition.kind:
        case "noise":
            return f"ESC-10 fold {folds} without baby cries at {condition.db:g} dB to the active speech level"
        case "room":
            return f"rooms made, RT60 {ROOM_S[0]:g} to {ROOM_S[1]:g} s"
        case _:
            return "300 to 3400 Hz"
