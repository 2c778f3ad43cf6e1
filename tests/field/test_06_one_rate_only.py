"""Row 6: a device that offers one sample rate, and not the one wanted: JACK's dummy sound card at 48 kHz."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.fieldwork import PATIENCE_S, in_the_field

RATE = 48000
METER = 4
"""Index of the meter's band that holds the metronome's 1200 Hz."""


@pytest.fixture
def jack(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment of a JACK server of the test's own with a metronome."""
    if not shutil.which("jackd") or not shutil.which("jack_metro"):
        pytest.skip("no jackd here; script/test installs it (jackd2)")
    name = f"serd-{os.getpid()}"
    env = {**os.environ, "JACK_DEFAULT_SERVER": name, "JACK_NO_AUDIO_RESERVATION": "1", "HOME": str(tmp_path)}
    env = {key: value for key, value in env.items() if not key.startswith("PULSE")}
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "env": env}
    server = ["jackd", "--no-realtime", "-n", name, "-d", "dummy", "-r", str(RATE), "-C", "1", "-P", "1", "-p", "1024"]
    metronome = ["jack_metro", "-b", "300", "-f", "1200", "-D", "100", "-A", "0.5"]
    with (
        subprocess.Popen(server, **quiet) as jackd,
        subprocess.Popen(["jack_wait", "-w", "-s", name], **quiet) as ready,
    ):
        try:
            ready.wait(20)
            with subprocess.Popen(metronome, **quiet) as metro:
                try:
                    yield env
                finally:
                    metro.kill()
        finally:
            jackd.terminate()


def listed(env: dict[str, str]) -> list[str]:
    return subprocess.run(["jack_lsp"], env=env, capture_output=True, text=True, check=False).stdout.split()


def test_a_device_at_48_khz_alone_is_opened_there_and_resampled(serd: str, jack: dict[str, str], measured):
    with in_the_field(serd, "--device", "system", env=jack) as field:
        began = field.state("listening")
        assert began["device"] == {"name": "system", "rate": RATE, "channels": 1}
        wanted = ("metro:", ":in_")
        limit = time.monotonic() + PATIENCE_S
        while len(ports := [port for port in listed(jack) if any(word in port for word in wanted)]) < len(wanted):
            assert time.monotonic() < limit, listed(jack)
            time.sleep(0.1)
        metro, ours = sorted(ports, key=lambda port: ":in_" in port)
        subprocess.run(["jack_connect", metro, ours], env=jack, check=True, capture_output=True)
        field.until(lambda: any(loud(frame) for frame in field.of("frame")))
        assert field.end() == 0
        measured(**field.losses())


def loud(frame: dict) -> bool:
    """Whether the tone is there, at its own frequency and no other."""
    bands = frame["quality"]["bands"]
    return bands[METER] > -40 and max(range(8), key=bands.__getitem__) == METER and bands[7] < bands[METER] - 20
