"""The frozen encoder's states of every clip, computed once and kept: heads then train in minutes.

They are kept below the cache folder by the encoder's checksum and the recipe of the views, in shards of some clips
each, so an interrupted computation goes on where it was. Nothing is kept of the sound.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model_build.clips import acoustics, lines, sound_views, speech
from model_build.clips.sound_views import Surroundings, ViewRecipe
from model_build.clips.speech_windows import speech_windows
from model_build.clips.streams import BABY
from model_build.corpora import Utterance, rooms
from model_build.evaluation.condition import CHANNELS, CLEAN, SNRS_DB, Condition
from model_build.experiments.head_experiment import HALL
from model_build.experiments.splits import NOISE_FOLDS
from model_build.files import cache
from model_build.files.audio import SoundFault
from model_build.files.progress import Check, Say, never
from model_build.networks import pooling
from model_build.networks.dynamic_range import convert
from model_build.networks.encoder import FRONT_END, WIDTH, Encoder
from serd.block import Samples
from serd.errors import UsageError
from serd.inference.decision import Rules
from serd.inference.frontend import Rows
from serd.inference.interpreter import make_interpreter
from serd.inference.model import SPEECH, load

FORM = 1
"""Raise it when the same encoder gives other states of the same windows, or of a clip's views."""
SHARD = 32
"""Clips kept in one file."""
EVERY = 20
"""Shards between two lines of progress."""
WINDOWS = 3
"""Windows of a clip, at most, of those that `serd.score` asks about."""

LINES = "line "
"""What begins the kinds of views in which a person's clips share a line."""

Half = NDArray[np.float16]


@dataclass(frozen=True, eq=False)
class States:
    """What is kept of the windows of some clips."""

    clip: NDArray[np.intp]
    """Index of each window's clip (n,)."""
    heard_s: NDArray[np.float64]
    """Speech in each window (n,); of a random view it is not known, and 1."""
    statistics: Half
    """Mean and deviation over time (n, layers, 2, width), see `pooling.statistics`."""


class EncoderInterpreter:
    """The encoder as it is shipped, in int8, up to what is kept of its states."""

    def __init__(self, network: bytes) -> None:
        self._interpreter = make_interpreter(network)
        self._source = self._interpreter.get_input_details()[0]["index"]
        outputs = {tuple(output["shape"][:2]): output["index"] for output in self._interpreter.get_output_details()}
        self._statistics = outputs[pooling.LAYERS, len(pooling.STATISTICS)]
        self._spans = outputs[pooling.SPANS, pooling.LAYERS - 1]

    def states(self, windows: Rows) -> tuple[Half, Half]:
        """(n, rows, bands) in [0, 1] -> their statistics and spans."""
        statistics = np.zeros((len(windows), pooling.LAYERS, len(pooling.STATISTICS), WIDTH), np.float16)
        spans = np.zeros((len(windows), pooling.SPANS, pooling.LAYERS - 1, WIDTH), np.float16)
        for k, window in enumerate(windows):
            self._interpreter.set_tensor(self._source, window[np.newaxis, :, :, np.newaxis].astype(np.float32))
            self._interpreter.invoke()
            statistics[k] = self._interpreter.get_tensor(self._statistics)
            spans[k] = self._interpreter.get_tensor(self._spans)
        return statistics, spans


def network(encoder: Encoder) -> bytes:
    """A TFLite file of the encoder that gives statistics and spans."""

    def states(window: Any) -> tuple[Any, Any]:
        rows = window[..., 0]
        layers = encoder.states(rows)
        return pooling.statistics(layers, rows), pooling.spans(layers[1:])

    return convert(states, FRONT_END)


@dataclass(frozen=True)
class Shard:
    """Some clips of one corpus, heard in one way: `clean`, a condition's name, HALL, `view 0`, `line 0` and so on."""

    kind: str
    corpus: str
    clips: tuple[Utterance, ...]

    @property
    def file(self) -> str:
        """The path below the folder of this encoder: another copy of a recording is another file."""
        sizes = [(clip.name, clip.path.stat().st_size) for clip in self.clips]
        return f"{self.kind.replace(' ', '-')}/{self.corpus}-{cache.key(sizes)}.npz"


def shards(kind: str, clips: Sequence[Utterance]) -> list[Shard]:
    """The shards of clips of one corpus, in their order."""
    return [Shard(kind, clips[k].corpus, tuple(clips[k : k + SHARD])) for k in range(0, len(clips), SHARD)]


def folder(encoder: Encoder) -> Path:
    """Where the states of this encoder by this recipe are kept."""
    return cache.folder("states") / cache.key(FORM, encoder.digest, FRONT_END, ViewRecipe(), WINDOWS)


class ShardWriter:
    """Computes the shards that are not there."""

    def __init__(self, encoder: Encoder, data: Path | None) -> None:
        """Raises UsageError if noises or rooms are not in `data`; without it, noises and rooms of views are made."""
        self.place = folder(encoder)
        self._interpreter = EncoderInterpreter(network(encoder))
        self._speech = load(SPEECH, "speech")
        self._rules = Rules.make(self._speech.contract.thresholds)
        noises = [clip for clip in speech.recordings(data, "esc-10") if clip.sound != BABY] if data else []
        measured = rooms.read(data) if data else ()
        trains = [speech.load(clip) for clip in noises if clip.fold in NOISE_FOLDS]
        self._around = Surroundings(trains, [room.response for room in measured if room.trains])
        self._halls = [room.response for room in measured if not room.trains]
        tests = tuple(clip for clip in noises if clip.fold not in NOISE_FOLDS)
        known = (CLEAN, *CHANNELS, *(Condition("noise", db, tests) for db in SNRS_DB))
        self._conditions = {condition.name: condition for condition in known}

    def write(self, shard: Shard) -> list[SoundFault]:
        """Compute and keep a shard; what cannot be read is left out, and returned."""
        file, faults = self.place / shard.file, list[SoundFault]()
        if file.is_file():
            return faults
        clip, heard_s, windows = list[int](), list[float](), list[Rows]()
        for k, utterance in enumerate(shard.clips):
            try:
                samples = speech.load(utterance)
            except SoundFault as error:
                faults.append(error)
                continue
            inputs, seconds = self._windows(shard.kind, utterance, samples)
            clip += [k] * len(inputs)
            heard_s += seconds
            windows += list(inputs)
        stacked = np.stack(windows) if windows else np.zeros((0, FRONT_END.rows, FRONT_END.bands.count), np.float32)
        statistics, spans = self._interpreter.states(stacked)
        with cache.replacing(file) as written:
            np.savez(
                written,
                clip=np.array(clip, np.int32),
                heard_s=np.array(heard_s, np.float32),
                statistics=statistics,
                spans=spans,
            )
        return faults

    def _windows(self, kind: str, utterance: Utterance, samples: Samples) -> tuple[Rows, list[float]]:
        """The clip's windows heard in this way, and the seconds of speech in each."""
        if kind.startswith("view "):
            rng = np.random.default_rng([int(kind.removeprefix("view ")), int(cache.key(utterance.name)[:8], 16)])
            return sound_views.view(samples, rng, self._around, ViewRecipe(), FRONT_END)[np.newaxis], [1.0]
        if kind.startswith(LINES):
            number = int(kind.removeprefix(LINES))
            rng, shared = (np.random.default_rng(seed) for seed in lines.draws(number, utterance))
            return sound_views.view(samples, rng, self._around, ViewRecipe(), FRONT_END, line=shared)[np.newaxis], [1.0]
        if kind == HALL:
            response = self._halls[int(cache.key(utterance.name)[:8], 16) % len(self._halls)]
            samples = acoustics.in_room(samples, response)
        else:
            samples = self._conditions[kind].apply(utterance, samples)
        spoken = speech_windows(samples, self._speech, FRONT_END, self._rules, WINDOWS)
        return spoken.inputs, [float(seconds) for seconds in spoken.heard_s]


def complete(
    place: Path, every: Sequence[Shard], writer: Callable[[], ShardWriter], say: Say, check: Check = never
) -> None:
    """Compute those of the shards that are not kept below `place` yet; `check` is called before each and may raise."""
    left = [shard for shard in every if not (place / shard.file).is_file()]
    for done, shard in enumerate(left):
        check()
        if done % EVERY == 0:
            say(f"states: {shard.kind} of {shard.corpus}, {len(left) - done} shards of {SHARD} clips left")
        for fault in writer().write(shard):
            say(f"warning: {fault}; not used")


def read(place: Path, every: Sequence[Shard]) -> States:
    """What is kept in these shards, clips numbered through; a shard that is not there has no windows.

    Raises UsageError if none is.
    """
    clip, heard_s, statistics, first = list[Any](), list[Any](), list[Any](), 0
    for shard in every:
        try:
            with np.load(place / shard.file) as arrays:
                kept = arrays["clip"].astype(np.intp) + first, arrays["heard_s"], arrays["statistics"][:, :, :2]
            for column, values in zip((clip, heard_s, statistics), kept, strict=True):
                column.append(values)
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            pass  # not there, or damaged
        first += len(shard.clips)
    if not clip:
        raise UsageError(f"{place}: nothing is kept of {every[0].corpus if every else 'no clips'}; train the recipe")
    return States(np.concatenate(clip), np.concatenate(heard_s).astype(np.float64), np.concatenate(statistics))
