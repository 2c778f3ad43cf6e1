"""What the small network gains from what the large one has, against the mark for a second version."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from model_build.corpora import CORPORA
from model_build.experiments.experiment import TEST_CORPUS
from model_build.report.formatting import Section, interval, not_run, points, table, unfinished
from model_build.report.records import Records
from model_build.report.sections.student_candidates import (
    ABROAD_POINTS,
    EVERY,
    HOME_POINTS,
    NETWORK,
    Candidate,
    candidates,
    never_heard,
    runs_of,
    told,
    words,
)
from model_build.statistics.bootstrap import Tally, uar
from model_build.studies.serd import INNER
from model_build.studies.serd_student import CHOSEN, RECIPES, UNHEARD
from model_build.studies.student_run import HEAD, HISTORIES

SHOWN = (NETWORK, f"reference: {HISTORIES[0]}")
"""Ways of asking that the answer and the table by corpus name."""
TITLE = "The small model: what the large one can give it"
TEXT = (
    "serd-small's recipe with one of its three networks, for 60 epochs, and what is added to it: the word of serd-base "
    "on every clip, on plain speech without labels alone (at temperature 2, half and half with the truth where there "
    "is one; the head that says it has heard nobody who tests, and EMO-DB only where the student has); a pitch track, "
    "8 bands about the window's median pitch, from the autocorrelation that the front end's power spectra give "
    "(Boersma 1993); EMO-DB. Over what each network pools of a window, and the mean and deviation of its pitch, two "
    "heads as serd-base's reference has them, with activation as their ninth output: without a reference, and with "
    "one of the person's other clips, neutral ones or all, blended by the seconds known. Inner splits of RAVDESS "
    "speech, as for the levers above, in two folds. What these found best by the network alone, pitch, is set against "
    "the recipe as it is in a third. Float, clean clips, at most three windows of a clip, of those with the most "
    "speech; no temperature is fitted. Four classes as for serd-base: calm is left out of the answers and of the test. "
    "Abroad is the mean over so many corpora: URDU, ASED, EMO-DB where it does not train; what a way is set against is "
    "the mean over the same. Differences are in points (95 %, "
    "drawing speakers) from the network of the first row. The mark is "
    f"{ABROAD_POINTS:+g} abroad and no less than {HOME_POINTS:+g} on RAVDESS: by the figures, or by the whole of both "
    "intervals. Intervals are not widened for the number of ways tried, and the best of many is flattered; so "
    "is pitch on the two folds that chose it. Not tried: three networks, 150 epochs, int8, noise, rooms and "
    "telephones, which may hide a pitch. Records keep counts by speaker, not each clip's answer."
)


def section(book: Records) -> Section:
    """The `students` study."""
    every = candidates(book)
    if not every:
        return Section(TITLE, not_run("students"))
    rows = [
        (
            own.name,
            own.asked,
            str(own.tests),
            interval(own.home),
            points(own.home_apart) if own.home_apart else "",
            str(own.corpora),
            interval(own.abroad),
            points(own.abroad_apart) if own.abroad_apart else "",
            own.reached,
        )
        for own in every
    ]
    header = (
        "added",
        "asked",
        "trainings",
        "RAVDESS, 8 classes",
        "apart",
        "corpora",
        "abroad, 4 classes",
        "apart",
        "mark",
    )
    unrun = unfinished("students", *book.progress("students"))
    body = (TEXT, *unrun, *table(header, rows), *_corpora_table(book), *_activation_table(book))
    return Section(TITLE, _answer(book, every), body)


def _answer(book: Records, every: Sequence[Candidate]) -> str:
    """How many ways reach the mark, and what was chosen for a fold more brings."""
    against = [own for own in every if own.reached]
    if not against:
        return "Nothing was added yet."
    sure, likely = (sum(own.reached == how for own in against) for how in ("by both intervals", "by the figures"))
    text = (
        f"Of {len(against)} ways {sure} reach the mark for a second version by both intervals, {likely} by the figures."
    )
    chosen = {own.asked: own for own in against if own.name == words(CHOSEN[1])}
    folds = _folds(book)
    if chosen and folds:
        figures = [f"{_figures(chosen[asked])}, asked: {asked}" for asked in SHOWN]
        text += f" On {len(folds)} of {len(EVERY)} splits {words(CHOSEN[1])} brings {'; '.join(figures)}."
        later = candidates(book, [fold for fold in folds if fold not in INNER])
        fresh = {own.asked: own for own in later if own.name == words(CHOSEN[1])}
        if fresh:
            figures = [f"{_figures(fresh[asked])}, asked: {asked}" for asked in SHOWN]
            text += f" On those that did not choose it alone: {'; '.join(figures)}."
    return f"{text} What such networks gain when they are whole, the outer folds say: `study second`."


def _folds(book: Records) -> list[int]:
    """Inner splits on which both that were chosen have been tried."""
    done = [{run.fold for run, _ in book.there(runs_of(own))} for own in CHOSEN]
    return sorted(fold for fold in set.intersection(*done) if fold)


def _figures(own: Candidate) -> str:
    """What it brought."""
    assert own.abroad_apart is not None
    assert own.home_apart is not None
    return f"{points(own.abroad_apart)} points abroad and {points(own.home_apart)} on RAVDESS"


def _corpora_table(book: Records) -> list[str]:
    """UAR of four classes of each corpus, by the network and with a neutral reference."""
    names = never_heard(RECIPES[0])
    rows = []
    for recipe in RECIPES:
        for title, part in zip(SHOWN, ("", f", {HISTORIES[0]}"), strict=True):
            cells = []
            for corpus in names:
                tallies = list(told(book, recipe, corpus, part).values())
                figure = interval(Tally.together(tallies).estimate(uar)) if tallies else ""
                cells.append(figure if corpus in never_heard(recipe) else "trains")
            if any(cell not in ("", "trains") for cell in cells):
                rows.append((words(recipe), title, *cells))
    header = ("added", "asked", *(f"{CORPORA[name].title}, 4 classes" for name in names))
    return table(header, rows)


def _activation_table(book: Records) -> list[str]:
    """Area under the curve of activation: by the network's probabilities, and by the head's own output."""
    names = (TEST_CORPUS, *UNHEARD)
    rows = []
    for recipe in RECIPES:
        there = book.there(runs_of(recipe))
        if there:
            for title, part in ((NETWORK, ""), ("head", f", {HEAD}")):
                areas = [
                    np.mean([record.numbers["activation"][f"{name}{part}"] for _, record in there]) for name in names
                ]
                rows.append((words(recipe), title, *(f"{area:.3f}" for area in areas)))
    return table(("added", "asked", *(f"{CORPORA[name].title}, activation, AUC" for name in names)), rows)
