"""Row 13: a unit that is dead but looks alive. A stopped process stands for one that hangs."""

from __future__ import annotations

import signal
import socket
import time
from pathlib import Path

from tests.support.fieldwork import in_the_field
from tests.support.speech import DEMO

HEARTBEAT_S = 5.0
WATCHDOG_S = 2.0


def test_a_unit_that_hangs_falls_silent_for_its_reader_and_for_systemd(serd: str, tmp_path: Path, measured):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.setblocking(False)

        def pings() -> int:
            count = 0
            while True:
                try:
                    count += manager.recv(4096) == b"WATCHDOG=1"
                except BlockingIOError:
                    return count

        environment = {
            "PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path),
            "NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": str(round(WATCHDOG_S * 1e6)),
        }  # fmt: skip
        with in_the_field(serd, "--input", str(DEMO), env=environment) as field:
            field.state("listening")
            pings()
            first = len(field.of("status"))
            field.until(lambda: len(field.of("status")) >= first + 2)
            beats = [status["at"] for status in field.of("status")[first:]]
            assert beats[1] - beats[0] < HEARTBEAT_S + 1.5, "a heartbeat, though nothing has changed"
            assert pings() >= (beats[1] - beats[0]) / WATCHDOG_S, "and the watchdog has been pinged in time"
            field.process.send_signal(signal.SIGSTOP)
            time.sleep(0.3)
            pings()
            stopped = len(field.events)
            time.sleep(WATCHDOG_S)
            assert pings() == 0, "systemd would kill and restart it now"
            assert len(field.events) == stopped, "and its reader hears no heartbeat"
            field.process.send_signal(signal.SIGCONT)
            field.frame(after=time.time())
            assert field.end() == 0
            measured(detected_s=WATCHDOG_S, events_lost=field.events_lost)
