"""Whom the CNN recognises less well, and whether the protocol leaks."""

from __future__ import annotations

import dataclasses

import numpy as np
import scipy.stats

from model_build.report.formatting import Section, interval, not_run, percent, points, table, unfinished, verdict
from model_build.report.records import Records, Tests, repetitions, runs, tallies
from model_build.report.references import HUMAN_FEMALE, HUMAN_MALE
from model_build.statistics.bootstrap import Estimate, Figure, Tally, uar
from model_build.statistics.predictions import pool

GENDERS = ("female", "male")
CHANCE = 1 / 8


def fairness(book: Records) -> Section:
    """The `fairness` study: the CNN's tests of `speakers`, taken apart."""
    title = "Fairness"
    tests = repetitions(book, runs("fairness"))
    gendered = by_gender(tests)
    if len(gendered) < 2:
        return Section(title, not_run("fairness"))
    female, male = (gendered[gender] for gender in GENDERS)
    gap, p = female.beside(male, uar)
    answer = [f"By gender: {verdict('recognition of female actors', 'that of male ones', gap, p)}."]
    intense = by_intensity(tests)
    if intense is not None:
        strong, normal = intense
        apart, q = strong.against(normal, uar)
        text = verdict("recognition of strong emotion", "that of normal intensity", apart, q)
        answer.append(f"By intensity: {text}.")
    rows = [[gender, interval(gendered[gender].estimate(uar))] for gender in GENDERS]
    rows[0].append(percent(HUMAN_FEMALE))
    rows[1].append(percent(HUMAN_MALE))
    rows.append(["female minus male", points(gap), f"{100 * (HUMAN_FEMALE - HUMAN_MALE):+.1f}"])
    body = [
        "The CNN on Luna's folds, its tests taken apart. UAR in percent (95 %); actors of the two genders are drawn "
        "apart. "
        "Beside it: how often listeners were right (Livingstone & Russo 2018, 7 options).",
        *unfinished("fairness", *book.progress("fairness")),
        *table(("actors", "UAR (95 %)", "listeners"), rows),
        "Recall of each emotion:",
        *table(("emotion", *GENDERS), _recalls(gendered, next(iter(next(iter(tests.values())).values())).classes)),
    ]
    if intense is not None:
        names = ("strong", "normal")
        cells = [(name, interval(intensity.estimate(uar))) for name, intensity in zip(names, intense, strict=True)]
        body += [
            "By intensity, without neutral, which has only one:",
            *table(("intensity", "UAR (95 %)"), cells),
        ]
    return Section(title, " ".join(answer), tuple(body))


def permuted(book: Records) -> Section:
    """The `permuted` study: training on shuffled labels must come to chance."""
    title = "Shuffled labels"
    tally = control(book)
    if tally is None:
        return Section(title, not_run("permuted"))
    estimate = by_training(tally, uar)
    good = estimate.holds(CHANCE)
    leak = "no leak" if good else "a leak, or bad luck"
    answer = (
        f"Trained on shuffled labels the CNN has a UAR of {interval(estimate)} %: chance, {percent(CHANCE)} %, lies "
        f"{'in' if good else 'outside'} the interval, so the protocol shows {leak}."
    )
    text = (
        "Luna's folds; the labels of the training and validation clips are shuffled, for each training anew, those of "
        "the test clips are true. All clips that one network judged share its shuffling, so what varies by chance is "
        f"the training, not the speaker: the interval is Student's, over {len(tally.groups)} trainings."
    )
    return Section(title, answer, (text, *unfinished("permuted", *book.progress("permuted"))))


def by_training(tally: Tally, figure: Figure) -> Estimate:
    """Mean of the trainings of `control`, and Student's interval: too few are there to draw from."""
    each = np.array([float(figure(counts)) for counts in tally.confusion[0]])
    mean, reach = float(each.mean()), 1.0
    if len(each) > 1:
        reach = float(scipy.stats.t.ppf(0.975, len(each) - 1) * each.std(ddof=1) / np.sqrt(len(each)))
    return Estimate(mean, max(0.0, mean - reach), min(1.0, mean + reach))


def control(book: Records) -> Tally | None:
    """All tests of networks that learned shuffled labels, a group for each training."""
    every = [
        dataclasses.replace(scored, group=np.full(len(scored.truth), f"seed {seed}, fold {fold}"))
        for seed, folds in repetitions(book, runs("permuted")).items()
        for fold, scored in folds.items()
    ]
    return Tally.of([pool(every)]) if every else None


def by_gender(tests: Tests) -> dict[str, Tally]:
    """A tally of the actors of each gender."""
    tallied = {}
    for gender in GENDERS:
        tally = tallies(_part(tests, "gender", gender))
        if tally is not None:
            tallied[gender] = tally[0]
    return tallied


def by_intensity(tests: Tests) -> tuple[Tally, Tally] | None:
    """Tallies of strong and of normal intensity, on the same actors, without neutral."""
    both = tallies(*(_part(tests, "intensity", level, "neutral") for level in ("strong", "normal")))
    return (both[0], both[1]) if both and both[0].groups == both[1].groups else None


def _part(tests: Tests, column: str, value: str, without: str = "") -> Tests:
    """The clips with this value, but for those of one emotion."""
    part: Tests = {}
    for seed, folds in tests.items():
        for fold, scored in folds.items():
            left_out = scored.classes.index(without) if without in scored.classes else -1
            chosen = (getattr(scored, column) == value) & (scored.truth != left_out)
            if chosen.any():
                part.setdefault(seed, {})[fold] = scored.where(chosen)
    return part


def recall(k: int) -> Figure:
    """How much of one class is recognised."""
    return lambda confusion: confusion[..., k, k] / np.maximum(confusion[..., k, :].sum(axis=-1), 1)


def _recalls(gendered: dict[str, Tally], classes: tuple[str, ...]) -> list[list[str]]:
    """A row for each emotion: how much of it is recognised, by gender."""
    return [
        [name, *(interval(gendered[gender].estimate(recall(k))) for gender in GENDERS)]
        for k, name in enumerate(classes)
    ]
