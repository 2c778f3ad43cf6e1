"""Whether a second version of the small model is better than the one that ships, by the mark that was set for it."""

from __future__ import annotations

from model_build.corpora import CORPORA
from model_build.experiments.experiment import Experiment
from model_build.experiments.recipe import SECOND, SMALL
from model_build.report.formatting import Section, interval, not_run, points, table, unfinished
from model_build.report.records import Records, Tests, of_protocol, tallies
from model_build.report.sections.base import NEVER_HEARD, four, small_four
from model_build.report.sections.model import heard
from model_build.report.sections.student_candidates import ABROAD_POINTS, HOME_POINTS
from model_build.statistics.bootstrap import Estimate, Tally, mean_apart, mean_estimate, uar
from model_build.studies.serd import STUDIES

TITLE = "The small model: a second version"
TEXT = (
    f"{SMALL.name}'s recipe as it ships, told of the pitch by 8 bands more, against it on the same speakers, seeds and "
    "folds: int8, each clip through `serd.score`; a clip in which it finds no speech is an error on RAVDESS, and left "
    "out abroad. In the views that it learns from, noise and rooms hide the pitch by their share of the power. "
    "No temperature is fitted to it. Four "
    "classes: calm is left out of the answers and of the test. Differences in points (95 %, drawing speakers). The "
    f"mark is {ABROAD_POINTS:+g} on the mean of corpora never heard and no less than {HOME_POINTS:+g} on RAVDESS, each "
    "by the whole of its interval."
)


def section(book: Records) -> Section:
    """The `second` study."""
    runs = [run for run in STUDIES["second"].runs if isinstance(run, Experiment)]
    small = [run for run in STUDIES[SMALL.name].runs if isinstance(run, Experiment)]
    home = _pair(heard(book, of_protocol(runs, "luna")), heard(book, of_protocol(small, "luna")))
    tests = {name: (four(book, runs, name), small_four(book, SMALL.name, name)) for name in NEVER_HEARD}
    abroad = {name: pair for name, both in tests.items() if (pair := _pair(*both))}
    if home is None and not abroad:
        return Section(TITLE, not_run("second"))
    rows = [] if home is None else [_row("RAVDESS, 8 classes, unheard speakers", home)]
    rows += [_row(f"{CORPORA[name].title}, 4 classes", pair) for name, pair in abroad.items()]
    pairs = list(abroad.values())
    gained = mean_apart(pairs, uar) if len(pairs) == len(NEVER_HEARD) else None
    if gained:
        news, olds = (mean_estimate([pair[k] for pair in pairs], uar) for k in (0, 1))
        rows.append(("mean of these four", interval(news), interval(olds), points(gained)))
    header = ("UAR", f"{SMALL.name} {SECOND.version}", f"{SMALL.name} {SMALL.version}", "apart")
    unrun = () if _falls_short(gained) else unfinished("second", *book.progress("second"))
    body = (TEXT, *unrun, *table(header, rows))
    return Section(TITLE, _answer(home, gained, *book.progress("second")), body)


def _answer(home: tuple[Tally, Tally] | None, gained: Estimate | None, done: int, wanted: int) -> str:
    """Whether it replaces the model that ships; open until all is done, or it falls short abroad."""
    lost = home[0].against(home[1], uar)[0] if home else None
    told = [f"{points(apart)} points {where}" for apart, where in ((gained, "abroad"), (lost, "on RAVDESS")) if apart]
    figures = f"{SECOND.version} has {' and '.join(told)}"
    short = _falls_short(gained)
    if not short and (done < wanted or gained is None or lost is None):
        return f"So far {figures}; {done} of {wanted} runs are done." if told else f"{done} of {wanted} runs are done."
    met = not short and lost is not None and 100 * lost.low >= HOME_POINTS
    replaces = "takes the place of" if met else "does not replace"
    left = f" {wanted - done} of {wanted} runs are not done, which cannot change that." if done < wanted else ""
    return f"{'Yes' if met else 'Not by the mark'}: {figures}. It {replaces} {SMALL.version}.{left}"


def _falls_short(gained: Estimate | None) -> bool:
    """Whether it gains too little abroad, so that nothing else matters."""
    return gained is not None and 100 * gained.low < ABROAD_POINTS


def _pair(second: Tests, first: Tests) -> tuple[Tally, Tally] | None:
    both = tallies(second, first)
    return (both[0], both[1]) if both else None


def _row(name: str, pair: tuple[Tally, Tally]) -> tuple[str, ...]:
    second, first = pair
    apart, _ = second.against(first, uar)
    return name, interval(second.estimate(uar)), interval(first.estimate(uar)), points(apart)
