"""The report's plots: SVG that comes out the same, byte for byte, from the same records.

No dates, a fixed salt for ids, text as text in whatever sans-serif the reader has.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from model_build.files import cache
from model_build.report.records import Records, repetitions, runs
from model_build.report.references import THESIS_CNN, THESIS_DNN
from model_build.report.sections import speakers, transfer
from model_build.report.sections.thesis import by_seed
from model_build.statistics.bootstrap import Tally
from model_build.statistics.predictions import pool
from model_build.thesis.studies import CORPORA, THESIS

STYLE: dict[Any, Any] = {"svg.hashsalt": "serd", "svg.fonttype": "none", "font.family": "sans-serif", "font.size": 9}
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
    return _confusion(Tally.of(list(tests.values())), pool(tests.values()).classes, "random split") if tests else None


def confusion_speakers(book: Records) -> Figure | None:
    """The CNN on speakers never heard."""
    tests = repetitions(book, speakers.of("cnn"))
    if not tests:
        return None
    judged = speakers.pooled(book)
    return _confusion(Tally.of([judged]), judged.classes, "speakers never heard")


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
            right = [100 * judged.right.mean() for judged in tests.values()]
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
        judged = speakers.pooled(book) if name == "never heard" else pool(by_seed(book, "cnn").values())
        order = np.argsort(-judged.confidence, kind="stable")
        count = np.arange(1, len(order) + 1)
        risk = 100 * np.cumsum(~judged.right[order]) / count
        shown = np.unique(np.linspace(len(order) // 20, len(order) - 1, 100).astype(int))
        axis.plot(100 * count[shown] / len(order), risk[shown], label=name)
    axis.set(xlabel="% of clips answered, the surest first", ylabel="% of answers wrong", ylim=(0, None))
    axis.legend(frameon=False, fontsize=7)
    return figure


PLOTS: dict[str, Callable[[Records], Figure | None]] = {
    "seeds": seeds,
    "learning-curves": learning_curves,
    "confusion-random": confusion_random,
    "confusion-speakers": confusion_speakers,
    "cross-corpus": cross_corpus,
    "risk-coverage": risk_coverage,
}
"""Names of files, and what draws them; None where there are no records."""


def _confusion(tally: Tally, classes: tuple[str, ...], where: str) -> Figure:
    total = tally.total
    shares = 100 * total / np.maximum(total.sum(axis=1, keepdims=True), 1)
    figure = Figure((4.8, 4.2))
    axis = figure.subplots()
    _heat(axis, shares, classes, classes, (0, 100))
    axis.set(xlabel="answered", ylabel="true", title=f"cnn, {where}: % of the true emotion")
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
