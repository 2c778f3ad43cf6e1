"""What is left on speakers never heard, and is the DNN better than the CNN there?"""

from __future__ import annotations

import numpy as np

from model_build.report.compare import compare, comparison_table
from model_build.report.formatting import (
    Section,
    interval,
    not_run,
    percent,
    points,
    sentence,
    shown,
    table,
    unfinished,
    verdict,
)
from model_build.report.records import Records, repetitions, runs, tallies
from model_build.report.references import SPEECH, reference_table
from model_build.statistics.bootstrap import accuracy, uar
from model_build.statistics.metrics import calibration_error
from model_build.statistics.predictions import Scored, pool
from model_build.thesis.experiment import ThesisExperiment
from model_build.thesis.studies import THESIS

TITLE = "Speakers never heard"
COVERAGES = (1.0, 0.8, 0.6, 0.4, 0.2)


def section(book: Records) -> Section:
    """The `speakers` study."""
    standard = of("cnn")
    if not book.there(standard):
        return Section(TITLE, not_run("speakers"))
    rows = compare(book, ("cnn", standard), {network: of(network) for network in THESIS[1:]})
    answer = [f"On speakers it has never heard the CNN has a UAR of {interval(rows[0].estimate)} %."]
    answer += _lost(book)
    for row in rows[1:]:
        if row.apart is not None:
            text = verdict(f"the {row.name.upper()}", "the CNN", row.apart, row.p)
            start = "Is the DNN better than the CNN? " + (
                "Yes" if shown(row.apart, row.p) and row.apart.value > 0 else "No"
            )
            answer.append(f"{start}: {text}." if row.name == "dnn" else sentence(text))
    body = [
        "The actors of each of Luna-Jimenez' five folds test in turn; about 15 % of the clips of the others, whole "
        "actors, choose the epoch and the temperature. No actor is on two sides. Folds are pooled, seeds averaged; "
        "intervals and p-values (Holm) draw actors, the same for both networks.",
        *unfinished("speakers", *book.progress("speakers")),
        *comparison_table(rows, "network"),
        *_split(book),
        *_confidence(pooled(book)),
        *reference_table(tuple(reference for reference in SPEECH if not reference.random)),
    ]
    return Section(TITLE, " ".join(answer), tuple(body), ("confusion-speakers", "risk-coverage"))


def of(network: str) -> list[ThesisExperiment]:
    """The runs of a network on Luna's folds."""
    return runs("speakers", network=network)


def pooled(book: Records, network: str = "cnn") -> Scored:
    """All its tests together."""
    return pool(scored for folds in repetitions(book, of(network)).values() for scored in folds.values())


def coverage(scored: Scored) -> list[tuple[float, float]]:
    """Share of clips answered, the surest first, and the share of right answers among them."""
    order = np.argsort(-scored.confidence, kind="stable")
    right = scored.right[order]
    counts = [max(1, round(share * len(right))) for share in COVERAGES]
    return [(share, float(right[:count].mean())) for share, count in zip(COVERAGES, counts, strict=True)]


def _lost(book: Records) -> list[str]:
    """What the random split hides."""
    heard = repetitions(book, runs("thesis", network="cnn"))
    unheard = repetitions(book, of("cnn"))
    if not heard:
        return ["What the random split hides is not known yet: `thesis` has not been run."]
    one, other = tallies(heard), tallies(unheard)
    if one is None or other is None or one[0].groups != other[0].groups:
        return ["What the random split hides is not known before all five folds are done."]
    apart, p = one[0].against(other[0], uar)
    if not shown(apart, p):
        return [f"That the random split flatters it is not shown ({points(apart)} points)."]
    return [f"The random split is higher by {points(apart)} points: that much of its figure is knowing the voices."]


def _split(book: Records) -> list[str]:
    rows = []
    for network in THESIS:
        row = [network]
        for sides in (
            repetitions(book, runs("thesis", network=network)),
            repetitions(book, of(network)),
        ):
            tally = tallies(sides)
            row += [interval(tally[0].estimate(figure)) if tally else "not run" for figure in (uar, accuracy)]
        rows.append(row)
    header = ("network", "UAR, speakers heard", "accuracy, speakers heard", "UAR, never heard", "accuracy, never heard")
    return [
        "The same networks on the random split and on speakers never heard, in percent (95 %):",
        *table(header, rows),
    ]


def _confidence(scored: Scored) -> list[str]:
    error = calibration_error(scored.truth, scored.probabilities)
    rows = [(f"{100 * share:.0f}", percent(right)) for share, right in coverage(scored)]
    return [
        f"The CNN's confidence on these speakers is off by {percent(error)} points on average (expected calibration "
        "error, after the temperature). Where it may stay silent and answers only the surest clips, it is right on:",
        *table(("% of clips answered", "% right"), rows),
    ]
