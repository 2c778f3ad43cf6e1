"""The search for prosodies: draws around a habit of each emotion, then small steps from the best of them.

    script/make-demo --search [LINE...]

Each line has its own seed, and takes a bounded number of trials. The network's answers depend on the processor in
their last digits, so what was found is kept in prosodies.json, of which the recording is made.
"""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np

from serd.block import Block
from serd.inference.model import SPEECH, load
from serd.inference.pipeline import Pipeline
from tools.demo.lines import LINES, READING, Line
from tools.demo.prosody import Prosody, perform
from tools.demo.sounds import line, pause, room
from tools.demo.voices import Samples

FOUND = Path(__file__).with_name("prosodies.json")

MODEL = "serd-base"
STRIDE_S = 0.75
DRAWS = 12
"""Trials of each voice around the emotion's habit."""
STEPS = 30
"""Trials from the best of them on."""
ENOUGH = 1.35
"""At this value a line is taken for good."""

BOUNDS = {
    "pitch": (-6.0, 11.0),
    "range": (0.4, 2.4),
    "slope": (-6.0, 8.0),
    "tremor": (0.0, 0.9),
    "tempo": (0.75, 1.35),
    "formants": (0.9, 1.15),
    "tilt": (-3.5, 5.0),
    "breath": (0.0, 0.4),
    "swing": (0.8, 1.5),
    "level": (-32.0, -14.0),
}
"""Between which a voice stays one that might be a person's."""

HABITS: dict[str, dict[str, float]] = {
    "neutral": {},
    "calm": {"pitch": -1.5, "range": 0.7, "tempo": 0.85, "tilt": -1.5, "level": -28},
    "happy": {"pitch": 5, "range": 1.9, "tempo": 1.1, "formants": 1.06, "tilt": 2, "level": -18, "swing": 1.15},
    "sad": {"pitch": 1, "range": 0.6, "slope": -2, "tempo": 0.85, "tilt": -2, "breath": 0.1, "level": -29},
    "angry": {"pitch": 5, "range": 1.6, "tempo": 1.12, "tilt": 4, "swing": 1.3, "level": -15},
    "fearful": {"pitch": 8, "range": 0.8, "tremor": 0.5, "tempo": 1.2, "breath": 0.15, "level": -20},
    "disgust": {"pitch": -1, "range": 1.2, "tempo": 0.9, "formants": 0.95, "swing": 1.3, "slope": -3},
    "surprised": {"pitch": 6, "range": 2, "slope": 5, "tempo": 1.1, "tilt": 1, "level": -19},
}
"""What is known of each: where the draws have their centre."""


class Objective:
    """What the network says of a line that is said alone."""

    def __init__(self) -> None:
        self._emotion, self._speech = load(MODEL), load(SPEECH, "speech")

    def value(self, said: Samples, emotion: str) -> float:
        """Share of the frames with speech that carry the label, and a share of its mean log probability."""
        samples = np.concatenate([pause(1.5), said, pause(0.5)])
        samples = (samples + room(len(samples), np.random.RandomState(7))).astype(np.float32)
        pipeline = Pipeline.assemble(self._emotion, self._speech, STRIDE_S)
        wanted = self._emotion.contract.labels.index(emotion)
        speaking, right, logs, weights = 0, 0, 0.0, 0.0
        for step in pipeline.push(Block(samples, 0, False, 0.0)):
            speaking += step.decision.state != "no-speech"
            right += step.decision.label == wanted
            if step.scores.probabilities is not None:
                weight = step.scores.heard_s**2
                logs += weight * float(np.log(step.scores.probabilities[wanted] + 1e-3))
                weights += weight
        return (right / speaking if speaking else 0) + 0.5 * (logs / weights if weights else -7) + 0.7


def prosody_cost(prosody: Prosody) -> float:
    """How far it is from the voice's own way, a small price."""
    own = Prosody()
    away = [
        (getattr(prosody, name) - getattr(own, name)) / (high - low)
        for name, (low, high) in BOUNDS.items()
        if name != "level"
    ]
    return 0.1 * float(np.square(away).sum())


def perturbed(centre: Prosody, width: float, random: np.random.RandomState) -> Prosody:
    """A draw around the centre, within the bounds."""
    drawn = {}
    for name, (low, high) in BOUNDS.items():
        value = getattr(centre, name) + width * (high - low) * random.standard_normal()
        drawn[name] = round(float(np.clip(value, low, high)), 2)
    return Prosody(**drawn)


def search(name: str, wanted: Line, objective: Objective) -> tuple[float, str, Prosody]:
    """The best that was found for a line: its value, voice and prosody."""
    random = np.random.RandomState(crc32(name.encode()))
    sentences = wanted.sentences[:2]

    def tried(voice: str, prosody: Prosody) -> tuple[float, str, Prosody]:
        said = line([perform(voice, sentence, prosody) for sentence in sentences])
        return objective.value(said, wanted.emotion) - prosody_cost(prosody), voice, prosody

    best = (-9.0, "", Prosody())
    for voice in wanted.voices:
        for draw in range(DRAWS):
            habit = Prosody(**HABITS[wanted.emotion])
            best = max(best, tried(voice, perturbed(habit, 0.15 * (draw > 0), random)), key=lambda one: one[0])
    for step in range(STEPS):
        if best[0] >= ENOUGH:
            break
        best = max(best, tried(best[1], perturbed(best[2], 0.12 * 0.96**step, random)), key=lambda one: one[0])
    return best


def found() -> dict[str, tuple[str, Prosody]]:
    """Voice and prosody of each line, as the last search left them."""
    kept: dict[str, dict[str, Any]] = json.loads(FOUND.read_text())
    names = {field.name for field in fields(Prosody)}
    return {
        name: (entry["voice"], Prosody(**{key: value for key, value in entry.items() if key in names}))
        for name, entry in kept.items()
    }


def run(names: list[str]) -> None:
    """Search for the named lines, or for all; keep what is found, line by line."""
    objective = Objective()
    for name, wanted in (LINES | READING).items():
        if names and name not in names:
            continue
        value, voice, prosody = search(name, wanted, objective)
        kept = json.loads(FOUND.read_text()) if FOUND.exists() else {}
        kept[name] = {"voice": voice, "value": round(value, 3)} | asdict(prosody)
        rows = (f'  "{key}": {json.dumps(kept[key])}' for key in LINES | READING if key in kept)
        FOUND.write_text("{\n" + ",\n".join(rows) + "\n}\n")
        print(f"{name} ({wanted.emotion}): {voice}, value {value:.2f}", flush=True)
