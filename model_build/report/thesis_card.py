"""The model card of thesis-cnn (Mitchell et al. 2019), from the study's records and the shipped file's metrics."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from model_build.corpora.ravdess import INTENSITIES, NAME
from model_build.corpora.utterance import EMOTIONS
from model_build.report.formatting import interval, table
from model_build.report.records import Records, repetitions, runs, tallies
from model_build.report.sections import fairness, speakers, transfer
from model_build.report.sections.thesis import by_seed
from model_build.statistics.bootstrap import Tally, accuracy, mean_estimate, uar
from model_build.statistics.predictions import FOUR, Answers, score_answers
from serd.errors import UsageError


def card(book: Records, metrics: Path | None) -> str:
    """Markdown. Raises UsageError for metrics that cannot be read."""
    lines = [
        "# Model card: thesis-cnn",
        "",
        "Written by `python -m model_build report`; do not edit. Shares are in percent, with 95 % intervals from a "
        "bootstrap over actors.",
        "",
        "## What it is",
        "",
        "The network of arXiv 2406.10741 (two convolutions, one dense layer), quantized to int8: log "
        "band energies of 3 s of sound in, eight emotions out. It runs in `serd` behind a speech detector.",
        "",
        "- **Trained on** RAVDESS speech: 24 North American actors who speak two sentences in eight emotions.",
        "- **For** research and teaching, and to try serd out. **Not for** judging a person, for medicine, or for any "
        "decision about somebody: an acted emotion in a voice is not the emotion of its speaker.",
        "- **Licence** of the weights: CC BY-NC-SA 4.0, as RAVDESS.",
        "",
        *(_shipped(metrics) if metrics else []),
        "## What such a network can do",
        "",
        "From the study, whose CNNs are trained alike with other seeds and on other splits (see "
        "[RESULTS.md](../RESULTS.md)); the front end and plan of the shipped file may differ.",
        *table(("test", "accuracy", "UAR"), _figures(book)),
        "## Whom it recognises less well",
        *table(("speakers never heard", "UAR"), _groups(book)),
        "## Other corpora and languages",
        "",
        "Four classes (neutral and calm, happy, sad, angry), chance 25 %.",
        *table(("trained on RAVDESS, tested on", "UAR", "trained on speakers of that corpus"), _corpora(book)),
        "## Known limits",
        "",
        "- It has heard acted speech in one accent, from a studio microphone, in two sentences. Its figures on voices "
        "it knows say nothing about yours.",
        "- It has no class for boredom, irony, laughter or pain, and answers one of its eight anyway; serd says "
        "`uncertain` where the probabilities are flat.",
        "- One voice at a time.",
        "",
    ]
    return "\n".join(lines)


def shipped_answers(data: dict[str, Any]) -> tuple[Answers, tuple[str, ...]]:
    """The int8 file's test clips, from its metrics. RAVDESS's names tell actor and intensity."""
    columns, labels = data["predictions"]["int8"], tuple(data["labels"])
    parts = [NAME.fullmatch(name) for name in columns["clip"]]
    if not all(parts):
        raise ValueError("its clips are not RAVDESS's")
    actors = [match["actor"] for match in parts if match]
    answers = Answers(
        corpus="ravdess-speech",
        clip=np.array(columns["clip"]),
        speaker=np.array(actors),
        gender=np.array(["male" if int(actor) % 2 else "female" for actor in actors]),
        intensity=np.array([INTENSITIES[match["intensity"]] for match in parts if match]),
        emotion=np.array([EMOTIONS.index(labels[k]) for k in columns["truth"]], np.intp),
        probabilities=np.array(columns["probabilities"], np.float64).T / 1000,
    )
    return answers, labels


def _shipped(metrics: Path) -> list[str]:
    try:
        data = json.loads(metrics.read_text(encoding="utf-8"))
        answers, labels = shipped_answers(data)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{metrics}: no metrics of a model ({error}); train the model anew") from None
    tally = Tally.of([score_answers(answers, labels)])
    facts = [
        ("test clips", str(len(answers.clip))),
        ("accuracy", interval(tally.estimate(accuracy))),
        ("UAR", interval(tally.estimate(uar))),
        ("parameters", str(data["parameters"])),
        ("MACs for one window", str(data["macs"])),
        ("bytes", str(data["bytes"])),
        ("seed", str(data["seed"])),
        ("SHA-256 of the network", f"`{data['sha256'][:16]}…`"),
    ]
    return [
        f"## The shipped file, `{data['model']}`",
        "",
        f"{data['protocol'][:1].upper()}{data['protocol'][1:]}. Clips are scored by the {data['clip_rule']}.",
        *table(("int8", ""), facts),
    ]


def _figures(book: Records) -> list[list[str]]:
    rows = []
    for name, tests in (
        ("random split, speakers heard in training", list(by_seed(book, "cnn").values())),
        ("the same, int8", list(by_seed(book, "cnn", "int8").values())),
    ):
        rows.append([name, *_both(Tally.of(tests) if tests else None)])
    unheard = tallies(repetitions(book, speakers.of("cnn")))
    rows.append(["speakers never heard (Luna's five folds)", *_both(unheard[0] if unheard else None)])
    control = fairness.control(book)
    cells = [interval(fairness.by_training(control, figure)) if control else "not run" for figure in (accuracy, uar)]
    rows.append(["the same, trained on shuffled labels", *cells])
    return rows


def _both(tally: Tally | None) -> list[str]:
    return [interval(tally.estimate(figure)) if tally else "not run" for figure in (accuracy, uar)]


def _groups(book: Records) -> list[list[str]]:
    tests = repetitions(book, runs("fairness"))
    gendered, intense = fairness.by_gender(tests), fairness.by_intensity(tests)
    rows = [[f"{gender} actors", interval(tally.estimate(uar))] for gender, tally in gendered.items()]
    if intense is not None:
        names = ("strong emotion", "normal intensity")
        rows += [[name, interval(tally.estimate(uar))] for name, tally in zip(names, intense, strict=True)]
    return rows or [["all", "not run"]]


def _corpora(book: Records) -> list[list[str]]:
    moved = transfer.pairs(book)
    rows = []
    for corpus, language in transfer.LANGUAGES.items():
        if corpus == "ravdess-speech":
            continue
        cross_corpus, in_domain = moved.get(("ravdess-speech", corpus)), transfer.in_domain_tally(book, corpus, FOUR)
        cells = [
            interval(tally.estimate(uar)) if tally is not None else "not run" for tally in (cross_corpus, in_domain)
        ]
        rows.append([f"{corpus} ({language})", *cells])
    several = [tally for (corpus, _), tally in moved.items() if corpus == "ravdess-speech"]
    if several:
        rows.append(["mean", interval(mean_estimate(several, uar)), ""])
    return rows
