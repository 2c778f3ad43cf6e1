"""Rows on the level: how many clips are decided otherwise when they are louder or softer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from model_build.corpora import Utterance
from model_build.evaluation.condition import APART, CLEAN, GAINS, Condition
from model_build.evaluation.model_under_test import ModelUnderTest
from model_build.evaluation.row import Exposure, Row
from model_build.evaluation.scored import share
from model_build.evaluation.scoring import ClipResults, listen
from model_build.evaluation.selection import Part, parts
from model_build.evaluation.targets import GAIN_CHANGED
from model_build.files.progress import Say
from model_build.statistics.bootstrap import Estimate

HEARD: tuple[Exposure, ...] = ("unseen", "seen")


def rows(subject: ModelUnderTest, say: Say, quick: bool) -> Iterator[Row]:
    """The rows on the level. Raises SerdError."""
    chosen = parts(subject, quick, sample=True)
    clips = [clip for part in chosen for clip in part.clips]
    replies = listen(subject, [(condition, clips) for condition in (CLEAN, *GAINS, *APART)], say)
    clean = replies[CLEAN]
    for heard in HEARD:
        of_heard = [part for part in chosen if part.heard == heard]
        kept = [clip for part in of_heard for clip in part.clips if all(clip in each for each in replies.values())]
        if not kept:
            continue
        what = f"{_corpora(of_heard)}: clips whose label, or having one, differs from that at the clip's own level"
        share_changed = {condition: changed(kept, clean, replies[condition]) for condition in GAINS}
        worst = max(share_changed, key=lambda condition: share_changed[condition].value)
        detail = {condition.name: share_changed[condition].value for condition in GAINS}
        detail |= {f"{part.corpus}, {worst.name}": _of(part, kept, clean, replies[worst]) for part in of_heard}
        yield Row.of(
            "gain, worst",
            f"{what}; float, unclipped, {worst.name}, the worst of {', '.join(f'{c.db:+g}' for c in GAINS)} dB",
            share_changed[worst],
            heard,
            most=GAIN_CHANGED,
            count=len(kept),
            detail=detail,
        )
        mean = changed(kept, clean, *(replies[condition] for condition in GAINS))
        yield Row.of("gain, mean", f"{what}; float, unclipped, mean over the gains", mean, heard, count=len(kept))
        for condition in APART:
            yield Row.of(
                f"gain, {_apart(condition)}",
                f"{what}; {_apart(condition)}",
                changed(kept, clean, replies[condition]),
                heard,
                count=len(kept),
                detail={part.corpus: _of(part, kept, clean, replies[condition]) for part in of_heard},
            )


def changed(clips: Sequence[Utterance], clean: ClipResults, *others: ClipResults) -> Estimate:
    """Share of decisions (a label, or none) that are not the clean clip's; an interval over speakers."""
    hits = [sum(clean[clip].label != other[clip].label for other in others) for clip in clips]
    return share(clips, hits, [len(others)] * len(clips))


def _of(part: Part, kept: Sequence[Utterance], clean: ClipResults, other: ClipResults) -> float:
    of_corpus = [clip for clip in kept if clip.corpus == part.corpus]
    return changed(of_corpus, clean, other).value if of_corpus else float("nan")


def _apart(condition: Condition) -> str:
    return f"{condition.db:+g} dB, {'in 16 bits' if condition.kind == '16 bits' else 'clipped at full scale'}"


def _corpora(parts: Sequence[Part]) -> str:
    return ", ".join(f"{part.corpus} ({len(part.clips)})" for part in parts)
