"""How good a default model is on every protocol, with the target beside each figure."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model_build.corpora import CORPORA
from model_build.evaluation import streaming, targets
from model_build.evaluation.condition import APART, CHANNELS, GAINS, SNRS_DB, Condition
from model_build.evaluation.scored import COVERAGE, calibration
from model_build.evaluation.trial import pooled
from model_build.experiments.experiment import SCORED, TEST_CORPUS, Experiment
from model_build.report.formatting import Section, interval, not_run, percent, points, unfinished
from model_build.report.measure import Measure, at_least, at_most, measure_table, measured, within_points
from model_build.report.records import Records, Tests, of_protocol, tallies, tally
from model_build.report.sections.fairness import by_gender
from model_build.statistics.bootstrap import Estimate, Tally, accuracy, mean_estimate, uar
from model_build.statistics.metrics import figures
from model_build.statistics.predictions import FOUR, Answers, Classes, Scored, pool, score_answers
from model_build.studies.catalogue import AnyExperiment
from model_build.studies.serd import LEFT_OUT, STUDIES, UNHEARD

NONE = "no speech"
"""What is answered where no speech was found: never right."""
UNHEARD_TOO = (*UNHEARD, LEFT_OUT)
"""Corpora that the networks asked about them have not heard."""
TITLES = {"serd-tiny": "The smallest model"}
TEXT = (
    "Int8, each clip through `serd.score`; a clip in which it finds no speech is an error. Everything fitted "
    "(weights, statistics, temperature, representative data, noise) is fitted without the test's speakers, but for "
    "the speech detector, one for all, which has heard most of RAVDESS' actors and nEMO's speakers; int8 is held "
    "against float without it. UAR and "
    "accuracy in percent, differences in points (95 %, drawing speakers); folds pooled, seeds averaged. Streaming: the "
    "same clips joined with pauses over noise, as the daemon publishes them. The delay is the median from the onset of "
    "speech to the first right label, where there is none the speech's length; label changes are those within a clip."
)


def section(name: str, book: Records) -> Section:
    """The study of a default model."""
    title = f"{TITLES.get(name, 'The small model')}: {name}"
    every = measures(name, book)
    if not every:
        return Section(title, not_run(name))
    missed = [measure.name for measure in every if measure.met is False]
    aimed = sum(measure.met is not None for measure in every)
    answer = f"{every[0].name}: {every[0].figure}. Of {aimed} targets {aimed - len(missed)} are met"
    answer += f"; missed: {'; '.join(missed)}." if missed else "."
    return Section(title, answer, (TEXT, *unfinished(name, *book.progress(name)), *measure_table(every)))


def measures(name: str, book: Records) -> list[Measure]:
    """All that the records of a default model's study tell."""
    runs = [run for run in STUDIES[name].runs if isinstance(run, Experiment)]
    makers = (_unheard, _robust, _sure, _streamed, _groups, _random, _cross_corpus, _probed)
    return [measure for make in makers for measure in make(book, runs)]


def heard(book: Records, runs: Iterable[AnyExperiment], part: str = SCORED, classes: Classes | None = None) -> Tests:
    """Judged tests by seed and fold, with a label more: NONE."""
    tests: Tests = {}
    for run, record in book.there(runs):
        if part in record.answers:
            answers, labels = _with_none(record.answers[part]), (*record.labels, NONE)
            chosen = (*(classes or tuple((label,) for label in record.labels)), (NONE,))
            tests.setdefault(run.seed, {})[run.fold] = score_answers(answers, labels, chosen)
    return tests


def _with_none(answers: Answers) -> Answers:
    rest = 1 - answers.probabilities.sum(axis=1, keepdims=True)
    silent = (rest > 0.5).astype(np.float64)  # the rest is rounding
    return dataclasses.replace(answers, probabilities=np.hstack([answers.probabilities, silent]))


def _unheard(book: Records, runs: Sequence[Experiment]) -> Iterable[Measure]:
    for protocol, text in (("luna", "Luna's five folds"), ("emobox", "EmoBox' six folds")):
        pooled = tally(heard(book, of_protocol(runs, protocol)))
        if pooled is not None:
            estimate = pooled.estimate(uar)
            aim = at_least(estimate.value, targets.UAR_8) if protocol == "luna" else ("", None)
            yield Measure(f"UAR, 8 classes, unheard speakers, {text}", interval(estimate), *aim)
    luna = of_protocol(runs, "luna")
    apart = _apart(heard(book, luna, "int8"), heard(book, luna, TEST_CORPUS))
    if apart is not None:
        yield Measure("UAR, int8 minus float", points(apart), *within_points(apart.value, targets.INT8_POINTS))


def _robust(book: Records, runs: Sequence[Experiment]) -> Iterable[Measure]:
    luna = [run for run in of_protocol(runs, "luna") if run.conditions]
    clean = heard(book, luna)
    shares = [share for gain in GAINS if (share := _changed(clean, heard(book, luna, _part(gain)))) is not None]
    if shares:
        most = max(shares)
        aim = at_most(most, targets.GAIN_CHANGED)
        yield Measure("clips decided otherwise, -20 to +10 dB, %", percent(most), *aim)
    for condition in APART:
        share = _changed(clean, heard(book, luna, _part(condition)))
        if share is not None:
            yield Measure(f"clips decided otherwise, {condition.name}, %", percent(share))
    for condition in (*(Condition("noise", db) for db in SNRS_DB), *CHANNELS):
        apart = _apart(heard(book, luna, _part(condition)), clean)
        if apart is not None:
            aim = at_most(-100 * apart.value, targets.UAR_LOST[condition.name], scale=1)
            yield Measure(f"UAR lost, {condition.name}", points(apart), *aim)


def _sure(book: Records, runs: Sequence[Experiment]) -> Iterable[Measure]:
    seeds = {seed: pool(folds.values()) for seed, folds in heard(book, of_protocol(runs, "luna")).items()}
    if not seeds:
        return
    spoken = [(seed, scored.where(scored.answer != scored.classes.index(NONE))) for seed, scored in seeds.items()]
    yield _calibrated("by clip", [(seed, scored.right, scored.confidence, scored.group) for seed, scored in spoken])
    windows = [
        (run.seed, confidences.right, confidences.confidence, record.answers[part].group[confidences.clip])
        for run, record in book.there(of_protocol(runs, "luna"))
        for part, confidences in record.published.items()
        if len(confidences.clip)
    ]
    if windows:
        yield _calibrated("of the published confidence", windows)
    gain = 100 * float(np.mean([uar_of(_surest(scored)) - uar_of(scored) for scored in seeds.values()]))
    aim = at_least(gain, targets.ABSTENTION_POINTS, scale=1)
    yield Measure(f"UAR of the surest {percent(COVERAGE)} %, more than of all", f"{gain:+.1f}", *aim)


def _surest(scored: Scored) -> Scored:
    """COVERAGE of the clips; those without an answer are the least sure."""
    order = np.argsort(-np.where(scored.answer == scored.classes.index(NONE), 0, scored.confidence), kind="stable")
    return scored.where(np.isin(np.arange(len(order)), order[: round(COVERAGE * len(order))]))


def _calibrated(what: str, parts: Sequence[tuple[int, NDArray[Any], NDArray[Any], NDArray[Any]]]) -> Measure:
    """The mean of the seeds' calibration errors, of parts with a seed, and whether right, how sure and by whom (n,)."""
    seed = np.concatenate([np.full(len(right), number) for number, right, _, _ in parts])
    right, confidence, group = (np.concatenate([columns[k] for columns in parts]) for k in (1, 2, 3))
    error = calibration(right, confidence, group, seed)
    aim = at_most(error.value, targets.CALIBRATION_ERROR)
    return Measure(f"expected calibration error {what}, points", interval(error), *aim)


def _streamed(book: Records, runs: Sequence[Experiment]) -> Iterable[Measure]:
    trials = [record.streamed for _, record in book.there(of_protocol(runs, "luna")) if record.streamed is not None]
    if trials:
        yield from map(measured, streaming.measures(pooled(trials)))


def _groups(book: Records, runs: Sequence[Experiment]) -> Iterable[Measure]:
    gendered = by_gender(heard(book, of_protocol(runs, "luna")))
    if len(gendered) == 2:
        gap, _ = gendered["female"].beside(gendered["male"], uar)
        figure = f"{points(gap)}; {interval(gendered['female'].estimate(uar))} and "
        figure += interval(gendered["male"].estimate(uar))
        aim = at_most(100 * abs(gap.value), targets.GENDER_POINTS, scale=1)
        yield Measure("UAR, women minus men", figure, *aim)


def _random(book: Records, runs: Sequence[Experiment]) -> Iterable[Measure]:
    pooled = tally(heard(book, of_protocol(runs, "random")))
    if pooled is not None:
        estimate = pooled.estimate(accuracy)
        aim = at_least(estimate.value, targets.RANDOM_ACCURACY)
        yield Measure("accuracy, the thesis' random split", interval(estimate), *aim)


def _cross_corpus(book: Records, runs: Sequence[Experiment]) -> Iterable[Measure]:
    whole = of_protocol(runs, "whole")
    each: list[Tally] = []
    for name in UNHEARD_TOO:
        pooled = tally(heard(book, (run for run in whole if name in run.others), name, FOUR))
        if pooled is not None:
            each.append(pooled)
            left_out = ", which did not train here" if name == LEFT_OUT else ""
            yield Measure(f"UAR, 4 classes, {CORPORA[name].title}{left_out}", interval(pooled.estimate(uar)))
    if len(each) == len(UNHEARD_TOO):
        mean = mean_estimate(each, uar)
        yield Measure("UAR, 4 classes, mean of these", interval(mean), *at_least(mean.value, targets.UAR_4))


def _probed(book: Records, runs: Sequence[Experiment]) -> Iterable[Measure]:
    whole = [run for run in of_protocol(runs, "whole") if not run.recipe.note]
    probes = [probe for _, record in book.there(whole) if (probe := record.numbers.get("corpus_probe"))]
    if probes:
        mean, chance = (float(np.mean([probe[name] for probe in probes])) for name in ("accuracy", "chance"))
        names = ", ".join(CORPORA[name].title for name in probes[0]["corpora"])
        yield Measure("a linear probe names the corpus, %", f"{percent(mean)}; by chance {percent(chance)} ({names})")


def _part(condition: Condition) -> str:
    return f"{SCORED}, {condition.name}"


def _apart(one: Tests, other: Tests) -> Estimate | None:
    """The first's UAR minus the second's, on the tests that both have."""
    both = tallies(one, other)
    return both[0].against(both[1], uar)[0] if both and both[0].groups == both[1].groups else None


def _changed(clean: Tests, other: Tests) -> float | None:
    """Share of clips whose answer is not the clean one's."""
    pairs = [(clean[seed][fold], scored) for seed, folds in other.items() for fold, scored in folds.items()]
    return float(np.mean(np.concatenate([one.answer != scored.answer for one, scored in pairs]))) if pairs else None


def uar_of(scored: Scored) -> float:
    """The UAR of scored clips, without an interval."""
    return figures(scored.truth, scored.answer, len(scored.classes)).uar
