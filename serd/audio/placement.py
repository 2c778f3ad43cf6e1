"""Placement: which of a sound server's sources our stream is at, as the server says.

A server may move a stream to another source, when its own goes or when somebody drags it there, and the stream goes on
as if nothing had happened.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Collection

from serd.audio.soundserver import connect, load

LOOK_S = 1.0
"""How often it is looked after, besides whenever the server tells of a change."""

CONFIRM_S = 3.0
"""How long a stream may take to appear at its source."""

_claimed: dict[int, Placement] = {}
"""Streams of this process at the server, by its numbers, and whose they are: each device that is captured has one."""
_claiming = threading.Lock()


class Placement:
    """Watches, in a thread of its own, that a stream comes from one source and no other.

    It is the one that has been opened last, and that is no other placement's.
    """

    def __init__(self, source: str) -> None:
        self._source = source
        self._right, self._over = threading.Event(), threading.Event()
        self.fault = ""
        """What is wrong: once it is set, the stream is not that source's."""
        self._thread = threading.Thread(target=self._run, name="placement", daemon=True)
        self._thread.start()

    def confirm(self) -> bool:
        """Wait until the stream is seen at its source; False if it is not."""
        until = time.monotonic() + CONFIRM_S
        while not self._right.wait(0.02) and not self.fault and time.monotonic() < until:
            pass
        return self._right.is_set() and not self.fault

    def close(self) -> None:
        """Watch no more. A server that does not answer holds nobody up: the thread ends when it does."""
        self._over.set()
        self._thread.join(0.2)
        with _claiming:
            for number in [number for number, owner in _claimed.items() if owner is self]:
                del _claimed[number]

    def _run(self) -> None:
        pulsectl = load()

        def changed(_: object) -> None:
            raise pulsectl.PulseLoopStop

        try:
            with connect("serd: placement") as pulse:
                pulse.event_mask_set("source_output", "source")
                pulse.event_callback_set(changed)
                while not self._over.is_set() and not self.fault:
                    names = {one.index: one.name for one in pulse.source_list()}
                    here = {
                        one.index: names.get(one.source, "no source")
                        for one in pulse.source_output_list()
                        if one.proplist.get("application.process.id") == str(os.getpid())
                    }
                    ours = [here[number] for number in self._claim(here)]
                    if strange := [name for name in ours if name != self._source]:
                        self.fault = f"the sound server has moved the stream to {strange[0]}"
                    elif ours:
                        self._right.set()
                    pulse.event_listen(LOOK_S if self._right.is_set() else 0.05)
        except (OSError, pulsectl.PulseError):
            self.fault = "the sound server does not say where the stream is"

    def _claim(self, here: Collection[int]) -> list[int]:
        """Which of this process's streams are ours: those that were, else those that are nobody's yet."""
        with _claiming:
            ours = [number for number in here if _claimed.get(number) is self]
            if not ours and not self._over.is_set():
                ours = [number for number in here if number not in _claimed]
                _claimed.update(dict.fromkeys(ours, self))
            return ours
