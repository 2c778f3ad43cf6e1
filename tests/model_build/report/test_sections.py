"""What the report says follows from the predictions: made ones, whose statistics are known."""

from __future__ import annotations

from pathlib import Path

import pytest

from model_build.corpora import Utterance
from model_build.experiments.experiment import TEST_CORPUS
from model_build.experiments.record import write
from model_build.experiments.splits import parts
from model_build.report.records import Records, runs
from model_build.report.results import SECTIONS
from model_build.report.sections import ablations, fairness, floor, levers, speakers, thesis, transfer
from model_build.statistics.bootstrap import accuracy
from model_build.studies.serd import LEVERS
from model_build.studies.serd import STUDIES as SMALL
from model_build.thesis.studies import CORPORA, FRONT_ENDS, SIZES, STUDIES
from tests.support.judgements import EVERYONE, crowd, keep, made, said

FOUR = ("neutral", "happy", "sad", "angry")


def uneven(base: float, step: float):
    """Better on some actors than on others."""
    return lambda own: base + step * (int(own.speaker) % 3 - 1)


@pytest.mark.parametrize("name", SECTIONS)
def test_what_has_not_been_run_is_said(name: str, tmp_path: Path) -> None:
    section = SECTIONS[name](Records.open(tmp_path))
    assert section.answer == f"Not run yet: `python -m model_build study {name} --data DIR` does it."
    assert section.body == ()


@pytest.mark.parametrize(
    ("cnn", "text", "mark"),
    [
        (0.8, "Yes, and more than that: the CNN is right on", "our mark of 60.0 % is reached"),
        (0.3, "No: the CNN is right on", "our mark of 60.0 % is missed"),
    ],
)
def test_whether_the_thesis_is_reproduced_is_worked_out(cnn: float, text: str, mark: str, tmp_path: Path) -> None:
    keep(tmp_path, runs("thesis", network="cnn"), cnn)
    book = Records.open(tmp_path)
    section = thesis.section(book)
    right = [own.right.mean() for own in thesis.by_seed(book, "cnn").values()]
    assert section.answer.startswith(text)
    assert f"{100 * sum(right) / 5:.1f}" in section.answer
    assert mark in section.answer
    assert "The DNN has not been run yet." in section.answer
    assert "Quantization to int8 costs +0.0 (+0.0 to +0.0) points, within one point." in section.answer


def test_the_dnn_against_the_cnn_on_the_random_split(tmp_path: Path) -> None:
    keep(tmp_path, runs("thesis", network="cnn"), 0.8)
    keep(tmp_path, runs("thesis", network="dnn"), 0.4)
    section = thesis.section(Records.open(tmp_path))
    assert "the DNN is worse than the CNN (-" in section.answer
    assert "By McNemar's test the DNN wins 0 and the CNN 5 of 5 seeds." in section.answer
    assert any("Only 10 of 15 runs of `thesis` are done" in line for line in section.body)
    assert sum(": 0, p < 0.001" in line for line in section.body) == 5


def test_micro_averages_are_the_accuracy(tmp_path: Path) -> None:
    keep(tmp_path, runs("thesis", network="cnn", seed=0), uneven(0.5, 0.25))
    book = Records.open(tmp_path)
    own = thesis.by_seed(book, "cnn")[0]
    text = f"{100 * own.right.mean():.1f}"
    assert thesis.micro(thesis.Tally.of([own]).total).count(f"({text})") == 3
    assert float(accuracy(thesis.Tally.of([own]).total)) == pytest.approx(own.right.mean())


@pytest.mark.parametrize(
    ("dnn", "text"),
    [
        (0.25, "Is the DNN better than the CNN? No: the DNN is worse than the CNN (-25.0 (-25.0 to -25.0) points"),
        (0.75, "Is the DNN better than the CNN? Yes: the DNN is better than the CNN (+25.0 (+25.0 to +25.0) points"),
        (0.5, "Is the DNN better than the CNN? No: no difference between the DNN and the CNN is shown (+0.0"),
    ],
)
def test_the_dnn_against_the_cnn_is_decided_on_unheard_speakers(dnn: float, text: str, tmp_path: Path) -> None:
    keep(tmp_path, runs("speakers", network="cnn"), 0.5)
    keep(tmp_path, runs("speakers", network="dnn"), dnn)
    section = speakers.section(Records.open(tmp_path))
    assert text in section.answer
    assert "a UAR of 50.0 (50.0 to 50.0) %" in section.answer
    assert "`thesis` has not been run" in section.answer


def test_what_the_random_split_hides_is_a_paired_difference(tmp_path: Path) -> None:
    keep(tmp_path, runs("speakers", network="cnn"), 0.25)
    keep(tmp_path, runs("thesis", network="cnn"), 1.0)
    section = speakers.section(Records.open(tmp_path))
    assert "The random split is higher by +75.0 (+75.0 to +75.0) points" in section.answer


def test_silence_on_doubtful_clips_helps_where_confidence_is_honest(tmp_path: Path) -> None:
    keep(tmp_path, runs("speakers", network="cnn"), 0.5)
    found = dict(speakers.coverage(speakers.pooled(Records.open(tmp_path))))
    assert found[1.0] == pytest.approx(0.5)
    assert found[0.4] == found[0.2] == 1
    assert found[0.8] == pytest.approx(0.5 / 0.8)


def test_ablations_name_what_differs_and_count_the_rest(tmp_path: Path) -> None:
    keep(tmp_path, runs("stft", note=""), 0.5)
    for note in FRONT_ENDS:
        keep(tmp_path, runs("stft", note=note), {"linear": 0.25, "level": 0.75}.get(note, 0.5))
    answer = ablations.stft(Records.open(tmp_path)).answer
    assert "Better than the standard: `level` by +25.0 (+25.0 to +25.0) points." in answer
    assert "Worse than the standard: `linear` by -25.0 (-25.0 to -25.0) points." in answer
    assert f"No difference is shown for the other 7 of {len(FRONT_ENDS)} changes of the front end." in answer


def test_ablations_without_effect_say_so(tmp_path: Path) -> None:
    keep(tmp_path, STUDIES["hybrids"].runs, 0.5)
    keep(tmp_path, STUDIES["dropout"].runs, 0.5)
    book = Records.open(tmp_path)
    assert ablations.hybrids(book).answer.startswith("None of the 2 hybrids tried differs from the standard, 50.0")
    assert "no difference between the CNN without dropout and the CNN with it" in ablations.dropout(book).answer


@pytest.mark.parametrize(
    ("dnn", "text"),
    [
        (0.25, "At all 4 sizes the CNN is ahead of a DNN of its size: the architecture, not the size, decides."),
        (0.75, "At all 4 sizes the DNN is ahead of a CNN of its size: the architecture, not the size, decides."),
        (0.5, "At none of 4 sizes is a difference between CNN and DNN of equal size shown."),
    ],
)
def test_architecture_or_size_is_worked_out(dnn: float, text: str, tmp_path: Path) -> None:
    keep(tmp_path, runs("size", network="cnn"), 0.5)
    keep(tmp_path, runs("size", network="dnn"), dnn)
    answer = ablations.size(Records.open(tmp_path)).answer
    assert answer.startswith(text)
    assert "As to size: no difference between the largest CNN and the smallest" in answer
    assert len(SIZES) == 4


def cross(folder: Path, right: float) -> None:
    """Records of all training corpora; each network knows the four classes alone."""
    for run in runs("cross-corpus", seed=0):
        parts = {other: said(crowd(other, FOUR), lambda _: right, FOUR) for other in run.others}
        write(folder, made(run, parts, FOUR))


def test_pairs_of_corpora_are_averaged_and_held_against_chance(tmp_path: Path) -> None:
    cross(tmp_path, 0.5)
    book = Records.open(tmp_path)
    section = transfer.cross_corpus(book)
    assert "a mean UAR of 50.0 (50.0 to 50.0) % over 20 pairs" in section.answer
    assert "20 of the 20 pairs are above chance" in section.answer
    assert any("| ravdess-speech | *not run* | 50.0 (50.0 to 50.0) |" in line for line in section.body)
    assert any("50.0 (50.0 to 50.0) [4]" in line for line in section.body)
    values = transfer.matrix(book)
    assert values[0, 1] == pytest.approx(0.5)
    assert values[0, 0] != values[0, 0], "the diagonal was not run"
    assert len(CORPORA) == len(values)


def test_chance_is_called_chance(tmp_path: Path) -> None:
    cross(tmp_path, 0.25)
    for run in STUDIES["languages"].runs:
        write(tmp_path, made(run, {run.corpus: said(crowd(run.corpus, FOUR), lambda _: 0.75, FOUR)}, FOUR))
    book = Records.open(tmp_path)
    assert "0 of the 20 pairs are above chance" in transfer.cross_corpus(book).answer
    answer = transfer.languages(book).answer
    assert "German, acted: 75.0 % when trained on speakers of its own corpus, 25.0 % when trained on English" in answer
    assert answer.count(", within chance.") == 4


def test_fairness_compares_actors_and_intensities(tmp_path: Path) -> None:
    def share(own: Utterance) -> float:
        return {"female": 1.0, "male": 0.5}[str(own.gender)] - (0.5 if own.intensity == "normal" else 0)

    keep(tmp_path, runs("fairness"), share)
    section = fairness.fairness(Records.open(tmp_path))
    assert (
        "recognition of female actors is better than that of male ones (+50.0 (+50.0 to +50.0) points" in section.answer
    )
    assert (
        "recognition of strong emotion is better than that of normal intensity (+50.0 (+50.0 to +50.0)"
        in section.answer
    )
    assert "| happy | 75.0 (75.0 to 75.0) | 25.0 (25.0 to 25.0) |" in section.body


@pytest.mark.parametrize(
    ("spread", "text"),
    [(0.125, "lies in the interval, so the protocol shows no leak"), (0.0, "lies outside the interval")],
)
def test_shuffled_labels_come_to_chance_or_not(spread: float, text: str, tmp_path: Path) -> None:
    """What decides is how much whole trainings differ."""
    base = 0.125 if spread else 0.5
    for number, run in enumerate(runs("permuted")):
        keep(tmp_path, [run], base + (spread if number % 2 else -spread))
    section = fairness.permuted(Records.open(tmp_path))
    assert text in section.answer
    assert "Student's, over 20 trainings." in section.body[0]


def test_the_control_s_interval_is_students_over_its_trainings(tmp_path: Path) -> None:
    """Four trainings, of which two are right about a quarter and two about nothing: mean 1/8, deviation 1/4/sqrt(3)."""
    for number, run in enumerate(runs("permuted")[:4]):
        keep(tmp_path, [run], 0.25 * (number % 2))
    tally = fairness.control(Records.open(tmp_path))
    assert tally is not None
    found = fairness.by_training(tally, accuracy)
    assert found.value == pytest.approx(0.125, abs=0.01)
    assert found.high == pytest.approx(0.125 + 3.182 * 0.25 / 3**0.5 / 2, abs=0.02)
    assert found.low == 0.0


def test_levers_are_held_against_the_recipe_on_the_same_inner_splits(tmp_path: Path) -> None:
    """One that is better on every actor, one that is as good, and one that was tried on one split alone."""
    better, alike = (lever.note for lever in LEVERS[1:3])
    for run in SMALL["levers"].runs:
        share = {"": 0.5, better: 0.75, alike: 0.5}.get(run.recipe.note)
        if share is not None and (run.recipe.note != alike or run.fold == 1):
            tested = [EVERYONE[k] for k in parts(run, EVERYONE).test]
            write(tmp_path, made(run, {TEST_CORPUS: said(tested, lambda _, share=share: share)}))
    section = levers.section(Records.open(tmp_path))
    assert section.answer == (
        f"Better than the standard: `{better}` by +25.0 (+25.0 to +25.0) points. "
        "No difference is shown for the other 1 of 2 levers."
    )
    assert any(f"Only 5 of {len(SMALL['levers'].runs)} runs of `levers` are done" in line for line in section.body)


def test_the_floor_is_told_by_fold_and_as_a_whole(tmp_path: Path) -> None:
    for run in SMALL["floor"].runs[:4]:
        tested = [EVERYONE[k] for k in parts(run, EVERYONE).test]
        write(tmp_path, made(run, {TEST_CORPUS: said(tested, uneven(0.25 * run.fold, 0))}))
    section = floor.section(Records.open(tmp_path))
    assert section.answer.startswith("UAR on speakers never heard 62.5 (")
    assert section.answer.endswith("on the first fold alone 25.0.")
    assert [line for line in section.body if line[2:3].isdigit()] == [
        "| 1 | 25.0 |",
        "| 2 | 50.0 |",
        "| 3 | 75.0 |",
        "| 4 | 100.0 |",
    ]
    assert any("Only 4 of 5 runs of `floor` are done" in line for line in section.body)


def test_without_the_first_fold_the_floor_says_nothing_of_it(tmp_path: Path) -> None:
    run = SMALL["floor"].runs[1]
    write(tmp_path, made(run, {TEST_CORPUS: said([EVERYONE[k] for k in parts(run, EVERYONE).test], uneven(0.5, 0))}))
    assert "first fold" not in floor.section(Records.open(tmp_path)).answer
