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

from model_build.corpora import CORPORA
from model_build.report.formatting import listed
from model_build.report.records import Records, Tests, of_protocol, tally
from model_build.report.sections.base import four
from model_build.report.sections.fairness import recall
from model_build.report.sections.model import UNHEARD_TOO, heard
from model_build.statistics.bootstrap import Estimate, mean_estimate, uar
from model_build.statistics.predictions import FOUR
from model_build.studies.serd import STUDIES
from model_build.studies.serd_base import STUDIES as BASED
from serd.errors import UsageError
from serd.inference.contract import read_model
from serd.inference.model import find


def known(name: str, book: Records) -> dict[str, Any] | None:
    """Recall by label with 95 % intervals, its mean, and the mean on corpora of other kinds, by the rule of the model's
    card; None without records."""
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
    cross_corpus = [tally(_cross_corpus(name, book, runs, part)) for part in UNHEARD_TOO]
    each = [corpus for corpus in cross_corpus if corpus is not None]
    if len(each) == len(UNHEARD_TOO):
        titles = listed([CORPORA[part].title for part in UNHEARD_TOO])
        facts["elsewhere"] = {"protocol": f"{titles}, four emotions", "mean": _three(mean_estimate(each, uar))}
    return facts


def _cross_corpus(name: str, book: Records, runs: Sequence[Any], corpus: str) -> Tests:
    if name in BASED:
        return four(book, runs, corpus)
    return heard(book, (run for run in of_protocol(runs, "whole") if corpus in run.others), corpus, FOUR)


def into(metrics: Path, facts: dict[str, Any]) -> str:
    """The text of the metrics with what is known in it. Raises UsageError for a file that is none."""
    try:
        content = json.loads(metrics.read_text(encoding="utf-8"))
        content["known"] = facts
    except (OSError, ValueError, TypeError) as error:
        raise UsageError(f"{metrics}: no metrics of a default model ({error}); train the model anew") from None
    return json.dumps(content, sort_keys=True, separators=(",", ":")) + "\n"


def _three(estimate: Estimate) -> list[float]:
    return [round(float(x), 4) for x in (estimate.value, estimate.low, estimate.high)]
