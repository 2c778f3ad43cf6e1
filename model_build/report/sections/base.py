"""How good serd-base is on every protocol, with the target beside each figure, and serd-small by the same rule."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from model_build.corpora import CORPORA, EMOTIONS
from model_build.evaluation import base_targets, targets
from model_build.evaluation.condition import CHANNELS, SNRS_DB, Condition
from model_build.experiments.experiment import SCORED
from model_build.experiments.experiment import Experiment as SmallExperiment
from model_build.experiments.head_experiment import HALL
from model_build.experiments.head_experiment import HeadExperiment as Experiment
from model_build.experiments.record import Record
from model_build.networks.head import ACTIVE, CALMER
from model_build.report.formatting import Section, interval, not_run, percent, points, unfinished
from model_build.report.measure import Measure, at_least, at_most, measure_table
from model_build.report.records import Records, Tests, of_protocol, tallies, tally
from model_build.report.sections import base_stream
from model_build.report.sections.fairness import by_gender
from model_build.report.sections.model import NONE, heard
from model_build.statistics.bootstrap import Tally, mean_estimate, uar
from model_build.statistics.metrics import auc
from model_build.statistics.metrics import expected_calibration_error as calibration_error
from model_build.statistics.predictions import WITHOUT_CALM, Classes
from model_build.studies.serd import LEFT_OUT as SMALL_LEFT_OUT
from model_build.studies.serd import STUDIES as SMALL
from model_build.studies.serd_base import STUDIES, UNHEARD

FOUR: Classes = WITHOUT_CALM
"""The likeliest of these is the answer: calm is left out of the answers, and clips that are calm out of the test."""
NEVER_HEARD = ("urdu", "ased", "emo-db", "nemo")
"""Corpora of emotions that the networks asked about them have not heard."""
PLAIN = ("librispeech", "picovoice-wakeword", "mycroft-precise", "asterisk-prompts")
SURE = 0.8
"""Confidence from which activation counts as sure."""
ANNOUNCED = 0.5
"""Probability from which a clip's label would be announced: the rule `emotion_on`."""
TEXT = (
    "States of the encoder in int8, over windows that `serd.score` asks about (three of a clip at most, of those with "
    "the most speech); a clip in which it finds no speech is an error on RAVDESS, and left out abroad. No test "
    "speaker, and no test corpus, shapes anything that is fitted, but for the speech detector, one for all. Four "
    "classes: the likeliest of angry, happy, neutral and sad. Activation: angry, happy, fearful and surprised against "
    "neutral, calm and sad. Plain speech is told by networks that have not heard that corpus. Folds pooled, "
    f"seeds averaged. {base_stream.TEXT}"
)


def section(book: Records) -> Section:
    """The study of serd-base."""
    title = "The default model: serd-base"
    every = measures(book)
    if not every:
        return Section(title, not_run("serd-base"))
    missed = [measure.name for measure in every if measure.met is False]
    aimed = sum(measure.met is not None for measure in every)
    answer = f"{every[0].name}: {every[0].figure}. Of {aimed} targets {aimed - len(missed)} are met"
    answer += f"; missed: {'; '.join(missed)}." if missed else "."
    body = (TEXT, *unfinished("serd-base", *book.progress("serd-base")), *measure_table(every))
    return Section(title, answer, body)


def measures(book: Records) -> list[Measure]:
    """All that the records of its study tell."""
    runs = STUDIES["serd-base"].runs
    makers: tuple[Callable[[Records, Sequence[Experiment]], Iterable[Measure]], ...] = (
        *(_unheard, _groups, _robust, _sure, _cross_corpus, _activation, _plain, base_stream.measures),
    )
    return [measure for make in makers for measure in make(book, runs)]


def _unheard(book: Records, runs: Sequence[Experiment]) -> Iterable[Measure]:
    for protocol, text in (("luna", "Luna's five folds"), ("emobox", "EmoBox' six folds")):
        pooled = tally(heard(book, of_protocol(runs, protocol)))
        if pooled is not None:
            estimate = pooled.estimate(uar)
            aim = at_least(estimate.value, base_targets.UAR_8) if protocol == "luna" else ("", None)
            yield Measure(f"UAR, 8 classes, unheard speakers, {text}", interval(estimate), *aim)


def _groups(book: Records, runs: Sequence[Experiment]) -> Iterable[Measure]:
    gendered = by_gender(heard(book, of_protocol(runs, "luna")))
    if len(gendered) == 2:
        gap, _ = gendered["female"].beside(gendered["male"], uar)
        figure = f"{points(gap)}; {interval(gendered['female'].estimate(uar))} and "
        figure += interval(gendered["male"].estimate(uar))
        aim = at_most(100 * abs(gap.value), base_targets.GENDER_POINTS, scale=1)
        yield Measure("UAR, women minus men", figure, *aim)


def _robust(book: Records, runs: Sequence[Experiment]) -> Iterable[Measure]:
    luna = [run for run in of_protocol(runs, "luna") if run.conditions]
    clean = heard(book, luna)
    names = (*(Condition("noise", db).name for db in SNRS_DB), *(channel.name for channel in CHANNELS), HALL)
    for name in names:
        both = tallies(heard(book, luna, f"{SCORED}, {name}"), clean)
        if both:
            apart, _ = both[0].against(both[1], uar)
            most = base_targets.UAR_LOST.get(name)
            aim = ("", None) if most is None else at_most(-100 * apart.value, most, scale=1)
            yield Measure(f"UAR lost, {name if name != HALL else 'measured halls'}", points(apart), *aim)


def _sure(book: Records, runs: Sequence[Experiment]) -> Iterable[Measure]:
    seeds = heard(book, of_protocol(runs, "luna")).values()
    errors = []
    for folds in seeds:
        right, confidence = (
            np.concatenate([getattr(test, name) for test in folds.values()]) for name in ("right", "confidence")
        )
        spoken = np.concatenate([test.answer != test.classes.index(NONE) for test in folds.values()])
        errors.append(calibration_error(right[spoken], confidence[spoken]))
    if errors:
        mean = float(np.mean(errors))
        aim = at_most(mean, targets.CALIBRATION_ERROR)
        yield Measure("expected calibration error by clip, unheard speakers", percent(mean), *aim)
    by_corpus = {}
    for name in NEVER_HEARD:
        tests = [test for folds in four(book, runs, name).values() for test in folds.values()]
        if tests:
            by_corpus[name] = float(np.mean([calibration_error(test.right, test.confidence) for test in tests]))
    if len(by_corpus) == len(NEVER_HEARD):
        each = ", ".join(f"{CORPORA[name].title} {percent(error)}" for name, error in by_corpus.items())
        mean = float(np.mean(list(by_corpus.values())))
        aim = at_most(mean, base_targets.CROSS_CORPUS_CALIBRATION_ERROR)
        yield Measure(
            "expected calibration error by clip, corpora never heard, mean", f"{percent(mean)} ({each})", *aim
        )


def _cross_corpus(book: Records, runs: Sequence[Experiment]) -> Iterable[Measure]:
    each: list[Tally] = []
    for name in NEVER_HEARD:
        pooled = tally(four(book, runs, name))
        if pooled is not None:
            each.append(pooled)
            left_out = "" if name in UNHEARD else ", left out of training"
            yield Measure(f"UAR, 4 classes, {CORPORA[name].title}{left_out}", interval(pooled.estimate(uar)))
    if len(each) == len(NEVER_HEARD):
        mean = mean_estimate(each, uar)
        yield Measure("UAR, 4 classes, mean of these", interval(mean), *at_least(mean.value, base_targets.UAR_4))
    small = [pooled for name in NEVER_HEARD if (pooled := tally(small_four(book, "serd-small", name))) is not None]
    if len(small) == len(NEVER_HEARD):
        yield Measure("the same of serd-small 1.1, by this rule", interval(mean_estimate(small, uar)))


def four(book: Records, runs: Sequence[Experiment | SmallExperiment], corpus: str) -> Tests:
    """Four classes, scored on the clips of a corpus that were asked about."""
    return _asked(heard(book, [run for run in runs if corpus in run.others], corpus, FOUR))


def _asked(tests: Tests) -> Tests:
    """The clips that were asked about: the last class is NONE."""
    return {
        seed: {fold: test.where(test.probabilities[:, -1] < 0.5) for fold, test in folds.items()}
        for seed, folds in tests.items()
    }


def small_four(book: Records, name: str, corpus: str) -> Tests:
    """The same of a small model, by the networks that have not heard the corpus."""
    runs = [run for run in SMALL[name].runs if corpus in getattr(run, "others", ())]
    left = [run for run in runs if (run.recipe.note != "") == (corpus == SMALL_LEFT_OUT)]
    return _asked(heard(book, left, corpus, FOUR))


def _activation(book: Records, runs: Sequence[Experiment]) -> Iterable[Measure]:
    in_domain = [high(record, SCORED)[1:] for _, record in book.there(of_protocol(runs, "luna"))]
    if not in_domain:
        return
    area = float(np.mean([auc(truth, value) for truth, value in in_domain]))
    yield Measure("activation, AUC, unheard speakers", f"{area:.3f}", *_area_aim(area, base_targets.ACTIVATION_AUC))
    truth, value = (np.concatenate([columns[k] for columns in in_domain]) for k in (0, 1))
    confidence, right = np.maximum(value, 1 - value), (value > 0.5) == truth
    error = calibration_error(right, confidence)
    aim = at_most(error, base_targets.ACTIVATION_CALIBRATION_ERROR)
    yield Measure("activation, expected calibration error, unheard speakers", percent(error), *aim)
    sure = confidence >= SURE
    share = float(right[sure].mean())
    text = f"{percent(share)}, of {percent(float(sure.mean()))} % of the clips"
    aim = at_least(share, base_targets.ACTIVATION_RIGHT)
    yield Measure("activation, right where it is sure, unheard speakers", text, *aim)
    areas = {}
    for name in NEVER_HEARD:
        each = [auc(*high(record, name)[1:]) for run, record in book.there(runs) if name in getattr(run, "others", ())]
        if each:
            areas[name] = float(np.mean(each))
    if len(areas) == len(NEVER_HEARD):
        parts = ", ".join(f"{CORPORA[name].title} {area:.3f}" for name, area in areas.items())
        mean = float(np.mean(list(areas.values())))
        aim = _area_aim(mean, base_targets.CROSS_CORPUS_ACTIVATION_AUC)
        yield Measure("activation, AUC, corpora never heard, mean", f"{mean:.3f} ({parts})", *aim)


def _area_aim(area: float, least: float) -> tuple[str, bool]:
    """The target of an area under a curve, which is written without its zero: .96."""
    return f"≥ {least:.2f}".replace("0.", "."), area >= least


def high(record: Record, part: str) -> tuple[NDArray[np.str_], NDArray[np.bool_], NDArray[np.float64]]:
    """Speaker of each clip asked about, whether its emotion is one of high activation, and the probability of it."""
    answers = record.answers[part]
    value = np.array(record.numbers["activation"][part]) / 1000
    names = np.array([EMOTIONS[k] for k in answers.emotion])
    kept = np.isin(names, (*ACTIVE, *CALMER)) & (answers.probabilities.sum(axis=1) > 0.5)
    return answers.group[kept], np.isin(names[kept], ACTIVE), value[kept]


def _plain(book: Records, runs: Sequence[Experiment]) -> Iterable[Measure]:
    for name in PLAIN:
        shares: list[tuple[float, float, int]] = []
        for run, record in book.there(runs):
            if name in getattr(run, "others", ()) and name in record.answers:
                probabilities = record.answers[name].probabilities
                probabilities = probabilities[probabilities.sum(axis=1) > 0.5]
                quiet = [record.labels.index(label) for label in ("neutral", "calm")]
                other = ~np.isin(probabilities.argmax(axis=1), quiet)
                announced = other & (probabilities.max(axis=1) >= ANNOUNCED)
                shares.append((float(announced.mean()), float(other.mean()), len(probabilities)))
        if shares:
            share, likeliest, count = shares[0]
            text = f"{percent(share)}; likeliest for {percent(likeliest)} % of {count} clips"
            left_out = "" if name in UNHEARD else ", left out of training"
            title = f"plain speech announced as other than neutral or calm, {CORPORA[name].title}{left_out}"
            yield Measure(title, text, *at_most(share, base_targets.PLAIN_ANNOUNCED))
