"""What a default model gets wrong, and whose voices: by emotion, gender, intensity and, abroad, by language."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from model_build.corpora import CORPORA
from model_build.experiments.experiment import Experiment
from model_build.report.formatting import interval, percent, sentence, table, verdict
from model_build.report.records import Records, Tests, of_protocol, tally
from model_build.report.sections.fairness import GENDERS, by_gender, by_intensity, recall
from model_build.report.sections.model import UNHEARD_TOO, heard
from model_build.report.sections.transfer import LANGUAGES
from model_build.statistics.bootstrap import Tally, uar
from model_build.statistics.predictions import FOUR
from model_build.studies.serd import STUDIES


def failures(name: str, book: Records) -> list[str]:
    """Tables of a default model's study; nothing where it has not been run."""
    runs = [run for run in STUDIES[name].runs if isinstance(run, Experiment)]
    in_domain = heard(book, of_protocol(runs, "luna"))
    cross_corpus = {
        corpus: of_corpus
        for corpus in UNHEARD_TOO
        if (of_corpus := tally(heard(book, (run for run in runs if corpus in run.others), corpus, FOUR))) is not None
    }
    lines = [*_emotions(in_domain), *_intensities(in_domain), *_cross_corpus(cross_corpus)]
    return ["## What it gets wrong", "", *lines] if lines else []


def _emotions(tests: Tests) -> list[str]:
    pooled, gendered = tally(tests), by_gender(tests)
    if pooled is None or len(gendered) < len(GENDERS):
        return []
    classes = next(iter(next(iter(tests.values())).values())).classes
    rows = [
        [
            classes[k],
            interval(pooled.estimate(recall(k))),
            *(percent(gendered[gender].estimate(recall(k)).value) for gender in GENDERS),
            _mistaken(pooled, k, classes),
        ]
        for k in map(int, np.flatnonzero(pooled.total.sum(axis=1)))
    ]
    return [
        "On speakers that it has not heard (Luna's folds), how much of each emotion it recognises, in percent (95 %), "
        "and what it takes the rest for:",
        *table(("emotion", "recall", "women", "men", "taken for"), rows),
    ]


def _mistaken(tally: Tally, truth: int, classes: tuple[str, ...]) -> str:
    """The two commonest wrong answers, with their shares."""
    shares = tally.total[truth] / tally.total[truth].sum()
    wrong = [k for k in np.argsort(-shares, kind="stable") if k != truth][:2]
    return ", ".join(f"{classes[k]} {percent(float(shares[k]))}" for k in wrong)


def _intensities(tests: Tests) -> list[str]:
    both = by_intensity(tests)
    if both is None:
        return []
    strong, normal = both
    outcome = verdict("recognition of strong emotion", "that of normal intensity", *strong.against(normal, uar))
    figures = " and ".join(interval(tally.estimate(uar)) for tally in both)
    return [f"{sentence(outcome)} UAR in percent: {figures}; neutral, which has one intensity, is left out.", ""]


def _cross_corpus(tallied: Mapping[str, Tally]) -> list[str]:
    if not tallied:
        return []
    rows = []
    for corpus, of_corpus in tallied.items():
        recalls = [percent(of_corpus.estimate(recall(k)).value) for k in range(len(FOUR))]
        answers = of_corpus.total.sum(axis=0) / of_corpus.total.sum()
        commonest = int(answers[: len(FOUR)].argmax())
        mistaken = f"{'/'.join(FOUR[commonest])} {percent(float(answers[commonest]))}"
        rows.append([f"{CORPORA[corpus].title} ({LANGUAGES[corpus]})", *recalls, mistaken])
    titles = tuple("/".join(members) for members in FOUR)
    return [
        "In corpora that it has not heard, by four classes, and what it answers most often there:",
        *table(("corpus", *titles, "commonest answer"), rows),
    ]
