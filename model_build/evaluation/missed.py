"""Speech that the detector misses: windows with speech for which the emotion network is not asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from model_build.clips.speech import active, load
from model_build.corpora import Utterance
from model_build.evaluation.clip_result import EVIDENCE_S, ClipResult, with_speech
from model_build.evaluation.condition import Condition
from model_build.evaluation.model_under_test import ModelUnderTest
from model_build.evaluation.row import Exposure, Row
from model_build.evaluation.scored import share
from model_build.evaluation.scoring import ClipResults
from model_build.evaluation.selection import Part
from serd.scoring.score import make_pipeline


def missed_rows(
    subject: ModelUnderTest, parts: Sequence[Part], replies: ClipResults, condition: Condition, most: float
) -> Iterator[Row]:
    """A row for speakers that the detector has not heard, one for those that it has. Raises SerdError."""
    pipeline = make_pipeline(subject.model)
    front_end = pipeline.emotion.contract.front_end
    window_s = front_end.rows * front_end.row_hop / pipeline.sample_rate
    clips = [clip for part in parts for clip in part.clips if clip in replies]
    counted = {clip: count(clip, replies[clip], window_s, pipeline.rules.speech_min_s) for clip in clips}
    heard: Exposure
    for heard in ("unseen", "seen"):
        of_heard = [clip for clip in clips if subject.heard_by_detector(clip.corpus, [clip.speaker]) == heard]
        if not any(counted[clip][1] for clip in of_heard):
            continue
        hits, of = zip(*(counted[clip] for clip in of_heard), strict=True)
        yield Row.of(
            f"speech missed, {condition.name}",
            f"windows that end with speech and hold {EVIDENCE_S:g} s more of it than the rules ask for; "
            f"`heard` is the detector's",
            share(of_heard, hits, of),
            heard,
            most=most,
            count=sum(of),
            detail={
                corpus: _share([counted[clip] for clip in of_heard if clip.corpus == corpus])
                for corpus in dict.fromkeys(clip.corpus for clip in of_heard)
            },
        )


def count(clip: Utterance, reply: ClipResult, window_s: float, least_s: float) -> tuple[int, int]:
    """How many windows with speech of a clip were missed, and how many there are. Raises SoundFault."""
    full = with_speech(active(load(clip)), np.array(reply.ends, np.intp), window_s, least_s)
    return int((full & ~np.array(reply.asked, bool)).sum()), int(full.sum())


def _share(counts: Sequence[tuple[int, int]]) -> float:
    hits, of = (sum(column) for column in zip(*counts, strict=True))
    return hits / of if of else float("nan")
