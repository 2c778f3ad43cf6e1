"""The studies: which runs answer which question. A run that two studies share is done once."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

from model_build.experiments.study import Study
from model_build.thesis.experiment import FRONT_END, ThesisExperiment
from serd.inference.frontend import FrontEnd

THESIS = ("cnn", "dnn", "lstm")
FOLDS = (1, 2, 3, 4, 5)
CORPORA = ("ravdess-speech", "emo-db", "nemo", "ased", "urdu")
"""Corpora of the cross-corpus study: five languages."""
SIZES = ((8, 26), (16, 102), (32, 384), (48, 864))
"""Widths of `cnn` and `dnn` with about 160, 630, 2500 and 5700 thousand parameters each."""


def _front_end(**changes: float | int | str) -> FrontEnd:
    """The study's, with some of its numbers changed wherever they stand."""
    stft, bands, whole = FRONT_END.stft, FRONT_END.bands, FRONT_END
    for name, value in changes.items():
        if hasattr(stft, name):
            stft = dataclasses.replace(stft, **{name: value})  # type: ignore[arg-type]
        elif hasattr(bands, name):
            bands = dataclasses.replace(bands, **{name: value})  # type: ignore[arg-type]
        else:
            whole = dataclasses.replace(whole, **{name: value})  # type: ignore[arg-type]
    return dataclasses.replace(whole, stft=stft, bands=bands)


FRONT_ENDS: dict[str, FrontEnd] = {
    "nfft-256": _front_end(n_fft=256),
    "nfft-1024": _front_end(n_fft=1024),
    "hop-125": _front_end(hop=125, pool=4),
    "hop-500": _front_end(hop=500, pool=1),
    "linear": _front_end(kind="linear", low_hz=0, high_hz=8000),
    "amplitude": FRONT_END,
    "2-seconds": _front_end(rows=64),
    "4-seconds": _front_end(rows=128),
    "level": _front_end(top_db=100, quiet_db=0),
}
"""One factor changed each; all but the two windows keep the 64 x 96 grid, `hop` by pooling.

`amplitude` is not the logarithm; `level` keeps the recording's level, which the others take away.
"""


def _thesis() -> Iterable[ThesisExperiment]:
    for seed in range(5):
        for network in THESIS:
            yield ThesisExperiment(network, "random", seed=seed, int8=network == "cnn")


def _speakers(networks: Iterable[str] = THESIS, seeds: int = 2) -> Iterable[ThesisExperiment]:
    names = tuple(networks)
    for seed in range(seeds):
        for fold in FOLDS:
            for network in names:
                yield ThesisExperiment(network, fold=fold, seed=seed)


def _dropout() -> Iterable[ThesisExperiment]:
    for seed in range(3):
        yield ThesisExperiment("cnn", "random", seed=seed, variant=(("dropout", False),))
        yield ThesisExperiment("cnn", "random", seed=seed, int8=True)


def _stft() -> Iterable[ThesisExperiment]:
    for fold in FOLDS[:2]:
        yield ThesisExperiment("cnn", fold=fold)
        for note, front_end in FRONT_ENDS.items():
            yield ThesisExperiment("cnn", fold=fold, note=note, front_end=front_end, amplitude=note == "amplitude")


def _size() -> Iterable[ThesisExperiment]:
    for fold in FOLDS:
        for widths in SIZES:
            for network, width, standard in zip(("cnn", "dnn"), widths, (32, 384), strict=True):
                yield ThesisExperiment(network, fold=fold, variant=() if width == standard else (("width", width),))


def _hybrids() -> Iterable[ThesisExperiment]:
    for fold in FOLDS:
        for network in ("cnn", "cnn-attention", "cnn-lstm"):
            yield ThesisExperiment(network, fold=fold)


def _cross_corpus() -> Iterable[ThesisExperiment]:
    for seed in range(2):
        for corpus in CORPORA:
            others = tuple(other for other in CORPORA if other != corpus)
            yield ThesisExperiment("cnn", "whole", corpus=corpus, others=others, seed=seed)


def _languages() -> Iterable[ThesisExperiment]:
    for fold in FOLDS:
        for corpus in CORPORA[1:]:
            yield ThesisExperiment("cnn", "folds", fold=fold, corpus=corpus)


def _permuted() -> Iterable[ThesisExperiment]:
    for seed in range(4):
        for fold in FOLDS:
            yield ThesisExperiment("cnn", fold=fold, seed=seed, note="shuffled", permuted=True)


STUDIES: dict[str, Study[ThesisExperiment]] = {
    study.name: study
    for study in (
        Study("thesis", "Can the thesis be reproduced on its own protocol?", tuple(_thesis())),
        Study("speakers", "What is left on speakers never heard, and is the DNN better there?", tuple(_speakers())),
        Study("dropout", "What does dropout do?", tuple(_dropout())),
        Study("stft", "Which numbers of the front end matter?", tuple(_stft())),
        Study("size", "Is it the architecture or its size?", tuple(_size())),
        Study("hybrids", "Does attention, or an LSTM, over the convolutions help?", tuple(_hybrids())),
        Study("cross-corpus", "What is left on another corpus?", tuple(_cross_corpus())),
        Study("languages", "What does the CNN learn in other languages?", tuple(_languages())),
        Study("fairness", "Whom does it recognise less well?", tuple(_speakers(("cnn",)))),
        Study("permuted", "Does the protocol leak?", tuple(_permuted())),
    )
}
"""Cheapest insight first."""
