"""Which clips are listened to."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

from model_build.evaluation.model_under_test import ModelUnderTest
from model_build.evaluation.selection import (
    QUICK_CROSS_CORPUS,
    QUICK_IN_DOMAIN,
    SAMPLE,
    cross_corpus,
    in_domain,
    parts,
    stratified,
)
from model_build.statistics.predictions import FOUR
from tests.support.judgements import crowd


def test_every_emotion_counts_alike() -> None:
    clips = crowd("urdu", ["happy", "sad"], each=20) + crowd("urdu", ["angry"], each=1)
    chosen = stratified(clips, 12)
    assert Counter(clip.emotion for clip in chosen) == {"happy": 4, "sad": 4, "angry": 4}
    assert len({clip.speaker for clip in chosen}) > 1
    assert chosen == [clip for clip in clips if clip in set(chosen)]
    assert stratified(clips, 12) == chosen
    assert stratified(clips, 1000) == clips


def test_thesis_cnn_knows_the_actors_and_is_abroad_elsewhere(corpora: Path) -> None:
    subject = ModelUnderTest.open("thesis-cnn", corpora)
    every = parts(subject, quick=False, sample=False)
    assert [(part.corpus, part.heard) for part in in_domain(every)] == [("ravdess-speech", "seen")]
    assert len(every[0].clips) == 1440
    ((heard, group),) = cross_corpus(every)
    assert heard == "unseen"
    assert [part.corpus for part in group] == ["emo-db", "urdu", "ased", "nemo"]
    assert all(part.classes == FOUR for part in group)
    assert {clip.emotion for part in group for clip in part.clips} <= {"neutral", "calm", "happy", "sad", "angry"}


def test_speakers_heard_and_unheard_are_kept_apart(corpora: Path) -> None:
    subject = ModelUnderTest.open("thesis-cnn", corpora)
    some = {"ravdess-song": ("01", "02"), "nemo": ("MK0",)}
    learned = replace(subject, contract=replace(subject.contract, trained_on=some))
    every = parts(learned, quick=False, sample=True)
    assert [(part.heard, part.speakers) for part in in_domain(every)] == [("unseen", 22), ("seen", 2)]
    assert [heard for heard, _ in cross_corpus(every)] == ["unseen", "seen"]
    (seen,) = [part for part in every if part.corpus == "nemo" and part.heard == "seen"]
    assert {clip.speaker for clip in seen.clips} == {"MK0"}


def test_a_sample_is_smaller_and_a_quick_one_smaller_still(corpora: Path) -> None:
    subject = ModelUnderTest.open("thesis-cnn", corpora)
    sizes = {part.corpus: len(part.clips) for part in parts(subject, quick=False, sample=True)}
    assert sizes == {"ravdess-speech": 1440} | dict.fromkeys(("emo-db", "urdu", "ased", "nemo"), SAMPLE)
    few = {part.corpus: len(part.clips) for part in parts(subject, quick=True, sample=False)}
    assert few == {"ravdess-speech": QUICK_IN_DOMAIN} | dict.fromkeys(
        ("emo-db", "urdu", "ased", "nemo"), QUICK_CROSS_CORPUS
    )


def test_a_slow_model_is_asked_about_as_few_as_one_wishes_but_of_every_emotion(corpora: Path) -> None:
    subject = ModelUnderTest.open("thesis-cnn", corpora, most=24)
    for sample in (False, True):
        every = parts(subject, quick=False, sample=sample)
        assert [len(part.clips) for part in every] == [24] * 5
        assert set(Counter(clip.emotion for clip in every[0].clips).values()) == {3}
