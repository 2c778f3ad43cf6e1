"""A small network that tells activation: real edges and weights in int8 (dynamic range), as an encoder's file has them.

As a program it writes the file: tensorflow and an interpreter need not share a process.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LABELS = ("neutral", "calm", "happy", "sad", "angry", "fearful", "disgust", "surprised")
SOURCES = (
    __file__,
    ROOT / "serd" / "inference" / "contract.py",
    ROOT / "serd" / "inference" / "frontend.py",
    ROOT / "model_build" / "networks" / "dynamic_range.py",
)


def activated(*, heavy: bool = False) -> Path:
    """The file, made once and kept as long as nothing that shapes it changes; `heavy`: takes longer than real time."""
    from tests.support.environments import CACHE, locked

    sources = b"".join(Path(source).read_bytes() for source in SOURCES)
    name = "heavy" if heavy else "activated"
    path = CACHE / f"{name}-{hashlib.sha256(sources).hexdigest()[:12]}.tflite"
    with locked(name):
        if not path.is_file():
            for old in CACHE.glob(f"{name}-*.tflite"):
                old.unlink()
            made = path.with_suffix(".part")
            command = [sys.executable, __file__, str(made), str(HEAVY if heavy else 0)]
            done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=500, check=False)
            assert done.returncode == 0, done.stderr
            made.rename(path)
    return path


HEAVY = 25
"""Products of a matrix of 2048 by 2048 with a window's rows: some 30 thousand million multiplications."""


def write(path: Path, products: int) -> None:
    """Eight emotions by random projections of the bands, activation by how the upper half of the bands stands to the
    lower: on the synthetic recording all of them come and go."""
    import numpy as np
    import tensorflow as tf

    from model_build.networks.dynamic_range import convert
    from serd.inference.contract import FORMAT, Contract, write_model
    from serd.inference.frontend import Bands, FrontEnd, Stft

    front_end = FrontEnd(Stft(16000, 400, 160), Bands("slaney", 80, 0, 8000), rows=300, top_db=80, quiet_db=-70)
    rng = np.random.default_rng(5)
    hidden = rng.normal(0, 0.4, (80, 64)).astype(np.float32)
    emotions = rng.normal(0, 1.0, (64, len(LABELS))).astype(np.float32)
    usual = np.array([[-1.9, 0.2, 10.4, -2.8, -10.3, -2.9, -11.0, -2.7]], np.float32)
    tilt = np.r_[np.full(40, -15 / 40), np.full(40, 15 / 40)].astype(np.float32)[:, np.newaxis]
    square = rng.normal(0, 0.02, (2048, 2048)).astype(np.float32)

    def network(window: tf.Tensor) -> tf.Tensor:
        rows = tf.reshape(window, (300, 80))
        pooled = tf.reduce_mean(tf.nn.relu(tf.matmul(rows, tf.constant(hidden))), axis=0, keepdims=True)
        aroused = tf.matmul(tf.reduce_mean(rows, axis=0, keepdims=True), tf.constant(tilt)) + 1.65
        answer = tf.concat([tf.matmul(pooled, tf.constant(emotions)) - usual, aroused], axis=1)
        if products:
            weights, wide = tf.constant(square), tf.tile(rows, (1, 26))[:, :2048]
            for _ in range(products):
                wide = tf.nn.relu(tf.matmul(wide, weights))
            answer += 1e-9 * tf.reduce_max(tf.minimum(wide, 1.0))
        return answer

    contract = Contract(
        format=FORMAT,
        name="heavy" if products else "activated",
        version="1",
        task="emotion",
        front_end=front_end,
        labels=LABELS,
        input=None,
        output=None,
        temperature=1.0,
        thresholds={"evidence": 4.0, "smoothing_s": 1.0},
        trained_on={},
        licence="none",
        activation=0.5,
    )
    write_model(path, convert(network, front_end), contract)


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    write(Path(sys.argv[1]), int(sys.argv[2]))
