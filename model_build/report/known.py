"""What is known of a default model's error, for those who show its figures: written into the metrics beside its file.

serd's journal reads it there, as a wheel has neither records nor cards. Networks of the recipe that had not heard the
test's speakers stand for the shipped file, as in its card.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model_build.corpora import CORPORA
from model_build.experiments.experiment import SCORED
from model_build.report.formatting import listed
from model_build.report.records import Records, Tests, of_protocol, tally
from model_build.report.sections.base import SURE, four, high, small_four
from model_build.report.sections.fairness import recall
from model_build.report.sections.model import UNHEARD_TOO, heard
from model_build.statistics.bootstrap import Estimate, interval, mean_estimate, uar
from model_build.studies.serd import STUDIES
from model_build.studies.serd_base import STUDIES as BASED
from serd.errors import UsageError
from serd.inference.contract import read_model
from serd.inference.model import find


def known(name: str, book: Records) -> dict[str, Any] | None:
    """Recall by label with 95 % intervals, its mean, and the mean on other corpora, by one rule for all models.

    None without records.
    """
    runs: Sequence[Any] = (BASED if name in BASED else STUDIES)[name].runs
    tests = heard(book, of_protocol(runs, "luna"))
    pooled = tally(tests)
    if pooled is None:
        return None
    classes = next(iter(next(iter(tests.values())).values())).classes
    recalls = {
        classes[k]: _three(pooled.estimate(recall(k))) for k in map(int, np.flatnonzero(pooled.total.sum(axis=1)))
    }
    facts: dict[str, Any] = {
        "version": read_model(find(name))[1].version,
        "protocol": f"{CORPORA['ravdess-speech'].title}, Luna's five folds",
        "recall": {**recalls, "mean": _three(pooled.estimate(uar))},
    }
    if name in BASED and (active := activation(book, runs)):
        facts["activation"] = active
    cross_corpus = [tally(_cross_corpus(name, book, runs, part)) for part in UNHEARD_TOO]
    each = [corpus for corpus in cross_corpus if corpus is not None]
    if len(each) == len(UNHEARD_TOO):
        titles = listed([CORPORA[part].title for part in UNHEARD_TOO])
        facts["elsewhere"] = {
            "protocol": f"{titles}, four emotions, calm left out",
            "mean": _three(mean_estimate(each, uar)),
        }
    return facts


def activation(book: Records, runs: Sequence[Any]) -> dict[str, list[float]] | None:
    """How often the right one of high and low activation was told where the network was sure, and how often it was, of
    clips of unheard speakers; with 95 % intervals over speakers. None without records."""
    in_domain = [high(record, SCORED) for _, record in book.there(of_protocol(runs, "luna"))]
    if not in_domain:
        return None
    speakers, truth, value = (np.concatenate([one[k] for one in in_domain]) for k in range(3))
    sure = np.maximum(value, 1 - value) >= SURE
    right = (value > 0.5) == truth

    def where_sure(chosen: NDArray[np.intp]) -> float:
        kept = chosen[sure[chosen]]
        return float(right[kept].mean()) if len(kept) else float("nan")

    every = np.arange(len(truth))
    return {
        title: [round(x, 4) for x in (figure(every), *interval(speakers.tolist(), figure))]
        for title, figure in (("right", where_sure), ("sure", lambda chosen: float(sure[chosen].mean())))
    }


def _cross_corpus(name: str, book: Records, runs: Sequence[Any], corpus: str) -> Tests:
    return four(book, runs, corpus) if name in BASED else small_four(book, name, corpus)


def with_known(metrics: Path, facts: dict[str, Any]) -> str:
    """The text of the metrics with what is known in it. Raises UsageError for a file that is none."""
    try:
        content = json.loads(metrics.read_text(encoding="utf-8"))
        content["known"] = facts
    except (OSError, ValueError, TypeError) as error:
        raise UsageError(f"{metrics}: no metrics of a default model ({error}); train the model anew") from None
    return json.dumps(content, sort_keys=True, separators=(",", ":")) + "\n"


def _three(estimate: Estimate) -> list[float]:
    return [round(float(x), 5) for x in (estimate.value, estimate.low, estimate.high)]
