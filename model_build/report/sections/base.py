"""How good serd-base is on every protocol, with the target beside each figure, and serd-small by the same rule."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from model_build.corpora import CORPORA, EMOTIONS
from model_build.evaluation.condition import CHANNELS, SNRS_DB, Condition
from model_build.experiments.experiment import SCORED
from model_build.experiments.head_experiment import HALL
from model_build.experiments.head_experiment import HeadExperiment as Experiment
from model_build.experiments.record import Record
from model_build.networks.head import ACTIVE, CALMER
from model_build.report.formatting import Section, interval, not_run, percent, points, unfinished
from model_build.report.measure import Measure, measure_table
from model_build.report.records import Records, Tests, tallies, tally
from model_build.report.sections import base_stream
from model_build.report.sections.fairness import by_gender
from model_build.report.sections.model import NONE, heard
from model_build.statistics.bootstrap import Tally, mean_estimate, uar
from model_build.statistics.metrics import auc
from model_build.statistics.metrics import expected_calibration_error as error
from model_build.statistics.predictions import Classes
from model_build.studies.serd import LEFT_OUT as SMALL_LEFT_OUT
from model_build.studies.serd import STUDIES as SMALL
from model_build.studies.serd_base import STUDIES, UNHEARD

FOUR: Classes = (("angry",), ("happy",), ("neutral",), ("sad",))
"""The likeliest of these is the answer: calm is left out of the answers, and clips that are calm out of the test."""
ABROAD = ("urdu", "ased", "emo-db", "nemo")
PLAIN = ("librispeech", "picovoice-wakeword", "mycroft-precise", "asterisk-prompts")
LOST = {"noise 20 dB": 2.0, "noise 10 dB": 5.0, "noise 5 dB": 7.0, "room": 4.0, "telephone": 3.0, HALL: None}
"""Points of UAR that may be lost."""
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
    found = measures(book)
    if not found:
        return Section(title, not_run("serd-base"))
    missed = [own.name for own in found if own.met is False]
    aimed = sum(own.met is not None for own in found)
    answer = f"{found[0].name}: {found[0].figure}. Of {aimed} targets {aimed - len(missed)} are met"
    answer += f"; missed: {'; '.join(missed)}." if missed else "."
    body = (TEXT, *unfinished("serd-base", *book.progress("serd-base")), *measure_table(found))
    return Section(title, answer, body)


def measures(book: Records) -> list[Measure]:
    """All that the records of its study tell."""
    runs = STUDIES["serd-base"].runs
    makers: tuple[Callable[[Records, Sequence[Experiment]], Iterable[Measure]], ...] = (
        *(_unheard, _groups, _robust, _sure, _abroad, _activation, _plain, base_stream.measures),
    )
    return [own for make in makers for own in make(book, runs)]


def of_protocol(runs: Iterable[Experiment], protocol: str) -> list[Experiment]:
    """Those of one protocol."""
    return [run for run in runs if run.protocol == protocol]


def _unheard(book: Records, runs: Sequence[Experiment]) -> Iterable[Measure]:
    for protocol, text in (("luna", "Luna's five folds"), ("emobox", "EmoBox' six folds")):
        own = tally(heard(book, of_protocol(runs, protocol)))
        if own is not None:
            found = own.estimate(uar)
            aim = ("≥ 78", found.value >= 0.78) if protocol == "luna" else ("", None)
            yield Measure(f"UAR, 8 classes, unheard speakers, {text}", interval(found), *aim)


def _groups(book: Records, runs: Sequence[Experiment]) -> Iterable[Measure]:
    gendered = by_gender(heard(book, of_protocol(runs, "luna")))
    if len(gendered) == 2:
        gap, _ = gendered["female"].beside(gendered["male"], uar)
        figure = f"{points(gap)}; {interval(gendered['female'].estimate(uar))} and "
        figure += interval(gendered["male"].estimate(uar))
        yield Measure("UAR, women minus men", figure, "≤ 9", abs(gap.value) <= 0.09)


def _robust(book: Records, runs: Sequence[Experiment]) -> Iterable[Measure]:
    luna = [run for run in of_protocol(runs, "luna") if run.conditions]
    clean = heard(book, luna)
    names = (*(Condition("noise", db).name for db in SNRS_DB), *(own.name for own in CHANNELS), HALL)
    for name in names:
        both = tallies(heard(book, luna, f"{SCORED}, {name}"), clean)
        if both:
            apart, _ = both[0].against(both[1], uar)
            most = LOST[name]
            aim = ("", None) if most is None else (f"≤ {most:g}", -100 * apart.value <= most)
            yield Measure(f"UAR lost, {name if name != HALL else 'measured halls'}", points(apart), *aim)


def _sure(book: Records, runs: Sequence[Experiment]) -> Iterable[Measure]:
    luna = [own for folds in heard(book, of_protocol(runs, "luna")).values() for own in [list(folds.values())]]
    errors = []
    for folds in luna:
        right, confidence = (np.concatenate([getattr(own, name) for own in folds]) for name in ("right", "confidence"))
        spoken = np.concatenate([own.answer != own.classes.index(NONE) for own in folds])
        errors.append(error(right[spoken], confidence[spoken]))
    if errors:
        found = float(np.mean(errors))
        yield Measure("expected calibration error by clip, unheard speakers", percent(found), "≤ 5", found <= 0.05)
    away = []
    for name in ABROAD:
        tests = [own for folds in four(book, runs, name).values() for own in folds.values()]
        away += [float(np.mean([error(own.right, own.confidence) for own in tests]))] if tests else []
    if len(away) == len(ABROAD):
        each = ", ".join(f"{CORPORA[name].title} {percent(own)}" for name, own in zip(ABROAD, away, strict=True))
        mean = float(np.mean(away))
        name = "expected calibration error by clip, corpora never heard, mean"
        yield Measure(name, f"{percent(mean)} ({each})", "≤ 15", mean <= 0.15)


def _abroad(book: Records, runs: Sequence[Experiment]) -> Iterable[Measure]:
    each: list[Tally] = []
    for name in ABROAD:
        own = tally(four(book, runs, name))
        if own is not None:
            each.append(own)
            left_out = "" if name in UNHEARD else ", left out of training"
            yield Measure(f"UAR, 4 classes, {CORPORA[name].title}{left_out}", interval(own.estimate(uar)))
    if len(each) == len(ABROAD):
        mean = mean_estimate(each, uar)
        yield Measure("UAR, 4 classes, mean of these", interval(mean), "≥ 63", mean.value >= 0.63)
    small = [own for name in ABROAD if (own := tally(_small(book, name))) is not None]
    if len(small) == len(ABROAD):
        yield Measure("the same of serd-small 1.1, by this rule", interval(mean_estimate(small, uar)))


def four(book: Records, runs: Sequence[Experiment], corpus: str) -> Tests:
    """Judged on the clips that were asked about."""
    return _asked(heard(book, [run for run in runs if corpus in run.others], corpus, FOUR))


def _asked(tests: Tests) -> Tests:
    """The clips that were asked about: the last class is NONE."""
    return {
        seed: {fold: own.where(own.probabilities[:, -1] < 0.5) for fold, own in folds.items()}
        for seed, folds in tests.items()
    }


def _small(book: Records, corpus: str) -> Tests:
    runs = [run for run in SMALL["serd-small"].runs if corpus in getattr(run, "others", ())]
    left = [run for run in runs if (run.recipe.note != "") == (corpus == SMALL_LEFT_OUT)]
    return _asked(heard(book, left, corpus, FOUR))


def _activation(book: Records, runs: Sequence[Experiment]) -> Iterable[Measure]:
    home = [high(record, SCORED)[1:] for _, record in book.there(of_protocol(runs, "luna"))]
    if not home:
        return
    found = float(np.mean([auc(truth, value) for truth, value in home]))
    yield Measure("activation, AUC, unheard speakers", f"{found:.3f}", "≥ .96", found >= 0.96)
    truth, value = (np.concatenate([own[k] for own in home]) for k in (0, 1))
    confidence, right = np.maximum(value, 1 - value), (value > 0.5) == truth
    wrong = error(right, confidence)
    yield Measure("activation, expected calibration error, unheard speakers", percent(wrong), "≤ 6", wrong <= 0.06)
    sure = confidence >= SURE
    hit = float(right[sure].mean())
    text = f"{percent(hit)}, of {percent(float(sure.mean()))} % of the clips"
    yield Measure("activation, right where it is sure, unheard speakers", text, "≥ 90", hit >= 0.9)
    away = []
    for name in ABROAD:
        each = [auc(*high(record, name)[1:]) for run, record in book.there(runs) if name in getattr(run, "others", ())]
        away += [float(np.mean(each))] if each else []
    if len(away) == len(ABROAD):
        parts = ", ".join(f"{CORPORA[name].title} {own:.3f}" for name, own in zip(ABROAD, away, strict=True))
        mean = float(np.mean(away))
        yield Measure("activation, AUC, corpora never heard, mean", f"{mean:.3f} ({parts})", "≥ .93", mean >= 0.93)


def high(record: Record, part: str) -> tuple[NDArray[np.str_], NDArray[np.bool_], NDArray[np.float64]]:
    """Speaker of each clip asked about, whether its emotion is one of high activation, and the probability of it."""
    own = record.answers[part]
    value = np.array(record.numbers["activation"][part]) / 1000
    names = np.array([EMOTIONS[k] for k in own.emotion])
    kept = np.isin(names, (*ACTIVE, *CALMER)) & (own.probabilities.sum(axis=1) > 0.5)
    return own.group[kept], np.isin(names[kept], ACTIVE), value[kept]


def _plain(book: Records, runs: Sequence[Experiment]) -> Iterable[Measure]:
    for name in PLAIN:
        shares: list[tuple[float, float, int]] = []
        for run, record in book.there(runs):
            if name in getattr(run, "others", ()) and name in record.answers:
                own = record.answers[name].probabilities
                own = own[own.sum(axis=1) > 0.5]
                quiet = [record.labels.index(label) for label in ("neutral", "calm")]
                other = ~np.isin(own.argmax(axis=1), quiet)
                shares.append((float((other & (own.max(axis=1) >= ANNOUNCED)).mean()), float(other.mean()), len(own)))
        if shares:
            announced, likeliest, count = shares[0]
            text = f"{percent(announced)}; likeliest for {percent(likeliest)} % of {count} clips"
            left_out = "" if name in UNHEARD else ", left out of training"
            title = f"plain speech announced as other than neutral or calm, {CORPORA[name].title}{left_out}"
            yield Measure(title, text, "≤ 18", announced <= 0.18)
