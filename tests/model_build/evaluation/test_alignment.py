"""Published frames against a time line. A letter is a frame of a quarter of a second; see published.py."""

from __future__ import annotations

from dataclasses import replace

import pytest

from model_build.evaluation.alignment import Alignment, align
from tests.support.published import published, said


def one(letters: str, onset_s: float = 1.0, end_s: float = 3.0, until_s: float = 4.0) -> Alignment:
    """A happy clip that speaks from second 1 to 3, and the frames of four seconds."""
    return align([said("happy", onset_s, end_s, until_s)], published(letters))[0]


def test_the_delay_ends_with_the_first_frame_that_has_the_right_label() -> None:
    #         0   1   2   3   4
    assert one("....??HHhhhh....").delay_s == pytest.approx(1.25)
    assert one("....??Ssshhh....").delay_s == pytest.approx(1.5)


def test_likeliest_is_not_announced() -> None:
    found = one("....HHHHHHHH....")
    assert found.delay_s is None
    assert found.labels == ()
    assert not found.segment


def test_a_clip_without_its_label_has_waited_all_its_speech() -> None:
    found = one("....ssssssss....")
    assert found.delay_s is None
    assert found.waited_s == pytest.approx(2.0)


def test_a_label_from_before_the_onset_counts_from_the_onset_on() -> None:
    assert one("hhhhhhhhhhhh....").delay_s == pytest.approx(0.25)
    assert one("hhhh............").delay_s is None


def test_a_label_that_comes_late_counts_with_its_whole_delay_but_not_as_a_segment() -> None:
    found = one("....????????hh..")
    assert found.delay_s == pytest.approx(2.25)
    assert not found.segment
    assert one("....????????h...", end_s=3.1).segment


def test_changes_are_counted_from_the_second_label_on() -> None:
    assert one("....hhhhhhhh....").changes == 0
    assert one("....hhHHhhhh....").changes == 0
    assert one("....sshhsshh....").changes == 3
    assert one("....????????....").changes == 0


def test_a_segment_of_another_emotion_is_none() -> None:
    assert one("....??hhhhhh....").segment
    assert not one("....??ssssss....").segment


def test_frames_are_about_speech_by_the_middle_of_their_stride() -> None:
    found = one("...?.??HHhhh?...")
    assert found.frames == {
        "no-speech": 1,
        "uncertain": 4,
        "uncertain: little-speech": 2,
        "uncertain: settling": 2,
        "emotion": 3,
    }


def test_each_clip_has_its_own_frames_up_to_the_next() -> None:
    line = [said("happy", 0.5, 1.5, 2.0), said("sad", 2.5, 3.5, 4.0)]
    first, second = align(line, published("..HhhhhhhhssssS."))
    assert (first.delay_s, first.labels) == (pytest.approx(0.5), ("happy",))
    assert (second.delay_s, second.labels) == (pytest.approx(0.25), ("sad",))


def test_speech_is_unsure_where_the_frame_says_so() -> None:
    heard = published("....??HHhhhh....")
    frames = tuple(replace(frame, unsure=frame.reason == "little-speech") for frame in heard.frames)
    told = align([said("happy", 1.0, 3.0, 4.0)], replace(heard, frames=frames))[0].frames
    assert (told["unsure"], told["uncertain"], told["emotion"]) == (2, 4, 4)
    assert "unsure" not in one("....??HHhhhh....").frames
