"""How often a running reference takes a voice for another's, and notices one: `script/voice-change [--data DIR]`.

One voice of a corpus speaks, clip after clip, then another through the same channel. False: the reference began anew
while the first still spoke, of all times that it was held against it. Noticed: it began anew within so much speech of
the second. No label of a person is used but to know whose voice it is.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from model_build.clips.speech import load as samples_of
from model_build.clips.speech import recordings
from model_build.corpora import Utterance
from serd.block import Block
from serd.defaults import MODEL, STRIDE_S
from serd.inference.frontend import Rows
from serd.inference.model import SPEECH, load
from serd.inference.pipeline import Pipeline
from serd.inference.running_reference import PART_S, SETTLED_S, RunningReference
from tools.checkout import ROOT

DATA = ROOT.parent / "shared" / "corpora"
WITHIN_S = (8.0, 16.0, 24.0)
OTHERS = 5
"""Other voices after each."""
CLIPS = {"ravdess-speech": 40, "librispeech": 12}
"""Clips of each voice, at most."""


@dataclass(frozen=True)
class Rates:
    """What one order of the clips came to."""

    looks: int
    """Parts of the first voices that were held against what was before."""
    false: int
    changes: int
    noticed: tuple[int, ...]
    """Of the changes, within each of WITHIN_S."""

    @property
    def line(self) -> str:
        """Cells of the table."""
        cells = [f"{self.false} of {self.looks}", *(f"{n / max(self.changes, 1):.0%}" for n in self.noticed)]
        return " | ".join([*cells, str(self.changes)])


def statistics(clips: Iterable[Utterance], model: str) -> list[Rows]:
    """What the network makes of the windows with new speech of each clip, heard by itself (windows, width)."""
    emotion, speech = load(model), load(SPEECH, "speech")
    found = []
    for clip in clips:
        pipeline = Pipeline.assemble(emotion, speech, STRIDE_S)
        steps = [*pipeline.push(Block(samples_of(clip), 0, False, 0.0)), *pipeline.finish()]
        spoken = [step.scores for step in steps if step.scores.speech >= pipeline.rules.speech_on]
        rows = [scores.statistics for scores in spoken if scores.statistics is not None]
        found.append(np.stack(rows) if rows else np.zeros((0, 0), np.float32))
    return found


def begins(first: Rows, second: Rows) -> tuple[list[float], float]:
    """Seconds of speech after which the reference began anew: of the first voice, and of all that it said."""
    running, last_s, at = RunningReference(1), 0.0, list[float]()
    for k, row in enumerate([*first, *second]):
        reference = running.advance()
        running.hear(row, STRIDE_S)
        now_s = 0.0 if reference is None else reference.seconds
        if now_s < last_s:
            at.append(k * STRIDE_S)
        last_s = now_s
    return at, len(first) * STRIDE_S


def rates(voices: Mapping[str, Rows], seed: int = 0) -> Rates:
    """Each voice long enough to be known, and some others after it."""
    rng, names = np.random.default_rng(seed), sorted(voices)
    looks = false = changes = 0
    noticed = [0] * len(WITHIN_S)
    for name in names:
        first = voices[name]
        told = int((len(first) * STRIDE_S - SETTLED_S) / PART_S)
        others = [other for other in names if other != name and len(voices[other]) * STRIDE_S >= max(WITHIN_S)]
        if told < 1 or not others:
            continue
        looks += told
        for k, other in enumerate(rng.choice(others, min(OTHERS, len(others)), replace=False)):
            at, end_s = begins(first, voices[other][: round((max(WITHIN_S) + PART_S) / STRIDE_S)])
            false += sum(one <= end_s for one in at) if k == 0 else 0
            after = [one - end_s for one in at if one > end_s]
            changes += 1
            noticed = [
                count + any(one <= within + PART_S for one in after)
                for count, within in zip(noticed, WITHIN_S, strict=True)
            ]
    return Rates(looks, false, changes, tuple(noticed))


def orders(clips: Sequence[Utterance], said: Sequence[Rows]) -> dict[str, Rows]:
    """All that a voice said, in a random order and one mood after the other."""
    shuffled = np.random.default_rng(0).permutation(len(clips)).tolist()
    moods = sorted(shuffled, key=lambda k: clips[k].emotion or "")
    spoken = {"mixed": shuffled, "by mood": moods}
    return {name: np.concatenate([said[k] for k in order if len(said[k])]) for name, order in spoken.items()}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="script/voice-change", description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--model", default=MODEL)
    parser.add_argument("--voices", type=int, default=100, metavar="N", help="of each corpus, at most")
    given = parser.parse_args()
    within = " | ".join(f"noticed in {seconds:.0f} s" for seconds in WITHIN_S)
    print(f"| corpus, order of its clips | false | {within} | changes |")
    print("|---|" + "---:|" * (len(WITHIN_S) + 2))
    for corpus, most in CLIPS.items():
        voices = dict[str, list[Utterance]]()
        for clip in recordings(given.data, corpus):
            voices.setdefault(clip.speaker, []).append(clip)
        heard = dict[str, dict[str, Rows]]()
        for name, clips in list(voices.items())[: given.voices]:
            chosen = [clips[k] for k in np.random.default_rng(0).permutation(len(clips))[:most]]
            for order, rows in orders(chosen, statistics(chosen, given.model)).items():
                heard.setdefault(order, {})[name] = rows
        for order, spoken in heard.items():
            if corpus == "librispeech" and order != "mixed":
                continue  # it has no moods
            print(f"| {corpus}, {order} | {rates(spoken).line} |", flush=True)


if __name__ == "__main__":
    main()
