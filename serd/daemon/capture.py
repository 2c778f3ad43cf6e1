"""A capture: one source, and the voices that it gives. It is opened, heard, lost and closed for all of them."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace

from serd.audio.source import DeviceLost, EndOfStream, KeepAlive, Source
from serd.block import Block
from serd.daemon.supervisor import Transition
from serd.daemon.turns import Turns
from serd.daemon.voice import Voice
from serd.errors import NoDeviceError, UsageError
from serd.inference.crosstalk import Crosstalk
from serd.system.systemd import Notifier

log = logging.getLogger("serd")


class Capture:
    """While one of its voices wants to hear it is open; it is closed when all are muted."""

    def __init__(
        self,
        source: Source,
        voices: Sequence[Voice],
        notifier: Notifier,
        *,
        live: bool,
        once: bool = False,
        hear: Callable[[frozenset[int]], None] = lambda _: None,
        crosstalk: Crosstalk | None = None,
    ) -> None:
        """`live`: the source is a microphone, which can fall silent and come back. `once`: one that cannot be opened at
        the start is an error rather than waited for. `hear` tells the source of which voices it is to copy samples.
        """
        self.source, self.voices, self.live = source, voices, live
        self._notifier, self._once, self._tell_source, self._crosstalk = notifier, once, hear, crosstalk
        pipeline = voices[0].pipeline
        self._turns = Turns(len(voices), pipeline.stride, pipeline.stride_s)
        self.is_open = False
        if any(voice.state == "muted" for voice in voices):
            self._choose()

    def turn(self, timeout: float, meanwhile: KeepAlive) -> bool:
        """One look at the source, for `timeout` s; False at the stream's end. Raises SerdError."""
        if self.is_open:
            return self._hear(timeout, meanwhile)
        now = time.monotonic()
        if any(voice.supervisor.wants_stream(now) for voice in self.voices) or not self.live:
            self._try_to_open(meanwhile)  # a pipe while muted, too: what it held back would be heard afterwards
        return True

    def drain(self) -> None:
        """Take what has come while another capture is being opened or closed. What is wrong is seen by `turn`."""
        try:
            while self.is_open and (block := self.source.read(0)) is not None:
                self._take(block)
        except (DeviceLost, EndOfStream):
            pass

    def mute(self, voices: Collection[Voice], meanwhile: KeepAlive) -> None:
        """Hear these voices no more; with the last one the stream is closed."""
        voices = [voice for voice in voices if voice.state != "muted"]
        for voice in voices:
            voice.close_segment("mute")
        if self.live:
            for voice in voices:
                voice.unheard = voice.unheard or self.is_open
            self._choose(without=voices)
            if self.is_open and set(self._listening()) <= set(voices):
                self.close(meanwhile)
        for voice in voices:
            voice.become(voice.supervisor.muted())
            self._notifier.ready()

    def unmute(self, voices: Collection[Voice]) -> None:
        """Hear these voices again."""
        now = time.monotonic()
        for voice in voices:
            change = voice.supervisor.unmuted(now)
            voice.become(change)
            if change is not None and self.live and self.is_open:
                voice.become(voice.supervisor.opened(now))
        self._choose()

    def close(self, meanwhile: KeepAlive) -> None:
        """Close the source; harmless when closed. Raises RestartError if that hangs."""
        self.is_open = False
        self.source.close(meanwhile)

    def _listening(self) -> list[Voice]:
        return [voice for voice in self.voices if voice.state != "muted"]

    def _choose(self, without: Collection[Voice] = ()) -> None:
        """Have the source copy the channels of those that are not muted, and of no other."""
        wanted = [voice.state != "muted" and voice not in without for voice in self.voices]
        self._tell_source(frozenset(number for number, one in enumerate(wanted) if one))

    def _try_to_open(self, meanwhile: KeepAlive) -> None:
        known = any(voice.state == "lost" for voice in self.voices)
        try:
            self.source.open(meanwhile)
        except (NoDeviceError, UsageError) as error:
            if not self.live or (self._once and not known) or (isinstance(error, UsageError) and not known):
                raise
            for voice in self._listening():
                voice.become(voice.supervisor.refused(time.monotonic(), str(error)))
            return
        self.is_open = True
        for voice in self._listening() if self.live else self.voices:
            voice.become(voice.supervisor.opened(time.monotonic()))
        self.voices[0].pipeline.prepare()  # only now: the microphone is open sooner, and its ring keeps what comes

    def _hear(self, timeout: float, meanwhile: KeepAlive) -> bool:
        """Take one block, if there is one; False at the stream's end."""
        try:
            block = self.source.read(timeout)
        except EndOfStream:
            for voice in self.voices:
                voice.finish()
            return False
        except DeviceLost as loss:
            now = time.monotonic()
            self._lose({voice: voice.supervisor.ended(now, str(loss)) for voice in self._listening()}, meanwhile)
            return True
        if (changes := self._take(block)) is not None:
            self._lose(changes, meanwhile)
        return True

    def _take(self, block: Block | None) -> dict[Voice, Transition | None] | None:
        """Judge a block, or note that there is none; what becomes of each voice if that means that the device is lost.

        A recording or a pipe, which cannot be closed and opened again, is read while it is muted, too.
        """
        now = time.monotonic()
        changes: dict[Voice, Transition | None] = {}
        parts: dict[Voice, Block] = {}
        for number, voice in enumerate(self.voices):
            part = None if block is None or voice.state == "muted" else block.voice(number)
            if part is not None:
                parts[voice] = part
                changes[voice] = voice.supervisor.heard(now)
            elif block is not None:
                voice.unheard = True
            elif voice.state != "muted" or not self.live:
                changes[voice] = voice.supervisor.unheard(now)
        gone = next((change for change in changes.values() if change and change.state in ("lost", "waiting")), None)
        if gone is not None:
            ended = {
                voice: voice.supervisor.ended(now, gone.reason) for voice in self._listening() if not changes.get(voice)
            }
            return changes | ended
        for voice, change in changes.items():
            voice.become(change)
        if block is not None and parts:
            self._notifier.ready()
            self._judge(block, parts)
        return None

    def _judge(self, block: Block, parts: Mapping[Voice, Block]) -> None:
        age = time.monotonic() - block.arrived
        behind = self.live and self.voices[0].stats.is_behind(age)
        unheard = any(voice.unheard for voice in parts)
        if self._crosstalk is not None:
            taken = frozenset(number for number, voice in enumerate(self.voices) if voice in parts)
            self._crosstalk.push(replace(block, voices=taken))
        before = self._skipped
        for number in self._turns.begin(block.end):
            if (voice := self.voices[number]) in parts:
                skip = behind and not self._turns.may(number)
                self._turns.add(voice.take(parts[voice], skip))
        if (skipped := self._skipped) > before:
            log.warning("%.1f s behind: the machine is too slow; %d strides are not judged so far", age, skipped)
        if block.gap and not unheard:  # a pause that was asked for is no fault
            start_s = block.start / self.voices[0].pipeline.sample_rate
            log.warning("audio is missing before %.2f s (%d overflows so far)", start_s, block.overflows)

    @property
    def _skipped(self) -> int:
        return sum(voice.pipeline.skipped for voice in self.voices)

    def _lose(self, changes: Mapping[Voice, Transition | None], meanwhile: KeepAlive) -> None:
        """Tell first: closing what is left of the stream may take long, or never end."""
        for voice, change in changes.items():
            voice.close_segment("gap")
            voice.become(change)
        self.close(meanwhile)
