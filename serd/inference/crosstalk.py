"""Cross-talk: whether what a voice's channel holds is another voice, heard louder on a channel of its own.

Such a channel holds the other's sound, fainter and perhaps later, with the same rise and fall in each band; a voice of
its own has a rise and fall of its own. So two numbers tell: how much louder the other channel is, and how far the
band energies of the two correlate over the last second, which a delay of some milliseconds does not change. Both are
the classic features for close-talking microphones: S. N. Wrigley, G. J. Brown, V. Wan, S. Renals, "Speech and crosstalk
detection in multichannel audio", IEEE Transactions on Speech and Audio Processing 13(1), 2005 (energy ratios and
cross-channel correlation); T. Pfau, D. P. W. Ellis, A. Stolcke, "Multispeaker speech activity detection for the ICSI
meeting recorder", ASRU 2001 (correlation of channels against false alarms).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np
from numpy.typing import NDArray

from serd.block import Block, Samples
from serd.events.event import Event
from serd.inference.model import sigmoid

N_FFT, HOP = 512, 256
LOW_HZ, HIGH_HZ, BANDS = 150, 6000, 20
WINDOW_S = 1.0
"""How much of the channels is compared."""
POWER = 0.25
"""Band energies are compressed by this exponent: loud cells count more than those in a channel's own noise."""

LOUDER_DB, PER_DB = 4.0, 2.0
"""Where the likelihood by the level is one half, and how its log-odds rise with each dB."""
ALIKE, PER_UNIT = 0.55, 20.0
"""The same of the correlation. Both must hold: the likelihood is their product. `script/crosstalk` prints what comes of
it."""
LIKELY = 0.5
"""From this likelihood on the other voice is told."""


def nobody(_place: int, /) -> None:
    """There is no other voice."""


@dataclass(frozen=True, slots=True)
class OtherVoice:
    """Another voice, heard in a voice's channel."""

    name: str
    likelihood: float
    """Probability that it, and not the channel's own, is what is heard."""


Other = Callable[[int], OtherVoice | None]
"""The voice that is heard in the place of one's own up to a place in the stream, in samples; None if none is."""


def beside(event: Event, other: OtherVoice | None) -> Event:
    """The event; a frame with the other voice that is heard in it."""
    if other is None or event.kind != "frame":
        return event
    return replace(event, data={**event.data, "other_voice": asdict(other)})


class Crosstalk:
    """Compares the channels of the voices of one source. The same samples give the same answers, whatever the blocks.

    It keeps band energies of the last second, and no sample but those of the transform's overlap.
    """

    def __init__(self, names: Sequence[str], rate: int) -> None:
        """`names`: of the voices, in the order of the blocks' channels; `rate` in samples per second."""
        self._names = tuple(names)
        bins = np.geomspace(LOW_HZ, HIGH_HZ, BANDS + 1) * N_FFT / rate
        self._edges = np.unique(np.round(bins).astype(int))
        self._window = np.hanning(N_FFT + 1)[:-1].astype(np.float32)
        self._length = round(WINDOW_S * rate / HOP)
        self._start = 0
        """Place of the first sample that is kept."""
        self._kept: Samples = np.zeros((len(self._names), 0), np.float32)
        self._rows: NDArray[np.float64] = np.zeros((len(self._names), 0, len(self._edges) - 1))
        self._asked: tuple[int, NDArray[np.float64] | None] | None = None
        """The last place that was asked for, and the answer."""

    def push(self, block: Block) -> None:
        """Take in a block of all voices (voices, n); those that are muted count as silent."""
        if block.gap or block.start != self._start + self._kept.shape[1]:
            self._clear(block.start)
        samples = np.concatenate([self._kept, block.samples], axis=1)
        if block.voices is not None:
            muted = [number for number in range(len(self._names)) if number not in block.voices]
            samples[muted, self._kept.shape[1] :] = 0
        count = max(0, (samples.shape[1] - N_FFT) // HOP + 1)
        if count:
            frames = np.lib.stride_tricks.sliding_window_view(samples, N_FFT, axis=1)[:, : count * HOP : HOP]
            power = np.square(np.abs(np.fft.rfft(frames * self._window)), dtype=np.float64)
            rows = np.add.reduceat(power, self._edges, axis=2)[:, :, :-1]
            self._rows = np.concatenate([self._rows[:, -self._length :], rows], axis=1)
            self._start += count * HOP
            samples = samples[:, count * HOP :]
        self._kept, self._asked = samples.copy(), None

    def other(self, number: int, place: int) -> OtherVoice | None:
        """The likeliest other voice in the channel of a voice, counted from 0, up to a place in the last block.

        None where none is likely, or too little has been heard since the beginning or a gap.
        """
        if self._asked is None or self._asked[0] != place:
            self._asked = (place, self._likelihoods(place))
        likelihoods = self._asked[1]
        if likelihoods is None:
            return None
        best = int(likelihoods[number].argmax())
        likely = float(likelihoods[number, best])
        return OtherVoice(self._names[best], round(likely, 4)) if likely >= LIKELY else None

    def _likelihoods(self, place: int) -> NDArray[np.float64] | None:
        """Likelihood (voices, voices) that in the channel of the one the other is heard."""
        last_end = self._start - HOP + N_FFT
        count = self._rows.shape[1] - max(0, -(-(last_end - place) // HOP))
        if count < self._length:
            return None
        window = self._rows[:, count - self._length : count]
        return likelihood(*features(window))

    def _clear(self, start: int) -> None:
        self._start = start
        self._kept, self._rows = self._kept[:, :0], self._rows[:, :0]


def features(rows: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Of band energies (voices, rows, bands): the correlation of each channel with each, (voices, voices), and by how
    many dB the second is louder than the first."""
    shape = rows**POWER
    shape = (shape - shape.mean(axis=1, keepdims=True)).reshape(len(rows), -1)
    norms = np.sqrt(np.square(shape).sum(axis=1)) + 1e-12
    loudness = 10 * np.log10(rows.sum(axis=(1, 2)) + 1e-9)
    return (shape @ shape.T) / np.outer(norms, norms), loudness[np.newaxis, :] - loudness[:, np.newaxis]


def likelihood(correlation: NDArray[np.float64], louder_db: NDArray[np.float64]) -> NDArray[np.float64]:
    """Likelihood of cross-talk by its two features."""
    return sigmoid(PER_DB * (louder_db - LOUDER_DB)) * sigmoid(PER_UNIT * (correlation - ALIKE))
