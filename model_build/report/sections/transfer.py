"""What is left on other corpora, and what the CNN learns in other languages."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from model_build.corpora import CORPORA as READERS
from model_build.report.formatting import Section, interval, not_run, percent, table, unfinished
from model_build.report.records import Records, repetitions, runs, tallies
from model_build.report.references import CROSS, reference_table
from model_build.statistics.bootstrap import Estimate, Tally, accuracy, mean_estimate, uar
from model_build.statistics.predictions import FOUR, Classes, score_answers, shared
from model_build.thesis.experiment import ThesisExperiment
from model_build.thesis.studies import CORPORA

LANGUAGES = {
    "ravdess-speech": "English, acted",
    "emo-db": "German, acted",
    "nemo": "Polish, acted",
    "ased": "Amharic, acted",
    "urdu": "Urdu, natural",
}
CHANCE = 0.25


def cross_corpus(book: Records) -> Section:
    """The `cross-corpus` study."""
    title = "Another corpus"
    moved = pairs(book)
    if not moved:
        return Section(title, not_run("cross-corpus"))
    mean, right = mean_estimate(list(moved.values()), uar), mean_estimate(list(moved.values()), accuracy)
    answer = [
        f"Trained on one corpus and tested on another, in 4 classes, the CNN has a mean UAR of {interval(mean)} % over "
        f"{len(moved)} pairs; chance is 25 %. {_against_chance(moved)}",
    ]
    in_domains = [tally for corpus in CORPORA if (tally := in_domain_tally(book, corpus, FOUR)) is not None]
    if in_domains:
        in_domain = mean_estimate(in_domains, uar)
        answer.append(
            f"On unheard speakers of its own corpus it has {interval(in_domain)} %, "
            f"the mean of {len(in_domains)} corpora."
        )
    body = [
        "Each corpus trains (15 % of its clips, whole speakers, choose the epoch) and every other tests whole. Four "
        "classes: neutral and calm together, happy, sad, angry; clips of other emotions are dropped, the probability "
        "of other labels with them. On the diagonal: five folds by speaker within the corpus. UAR in percent (95 %).",
        *unfinished("cross-corpus", *book.progress("cross-corpus")),
        *_matrix(book, moved),
        f"The mean accuracy over the pairs is {interval(right)} %.",
        "",
        "On all emotions that both corpora have (their number in brackets):",
        *_shared(book),
        *reference_table(CROSS),
    ]
    return Section(title, " ".join(answer), tuple(body), ("cross-corpus",))


def languages(book: Records) -> Section:
    """The `languages` study."""
    title = "Other languages"
    rows, lost = [], []
    moved = pairs(book)
    for corpus in CORPORA:
        every, four = in_domain_tally(book, corpus), in_domain_tally(book, corpus, FOUR)
        if every is None or four is None:
            continue
        classes = every.confusion.shape[-1]
        cross_corpus = moved.get(("ravdess-speech", corpus))
        if corpus != "ravdess-speech" and cross_corpus is not None:
            lost.append((corpus, four.estimate(uar), cross_corpus.estimate(uar)))
        rows.append(
            (
                LANGUAGES[corpus],
                READERS[corpus].title,
                str(len(every.groups)),
                f"{interval(every.estimate(uar))} of {classes}, chance {percent(1 / classes)}",
                interval(four.estimate(uar)),
                ""
                if corpus == "ravdess-speech"
                else interval(cross_corpus.estimate(uar))
                if cross_corpus
                else "not run",
            )
        )
    if not any(book.progress("languages")[:1]):
        return Section(title, not_run("languages"))
    answer = [
        f"{LANGUAGES[corpus]}: {percent(in_domain.value)} % when trained on speakers of its own corpus, "
        f"{percent(cross_corpus.value)} % when trained on English"
        f"{', within chance' if cross_corpus.holds(CHANCE) else ''}."
        for corpus, in_domain, cross_corpus in lost
    ]
    body = [
        "The same CNN and plan, trained and tested within each corpus on speakers never heard (five folds), and "
        "trained on RAVDESS and tested there. UAR in percent (95 %).",
        *unfinished("languages", *book.progress("languages")),
        *table(("language", "corpus", "speakers", "own emotions", "4 classes", "4 classes, trained on English"), rows),
        "Corpus and language change together here: what is lost between them is not the language's alone.",
    ]
    start = (
        "In four classes, on speakers never heard:"
        if lost
        else "What English training is worth elsewhere is not run yet."
    )
    return Section(title, " ".join([start, *answer]), tuple(body))


def pairs(book: Records, classes: Classes = FOUR) -> dict[tuple[str, str], Tally]:
    """Trained on, tested on -> tally over the seeds, for what has been run."""
    moved = {}
    for corpus in CORPORA:
        for other in CORPORA:
            tests = repetitions(book, runs("cross-corpus", corpus=corpus), other, classes) if other != corpus else {}
            tally = tallies(tests)
            if tally is not None:
                moved[corpus, other] = tally[0]
    return moved


def in_domain_tally(book: Records, corpus: str, classes: Classes | None = None) -> Tally | None:
    """Speakers never heard, within the corpus."""
    tests = repetitions(book, in_domain_runs(corpus), None, classes)
    tally = tallies(tests)
    return tally[0] if tally else None


def in_domain_runs(corpus: str) -> list[ThesisExperiment]:
    """The runs that train and test within a corpus by speaker."""
    if corpus == "ravdess-speech":
        return runs("speakers", network="cnn", seed=0)
    return runs("languages", corpus=corpus)


def matrix(book: Records) -> NDArray[np.float64]:
    """UAR in four classes, rows: trained on; NaN where it was not run."""
    moved = pairs(book)
    values = np.full((len(CORPORA), len(CORPORA)), np.nan)
    for k, corpus in enumerate(CORPORA):
        in_domain = in_domain_tally(book, corpus, FOUR)
        for j, other in enumerate(CORPORA):
            tally = in_domain if j == k else moved.get((corpus, other))
            if tally is not None:
                values[k, j] = tally.estimate(uar).value
    return values


def _matrix(book: Records, moved: dict[tuple[str, str], Tally]) -> list[str]:
    rows = []
    for corpus in CORPORA:
        in_domain = in_domain_tally(book, corpus, FOUR)
        cells = [_cell(in_domain) if other == corpus else _cell(moved.get((corpus, other))) for other in CORPORA]
        rows.append(
            [
                corpus,
                *(
                    f"*{cell}*" if other == corpus and cell else cell
                    for other, cell in zip(CORPORA, cells, strict=True)
                ),
            ]
        )
    return table(("trained on", *(f"tested on {other}" for other in CORPORA)), rows)


def _cell(tally: Tally | None) -> str:
    return interval(tally.estimate(uar)) if tally is not None else "not run"


def _shared(book: Records) -> list[str]:
    rows: list[Sequence[str]] = []
    for corpus in CORPORA:
        row = [corpus]
        for other in CORPORA:
            done = book.there(runs("cross-corpus", corpus=corpus))
            if other == corpus or not done:
                row.append("" if other == corpus else "not run")
                continue
            scored = [
                score_answers(kept.answers[other], kept.labels, shared(kept.answers[other], kept.labels))
                for _, kept in done
            ]
            row.append(f"{interval(Tally.of(scored).estimate(uar))} [{len(scored[0].classes)}]")
        rows.append(row)
    return table(("trained on", *(f"tested on {other}" for other in CORPORA)), rows)


def _against_chance(moved: dict[tuple[str, str], Tally]) -> str:
    estimates: list[Estimate] = [tally.estimate(uar) for tally in moved.values()]
    above = sum(estimate.low > CHANCE for estimate in estimates)
    return f"{above} of the {len(estimates)} pairs are above chance by their own interval."
