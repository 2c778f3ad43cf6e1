"""Which levers helped the default model, on inner splits, and by how much."""

from __future__ import annotations

from model_build.report.compare import compare, comparison_table
from model_build.report.formatting import Section, not_run, unfinished
from model_build.report.records import Records
from model_build.report.sections.ablations import differing
from model_build.studies.serd import INNER, LEVERS, STUDIES


def section(book: Records) -> Section:
    """The `levers` study: one change to the recipe at a time."""
    title = "The small model: what was tried"
    runs = STUDIES["levers"].runs
    by_note = {lever.note: [run for run in runs if run.recipe.note == lever.note] for lever in LEVERS}
    rows = compare(book, ("as it is", by_note.pop("")), by_note)
    if not rows:
        return Section(title, not_run("levers"))
    text = (
        f"One change at a time to the recipe of `serd-small`, on {len(INNER)} inner splits of RAVDESS speech: who "
        "tests here trains in the outer fold, whose own test actors no network here has heard; they test in another "
        "outer fold, though, so what is chosen here is chosen with some knowledge of them. Float, the last epoch's "
        "averaged weights, a clip judged by its windows with speech. p-values are Holm's for the levers in the table."
    )
    unrun = unfinished("levers", *book.progress("levers"))
    return Section(title, differing(rows, "levers"), (text, *unrun, *comparison_table(rows, "lever")))
