"""Row 23: memory that grows from day to day. The short form of script/soak: a quarter of an hour as fast as it goes."""

from __future__ import annotations

import subprocess
import tempfile
import time

import psutil

from tests.support.speech import DEMO, read

WARM_S, LONG_S = 300, 600
"""Seconds of stream before the first look, and between it and the last."""
RISE_MB = 1.5


def test_memory_threads_and_handles_stay_as_they_are(serd: str, measured):
    samples = (read(DEMO) * 32767).astype("<i2").tobytes()
    seconds = len(samples) / 32000
    with (
        tempfile.TemporaryDirectory(prefix="serd-field-", dir="/tmp") as folder,
        subprocess.Popen(
            [serd, "--model", "serd-small", "--input", "-", "--publish", f"ipc://{folder}/events"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env={
                "XDG_CONFIG_HOME": folder,
                "XDG_STATE_HOME": folder,
                "XDG_RUNTIME_DIR": folder,
                "PATH": "/usr/bin:/bin",
            },
        ) as process,
    ):
        try:
            before = fed(process, samples, WARM_S / seconds)
            after = fed(process, samples, LONG_S / seconds)
            assert process.stdin is not None
            process.stdin.close()
            assert process.wait(60) == 0
            assert process.stderr is not None
            assert process.stderr.read() == b""
        finally:
            process.kill()
    assert after[1:] == before[1:]
    assert after[0] - before[0] < RISE_MB
    measured()


def fed(process: subprocess.Popen[bytes], samples: bytes, times: float) -> tuple[float, int, int]:
    """Feed it, wait until it has worked through it all; its resident megabytes, threads and handles then."""
    assert process.stdin is not None
    for _ in range(round(times)):
        process.stdin.write(samples)
    process.stdin.flush()
    look = psutil.Process(process.pid)
    used = -1.0
    while (now := look.cpu_times().user) > used + 0.02:
        used = now
        time.sleep(0.3)
    return look.memory_info().rss / 1e6, look.num_threads(), look.num_fds()
