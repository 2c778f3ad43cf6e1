"""What one small network reaches alone: the floor under the default models."""

from __future__ import annotations

from model_build.experiments.experiment import TEST_CORPUS, Experiment
from model_build.report.formatting import Section, interval, not_run, percent, table, unfinished
from model_build.report.records import Records, tally
from model_build.report.sections.model import heard, uar_of
from model_build.statistics.bootstrap import uar
from model_build.studies.serd import STUDIES

TITLE = "The floor: one small network, from scratch"


def section(book: Records) -> Section:
    """The `floor` study."""
    runs = [run for run in STUDIES["floor"].runs if isinstance(run, Experiment)]
    tests = heard(book, runs, TEST_CORPUS)
    pooled = tally(tests)
    if pooled is None:
        return Section(TITLE, not_run("floor"))
    records = [record for _, record in book.there(runs)]
    recipe, thousands = runs[0].recipe, round(records[0].numbers["parameters"] / 1000)
    text = (
        f"One network of the default models' kind, of {thousands} thousand parameters, in float, trained for "
        f"{recipe.schedule.epochs} epochs on RAVDESS speech alone; Luna's folds, one seed, the last epoch's averaged "
        "weights."
    )
    folds = tests[runs[0].seed]
    rows = [(str(fold), percent(uar_of(scored))) for fold, scored in folds.items()]
    answer = f"UAR on speakers never heard {interval(pooled.estimate(uar))}"
    answer += f"; on the first fold alone {percent(uar_of(folds[1]))}." if 1 in folds else "."
    return Section(TITLE, answer, (text, *unfinished("floor", *book.progress("floor")), *table(("fold", "UAR"), rows)))
