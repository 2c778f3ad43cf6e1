"""Cross-talk: whether what a voice's channel holds is another voice, heard louder on a channel of its own.

Such a channel holds the other's sound, fainter and perhaps later, with the same rise and fall in each band; a voice of
its own has a rise and fall of its own. So two numbers tell: how much louder the other channel is, and how far the
band energies of the two correlate over the last second, which a delay of some milliseconds does not change. A room
draws the fainter sound out, so the louder one is compared as it is and drawn out likewise; the better one counts. Both
numbers are the classic features for close-talking microphones: S. N. Wrigley, G. J. Brown, V. Wan, S. Renals, "Speech
and crosstalk detection in multichannel audio", IEEE Transactions on Speech and Audio Processing 13(1), 2005 (energy
ratios and cross-channel correlation); T. Pfau, D. P. W. Ellis, A. Stolcke, "Multispeaker speech activity detection for
the ICSI meeting recorder", ASRU 2001 (correlation of channels against false alarms).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np
from numpy.typing import NDArray

from serd.block import Block, Samples
from serd.events.event import Event
from serd.inference.frontend import Rows
from serd.inference.model import sigmoid

N_FFT, HOP = 512, 512
LOW_HZ, HIGH_HZ, BANDS = 150, 6000, 20
WINDOW_S = 1.0
"""How much of the channels is compared."""
DECAY = 0.72
"""What is left of a band's energy a hop later in the sound as a room draws it out."""

LOUDER_DB, PER_DB = 4.0, 2.0
"""Where the likelihood by the level is one half, and how its log-odds rise with each dB."""
ALIKE, PER_UNIT = 0.65, 20.0
"""The same of the correlation. Both must hold: the likelihood is their product. `script/crosstalk` prints what comes of
it."""
TOGETHER = 8000
"""Samples that are transformed together, at most."""

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


class Window:
    """What the voices' channels held in one second: the features of cross-talk between them."""

    def __init__(self, rows: Rows, drawn: Rows) -> None:
        """Band energies (voices, rows, bands), as they are and drawn out."""
        self._plain, self._long = _shape(rows), _shape(drawn)
        self._loudness = 10 * np.log10(rows.sum(axis=(1, 2), dtype=np.float64) + 1e-9)

    def features(self, number: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The correlation of this voice's channel with each, (voices,), and by how many dB that is louder."""
        own = self._plain[number]
        # Not by a matrix product, for which BLAS would wake threads that cost more than it does.
        plain, long = (np.einsum("vn,n->v", shape, own, dtype=np.float64) for shape in (self._plain, self._long))
        return np.maximum(plain, long), self._loudness - self._loudness[number]


def _shape(rows: Rows) -> Rows:
    """The rise and fall of each channel (voices, n), of norm 1.

    The fourth root lets loud cells count more than those in a channel's own noise.
    """
    compressed = np.sqrt(np.sqrt(rows))
    flat = (compressed - compressed.mean(axis=1, keepdims=True)).reshape(len(rows), -1)
    shape: Rows = flat / (np.sqrt(np.square(flat).sum(axis=1, keepdims=True)) + np.float32(1e-12))
    return shape


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
        self._start = self._end = 0
        """Places of the first sample that is kept, and of the first after the last."""
        self._kept: list[Samples] = []
        """Samples of all voices (voices, n), as they came."""
        self._rows: Rows = np.zeros((len(self._names), 0, len(self._edges) - 1), np.float32)
        """Band energies (voices, rows, bands)."""
        self._drawn = self._rows
        """The same as a room draws it out."""
        self._asked: tuple[int, Window | None] | None = None
        """The last place that was asked for, and what was heard up to it."""

    def push(self, block: Block) -> None:
        """Take in a block of all voices (voices, n); those that are muted count as silent."""
        if block.gap or block.start != self._end:
            self._clear(block.start)
        samples, self._end = block.samples, block.end
        if block.voices is not None and len(block.voices) < len(self._names):
            samples = samples.copy()
            samples[[number for number in range(len(self._names)) if number not in block.voices]] = 0
        self._kept.append(samples)
        if self._end - self._start > TOGETHER:  # nobody asks in a pause
            self._transform()

    def _transform(self) -> None:
        """Turn what is kept into band energies, as far as it goes."""
        count = (self._end - self._start - N_FFT) // HOP + 1
        if count < 1:
            return
        samples = np.concatenate(self._kept, axis=1)
        frames = np.lib.stride_tricks.sliding_window_view(samples, N_FFT, axis=1)[:, : count * HOP : HOP]
        spectra = np.fft.rfft(frames * self._window)
        rows = np.add.reduceat(np.square(spectra.real) + np.square(spectra.imag), self._edges, axis=2)[:, :, :-1]
        self._drawn = np.concatenate([self._drawn[:, -self._length :], _drawn_out(rows, self._drawn)], axis=1)
        self._rows = np.concatenate([self._rows[:, -self._length :], rows], axis=1)
        self._start += count * HOP
        self._kept, self._asked = [samples[:, count * HOP :].copy()], None

    def other(self, number: int, place: int) -> OtherVoice | None:
        """The likeliest other voice in the channel of a voice, counted from 0, up to a place in the last block.

        None where none is likely, or too little has been heard since the beginning or a gap.
        """
        if self._asked is None or self._asked[0] != place:
            self._transform()
            self._asked = (place, self._window_to(place))
        window = self._asked[1]
        if window is None:
            return None
        likelihoods = likelihood(*window.features(number))
        best = int(likelihoods.argmax())
        likely = float(likelihoods[best])
        return OtherVoice(self._names[best], round(likely, 4)) if likely >= LIKELY else None

    def _window_to(self, place: int) -> Window | None:
        """The last second up to a place; None if less has been heard."""
        last_end = self._start - HOP + N_FFT
        count = self._rows.shape[1] - max(0, -(-(last_end - place) // HOP))
        if count < self._length:
            return None
        span = slice(count - self._length, count)
        return Window(self._rows[:, span], self._drawn[:, span])

    def _clear(self, start: int) -> None:
        self._start = self._end = start
        self._kept, self._rows, self._drawn, self._asked = [], self._rows[:, :0], self._drawn[:, :0], None


def _drawn_out(rows: Rows, before: Rows) -> Rows:
    """Rows (voices, n, bands) with what is left of those `before` them."""
    drawn = rows.copy()
    last = before[:, -1] if before.shape[1] else np.zeros_like(rows[:, 0])
    for number in range(rows.shape[1]):
        drawn[:, number] += np.float32(DECAY) * last
        last = drawn[:, number]
    return drawn


def likelihood(correlation: NDArray[np.float64], louder_db: NDArray[np.float64]) -> NDArray[np.float64]:
    """Likelihood of cross-talk by its two features."""
    return sigmoid(PER_DB * (louder_db - LOUDER_DB)) * sigmoid(PER_UNIT * (correlation - ALIKE))
