"""RESULTS.md: the answers first, then each question with its tables."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from model_build.report.formatting import Section, tidy
from model_build.report.records import Records
from model_build.report.sections import (
    ablations,
    base,
    fairness,
    floor,
    levers,
    model,
    reference,
    second,
    speakers,
    students,
    thesis,
    transfer,
)
from model_build.statistics.bootstrap import DRAWS
from model_build.studies.catalogue import STUDIES
from model_build.thesis.experiment import FRONT_END, ThesisSchedule
from model_build.thesis.studies import STUDIES as THESIS

SECTIONS: dict[str, Callable[[Records], Section]] = {
    "thesis": thesis.section,
    "speakers": speakers.section,
    "dropout": ablations.dropout,
    "stft": ablations.stft,
    "size": ablations.size,
    "hybrids": ablations.hybrids,
    "cross-corpus": transfer.cross_corpus,
    "languages": transfer.languages,
    "fairness": fairness.fairness,
    "permuted": fairness.permuted,
    "floor": floor.section,
    "levers": levers.section,
    "students": students.section,
    "second": second.section,
    "serd-base": base.section,
    "reference": reference.section,
    "serd-small": partial(model.section, "serd-small"),
    "serd-tiny": partial(model.section, "serd-tiny"),
}
"""A study and what tells its answer."""

ALT = {
    "seeds": "Accuracy by seed of cnn, dnn and lstm, with the thesis' figures",
    "learning-curves": "Log-loss and accuracy by epoch, mean over the seeds",
    "confusion-random": "Confusion matrix of the CNN on the random split",
    "confusion-speakers": "Confusion matrix of the CNN on speakers never heard",
    "cross-corpus": "Heat map of UAR, trained on one corpus and tested on another",
    "risk-coverage": "Share of wrong answers by share of clips answered",
}


def write(book: Records, drawn: set[str], plots: Path) -> str:
    """The whole file; `plots` is the folder of the plots relative to it."""
    begun = {name: make for name, make in SECTIONS.items() if name in THESIS or book.progress(name)[0]}
    sections = {name: make(book) for name, make in begun.items()}
    lines = ["# Results of the study", "", *_preface(book), "", "## Answers", ""]
    for name, section in sections.items():
        lines.append(f"- **{STUDIES[name].question}** {section.answer}")
    for name, section in sections.items():
        lines += ["", *_section(name, section, drawn, plots)]
    return tidy(lines)


def _preface(book: Records) -> list[str]:
    every = {run.key for study in THESIS.values() for run in study.runs}
    done = every & book.records.keys()
    stft, bands, plan = FRONT_END.stft, FRONT_END.bands, ThesisSchedule()
    return [
        "Written by `python -m model_build report` from the records in [results/](results), which hold what each "
        "network said of each test clip; do not edit. `python -m model_build study --data DIR` repeats the runs on "
        "your own copy of the corpora.",
        "",
        f"{len(done)} of {len(every)} runs of the thesis' studies are done. Shares are in percent. UAR is the mean "
        f"recall over the classes. Intervals are 95 % bootstrap intervals over speakers ({DRAWS} draws); a difference "
        "is called one where its interval leaves 0 out and p < 0.05. In the thesis' studies nothing was chosen by a "
        "test clip, nor, where speakers are said to be unheard, by a test speaker; how often the default models' outer "
        "folds were run, and what was changed after it, is in their cards.",
        "",
        f"The networks of the thesis' studies see one window of {FRONT_END.window / stft.sample_rate:.1f} s of each "
        f"clip, which begins shortly before the speech: {FRONT_END.rows} rows of {bands.count} {bands.kind} bands by "
        "the daemon's front end, each band standardised over the training windows. They are trained for "
        f"{plan.epochs} epochs in batches of {plan.batch} (Adam, {plan.rate:g} falling along a cosine), windows "
        f"shifted by up to {plan.shift} rows, and keep the epoch that was best on the validation part, which also sets "
        f"a temperature. A test clip is judged by the mean log-probability over {len(plan.views)} windows within "
        f"{max(plan.views)} rows of the aligned one.",
    ]


def _section(name: str, section: Section, drawn: set[str], plots: Path) -> list[str]:
    done = [f"![{ALT[plot]}]({(plots / plot).as_posix()}.svg)" for plot in section.plots if plot in drawn]
    return [f"## {section.title}", "", f"`study {name}`. {section.answer}", "", *section.body, "", *done]
