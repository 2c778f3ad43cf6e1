"""The default models' table follows from the predictions: made ones, whose statistics are known."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from model_build.evaluation.alignment import Alignment
from model_build.evaluation.confidence import PublishedConfidence
from model_build.evaluation.conversations import Turn
from model_build.evaluation.trial import Trial
from model_build.experiments.experiment import SCORED, TEST_CORPUS, Experiment
from model_build.experiments.record import write
from model_build.experiments.splits import parts
from model_build.report.measure import Measure
from model_build.report.records import Records
from model_build.report.sections import model
from model_build.statistics.predictions import Answers
from model_build.studies.serd import STUDIES, UNHEARD
from tests.support.judgements import EVERYONE, crowd, made, said

FOUR = ("neutral", "happy", "sad", "angry")
SMALL = STUDIES["serd-small"].runs


def luna(share: float, seed: int = 0) -> dict[Experiment, dict[str, Answers]]:
    """One seed of the five folds, clean, quantized and as float: so much is right of every actor's clips."""
    found = {}
    for run in SMALL:
        if run.protocol == "luna" and run.seed == seed:
            tested = [EVERYONE[k] for k in parts(run, EVERYONE).test]
            found[run] = {part: said(tested, lambda _: share) for part in (TEST_CORPUS, "int8", SCORED)}
    return found


def table(folder: Path, records: dict[Experiment, dict[str, Answers]]) -> dict[str, tuple[str, ...]]:
    """The rows of the section by their measure."""
    for run, answers in records.items():
        write(folder, made(run, answers))
    lines = [line for line in model.section("serd-small", Records.open(folder)).body if line.startswith("| ")][1:]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {name: tuple(rest) for name, *rest in cells}


def silent(answers: Answers, clips: int) -> Answers:
    """No speech was found in the first clips."""
    kept = np.where(np.arange(len(answers.clip))[:, None] < clips, 0.0, answers.probabilities)
    return dataclasses.replace(answers, probabilities=kept)


def test_what_is_right_on_unheard_speakers_is_what_the_records_say(tmp_path: Path) -> None:
    rows = table(tmp_path, luna(0.75))
    assert rows["UAR, 8 classes, unheard speakers, Luna's five folds"] == ("75.0 (75.0 to 75.0)", "≥ 66", "yes")
    assert rows["UAR, int8 minus float"] == ("+0.0 (+0.0 to +0.0)", "within 0.5", "yes")
    assert rows["UAR, women minus men"][1:] == ("≤ 5", "yes")
    assert float(rows["UAR of the surest 75.0 %, more than of all"][0]) == pytest.approx(25), "it is surer where right"


def test_each_seed_is_judged_for_itself(tmp_path: Path) -> None:
    """All of one seed's answers are right, half of the other's: what it is sure of is better by a third of that."""
    rows = table(tmp_path, luna(1.0) | luna(0.5, seed=1))
    assert float(rows["UAR of the surest 75.0 %, more than of all"][0]) == pytest.approx((0 + 100 / 6) / 2, abs=0.1)


def test_a_missed_target_is_named(tmp_path: Path) -> None:
    rows = table(tmp_path, luna(0.5))
    assert rows["UAR, 8 classes, unheard speakers, Luna's five folds"][2] == "no"
    answer = model.section("serd-small", Records.open(tmp_path)).answer
    assert "missed: UAR, 8 classes, unheard speakers, Luna's five folds" in answer


def test_a_speech_clip_called_no_speech_is_an_error(tmp_path: Path) -> None:
    """All of neutral is said to be no speech: left out, or taken for the first label, it would count as right."""
    records = luna(1.0)
    for answers in records.values():
        own = answers[SCORED]
        kept = np.where((own.emotion == own.emotion.min())[:, None], 0.0, own.probabilities)
        answers[SCORED] = dataclasses.replace(own, probabilities=kept)
    rows = table(tmp_path, records)
    assert rows["UAR, 8 classes, unheard speakers, Luna's five folds"][0] == "87.5 (87.5 to 87.5)"


def test_conditions_are_held_against_the_same_clips_when_clean(tmp_path: Path) -> None:
    records = luna(0.75)
    for run, answers in records.items():
        assert run.conditions
        tested = [EVERYONE[k] for k in parts(run, EVERYONE).test]
        answers[f"{SCORED}, noise 10 dB"] = said(tested, lambda _: 0.5)
        answers[f"{SCORED}, room"] = answers[SCORED]
        answers[f"{SCORED}, gain -20 dB"] = answers[SCORED]
        answers[f"{SCORED}, gain 10 dB"] = silent(answers[SCORED], len(tested) // 10)
    rows = table(tmp_path, records)
    assert rows["UAR lost, noise 10 dB"] == ("-25.0 (-25.0 to -25.0)", "≤ 5", "no")
    assert rows["UAR lost, room"] == ("+0.0 (+0.0 to +0.0)", "≤ 5", "yes")
    assert rows["clips decided otherwise, -20 to +10 dB, %"] == ("10.0", "≤ 2", "no"), "to no speech counts"
    assert "UAR lost, telephone" not in rows


def test_corpora_never_heard_are_judged_in_four_classes(tmp_path: Path) -> None:
    records = {
        run: {name: said(crowd(name, (*FOUR, "fearful")), lambda _: 0.5) for name in run.others}
        for run in SMALL
        if run.protocol == "whole"
    }
    rows = table(tmp_path, records)
    assert len([name for name in rows if name.startswith("UAR, 4 classes")]) == len(UNHEARD) + 2, (
        "each, the one left out, and their mean"
    )
    assert rows["UAR, 4 classes, mean of these"][1] == "≥ 50"
    assert rows["UAR, 4 classes, EMO-DB"][0].startswith("5"), "fearful clips do not count"


def test_the_published_confidence_is_held_against_its_windows(tmp_path: Path) -> None:
    """Each clip has two windows, wrong ones at 0.5, right ones at 0.9: in one of ten bins, half of each."""
    for run, answers in luna(0.75).items():
        own = answers[SCORED]
        clip = np.repeat(np.arange(len(own.clip)), 2)
        right = own.probabilities.argmax(axis=1)[clip] == own.emotion[clip]
        windows = PublishedConfidence(clip, right, np.where(right, 0.9, 0.5))
        write(tmp_path, dataclasses.replace(made(run, answers), published={SCORED: windows}))
    (row,) = [own for own in model.measures("serd-small", Records.open(tmp_path)) if "published" in own.name]
    assert row.name == "expected calibration error of the published confidence, points"
    assert row.figure.startswith(f"{100 * (0.2 * 0.5 + 0.1 * (0.7 - 0.5) + 0.7 * 0.1):.1f} (")
    assert (row.target, row.met) == ("≤ 5", False)


def test_conversations_of_all_folds_are_one(tmp_path: Path) -> None:
    """Every actor's clip of two seconds is announced in time but for the last fold's, which never is."""
    for run, answers in luna(0.75).items():
        followed = tuple(followed_clip(str(actor), run.fold != 5) for actor in sorted(set(answers[SCORED].speaker)))
        trial = Trial(("happy", "sad"), followed, ("happy",) * len(followed), "unseen", "on paper")
        write(tmp_path, dataclasses.replace(made(run, answers), streamed=trial))
    rows = {own.name: own for own in model.measures("serd-small", Records.open(tmp_path))}
    delay, recall = rows["streaming: delay"], rows["streaming: segment recall"]
    assert (delay.figure, delay.target, delay.met) == ("0.75 s (0.75 to 0.75)", "≤ 1.5", True)
    assert recall.figure.startswith("83.3 % ("), "20 of 24 actors"
    assert (recall.target, recall.met) == ("≥ 95", False)
    assert rows["streaming: label changes"].met
    assert rows["streaming: uncertain"].figure.startswith(f"{100 * 20 * 3 / (24 * 8):.1f} % (")


def followed_clip(actor: str, found: bool) -> Alignment:
    """Happy from second 1 to 3, and announced or not."""
    said_then = Turn("clip", actor, "happy", 1.0, 3.0, 4.0)
    if not found:
        return Alignment(said_then, None, (), False, {"no-speech": 8})
    return Alignment(said_then, 0.75, ("happy",), True, {"uncertain": 3, "emotion": 5})


def test_the_probe_is_the_mean_of_the_seeds_of_the_recipe_alone(tmp_path: Path) -> None:
    told = {0: 0.5, 1: 0.6, 2: 0.7}
    for run in SMALL:
        if run.protocol == "whole":
            own = {"accuracy": 1.0 if run.recipe.note else told[run.seed], "chance": 0.5, "corpora": ["nemo", "urdu"]}
            record = made(run, {})
            write(tmp_path, dataclasses.replace(record, numbers={**record.numbers, "corpus_probe": own}))
    (row,) = model.measures("serd-small", Records.open(tmp_path))
    assert row == Measure("a linear probe names the corpus, %", "60.0; by chance 50.0 (nEMO, URDU)")


def test_nothing_run_is_said(tmp_path: Path) -> None:
    section = model.section("serd-tiny", Records.open(tmp_path))
    assert section.answer == "Not run yet: `python -m model_build study serd-tiny --data DIR` does it."
