"""The model card of serd-base: its study's figures and the shipped file's numbers."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from model_build.corpora import CORPORA
from model_build.evaluation.base_targets import NOISE_ALARMS_PER_HOUR
from model_build.evaluation.row import Row
from model_build.experiments.head_recipe import BASE, PLAIN
from model_build.experiments.splits import NOISE_FOLDS
from model_build.report import shipped
from model_build.report.formatting import listed, not_run, table, tidy, unfinished
from model_build.report.measure import measure_table, measured
from model_build.report.records import Records
from model_build.report.sections import reference
from model_build.report.sections.base import TEXT, measures
from model_build.studies.serd_base import STUDIES, UNHEARD
from serd.errors import UsageError

TRIED = (
    "layers 1 to 4, 2 and 3 or 1 and 2 in the place of 1 to 3, a layer of the convolutions beside them; statistics "
    "with weights that grow with loudness; a linear head, of several penalties, which was alike within chance; more "
    "dropout and more decay; other rules of the decision, of which those with fewer label changes (2.6 a minute in the "
    "place of 5.2) find fewer emotions (62.5 in the place of 65.3 %), while half a second of speech that the network "
    "waits for is more than a fifth of the speech in such clips, whatever the rules. On inner splits none was better "
    "beyond chance than what is shipped. Confidence that falls where a window's states are far from all training (by "
    "what 256 principal directions leave, or by the distance along 64 of them), fitted on actors and corpora left out: "
    "URDU and ASED are told more truly with it, EMO-DB and nEMO, each left out of the fit, less, for how right the "
    "network is does not follow from the distance, and most speech of an unheard corpus would be left unsure. Noise "
    "that is announced is mostly a dog's bark beneath rain or fire that the speech detector takes for speech: noise as "
    "a teacher of the head, which would be another version of the file, was not tried. Attention over time, and an "
    "average over seeds, were not tried to the end"
)
"""On inner splits, and for corpora never heard with all of RAVDESS left out; scripts that are not kept."""
MOST = {"false emotions: noise": NOISE_ALARMS_PER_HOUR}
"""Targets of the shipped file's rows that are not those of the other models."""
EARLIER = (
    "Luna's five folds, one seed, by the same recipe with four random views of each clip in the place of six; "
    "with it URDU, ASED, EMO-DB and nEMO, and noise and rooms on those actors. Nothing but the number of views was "
    "changed after it, because of what noise cost",
    "Luna's folds 1 and 2, one seed, and then all folds, seeds and corpora, by two forerunners of the head that knows "
    "a reference of the person; what was chosen for that head afterwards was chosen on inner splits, on the Russian "
    "prompts and on RAVDESS as a corpus left out",
)
"""Looks at outer test actors whose records were replaced."""


def card(book: Records, metrics: Path | None, evaluation: Path | None) -> str | None:
    """Markdown; None where nothing of the model is there. Raises UsageError for metrics that cannot be read."""
    studied = measures(book)
    if not studied and metrics is None:
        return None
    rows = [_aimed(row) for row in shipped.rows(BASE.name, evaluation)] if evaluation else []
    missed = [measure.name for measure in (*studied, *map(measured, rows)) if measure.met is False]
    lines = [
        "# Model card: serd-base",
        "",
        "Written by `python -m model_build report`; do not edit.",
        "",
        "## What it is",
        "",
        *_what(),
        "",
        *(_shipped(metrics) if metrics else []),
        "## How good its recipe is",
        "",
        "The shipped file has heard every actor of its corpora, so nobody is left in them to test it. Networks of the "
        f"same recipe that have not heard the test's speakers stand for it. {TEXT}",
        "",
        *(unfinished("serd-base", *book.progress("serd-base")) if studied else []),
        *(measure_table(studied) if studied else [not_run("serd-base"), ""]),
        *(shipped.lines(BASE.name, evaluation, rows) if evaluation and rows else []),
        *([f"**Missed:** {'; '.join(missed)}. Tried: {TRIED}.", ""] if missed else []),
        *_with_reference(book),
        "## How often the outer folds were run",
        "",
        "No weight, statistic or temperature knows an actor who tests it; the recipe, one for all folds, was chosen on "
        "inner splits, whose test actors train in that outer fold and test in another. A record of an outer fold is "
        "one look at it:",
        "",
        *_looks(book),
        "",
        "## Known limits",
        "",
        "- The emotions that it learned from are acted, and recorded in quiet rooms close to the microphone. Those of "
        "everyday speech are fainter, and mixed.",
        "- Calm and surprise in part, and disgust, are known from few actors. In other rooms and languages they are "
        "announced without much to go by.",
        "- It has no class for boredom, irony, laughter or pain, and gives one of its eight anyway; serd says "
        "`uncertain` where the probabilities are flat.",
        "- Its encoder was trained on English speech by its publisher, on recordings that are not named.",
        "- A network with weights in int8 and activations in real numbers: ai-edge-litert runs it, tflite-runtime does "
        "not.",
        "- Of one channel it takes what it hears for one voice.",
    ]
    return tidy(lines)


def _aimed(row: Row) -> Row:
    """With this model's own target, where it is another one."""
    return replace(row, most=MOST.get(row.name, row.most))


def _what() -> list[str]:
    front_end, plain = BASE.front_end, [CORPORA[name].title for name in PLAIN]
    acted = [CORPORA[name].title for name, _ in BASE.shares if name not in PLAIN]
    never = listed([CORPORA[name].title for name in UNHEARD])
    return [
        f"The convolutions and the first {BASE.blocks} blocks of the encoder of Whisper tiny.en (Radford et al. 2022), "
        "frozen, as its publisher trained them; mean and deviation over time of the states after each block; and over "
        f"these a head with one hidden layer and a linear path past it, which alone was trained here. Log energies of "
        f"{front_end.bands.count} bands over {front_end.window / front_end.stft.sample_rate:.1f} s of sound in, "
        f"{len(BASE.labels)} emotions ({listed(BASE.labels)}) and activation out. It runs in `serd` behind a speech "
        "detector.",
        "",
        f"- **Trained on** {listed(acted)}, and, taken for neutral, plain speech: {listed(plain)} (of the last the "
        "Russian ones); each through random rooms, measured and made, microphones, telephones and noises, those from "
        f"ESC-10's folds {listed(NOISE_FOLDS)}. Never on {never}.",
        "- **For** research and teaching, and for programs that react to a tone of voice and may be wrong. **Not for** "
        "judging a person, for medicine, or for any decision about somebody: an acted emotion in a voice is not the "
        "emotion of its speaker.",
        "- **Licence** of the weights: CC BY-NC-SA 4.0, as the corpora ask; the encoder's is MIT, (c) 2022 OpenAI, "
        "whose notice is `serd/models/LICENSE.whisper`.",
    ]


def _shipped(metrics: Path) -> list[str]:
    try:
        data = json.loads(metrics.read_text(encoding="utf-8"))
        numbers, trained = data["numbers"], data["recipe"]
        names = ("parameters", "macs", "bytes", "train", "epoch", "temperature", "activation_temperature")
        titles = ("parameters", "MACs for one window", "bytes", "training clips", "epochs", "temperature")
        facts = [(title, str(numbers[name])) for title, name in zip((*titles, "of activation"), names, strict=True)]
        title = f"{trained['recipe']['name']}/{trained['recipe']['version']}"
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{metrics}: no metrics of serd-base ({error}); train the model anew") from None
    return [
        f"## The shipped file, `{title}`",
        "",
        "Trained on everybody in its corpora. The temperatures were set on speakers whom networks of the same recipe "
        "had not heard; they train the shipped one, too.",
        *table(("weights in int8", ""), facts),
    ]


def _with_reference(book: Records) -> list[str]:
    title = "## With a reference of the voice"
    known = reference.measures(book)
    if not known:
        return [title, "", not_run("reference"), ""]
    return [
        title,
        "",
        "A second head compares a voice with what it said before. It helps one person at one microphone, from some ten "
        "seconds of everyday speech on, most of all where voice and language are unlike those of the training. **It "
        "hardly helps where people take turns, and costs a little where it is somebody else's.** Without one the file "
        "says what version 1.0 said, bit for bit. The protocol is in RESULTS.md.",
        "",
        *measure_table(known),
    ]


def _looks(book: Records) -> list[str]:
    lines = []
    for protocol, title in {"luna": "Luna-Jimenez' five", "emobox": "EmoBox' six"}.items():
        outer = [run for run in STUDIES["serd-base"].runs if run.protocol == protocol]
        lines.append(
            f"- `study serd-base`, {title} folds: {len(book.there(outer))} of {len(outer)} trainings are done."
        )
    return [*lines, *(f"- Earlier looks, whose records are not kept: {look}." for look in EARLIER)]
