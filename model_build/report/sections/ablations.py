"""What dropout, the front end's numbers, a network's size and its architecture are worth."""

from __future__ import annotations

from collections.abc import Sequence

from model_build.report.compare import Variant, compare, comparison_table
from model_build.report.formatting import Section, interval, listed, not_run, points, shown, unfinished, verdict
from model_build.report.records import Records, runs
from model_build.statistics.bootstrap import Figure, accuracy, uar
from model_build.thesis.experiment import ThesisExperiment
from model_build.thesis.studies import FRONT_ENDS, SIZES


def dropout(book: Records) -> Section:
    """The `dropout` study: the thesis' first two experiments."""
    title = "Dropout"
    without = runs("dropout", variant=(("dropout", False),))
    rows = compare(book, ("with", runs("dropout", variant=())), {"without": without}, accuracy)
    if len(rows) < 2 or rows[1].apart is None:
        return Section(title, not_run("dropout"))
    answer = f"On the random split {verdict('the CNN without dropout', 'the CNN with it', rows[1].apart, rows[1].p)}."
    text = "Random split, as in `thesis`; the thesis tried its CNN without dropout first, then with."
    return Section(title, answer, (text, *_table(book, "dropout", rows, "CNN", "accuracy")))


def stft(book: Records) -> Section:
    """The `stft` study: one factor at a time."""
    title = "The front end"
    variants = {note: runs("stft", note=note) for note in FRONT_ENDS}
    rows = compare(book, ("standard", runs("stft", note="")), variants)
    if len(rows) < 2:
        return Section(title, not_run("stft"))
    text = (
        "CNN on Luna's folds, one number of the front end changed at a time. Standard: 512-point FFT, hop 250 samples "
        "(two frames to a row), 64 mel bands, logarithm, level taken away, 3 s at 16 kHz. `linear`: 64 linear bands. "
        "`amplitude`: no logarithm. `level`: the recording's own level is kept. All but `2-seconds` and `4-seconds` "
        "have the same 64 x 96 grid; p-values are Holm's for all variants together."
    )
    return Section(title, differing(rows, "changes of the front end"), (text, *_table(book, "stft", rows, "front end")))


def size(book: Records) -> Section:
    """The `size` study: CNN and DNN of the same size, at four sizes."""
    title = "Architecture or size"
    pairs = [(_sized("cnn", cnn, 32), _sized("dnn", dnn, 384)) for cnn, dnn in SIZES]
    lines: list[str] = []
    wider: list[Variant] = []
    for (cnn_width, dnn_width), (cnn, dnn) in zip(SIZES, pairs, strict=True):
        rows = compare(book, (f"cnn, width {cnn_width}", cnn), {f"dnn, width {dnn_width}": dnn})
        if len(rows) == 2 and rows[1].apart is not None:
            wider.append(rows[1])
            lines += comparison_table(rows, "network")
    if not wider:
        return Section(title, not_run("size"))
    text = (
        "Speakers never heard (Luna's folds, one seed): both architectures at four sizes, matched in parameters. The "
        "thesis found its DNN ahead of its CNN and does not say how large either was."
    )
    unrun = unfinished("size", *book.progress("size"))
    answer = f"{_architecture(wider)} {_growth(book, 'cnn', pairs[0][0], pairs[-1][0])}"
    return Section(title, answer, (text, *unrun, *lines))


def hybrids(book: Records) -> Section:
    """The `hybrids` study: what stands on the convolutions."""
    title = "Attention, or an LSTM, on the convolutions"
    names = ("cnn-attention", "cnn-lstm")
    rows = compare(
        book, ("cnn", runs("hybrids", network="cnn")), {name: runs("hybrids", network=name) for name in names}
    )
    if len(rows) < 2:
        return Section(title, not_run("hybrids"))
    text = "Luna's folds, one seed. Both put something smaller in the place of the CNN's large dense layer."
    return Section(title, differing(rows, "hybrids"), (text, *_table(book, "hybrids", rows, "network")))


def _table(book: Records, name: str, rows: Sequence[Variant], what: str, figure: str = "UAR") -> list[str]:
    return [*unfinished(name, *book.progress(name)), *comparison_table(rows, what, figure)]


def _sized(network: str, width: int, standard: int) -> list[ThesisExperiment]:
    return runs("size", network=network, variant=() if width == standard else (("width", width),))


def differing(rows: Sequence[Variant], what: str) -> str:
    """Which variants differ from the standard, in a sentence or two."""
    compared = [(row, row.apart) for row in rows[1:] if row.apart is not None]
    better = [f"`{row.name}` by {points(apart)}" for row, apart in compared if shown(apart, row.p) and apart.value > 0]
    worse = [f"`{row.name}` by {points(apart)}" for row, apart in compared if shown(apart, row.p) and apart.value < 0]
    if not better and not worse:
        standard = interval(rows[0].estimate)
        return f"None of the {len(compared)} {what} tried differs from the standard, {standard} %, beyond chance."
    sentences = []
    if better:
        sentences.append(f"Better than the standard: {listed(better)} points.")
    if worse:
        sentences.append(f"Worse than the standard: {listed(worse)} points.")
    rest = len(compared) - len(better) - len(worse)
    if rest:
        sentences.append(f"No difference is shown for the other {rest} of {len(compared)} {what}.")
    return " ".join(sentences)


def _architecture(rows: Sequence[Variant]) -> str:
    """Who is ahead at equal size."""
    better = [row.name for row in rows if row.apart and shown(row.apart, row.p) and row.apart.value > 0]
    worse = [row.name for row in rows if row.apart and shown(row.apart, row.p) and row.apart.value < 0]
    count = len(rows)
    if len(worse) == count:
        return f"At all {count} sizes the CNN is ahead of a DNN of its size: the architecture, not the size, decides."
    if len(better) == count:
        return f"At all {count} sizes the DNN is ahead of a CNN of its size: the architecture, not the size, decides."
    if not better and not worse:
        return f"At none of {count} sizes is a difference between CNN and DNN of equal size shown."
    ahead = [*(f"CNN (against {name})" for name in worse), *(f"DNN ({name})" for name in better)]
    return f"At equal size the one ahead is, where a difference is shown: {listed(ahead)}; of {count} sizes."


def _growth(
    book: Records,
    name: str,
    smallest: Sequence[ThesisExperiment],
    largest: Sequence[ThesisExperiment],
    figure: Figure = uar,
) -> str:
    rows = compare(book, ("smallest", smallest), {"largest": largest}, figure)
    if len(rows) < 2 or rows[1].apart is None:
        return ""
    ratio = rows[1].parameters / rows[0].parameters
    text = verdict(
        f"the largest {name.upper()}", f"the smallest, with 1/{ratio:.0f} of its parameters,", rows[1].apart, rows[1].p
    )
    return f"As to size: {text}."
