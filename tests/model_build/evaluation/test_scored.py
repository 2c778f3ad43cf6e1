"""Replies of known quality, judged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from model_build.corpora import Utterance
from model_build.evaluation.clip_result import ClipResult
from model_build.evaluation.scored import by_gender, calibration, covered, lost, scored_part, share, tally
from model_build.evaluation.selection import Part
from model_build.statistics.bootstrap import accuracy, uar
from model_build.statistics.predictions import FOUR
from serd.errors import UsageError
from tests.support.judgements import crowd

LABELS = ("neutral", "calm", "happy", "sad", "angry", "fearful", "disgust", "surprised")
CLIPS = crowd("urdu", ["neutral", "happy", "sad", "angry"])
"""4 speakers, 4 of each emotion."""


def said(label: str | None, sure: float = 0.8) -> ClipResult:
    if label is None:
        return ClipResult(None, (4000,), (False,), (), ())
    rest = (1 - sure) / (len(LABELS) - 1)
    probabilities = tuple(sure if name == label else rest for name in LABELS)
    return ClipResult(probabilities, (4000,), (True,), (LABELS.index(label),), (sure,))


def part(clips: Sequence[Utterance]) -> Part:
    return Part("urdu", "unseen", FOUR, tuple(clips))


def all_right() -> dict[Utterance, ClipResult]:
    return {clip: said(clip.emotion) for clip in CLIPS}


def test_who_is_always_right_has_all_points() -> None:
    own = scored_part(part(CLIPS), all_right(), LABELS)
    assert tally(own).estimate(uar).value == 1
    assert own.answered.all()


def test_a_clip_without_a_label_is_wrong() -> None:
    replies = {clip: said(None if clip.emotion == "sad" else clip.emotion) for clip in CLIPS}
    own = scored_part(part(CLIPS), replies, LABELS)
    assert tally(own).estimate(uar).value == pytest.approx(0.75)
    assert tally(own).estimate(accuracy).value == pytest.approx(0.75)
    assert own.answered.mean() == 0.75


def test_calm_is_neutral_and_other_emotions_do_not_count() -> None:
    replies = all_right() | {clip: said("calm") for clip in CLIPS if clip.emotion == "neutral"}
    assert tally(scored_part(part(CLIPS), replies, LABELS)).estimate(uar).value == 1
    afraid = dict.fromkeys(CLIPS, said("fearful"))
    own = scored_part(part(CLIPS), afraid, LABELS)
    assert own.clips.probabilities.shape == (len(CLIPS), 4)
    np.testing.assert_allclose(own.clips.probabilities.sum(axis=1), 1)


def test_clips_that_were_not_heard_are_left_out() -> None:
    some = dict(list(all_right().items())[:10])
    assert len(scored_part(part(CLIPS), some, LABELS).answered) == 10
    with pytest.raises(UsageError, match="none of its 64 recordings"):
        scored_part(part(CLIPS), {}, LABELS)


def test_what_is_lost_is_paired() -> None:
    clean = scored_part(part(CLIPS), all_right(), LABELS)
    worse = scored_part(part(CLIPS), {clip: said("sad") for clip in CLIPS}, LABELS)
    found = lost([(clean, worse)])
    assert (found.value, found.low, found.high) == pytest.approx((0.75, 0.75, 0.75))
    assert lost([(clean, worse), (clean, clean)]).value == pytest.approx(0.375)


def test_the_unsure_quarter_is_left_out() -> None:
    wrong = {clip: said("sad", 0.4) for k, clip in enumerate(CLIPS) if k % 4 == 0}
    silent = {CLIPS[1]: said(None)}
    kept, whole = covered(scored_part(part(CLIPS), all_right() | wrong | silent, LABELS))
    assert len(whole.answered) == len(CLIPS) - 1
    assert len(kept.answered) == round(0.75 * len(whole.answered))
    assert lost([(kept, whole)]).value > 0.1
    assert kept.clips.confidence.min() >= np.quantile(whole.clips.confidence, 0.25)


def test_women_and_men_are_set_apart_where_they_are_named() -> None:
    assert by_gender(scored_part(part(CLIPS), all_right(), LABELS)) is None  # women only
    mixed = [replace(clip, gender="male" if clip.speaker in ("s0", "s1") else "female") for clip in CLIPS]
    replies = {clip: said(clip.emotion if clip.gender == "female" else "sad") for clip in mixed}
    both = by_gender(scored_part(part(mixed), replies, LABELS))
    assert both is not None
    women, men = (tally(side) for side in both)
    assert women.beside(men, uar)[0].value == pytest.approx(0.75)


def test_confidence_that_is_deserved_has_no_error() -> None:
    groups = np.array(["a", "b"] * 50)
    right = np.arange(100) % 10 < 7  # seven of ten in each of ten bins
    assert calibration(right, np.full(100, 0.7), groups).value == pytest.approx(0)
    assert calibration(np.ones(100, bool), np.ones(100), groups).value == 0
    boastful = calibration(np.zeros(100, bool), np.full(100, 0.9), groups)
    assert (boastful.value, boastful.low, boastful.high) == pytest.approx((0.9, 0.9, 0.9))
    timid = calibration(np.ones(100, bool), np.full(100, 0.3), groups)
    assert timid.value == pytest.approx(0.7)  # below one half, too


def test_what_one_network_claims_too_much_another_does_not_make_up_for() -> None:
    answer, networks = np.arange(200) // 2, np.arange(200) % 2
    right = answer % 10 < np.where(networks == 0, 9, 5)  # both say 0.7
    confidence, groups = np.full(200, 0.7), np.repeat(["a", "b"], 100)
    assert calibration(right, confidence, groups).value == pytest.approx(0)
    found = calibration(right, confidence, groups, networks)
    assert (found.value, found.low, found.high) == pytest.approx((0.2, 0.2, 0.2))


def test_a_share_is_over_items_and_varies_by_speaker() -> None:
    hits = [4 if clip.speaker == "s0" else 0 for clip in CLIPS]
    found = share(CLIPS, hits, [4] * len(CLIPS))
    assert found.value == 0.25
    assert found.low == 0 < found.high < 1
