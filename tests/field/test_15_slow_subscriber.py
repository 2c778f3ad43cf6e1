"""Row 15: a subscriber that never reads. Ten minutes of sound come through a pipe as fast as serd takes them."""

from __future__ import annotations

import subprocess
import threading
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile
import zmq

from serd.events.subscribe import subscribe
from serd.events.subscriber import Subscription
from tests.support.speech import DEMO

MINUTES = 10
PATIENCE_S = 60


def read(subscription: Subscription, events: list[dict]) -> None:
    for event in subscription:
        events.append(event)
        if event["data"]["state"] == "stopped":
            return


@pytest.mark.parametrize("mark", [500])
def test_one_who_never_reads_loses_and_knows_it_and_costs_nobody_else(serd: str, tmp_path: Path, mark: int, measured):
    endpoint = f"ipc://{tmp_path}/events"
    samples, _ = soundfile.read(DEMO, dtype="int16")
    sound = np.resize(samples, MINUTES * 60 * 16000).tobytes()
    events: list[dict] = []
    with subscribe(endpoint, timeout=PATIENCE_S) as good, zmq.Context() as context, context.socket(zmq.SUB) as deaf:
        deaf.set(zmq.RCVHWM, 1)
        deaf.set(zmq.LINGER, 0)
        deaf.set(zmq.SUBSCRIBE, b"serd.v1.")
        deaf.connect(endpoint)
        reader = threading.Thread(target=read, args=(good, events))
        reader.start()
        process = subprocess.Popen(
            [serd, "--publish", endpoint, "--wait-subscribers", "2", "--high-water-mark", str(mark), "--input", "-",
             "--model", "serd-small"],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env={"HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path)},
        )  # fmt: skip
        assert process.stdin is not None
        for k in range(0, len(sound), 32000):  # the good reader has to keep up with this pace
            process.stdin.write(sound[k : k + 32000])
            time.sleep(0.002)
        process.stdin.close()
        assert process.wait(PATIENCE_S) == 0, "held up by nobody, it ends soon after its input"
        reader.join(PATIENCE_S)
        frames = [event["data"]["sequence"] for event in events if event["type"].endswith("frame")]
        assert frames == list(range(len(frames)))
        assert len(frames) >= MINUTES * 60 * 4 - 2
        assert good.lost == 0
        assert events[-1]["data"]["dropped"] > 0, "the loss is published"
        numbers = []
        while deaf.poll(300):
            topic, payload = deaf.recv_multipart()
            if topic.endswith(b"frame."):
                numbers.append(int(payload.partition(b'"sequence":')[2].partition(b",")[0]))
        assert len(numbers) < len(frames)
        assert numbers == list(range(len(numbers))), "the newest are lost, and the numbers tell how many"
        measured(events_lost=good.lost)
