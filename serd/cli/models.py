"""`serd models`: the installed models, how good and how dear they are, and what they know."""

from __future__ import annotations

import dataclasses
import json
import textwrap
from collections.abc import Iterator
from pathlib import Path

from serd.cli.parser import WIDTH
from serd.cli.realtime import measure
from serd.defaults import STRIDE_S
from serd.errors import OK, ConfigError
from serd.inference.contract import Contract, read_model
from serd.inference.interpreter import runtime
from serd.inference.model import default_model, installed_models, unusable
from serd.journal.known import known_error

MEASURE_S = 0.5
"""How long each model is run to know its share of a core."""

CORPORA = {
    "asterisk-prompts": "Asterisk's Russian prompts (plain speech)",
    "emo-db": "EMO-DB (German, acted; speakers: {})",
    "esc-10": "ESC-10 (noises; folds: {})",
    "librispeech": "LibriSpeech (English, read; speakers: {})",
    "mycroft-precise": "Mycroft Precise (wake words, plain speech)",
    "nemo": "nEMO (Polish, acted; speakers: {})",
    "picovoice-wakeword": "Picovoice's wake words (plain speech)",
    "ravdess-song": "RAVDESS song (North American English, sung; speakers: {})",
    "ravdess-speech": "RAVDESS speech (North American English, acted; speakers: {})",
}
"""A corpus as a contract names it -> what it is, with a place for how many speakers or folds."""


def run(as_json: bool) -> int:
    """Print some lines a model, or the whole contracts as JSON. Raises ConfigError for a damaged file."""
    models = [(path, read_model(path)[1]) for path in installed_models()]
    default = default_model()
    if as_json:
        summaries = [{"file": str(path), "default": path.stem == default, **_known(made)} for path, made in models]
        whole = [{**one, **dataclasses.asdict(made)} for one, (_, made) in zip(summaries, models, strict=True)]
        print(json.dumps(whole, indent=1))
        return OK
    for path, made in models:
        seconds = made.front_end.window / made.front_end.stft.sample_rate
        mark = " (the default)" if path.stem == default else ""
        size = f"{path.stat().st_size / 1000:.0f} kB, window {seconds:.2f} s"
        print(f"{made.name} {made.version}{mark}: {made.task}, {size}")
        for name, text in _lines(path, made):
            first = f"  {name:<12}"
            print(textwrap.fill(text, WIDTH, initial_indent=first, subsequent_indent=" " * len(first)), flush=True)
    return OK


def _lines(path: Path, made: Contract) -> Iterator[tuple[str, str]]:
    """What there is to say of a model, by headings."""
    loads, fault = _loads(path)
    yield "labels", " ".join(made.labels)
    if made.task == "emotion":
        yield from (("accuracy", text) for text in _accuracy(made))
        if loads:
            share = measure(made.name, STRIDE_S, MEASURE_S).share
            yield "cost", f"{share:.1%} of a core here while somebody speaks"
    heard = (CORPORA.get(name, f"{name} (speakers: {{}})").format(len(who)) for name, who in made.trained_on.items())
    yield "trained on", "; ".join(heard)
    if made.reference:
        yield "reference", "a second head compares a voice with what it said before"
    yield "licence", made.licence
    yield "loads here", f"yes, {runtime()}" if loads else f"no: {fault}"


def _accuracy(made: Contract) -> Iterator[str]:
    known = known_error(f"{made.name}/{made.version}")
    if known is None:
        yield f"not measured for this very version; docs/model-card-{made.name}.md says what is known"
        return
    if mean := known.recall.get("mean"):
        count = len(made.labels)
        yield f"{_percent(mean)} of {count} emotions in voices never heard ({known.protocol}); chance {100 / count:g}"
    if known.elsewhere:
        yield f"{_percent(known.elsewhere)} on corpora never heard ({known.elsewhere_protocol})"


def _known(made: Contract) -> dict[str, object]:
    known = known_error(f"{made.name}/{made.version}")
    return {"known": known and dataclasses.asdict(known)}


def _percent(share: tuple[float, float, float]) -> str:
    """A mean recall with its 95 % interval."""
    mean, low, high = (f"{100 * number:.1f}" for number in share)
    return f"{mean} % ({low} to {high})"


def _loads(path: Path) -> tuple[bool, str]:
    """Whether the interpreter here can run it, and what keeps it from that."""
    try:
        fault = unusable(path)
    except ConfigError as error:
        fault = str(error)
    return not fault, fault
