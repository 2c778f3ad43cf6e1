"""The model card of a default model: its study's figures, the shipped file's numbers, its evaluation's rows."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from model_build.corpora import CORPORA
from model_build.experiments.experiment import Experiment
from model_build.experiments.recipe import RECIPES, TEACHERS, Recipe
from model_build.experiments.splits import NOISE_FOLDS
from model_build.report import shipped
from model_build.report.failures import failures
from model_build.report.formatting import listed, not_run, table, tidy, unfinished
from model_build.report.measure import measure_table, measured
from model_build.report.records import Records
from model_build.report.sections.model import TEXT, measures
from model_build.report.tried import tried
from model_build.studies.serd import STUDIES, UNHEARD
from serd.errors import UsageError

OUTER = {"luna": "Luna-Jimenez' five", "emobox": "EmoBox' six"}
"""Protocols whose folds hold out actors of RAVDESS."""
EARLIER: tuple[str, ...] = (
    "Luna's folds 1 to 3, one seed, by one network of width 20 trained for 60 epochs without mixup; what "
    "came after it, three networks of width 12, 150 epochs, mixup and a rougher channel, was chosen on inner splits, "
    "the rules of the decision on conversations of inner test actors",
    "all folds of Luna, three seeds, and of EmoBox, by version 1.0, which knew no nEMO and took plain reading for "
    "neutral; that it took most speech of corpora it had not heard for neutral led to version "
    "1.1, whose corpora and shares were chosen on inner splits",
    "the same by a recipe in whose place version 1.1 stayed, whose networks heard rougher channels and 3 % of plain "
    "reading, and learned what four of their kind and a tuned network that knows AudioSet say; nothing was changed "
    "after it",
    "the same, and serd-tiny's and the floor's, by another recipe in whose place version 1.1 stayed, whose networks "
    "heard 3 % of plain reading, telephone lines with slopes and voices stretched further, and took nearly all nEMO, "
    "where it had not trained them, for neutral or calm; nothing was changed after it",
)
"""Looks at outer test actors whose records were replaced: at what, and what was changed after it."""
KINDS = {
    "serd-small": "The mean of three small residual networks, trained apart, each",
    "serd-tiny": "A small residual network,",
}
TAUGHT = "what a network of its recipe, which has heard the same clips, says of each view (Hinton et al. 2015)."
LEVERED = ("serd-small",)
"""What levers were tried for; what is taught by it follows it."""


def card(name: str, book: Records, metrics: Path | None, evaluation: Path | None) -> str | None:
    """Markdown; None where nothing of the model is there. Raises UsageError for a file that cannot be read."""
    studied = measures(name, book)
    if not studied and metrics is None:
        return None
    recipe, rows = RECIPES[name], shipped.rows(name, evaluation) if evaluation else []
    missed = [measure.name for measure in (*studied, *map(measured, rows)) if measure.met is False]
    lines = [
        f"# Model card: {name}",
        "",
        "Written by `python -m model_build report`; do not edit.",
        "",
        "## What it is",
        "",
        *_what(recipe),
        "",
        *(_shipped(metrics) if metrics else []),
        "## How good its recipe is",
        "",
        "The shipped file has heard every actor of its corpora, so nobody is left in them to test it. Networks of the "
        f"same recipe that have not heard the test's speakers stand for it. {TEXT}",
        "",
        *(unfinished(name, *book.progress(name)) if studied else []),
        *(measure_table(studied) if studied else [not_run(name), ""]),
        *failures(name, book),
        *(shipped.lines(name, evaluation, rows) if evaluation and rows else []),
        *(_tried(missed) if name in LEVERED else []),
        "## How often the outer folds were run",
        "",
        *_looks(book),
        "",
        "## Known limits",
        "",
        "- The emotions that it learned from are acted, and recorded in quiet rooms close to the microphone. Those of "
        "everyday speech are fainter, and mixed.",
        "- Their actors are North American and Polish. What is left in other languages is told by the corpora that "
        "it never heard.",
        "- Calm and disgust are known from RAVDESS's actors alone: nEMO has neither. In other rooms and languages they "
        "are announced without anything to go by.",
        "- It has no class for boredom, irony, laughter or pain, and gives one of its eight anyway; serd says "
        "`uncertain` where the probabilities are flat.",
        "- One voice at a time.",
    ]
    return tidy(lines)


def _what(recipe: Recipe) -> list[str]:
    front_end = recipe.front_end
    seconds = front_end.window / front_end.stft.sample_rate
    pitch = f" and {front_end.pitch.count} of the pitch" if front_end.pitch else ""
    titles = [CORPORA[corpus].title for corpus in recipe.corpora]
    clips = [f"{CORPORA[corpus].title} ({CORPORA[corpus].recordings} clips)" for corpus in recipe.corpora]
    read = listed([CORPORA[corpus].title for corpus in recipe.read]) if recipe.read else ""
    reading = f", and on plain reading, taken for neutral, from {read}" if read else ""
    never = listed([CORPORA[corpus].title for corpus in UNHEARD])
    return [
        f"{KINDS[recipe.network]} with attention and the maximum over time, quantized to int8: log energies of "
        f"{front_end.bands.count} bands{pitch} over {seconds:.1f} s of sound in, {len(recipe.labels)} emotions out "
        f"({listed(recipe.labels)}). It runs in `serd` behind a speech detector.",
        "",
        f"- **Trained on** {listed(clips)}{reading}, through random rooms, channels and noises; noise is from ESC-10, "
        f"folds {listed(NOISE_FOLDS)}. Never on {never}.",
        *([f"- **Taught by** {TEACHERS[recipe.name].name}: {TAUGHT}"] if recipe.name in TEACHERS else []),
        "- **For** research and teaching, and for programs that react to a tone of voice and may be wrong. **Not for** "
        "judging a person, for medicine, or for any decision about somebody: an acted emotion in a voice is not the "
        "emotion of its speaker.",
        f"- **Licence** of the weights: CC BY-NC-SA 4.0, as {listed(titles)}.",
    ]


def _shipped(metrics: Path) -> list[str]:
    try:
        data = json.loads(metrics.read_text(encoding="utf-8"))
        numbers, trained = data["numbers"], data["recipe"]
        facts = [
            ("parameters", str(numbers["parameters"])),
            ("MACs for one window", str(numbers["macs"])),
            ("bytes", str(numbers["bytes"])),
            ("training clips", str(numbers["train"])),
            ("epochs", str(numbers["epoch"])),
            ("temperature", str(numbers["temperature"])),
            ("seed", str(trained["seed"])),
        ]
        title = f"{trained['recipe']['name']}/{trained['recipe']['version']}"
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{metrics}: no metrics of a default model ({error}); train the model anew") from None
    return [
        f"## The shipped file, `{title}`",
        "",
        "Trained on everybody in its corpora. The temperature was set on speakers whom a network of the same recipe "
        "had not heard; they train the shipped one, too.",
        *table(("int8", ""), facts),
    ]


def _tried(missed: Sequence[str]) -> list[str]:
    levers = tried(missed)
    if not levers:
        return []
    return [
        "## What was tried for the targets that it misses",
        "",
        "On inner splits, whose test actors no network had heard; RESULTS.md has the figures of those levers whose "
        "records are kept, the others were screened by scripts that are not.",
        "",
        *levers,
        "",
    ]


def _looks(book: Records) -> Iterator[str]:
    yield (
        "Whatever is chosen by figures of the outer test actors makes these figures too good. Levers were screened "
        "on inner splits, whose test actors train in that outer fold and test in another. So no weight, statistic or "
        "temperature knows an actor who tests it, but the recipe, one for all folds, was chosen with some knowledge "
        "of every actor. A record of an outer fold is one look at it:"
    )
    yield ""
    for name, study in STUDIES.items():
        runs = [run for run in study.runs if isinstance(run, Experiment) and not run.inner]
        for protocol, title in OUTER.items():
            outer = [run for run in runs if run.protocol == protocol]
            if outer:
                done = len(book.there(outer))
                yield f"- `study {name}`, {title} folds: {done} of {len(outer)} trainings are done."
    places = [name.split("_")[:2] for name in book.foreign]
    former = sum(place.rstrip("123456") in OUTER and model in RECIPES for place, model in places)
    if former:
        yield f"- By other forms of these recipes, not used here: {former} trainings."
    for look in EARLIER:
        yield f"- Earlier looks, whose records are not kept: {look}."
