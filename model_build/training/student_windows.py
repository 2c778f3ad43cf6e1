"""Windows that a small network is asked about, few of each clip, and what is known of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import keras
import numpy as np
from numpy.typing import NDArray

from model_build.clips import pitch
from model_build.clips.features import Clip
from model_build.clips.pitch_tracks import pitch_tracks
from model_build.clips.speech_windows import FULL
from model_build.clips.windows import asked_ends, cut_window
from model_build.evaluation.offline import KerasScorer
from model_build.networks.architectures import pooling_model
from model_build.training.encoded_clips import EncodedClips
from model_build.training.encoder_states import WINDOWS, States
from model_build.training.head_answers import HeadAnswers
from model_build.training.pitched_views import beside, fitted
from serd.inference.decision import Rules, evidence
from serd.inference.frontend import FrontEnd, Rows


@dataclass(frozen=True, eq=False)
class StudentWindows:
    """Windows of some clips, in the clips' order."""

    clips: tuple[Clip, ...]
    inputs: Rows
    """(n, rows, bands) in [0, 1]."""
    clip: NDArray[np.intp]
    """Index of each window's clip (n,)."""
    heard_s: NDArray[np.float64]
    """Speech in each (n,)."""
    pitch: Rows
    """Mean and deviation of the pitch in each, in octaves (n, 2)."""

    @classmethod
    def cut(cls, clips: Sequence[Clip], front_end: FrontEnd, bands: int) -> StudentWindows:
        """WINDOWS of a clip at most, evenly from those with most speech, with `bands` of pitch. Raises SoundFault."""
        tracks = pitch_tracks(clips, front_end)
        inputs, which, heard_s, moments = list[Rows](), list[int](), list[float](), list[tuple[float, float]]()
        for k, (clip, track) in enumerate(zip(clips, tracks, strict=True)):
            for end, seconds in _ends(clip, front_end):
                window, own = cut_window(clip, end, front_end), fitted(track[:end], front_end.rows)
                inputs.append(beside(window, own, bands))
                moments.append(pitch.moments(own, window))
                which.append(k)
                heard_s.append(seconds)
        return cls(tuple(clips), np.stack(inputs), np.array(which), np.array(heard_s), np.array(moments, np.float32))

    def answers(self, model: keras.Model, rules: Rules) -> HeadAnswers:
        """What a network says of them; of activation it says nothing."""
        logits = KerasScorer(model).logits(self.inputs)
        told = np.concatenate([logits, np.zeros((len(logits), 1), np.float32)], axis=1)
        ends = np.searchsorted(self.clip, np.arange(1, len(self.clips)))
        weights = np.array([evidence(float(seconds), rules) for seconds in self.heard_s])
        utterances = tuple(clip.utterance for clip in self.clips)
        return HeadAnswers(utterances, np.split(told, ends), np.split(weights, ends))

    def encoded(self, model: keras.Model) -> EncodedClips:
        """What a network pools of them, its means and its maxima, and mean and deviation of the pitch beside."""
        pooling = pooling_model(model)
        if pooling is None:
            raise TypeError(f"{model.name}: a network that pools nothing has nothing to put a head on")
        pooled = KerasScorer(pooling).logits(self.inputs)
        both = pooled.reshape(len(pooled), 1, 2, -1)
        statistics = np.concatenate([both, self.pitch[:, np.newaxis, :, np.newaxis]], axis=3).astype(np.float16)
        utterances = tuple(clip.utterance for clip in self.clips)
        return EncodedClips(utterances, States(self.clip, self.heard_s, statistics))


def _ends(clip: Clip, front_end: FrontEnd) -> list[tuple[int, float]]:
    """Ends of the chosen windows, in rows, and the seconds of speech in each."""
    ends = asked_ends(clip, front_end)
    total = np.concatenate([[0], np.cumsum(clip.spoken)])
    heard = total[ends] - total[np.maximum(0, ends - front_end.rows)]
    ends, heard = ends[heard >= FULL * heard.max()], heard[heard >= FULL * heard.max()]
    chosen = np.unique(np.linspace(0, len(ends) - 1, min(len(ends), WINDOWS)).round().astype(int))
    row_s = front_end.row_hop / front_end.stft.sample_rate
    return [(int(ends[k]), float(row_s * heard[k])) for k in chosen]
