"""Clips of made sounds that a network learns in seconds, and how it is trained on them."""

from __future__ import annotations

import dataclasses
import hashlib
from pathlib import Path

import numpy as np

from model_build.clips.channel import Channel
from model_build.clips.features import Clip
from model_build.corpora import Utterance
from model_build.corpora.ravdess import LABELS
from model_build.experiments.recipe import SMALL
from model_build.experiments.schedule import Schedule

FRONT_END = dataclasses.replace(SMALL.front_end, rows=32)
BANDS = FRONT_END.bands.count
PLAIN = Channel(noise=0, room=0, telephone=0, cut=0, tilt_db=0, warp=0, pace=0, level_db=(0, 0))
SCHEDULE = Schedule(epochs=2, draws=32, batch=8, average=0.5, settling=4, channel=PLAIN)
BARE = dataclasses.replace(SCHEDULE, mixup=0.0, stripes=0, smoothing=0.0, decay=0.0)


def sounding(label: int, number: int) -> Clip:
    """A clip whose label can be heard: 1 s of a band that is the label's own."""
    chance = np.random.default_rng([label, number])
    rows = chance.normal(-14, 1, (40, BANDS)).astype(np.float32)
    rows[4:36, 5 * label : 5 * label + 4] += 10
    spoken = np.zeros(40, bool)
    spoken[4:36] = True
    said = Utterance(Path("x"), f"{label}-{number}", "ravdess-speech", str(number), emotion=LABELS[label])
    return Clip(said, hashlib.sha256(f"{label}-{number}".encode()).hexdigest(), rows, spoken)
