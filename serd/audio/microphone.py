"""A `Source`: a microphone through PortAudio.

The callback runs in the sound library's thread and only copies into the ring; everything else happens in the
thread that reads. Whether the device is alive is for the caller to judge, by the age of the last block: a
sound server that has stopped looks like silence from here, and no error comes.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any, Literal

from serd.audio import portaudio
from serd.audio.devices import Device, Pin, choose, refresh
from serd.audio.drift import HEAP_S, LOSS_S, DriftTracker
from serd.audio.mix import Mixer
from serd.audio.placement import Placement
from serd.audio.resampler import Resampler
from serd.audio.ring import RawBlock, Ring
from serd.audio.soundserver import candidates, lead_to
from serd.audio.source import DeviceLost, KeepAlive, never_abort
from serd.block import Block, Samples
from serd.errors import NoDeviceError, RestartError, UsageError, escaped

BLOCK_S = 0.05
"""Shorter blocks cost more: 20 ms ones 2 to 4 % of a core through PulseAudio."""

FALLBACK_RATES = (48000, 44100)
TIMED_OUT = -9987
"""PortAudio's paTimedOut: worth another attempt, where a refusal is not."""

TIMEOUTS = 3
"""Time-outs, at all rates together, after which the device counts as one that cannot be opened."""


class Microphone:
    """One capture device; whoever holds this object is the only one to touch its stream.

    `device` is an index or part of a name (None: the default), resolved when first opened; from then on only
    that very device is opened, never another in its place. `channel` is 1-based, or "mix". `native_rates`
    are tried in turn; by default the rate asked for, 48 kHz, 44.1 kHz and the device's own.
    Places in the stream go on over closing and opening: a pause is a gap of that length. While the stream is open
    they are kept to the computer's clock (`serd.audio.drift`).
    """

    def __init__(
        self,
        device: str | None = None,
        channel: int | Literal["mix"] = "mix",
        rate: int = 16000,
        buffer_s: float = 10.0,
        native_rates: tuple[int, ...] = (),
    ) -> None:
        self.name = escaped(device or "default")
        self.rate = rate
        self.native_rate = rate
        self.channels = 1
        self._wanted = device
        self._channel = channel
        self._buffer_s = buffer_s
        self._native_rates = native_rates
        self._pin: Pin | None = None
        self._stream: Any = None
        self._placement: Placement | None = None
        self._ring = Ring(1, 1)
        self._resampler, self._mixer = Resampler(rate, rate), Mixer(1, rate)
        self._offset = 0
        """Place of the ring's first frame in our stream, in output samples."""
        self._paused = False
        self._begun = False
        """Whether a block has come since the stream was opened."""
        self._end = 0
        self._arrived = 0.0
        """Place after the last raw block, and when it arrived."""
        self._overflows = self._moves = 0
        """Overflows and moves of the streams before this one."""
        self._overrun_until = 0.0
        """Until when a lag is what an overflow left (monotonic); nobody is surprised by it."""
        self._drift = DriftTracker(rate)
        self._broken: list[BaseException] = []
        """What the callback could not do."""

    def open(self, keep_alive: KeepAlive = never_abort, /, deadline: float = portaudio.LOAD_DEADLINE_S) -> None:
        """Start capturing. Raises NoDeviceError, UsageError; RestartError if PortAudio hangs for `deadline` s."""
        if self._stream is not None:
            raise RuntimeError("a microphone is opened twice")
        try:
            self._begin(keep_alive, deadline)
        except RestartError as error:
            raise RestartError(f"device {self.name}: {error}") from None

    def read(self, timeout: float) -> Block | None:
        """The next block, or None after `timeout` s without one.

        Raises DeviceLost if the stream ended by itself, or can no longer be trusted to be this device's; RestartError
        if it ended through a fault of ours.
        """
        if self._stream is None:
            raise RuntimeError("a microphone is read while it is closed")
        until = time.monotonic() + timeout
        while True:
            if self._placement is not None and self._placement.fault:
                raise DeviceLost(f"device {self.name}: {self._placement.fault}")
            raw = self._ring.read(max(0.0, until - time.monotonic()))
            if raw is None:
                if self._broken:
                    raise RestartError(f"device {self.name}: the audio callback failed ({self._broken[0]!r})")
                if self._ring.ended or not self._stream.active:
                    raise DeviceLost(f"device {self.name}: the stream ended by itself")
                return None
            block = self._placed(raw)
            if len(block.samples):  # the resampler may still hold all of it
                return block

    def close(self, keep_alive: KeepAlive = never_abort, /, deadline: float = portaudio.CLOSE_DEADLINE_S) -> None:
        """Stop capturing; harmless when closed. Raises RestartError if PortAudio hangs for `deadline` seconds."""
        if self._stream is None:
            return
        stream, self._stream = self._stream, None
        if self._placement is not None:
            self._placement.close()
            self._placement = None
        self._overflows += self._ring.overflows
        self._moves += self._drift.moves
        self._paused = self._paused or self._begun
        try:
            portaudio.close_input(stream, deadline, keep_alive)
        except RestartError as error:
            raise RestartError(f"device {self.name}: {error}") from None

    @property
    def backlog_s(self) -> float:
        """Seconds of sound that wait to be read."""
        return self._ring.backlog / self.native_rate

    def _begin(self, keep_alive: KeepAlive, deadline: float) -> None:
        refresh(deadline, keep_alive)  # PortAudio lists devices once: without this, one plugged in again is not seen
        devices = candidates(self._wanted, keep_alive, self._pin)
        device = self._pin.find(devices) if self._pin else choose(self._wanted, devices)
        if self._channel != "mix" and not 1 <= self._channel <= device.channels:
            raise UsageError(f"device {device.name}: no channel {self._channel}; give 1 to {device.channels}, or mix")
        lead_to(device)
        self._stream = self._open(device, deadline, keep_alive)
        if device.source:
            self._settle(device, keep_alive)
        self._pin = self._pin or Pin.of(device, devices)
        self.name = device.name
        self._begun = False

    def _settle(self, device: Device, keep_alive: KeepAlive) -> None:
        """See that the server has put the stream where it belongs. Raises NoDeviceError."""
        self._placement = placement = Placement(device.source)
        if not portaudio.in_time(placement.confirm, portaudio.LOAD_DEADLINE_S, "placing the stream", keep_alive):
            fault = placement.fault or "the sound server has not put the stream there"
            self.close(keep_alive)
            raise NoDeviceError(f"device {device.name}: {fault}; choose it in the sound settings, or give another")

    def _open(self, device: Device, deadline: float, keep_alive: KeepAlive) -> Any:
        """A running stream at the first rate the device takes."""
        sounddevice = portaudio.load()
        rates = self._native_rates or (self.rate, *FALLBACK_RATES, device.default_rate)
        refusals: dict[str, None] = {}
        timeouts = 0
        for rate in dict.fromkeys(rates):
            code = TIMED_OUT
            while code == TIMED_OUT and timeouts < TIMEOUTS:
                try:
                    return self._start(device, rate, deadline, keep_alive)
                except sounddevice.PortAudioError as error:
                    reason, code = (*error.args, 0)[:2]
                    refusals[f"{' '.join(str(reason).split())} at {rate} Hz"] = None
                    timeouts += code == TIMED_OUT
        raise NoDeviceError(
            f"device {device.name}: cannot be opened ({'; '.join(refusals)}); see that no other program holds it"
        )

    def _start(self, device: Device, rate: int, deadline: float, keep_alive: KeepAlive) -> Any:
        channels = self._width(device)
        ring = Ring(round(self._buffer_s * rate), channels)

        def callback(frames: Samples, _count: int, _time: object, status: Any) -> None:
            try:
                ring.write(frames, time.monotonic(), bool(status.input_overflow))
            except BaseException as error:  # sounddevice would print it and end the stream, as if the device had gone
                self._broken.append(error)
                raise portaudio.load().CallbackAbort from None

        stream = portaudio.open_input(
            callback,
            deadline,
            keep_alive,
            device=device.index,
            samplerate=rate,
            channels=channels,
            blocksize=round(rate * BLOCK_S),
            dtype="float32",
            latency="low",
            finished_callback=ring.end,
        )
        self._ring, self._resampler, self._drift = ring, Resampler(rate, self.rate), DriftTracker(rate)
        self._mixer = Mixer(channels, rate, self._channel)
        self.native_rate, self.channels = rate, channels
        return stream

    def _width(self, device: Device) -> int:
        """Channels to capture: all a card has; of a sound server, which claims 32, only what is needed."""
        if device.source or not device.is_server:
            return device.channels
        # One channel would be the server's own mix, in which two may cancel.
        return min(device.channels, max(2, 1 if self._channel == "mix" else self._channel))

    def _placed(self, raw: RawBlock) -> Block:
        """`raw` as mono at our rate, in its place in the whole stream."""
        n, first = len(raw.samples), not self._begun
        if first and self._paused:
            pause = raw.arrived - n / self.native_rate - self._arrived
            self._offset = self._end + max(0, round(pause * self.rate)) - self._ours(raw.start)
        lag = self._drift.arrival(raw.start + n, raw.arrived, raw.gap, counted=not raw.uncounted)
        if raw.gap:
            self._overrun_until = raw.arrived + 2 * HEAP_S  # within which the look ends that this gap began
        if lag > LOSS_S and raw.arrived > self._overrun_until:
            # So it looks, for one thing, when a sound server moves the stream to another source.
            raise DeviceLost(f"device {self.name}: {lag:.1f} s of audio are missing, nobody says why; opening it anew")
        self._offset += round(lag * self.rate)
        self._begun = True
        self._end, self._arrived = self._offset + self._ours(raw.start + n), raw.arrived
        samples, changes = self._mixer.push(raw.samples)
        gap = raw.gap or (first and self._paused)
        block = Block(samples, raw.start, gap, raw.arrived, self._overflows + raw.overflows, changes=changes)
        block = self._resampler.push(block)
        return replace(block, start=self._offset + block.start, reanchored=self._moves + self._drift.moves)

    def _ours(self, native: int) -> int:
        return round(native * self.rate / self.native_rate)
