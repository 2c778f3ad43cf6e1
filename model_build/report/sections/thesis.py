"""Can the thesis be reproduced, and is its DNN better than its CNN?"""

from __future__ import annotations

import numpy as np

from model_build.report.formatting import (
    ALPHA,
    Section,
    interval,
    millions,
    not_run,
    p_value,
    percent,
    points,
    sentence,
    table,
    thousands,
    unfinished,
    verdict,
)
from model_build.report.records import Records, Tests, repetitions, runs, tallies
from model_build.report.references import SPEECH, THESIS_CNN, THESIS_DNN, reference_table
from model_build.statistics.bootstrap import Confusions, Estimate, Tally, accuracy, f1, mcnemar, precision, uar
from model_build.statistics.predictions import Scored
from model_build.thesis.studies import THESIS

TITLE = "The thesis, on its own protocol"
TARGET = 0.60
"""Accuracy that the issue asks of the CNN, mean over the seeds."""
INT8_POINTS = 0.01
"""What quantization may cost."""


def section(book: Records) -> Section:
    """The `thesis` study."""
    seeds = {network: by_seed(book, network) for network in THESIS}
    if not seeds["cnn"]:
        return Section(TITLE, not_run("thesis"))
    int8 = by_seed(book, "cnn", "int8")
    every = (*seeds.items(), ("cnn int8", int8))
    tested = {name: Tally.of(list(scored.values())) for name, scored in every if scored}
    cnn = tested["cnn"].estimate(accuracy)
    answer = [reproduced(cnn), *_against_dnn(seeds), *_quantized(seeds["cnn"], int8)]
    body = [
        "A quarter of the clips, drawn at random, tests, as in the thesis: **all speakers are heard in training**. Of "
        "the rest 15 % choose the epoch and the temperature. A seed fixes split and initial weights for all networks.",
        *unfinished("thesis", *book.progress("thesis")),
        *_figures(book, tested),
        micro(tested["cnn"].total),
        "",
        *_seeds(seeds, int8),
        *reference_table(tuple(reference for reference in SPEECH if reference.random or reference.human)),
    ]
    return Section(TITLE, " ".join(answer), tuple(body), ("seeds", "learning-curves", "confusion-random"))


def by_seed(book: Records, network: str, part: str | None = None) -> dict[int, Scored]:
    """The test of each seed."""
    tests = repetitions(book, runs("thesis", network=network), part)
    return {seed: folds[None] for seed, folds in sorted(tests.items())}


def reproduced(cnn: Estimate) -> str:
    """The answer, from the CNN's accuracy."""
    compared = f"the CNN is right on {interval(cnn)} % of the test clips, the thesis states {percent(THESIS_CNN)} %"
    if cnn.low > THESIS_CNN:
        start = "Yes, and more than that"
    elif cnn.holds(THESIS_CNN):
        start = "Yes, within what chance allows"
    else:
        start = "No"
    target = "reached" if cnn.value >= TARGET else "missed"
    return f"{start}: {compared}; our mark of {percent(TARGET)} % is {target}."


def micro(confusion: Confusions) -> str:
    """Why the thesis' accuracy, precision, recall and F1 are one number."""
    right, wrong = float(np.trace(confusion)), float(confusion.sum() - np.trace(confusion))
    # Each wrong answer is one false positive, of the class answered, and one false negative, of the true one.
    p = r = right / (right + wrong)
    both = 2 * p * r / (p + r) if right else 0.0
    return (
        f'The thesis gives one number as accuracy, precision, recall and F1. That is what averaging "micro" does: '
        f"every wrong answer is one false positive and one false negative, so micro precision ({percent(p)}), recall "
        f"({percent(r)}) and F1 ({percent(both)}) of the CNN are its accuracy. The macro columns tell more."
    )


def _figures(book: Records, tested: dict[str, Tally]) -> list[str]:
    rows = []
    for name, tally in tested.items():
        each = tally.each(accuracy)
        spread = f"{100 * each.std(ddof=1):.1f}" if len(each) > 1 else "–"
        numbers = book.there(runs("thesis", network=name.split()[0]))[0][1].numbers
        rows.append(
            (
                name,
                interval(tally.estimate(accuracy)),
                spread,
                interval(tally.estimate(uar)),
                interval(tally.estimate(precision)),
                interval(tally.estimate(f1)),
                str(len(each)),
                thousands(numbers["parameters"]),
                millions(numbers["macs"]),
            )
        )
    rows.append(("the thesis' CNN", percent(THESIS_CNN), "", "", "", "", "1", "", ""))
    rows.append(("the thesis' DNN", percent(THESIS_DNN), "", "", "", "", "1", "", ""))
    header = (
        "network",
        "accuracy (95 %)",
        "sd over seeds",
        "macro recall = UAR",
        "macro precision",
        "macro F1",
        "seeds",
    )
    return table((*header, "thousand parameters", "M MACs"), rows)


def _seeds(seeds: dict[str, dict[int, Scored]], int8: dict[int, Scored]) -> list[str]:
    rows = []
    for seed, cnn in seeds["cnn"].items():
        row = [str(seed), percent(float(cnn.right.mean()))]
        row.append(percent(float(int8[seed].right.mean())) if seed in int8 else "")
        for network in THESIS[1:]:
            other = seeds[network].get(seed)
            if other is None:
                row += ["", ""]
                continue
            test = mcnemar(cnn, other)
            row += [percent(float(other.right.mean())), f"{test.first_only} : {test.second_only}, p {p_value(test.p)}"]
        rows.append(row)
    header = ["seed", "cnn", "cnn int8"]
    for network in THESIS[1:]:
        header += [network, f"McNemar cnn : {network}"]
    return [
        "By seed, in percent of clips; McNemar counts the clips that only the CNN and only the other has right:",
        *table(header, rows),
    ]


def _against_dnn(seeds: dict[str, dict[int, Scored]]) -> list[str]:
    common = [seed for seed in seeds["cnn"] if seed in seeds["dnn"]]
    if not common:
        return ["The DNN has not been run yet."]
    dnn_tests: Tests = {seed: {None: seeds["dnn"][seed]} for seed in common}
    cnn_tests: Tests = {seed: {None: seeds["cnn"][seed]} for seed in common}
    both = tallies(dnn_tests, cnn_tests)
    if both is None:
        return []
    text = sentence(verdict("the DNN", "the CNN", *both[0].against(both[1], accuracy)))
    tests = [mcnemar(seeds["dnn"][seed], seeds["cnn"][seed]) for seed in common]
    dnn = sum(test.p < ALPHA and test.first_only > test.second_only for test in tests)
    cnn = sum(test.p < ALPHA and test.first_only < test.second_only for test in tests)
    return [
        f"On this split {text[:1].lower()}{text[1:]}",
        f"By McNemar's test the DNN wins {dnn} and the CNN {cnn} of {len(common)} seeds.",
    ]


def _quantized(cnn: dict[int, Scored], int8: dict[int, Scored]) -> list[str]:
    common = [seed for seed in cnn if seed in int8]
    if not common:
        return []
    sides = tallies({seed: {None: int8[seed]} for seed in common}, {seed: {None: cnn[seed]} for seed in common})
    if sides is None:
        return []
    cost, _ = sides[1].against(sides[0], accuracy)
    held = "within" if abs(cost.value) <= INT8_POINTS else "beyond"
    return [f"Quantization to int8 costs {points(cost)} points, {held} one point."]
