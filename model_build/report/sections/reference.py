"""What a reference of the person brings, by what it is made of, with the target beside each figure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from model_build.corpora import CORPORA
from model_build.evaluation import reference_targets as targets
from model_build.experiments.experiment import SCORED
from model_build.experiments.reference_experiment import ReferenceExperiment
from model_build.report.formatting import Section, interval, percent, points
from model_build.report.measure import Measure, answered
from model_build.report.records import Records, Tests, tallies, tally
from model_build.report.sections.base import ANNOUNCED, FOUR
from model_build.report.sections.fairness import by_gender
from model_build.report.sections.model import NONE, heard
from model_build.statistics.bootstrap import Estimate, Tally, mean_estimate, uar
from model_build.statistics.metrics import expected_calibration_error
from model_build.statistics.predictions import pool
from model_build.studies.serd_reference import STUDIES
from model_build.training.histories import RULES, Rule

HELPFUL: tuple[Rule, ...] = ("neutral", "mixed")
EMOTIONAL = ("ased", "emo-db", "nemo")
PLAIN = ("librispeech", "asterisk-prompts")
TEXT = (
    "A second head of serd-base is given the states of a window and how they differ from the mean over what the person"
    " said before, shrunk towards the mean of all training windows; the first head knows nothing of the person. Their "
    "log-probabilities are blended by the seconds known, each at a temperature of its own from inner splits. A "
    "reference never holds the sentence of its clip, and 60 s at most: neutral, all neutral and calm clips of the "
    "person; mixed, all clips, as balanced over emotions as the corpus is, which life is not; anger, angry clips "
    "alone; the wrong person's, somebody else's neutral clips; another microphone's, the neutral clips through a "
    "telephone; causal stream, what came before in a stream of all the person's clips in random order; two people, the"
    " same where somebody else's clips are among them. Seconds are those of the fullest window of each clip, the mean "
    "over the test clips. Differences in points (95 %, drawing speakers), paired with no reference. Four classes, "
    "plain speech and clips without speech: as for serd-base. Folds pooled, seeds averaged. The second head's input "
    "was chosen on three inner splits of RAVDESS, over 256 principal components: there window and difference together "
    "gained 2 points with either reference and lost none with anger; the difference alone lost 3 with mixed references"
    " and 6 with anger, and the reference in the place of the difference gained less than 1. The seconds of which a "
    "reference counts half, and its share of neutral speech, were not varied with it. That it hears wake words, too, "
    "as plain speech of anybody, was chosen on the Russian prompts and on RAVDESS as a corpus left out: without them "
    "prompts were called neutral far less often with their speaker's reference than without one; LibriSpeech as plain "
    "speech, too, cost most of what a reference brings abroad. Forerunners without wake words, and with LibriSpeech, "
    "had been tried on the outer folds and corpora before."
)


def section(book: Records) -> Section:
    """The study of the reference."""
    title = "A reference of the person, for serd-base"
    return answered(title, "reference", measures(book), TEXT, book.progress("reference"))


def measures(book: Records) -> list[Measure]:
    """All that the records of its study tell."""
    runs = STUDIES["reference"].runs
    luna = [run for run in runs if run.protocol == "luna"]
    makers = (_gained, _groups, _calibrated)
    home = [measure for make in makers for measure in make(book, luna)]
    return [*home, *_elsewhere(book, runs), *_plain(book, runs)]


def _gained(book: Records, luna: Sequence[ReferenceExperiment]) -> Iterable[Measure]:
    none = heard(book, luna)
    pooled = tally(none)
    if pooled is None:
        return
    known: list[Measure] = []
    for rule in RULES:
        both = tallies(heard(book, luna, f"{SCORED}, {rule}"), none)
        if both:
            apart, _ = both[0].against(both[1], uar)
            figure = f"{points(apart)}; {interval(both[0].estimate(uar))}, of {_seconds(book, luna, SCORED, rule)}"
            least = targets.GAINED_POINTS.get(rule, -targets.LOST_POINTS)
            known.append(Measure(f"UAR, 8 classes, gained by a reference: {rule}", figure, *_at_least(apart, least)))
    yield from known[:1]
    yield Measure("UAR, 8 classes, unheard speakers, no reference", interval(pooled.estimate(uar)))
    yield from known[1:]


def _groups(book: Records, luna: Sequence[ReferenceExperiment]) -> Iterable[Measure]:
    without: float | None = None
    for name, part in _parts():
        gendered = by_gender(heard(book, luna, part))
        if len(gendered) == 2:
            gap, _ = gendered["female"].beside(gendered["male"], uar)
            aim: tuple[str, bool | None] = ("", None)
            if name == "neutral" and without is not None:
                aim = ("≤ that", abs(gap.value) <= without)
            if name == "mixed":
                aim = (f"≤ {targets.GENDER_POINTS:g}", 100 * abs(gap.value) <= targets.GENDER_POINTS)
            without = abs(gap.value) if name == "none" else without
            yield Measure(f"UAR, women minus men, reference: {name}", points(gap), *aim)


def _calibrated(book: Records, luna: Sequence[ReferenceExperiment]) -> Iterable[Measure]:
    for name, part in _parts():
        errors = []
        for folds in heard(book, luna, part).values():
            test = pool(folds.values())
            spoken = test.answer != test.classes.index(NONE)
            errors.append(expected_calibration_error(test.right[spoken], test.confidence[spoken]))
        if errors:
            error, most = float(np.mean(errors)), targets.CALIBRATION_ERROR[name]
            title = f"expected calibration error by clip, unheard speakers, reference: {name}"
            yield Measure(title, percent(error), f"≤ {100 * most:g}", error <= most)


def _elsewhere(book: Records, runs: Sequence[ReferenceExperiment]) -> Iterable[Measure]:
    without: dict[str, Tests] = {corpus: _four(book, runs, corpus, corpus) for corpus in EMOTIONAL}
    for corpus, tests in without.items():
        pooled = tally(tests)
        if pooled is not None:
            yield Measure(f"UAR, 4 classes, {CORPORA[corpus].title}, no reference", interval(pooled.estimate(uar)))
    for rule in (own for own in RULES if own != "other microphone"):
        pairs: list[list[Tally]] = []
        for corpus, tests in without.items():
            both = tallies(_four(book, runs, corpus, f"{corpus}, {rule}"), tests)
            if both:
                pairs.append(both)
                apart, _ = both[0].against(both[1], uar)
                figure = f"{points(apart)}, of {_seconds(book, runs, corpus, rule)}"
                yield Measure(f"UAR, 4 classes, {CORPORA[corpus].title}, gained by a reference: {rule}", figure)
        if len(pairs) == len(EMOTIONAL):
            gained = 100 * (
                mean_estimate([own for own, _ in pairs], uar).value
                - mean_estimate([own for _, own in pairs], uar).value
            )
            least = targets.GAINED_POINTS_4.get(rule, -targets.LOST_POINTS)
            name = f"UAR, 4 classes, mean of these, gained by a reference: {rule}"
            yield Measure(name, f"{gained:+.1f}", f"≥ {least:+g}", gained >= least)


def _plain(book: Records, runs: Sequence[ReferenceExperiment]) -> Iterable[Measure]:
    for corpus in PLAIN:
        for _, record in book.there(run for run in runs if corpus in run.others):
            quiet = [record.labels.index(label) for label in ("neutral", "calm")]
            for name in ("none", "neutral", "wrong person"):
                own = record.answers[corpus if name == "none" else f"{corpus}, {name}"].probabilities
                own = own[own.sum(axis=1) > 0.5]
                neutral = np.isin(own.argmax(axis=1), quiet)
                called = float(neutral.mean())
                announced = float((~neutral & (own.max(axis=1) >= ANNOUNCED)).mean())
                aimed = name == "neutral"
                title = f"plain speech, {CORPORA[corpus].title}, reference: {name}: called neutral or calm"
                aim = (f"≥ {100 * targets.PLAIN_NEUTRAL:g}", called >= targets.PLAIN_NEUTRAL) if aimed else ("", None)
                yield Measure(title, f"{percent(called)} % of {len(own)} clips", *aim)
                title = f"plain speech, {CORPORA[corpus].title}, reference: {name}: announced as anything else"
                met = announced <= targets.PLAIN_ANNOUNCED
                aim = (f"≤ {100 * targets.PLAIN_ANNOUNCED:g}", met) if aimed else ("", None)
                yield Measure(title, f"{percent(announced)} %", *aim)


def _four(book: Records, runs: Sequence[ReferenceExperiment], corpus: str, part: str) -> Tests:
    """Judged on the clips of four classes that were asked about."""
    tests = heard(book, [run for run in runs if corpus in run.others], part, FOUR)
    return {
        seed: {fold: own.where(own.probabilities[:, -1] < 0.5) for fold, own in folds.items()}
        for seed, folds in tests.items()
    }


def _parts() -> list[tuple[str, str]]:
    return [("none", SCORED), *((rule, f"{SCORED}, {rule}") for rule in HELPFUL)]


def _seconds(book: Records, runs: Iterable[ReferenceExperiment], corpus: str, rule: str) -> str:
    """Mean seconds of the references of a corpus' clips."""
    part = f"{corpus}, {rule}"
    every = [record.numbers["seconds"][part] for _, record in book.there(runs) if part in record.numbers["seconds"]]
    return f"{np.mean(every):.0f} s"


def _at_least(apart: Estimate, least: float) -> tuple[str, bool]:
    return f"≥ {least:+g}", 100 * apart.value >= least
