"""The supervisor: judges a device by the age of its last frame, and says when to open it again.

Pure: no clock, no thread, no device of its own. Its user tells it what happens and when (`time.monotonic()`), and is
told what that changes. No error callback is believed in: sound libraries fail without one.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from serd.block import SingleChannel
from serd.events.status import DeviceState
from serd.inference.quality import InputStatus

STALLED_S = 0.5
"""A device that has been heard is stalled after so long without a frame. A sound server that moves a stream to another
source pauses for longer than that (0.85 s, PulseAudio), which is the only sign of it that reaches a client."""
LOST_S = 1.8
"""A device is lost after so long without a frame: with a look's length that is told within 2 s of the last one."""
FIRST_FRAME_S = 10.0
"""A stream that has just been opened may take this long to begin: sound servers need up to some seconds."""
LONGEST_LOOK_S = 0.3
"""More than this between two looks is not held against the device: it is this process that stood still."""

FIRST_RETRY_S, SHORT_RETRY_S, LONG_RETRY_S = 0.25, 1.0, 30.0
"""Time between attempts to open: doubled from the first to the short one, and the long one after `PATIENCE_S`."""
PATIENCE_S = 300.0

JUDGED_S = 5.0
"""The input is judged by so many seconds of it."""
CLIPPED_SHARE = 0.25
"""Speech has pauses: an input is clipped when this share of that time holds clipped samples."""

WORDS: dict[InputStatus, str] = {
    "ok": "audio arrives",
    "silent": "nothing but zeros; see whether the device is muted, or gone behind the sound server",
    "constant": "audio arrives, but never changes; check the device's connection",
    "clipped": "audio arrives, clipped; turn the device's gain down",
    "offset": "audio arrives with a constant offset; try another input of the device",
}


@dataclass(frozen=True, slots=True)
class Transition:
    """What has changed."""

    state: DeviceState
    reason: str


class Supervisor:
    """States of one source. What tells it something returns the transition that this makes, or None."""

    def __init__(self, now: float, *, live: bool, muted: bool = False) -> None:
        """`live`: a device, which can fail and come back. A recording is opened, heard and at its end."""
        self.state: DeviceState = "muted" if muted else "waiting"
        self.reason = "mute was asked for" if muted else "opening the source"
        self._live = live
        self._open = self._begun = False
        """Whether there is a stream, and whether a frame has come from it."""
        self._looked = self._missing = self._due = now
        """Times of the last look for a frame, of the last audio that ought to go on, and of the next attempt."""
        self._age = 0.0
        self._retry_s = FIRST_RETRY_S
        self._input: InputStatus = "ok"
        self._strides: deque[tuple[float, InputStatus]] = deque()

    def wants_stream(self, now: float) -> bool:
        """Whether to open the source now."""
        return not self._open and self.state != "muted" and now >= self._due

    def opened(self, now: float) -> Transition | None:
        """The source is open; frames are awaited."""
        self._open, self._begun, self._age, self._looked = True, False, 0.0, now
        return self._become("waiting", "the source is open") if self.state == "waiting" else None

    def refused(self, now: float, reason: str) -> Transition | None:
        """An attempt to open it failed."""
        self._put_off(now)
        return self._become(self.state, reason)

    def heard(self, now: float) -> Transition | None:
        """A frame came. One that follows a stall may be from anywhere: `lost`, and the device is opened by its name."""
        if self.state == "stalled":
            return self.ended(now, f"audio came back after {self._age:.1f} s, from where is not known; opening it anew")
        self._age, self._looked = 0.0, now
        if self._begun and self.state in ("listening", "silent"):
            return None
        self._begun, self._input = True, "ok"
        self._retry_s = FIRST_RETRY_S
        self._strides.clear()
        return self._become("listening", WORDS["ok"])

    def judged(self, seconds: float, status: InputStatus, channels: SingleChannel | None = None) -> Transition | None:
        """Record that `seconds` of input had this status; `channels`: the one that is heard alone."""
        if not self._live or self.state not in ("listening", "silent"):
            return None
        if status != "silent" and self.state == "silent":
            self._strides.clear()  # the first sound ends the silence
            self._input = "ok"
        self._strides.append((seconds, status))
        while sum(length for length, _ in self._strides) - self._strides[0][0] >= JUDGED_S:
            self._strides.popleft()
        self._input = self._lasting()
        reason = WORDS[self._input]
        if channels is not None and self._input == "ok":
            reason += f"; {channels.words}: see to its wiring, or choose one with --channel"
        return self._become("silent" if self._input == "silent" else "listening", reason)

    def unheard(self, now: float) -> Transition | None:
        """A look for a frame found none."""
        self._age += min(now - self._looked, LONGEST_LOOK_S)
        self._looked = now
        if not self._live or not self._open:
            return None
        if self._age > (LOST_S if self._begun else FIRST_FRAME_S):
            return self.ended(now, f"no audio for {self._age:.1f} s" + ("" if self._begun else " after it was opened"))
        if self._begun and self._age > STALLED_S and self.state != "stalled":
            return self._become("stalled", f"no audio for {self._age:.1f} s")
        return None

    def ended(self, now: float, reason: str) -> Transition | None:
        """The stream is of no use any more."""
        if self._begun:
            self._missing = now
        self._put_off(now)
        self._open = self._begun = False
        return self._become("waiting" if self.state == "waiting" else "lost", reason)

    def muted(self) -> Transition | None:
        """The stream was closed because nobody wants to be heard. A recording's only goes unheard."""
        self._open, self._begun = self._open and not self._live, False
        return self._become("muted", "mute was asked for")

    def unmuted(self, now: float) -> Transition | None:
        """It is wanted again; at once."""
        if self.state != "muted":
            return None
        self._missing = self._due = now
        self._retry_s = FIRST_RETRY_S
        return self._become("waiting", "unmute was asked for")

    def finished(self, state: DeviceState, reason: str) -> Transition | None:
        """`stopped` or `failed`: nothing comes after this."""
        return self._become(state, reason)

    def _put_off(self, now: float) -> None:
        patient = now - self._missing >= PATIENCE_S
        self._due = now + (LONG_RETRY_S if patient else self._retry_s)
        self._retry_s = min(2 * self._retry_s, SHORT_RETRY_S)

    def _lasting(self) -> InputStatus:
        """What the last seconds were like as a whole; as before while there are too few."""
        whole = sum(length for length, _ in self._strides)
        if whole < JUDGED_S:
            return self._input
        share = {status: sum(length for length, s in self._strides if s == status) / whole for status in WORDS}
        for status in ("silent", "constant", "offset"):
            if share[status] == 1:
                return status
        return "clipped" if share["clipped"] >= CLIPPED_SHARE else "ok"

    def _become(self, state: DeviceState, reason: str) -> Transition | None:
        if (state, reason) == (self.state, self.reason):
            return None
        self.state, self.reason = state, reason
        return Transition(state, reason)
