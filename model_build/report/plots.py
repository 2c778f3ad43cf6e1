"""The report's plots: SVG that comes out the same, byte for byte, from the same records.

No dates, a fixed salt for ids, text as text in whatever sans-serif the reader has.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from model_build.files import cache
from model_build.report.records import Records, of_protocol, repetitions, runs, tally
from model_build.report.references import THESIS_CNN, THESIS_DNN
from model_build.report.sections import base, speakers, transfer
from model_build.report.sections.model import heard
from model_build.report.sections.thesis import by_seed
from model_build.statistics.bootstrap import Tally, uar
from model_build.statistics.predictions import pool
from model_build.studies.serd_base import STUDIES as BASED
from model_build.thesis.studies import CORPORA, THESIS

STYLE: dict[Any, Any] = {"svg.hashsalt": "serd", "svg.fonttype": "none", "font.family": "sans-serif", "font.size": 9}
STRANGERS = (
    ("a German actor (EMO-DB)", "emo-db"),
    ("an Amharic actor (ASED)", "ased"),
    ("a Polish actor (nEMO)", "nemo"),
)
"""Voices of corpora that the network of the figure has not heard."""
BASE_RUNS: Sequence[Any] = BASED["serd-base"].runs
COLOURS = {"cnn": "#0b6e99", "dnn": "#d9730d", "lstm": "#6940a5"}


def draw(book: Records, folder: Path) -> set[str]:
    """Draw what there are records for; the names of the plots."""
    drawn = set()
    for name, plot in PLOTS.items():
        with mpl.rc_context(STYLE):
            figure = plot(book)
            target = folder / f"{name}.svg"
            if figure is None:
                target.unlink(missing_ok=True)
                continue
            with cache.replacing(target) as written:
                figure.savefig(written, format="svg", metadata={"Date": None, "Creator": None}, bbox_inches="tight")
        drawn.add(name)
    return drawn


def confusion_random(book: Records) -> Figure | None:
    """The CNN on the random split, all seeds."""
    tests = by_seed(book, "cnn")
    return (
        _confusion(Tally.of(list(tests.values())), pool(tests.values()).classes, "cnn, random split") if tests else None
    )


def confusion_speakers(book: Records) -> Figure | None:
    """The CNN on speakers never heard."""
    tests = repetitions(book, speakers.of("cnn"))
    if not tests:
        return None
    scored = speakers.pooled(book)
    return _confusion(Tally.of([scored]), scored.classes, "cnn, speakers never heard")


def learning_curves(book: Records) -> Figure | None:
    """Loss by epoch, mean over the seeds."""
    if not book.there(runs("thesis")):
        return None
    figure = Figure((7, 3))
    axes = figure.subplots(1, 2, sharex=True)
    for network in THESIS:
        histories = [record.history for _, record in book.there(runs("thesis", network=network))]
        if not histories:
            continue
        for axis, column, text in ((axes[0], "loss", "training"), (axes[0], "validation_loss", "validation")):
            mean = np.mean([history[column] for history in histories], axis=0)
            style = "-" if column == "loss" else "--"
            axis.plot(range(1, len(mean) + 1), mean, style, color=COLOURS[network], label=f"{network}, {text}")
        right = 100 * np.mean([history["validation_accuracy"] for history in histories], axis=0)
        axes[1].plot(range(1, len(right) + 1), right, color=COLOURS[network], label=network)
    axes[0].set(xlabel="epoch", ylabel="log-loss")
    axes[1].set(xlabel="epoch", ylabel="% right, validation clips")
    for axis in axes:
        axis.legend(frameon=False, fontsize=7)
    return figure


def seeds(book: Records) -> Figure | None:
    """Accuracy by seed on the random split, with the thesis' two figures."""
    tested = {network: by_seed(book, network) for network in THESIS}
    if not tested["cnn"]:
        return None
    figure = Figure((4.5, 3))
    axis = figure.subplots()
    for network, tests in tested.items():
        if tests:
            right = [100 * scored.right.mean() for scored in tests.values()]
            axis.plot(list(tests), right, "o-", color=COLOURS[network], label=network)
    axis.axhline(100 * THESIS_CNN, color=COLOURS["cnn"], linestyle=":", label="the thesis' CNN")
    axis.axhline(100 * THESIS_DNN, color=COLOURS["dnn"], linestyle=":", label="the thesis' DNN")
    axis.set(xlabel="seed", ylabel="% right, test clips", xticks=sorted(tested["cnn"]))
    axis.legend(frameon=False, fontsize=7, loc="center left", bbox_to_anchor=(1, 0.5))
    return figure


def cross_corpus(book: Records) -> Figure | None:
    """UAR in four classes, trained on one corpus and tested on another."""
    values = transfer.matrix(book)
    if not transfer.pairs(book):
        return None
    figure = Figure((4.8, 4))
    axis = figure.subplots()
    _heat(axis, 100 * values, CORPORA, CORPORA, (25, 75))
    axis.set(xlabel="tested on", ylabel="trained on")
    return figure


def risk_coverage(book: Records) -> Figure | None:
    """How often the CNN errs on the share of clips it is surest of."""
    figure = Figure((4.5, 3))
    axis = figure.subplots()
    known = {"speakers heard": by_seed(book, "cnn"), "never heard": repetitions(book, speakers.of("cnn"))}
    if not known["never heard"]:
        return None
    for name, tests in known.items():
        if not tests:
            continue
        scored = speakers.pooled(book) if name == "never heard" else pool(by_seed(book, "cnn").values())
        order = np.argsort(-scored.confidence, kind="stable")
        count = np.arange(1, len(order) + 1)
        risk = 100 * np.cumsum(~scored.right[order]) / count
        shown = np.unique(np.linspace(len(order) // 20, len(order) - 1, 100).astype(int))
        axis.plot(100 * count[shown] / len(order), risk[shown], label=name)
    axis.set(xlabel="% of clips answered, the surest first", ylabel="% of answers wrong", ylim=(0, None))
    axis.legend(frameon=False, fontsize=7)
    return figure


def confusion_base(book: Records) -> Figure | None:
    """The default model's recipe on speakers never heard."""
    tests = heard(book, of_protocol(BASE_RUNS, "luna"))
    own = tally(tests)
    if own is None:
        return None
    classes = next(iter(next(iter(tests.values())).values())).classes
    return _confusion(own, classes, "serd-base, speakers never heard")


def ten_sentences(book: Records) -> Figure | None:
    """What becomes of ten sentences of a stranger: of every emotion alike, in the language it knows and abroad."""
    rows = [("an American actor (RAVDESS),\neight emotions", heard(book, of_protocol(BASE_RUNS, "luna")))]
    rows += [(f"{name},\nfour emotions", base.four(book, BASE_RUNS, corpus)) for name, corpus in STRANGERS]
    figure = Figure((6.5, 0.7 * len(rows) + 0.4))
    axis = figure.subplots()
    for k, (_, tests) in enumerate(rows):
        own = tally(tests)
        if own is None:
            return None
        right = round(10 * own.estimate(uar).value)
        for j in range(10):
            axis.plot(j, k, "o" if j < right else "x", color="#0b6e99" if j < right else "#d9730d", markersize=11)
        axis.text(10, k, f"{right} of ten right", va="center")
    axis.set(xlim=(-0.6, 13.5), ylim=(len(rows) - 0.5, -0.5), xticks=[])
    axis.set_yticks(range(len(rows)), [name for name, _ in rows])
    axis.spines[:].set_visible(False)
    axis.tick_params(length=0)
    return figure


PLOTS: dict[str, Callable[[Records], Figure | None]] = {
    "seeds": seeds,
    "learning-curves": learning_curves,
    "confusion-random": confusion_random,
    "confusion-speakers": confusion_speakers,
    "cross-corpus": cross_corpus,
    "risk-coverage": risk_coverage,
    "confusion-serd-base": confusion_base,
    "ten-sentences": ten_sentences,
}
"""Names of files, and what draws them; None where there are no records."""


def _confusion(scored: Tally, classes: tuple[str, ...], title: str) -> Figure:
    there = [k for k, count in enumerate(scored.total.sum(axis=1)) if count]  # nobody acted "none of them"
    total = scored.total[there]
    shares = 100 * total / total.sum(axis=1, keepdims=True)
    figure = Figure((4.8, 4.2))
    axis = figure.subplots()
    _heat(axis, shares, tuple(classes[k] for k in there), classes, (0, 100))
    axis.set(xlabel="answered", ylabel="true", title=f"{title}: % of the true emotion")
    return figure


def _heat(
    axis: Any, values: NDArray[np.float64], rows: tuple[str, ...], columns: tuple[str, ...], limits: tuple[float, float]
) -> None:
    low, high = limits
    axis.pcolormesh(values, cmap="Blues", vmin=low, vmax=high, edgecolors="white", linewidth=0.5)
    axis.set_xticks(np.arange(len(columns)) + 0.5, columns, rotation=40, ha="right")
    axis.set_yticks(np.arange(len(rows)) + 0.5, rows)
    axis.invert_yaxis()
    for k, j in np.ndindex(values.shape):
        if np.isfinite(values[k, j]):
            colour = "white" if values[k, j] > (low + high) / 2 else "black"
            axis.text(j + 0.5, k + 0.5, f"{values[k, j]:.0f}", ha="center", va="center", color=colour)
