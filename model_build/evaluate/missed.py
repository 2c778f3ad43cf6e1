"""Speech that the detector misses: windows with speech for which the emotion network is not asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from model_build.corpora import Utterance
from model_build.detector_data import active, load
from model_build.evaluate.choice import Part
from model_build.evaluate.condition import Condition
from model_build.evaluate.panel import Replies
from model_build.evaluate.reply import EVIDENCE_S, Reply, with_speech
from model_build.evaluate.row import Heard, Row
from model_build.evaluate.subject import Subject
from model_build.evaluate.verdict import share
from serd.scoring.score import make_pipeline


def missed(
    subject: Subject, parts: Sequence[Part], replies: Replies, condition: Condition, most: float
) -> Iterator[Row]:
    """A row for speakers that the detector has not heard, one for those that it has. Raises SerdError."""
    pipeline = make_pipeline(subject.model)
    front_end = pipeline.emotion.contract.front_end
    window_s = front_end.rows * front_end.row_hop / pipeline.sample_rate
    clips = [clip for part in parts for clip in part.clips if clip in replies]
    counted = {clip: count(clip, replies[clip], window_s, pipeline.rules.speech_min_s) for clip in clips}
    heard: Heard
    for heard in ("unseen", "seen"):
        own = [clip for clip in clips if subject.heard_by_detector(clip.corpus, [clip.speaker]) == heard]
        if not any(counted[clip][1] for clip in own):
            continue
        hits, of = zip(*(counted[clip] for clip in own), strict=True)
        yield Row.of(
            f"speech missed, {condition.name}",
            f"windows that end with speech and hold {EVIDENCE_S:g} s more of it than the rules ask for; "
            f"`heard` is the detector's",
            share(own, hits, of),
            heard,
            most=most,
            count=sum(of),
            detail={
                corpus: _share([counted[clip] for clip in own if clip.corpus == corpus])
                for corpus in dict.fromkeys(clip.corpus for clip in own)
            },
        )


def count(clip: Utterance, reply: Reply, window_s: float, least_s: float) -> tuple[int, int]:
    """How many windows with speech of a clip were missed, and how many there are. Raises SoundFault."""
    full = with_speech(active(load(clip)), np.array(reply.ends, np.intp), window_s, least_s)
    return int((full & ~np.array(reply.asked, bool)).sum()), int(full.sum())


def _share(counts: Sequence[tuple[int, int]]) -> float:
    hits, of = (sum(column) for column in zip(*counts, strict=True))
    return hits / of if of else float("nan")
