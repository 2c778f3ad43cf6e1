"""The speech detector: a small network of ours, trained and quantized.

`python -m model_build detector --data DIR train` makes serd/models/speech.tflite, and with --run another
file of the cross-fit over ESC-10's folds; `... evaluate` prints the tables of docs/speech-detection.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model_build.clips.speech import FOLDS, recordings
from model_build.detector.data import FRONT_END, INNER_FOLD, INNER_SPEAKERS, TEST_FOLD, TEST_SPEAKERS
from model_build.detector.scenes import Scenes, make_scenes
from model_build.files import cache
from serd.inference.contract import FORMAT, Contract, Quantization, write_model

LABELS = ("noise", "speech")
THRESHOLDS = {"speech_on": 0.6, "speech_off": 0.4, "speech_hold_s": 0.5, "speech_min_s": 0.5}
SHIPPED = Path(__file__).parents[2] / "serd" / "models" / "speech.tflite"


@dataclass(frozen=True)
class DetectorRun:
    """One training: what it leaves out beside the test speakers."""

    name: str
    folds: tuple[int, ...]
    """Folds of ESC-10 that it does not see."""
    inner: bool = False
    """Whether it leaves out INNER_SPEAKERS too."""

    def path(self) -> Path:
        """Where its model is kept."""
        return SHIPPED if self.name == "shipped" else cache.folder("detector") / f"speech-{self.name}.tflite"


RUNS = {
    run.name: run
    for run in (
        DetectorRun("shipped", (TEST_FOLD,)),
        DetectorRun("inner", (INNER_FOLD, TEST_FOLD), inner=True),
        *(DetectorRun(f"without-{fold}", (fold,)) for fold in FOLDS if fold != TEST_FOLD),
    )
}


def network(rows: int, bands: int, batch: int | None = None) -> Any:
    """The untrained Keras model: (rows, bands, 1) in [0, 1] -> 2 logits.

    Convolutions with strides shrink the bands eightfold and the rows fourfold; the bands are then summed up by
    one full-height convolution, and what is left, a short sequence, goes to the dense layers whole: where
    in time the speech lies matters.
    """
    import keras
    from keras import layers

    def normed(x: Any, width: int, size: tuple[int, int], strides: tuple[int, int], padding: str = "same") -> Any:
        x = layers.Conv2D(width, size, strides=strides, padding=padding, use_bias=False)(x)
        return layers.ReLU()(layers.BatchNormalization()(x))

    source = keras.Input((rows, bands, 1), batch_size=batch)
    x = normed(source, 16, (3, 5), (2, 2))
    x = normed(x, 32, (3, 3), (2, 2))
    x = normed(x, 48, (3, 3), (1, 2))
    x = normed(x, 48, (1, x.shape[2]), (1, 1), "valid")
    x = normed(x, 48, (3, 1), (1, 1))
    x = normed(x, 48, (3, 1), (1, 1))
    x = layers.Dropout(0.3)(layers.Flatten()(x))
    x = layers.Dropout(0.2)(layers.Dense(24, activation="relu")(x))
    return keras.Model(source, layers.Dense(2)(x))


def batch_of(rng: np.random.Generator, x: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Windows for training, varied: a tilted response, missing bands, a stream that has just begun."""
    scaled = x.astype(np.float32) / np.float32(255)
    n, rows, bands = x.shape
    bend = rng.normal(0, 0.05, (n, 1, 1)) * np.linspace(-1, 1, bands) + rng.normal(0, 0.03, (n, 1, 1))
    scaled = np.where(scaled > 0, np.clip(scaled + bend.astype(np.float32), 0, 1), 0)
    for k in np.flatnonzero(rng.random(n) < 0.4):
        start, width = int(rng.integers(bands)), int(rng.integers(1, 7))
        scaled[k, :, start : start + width] = 0
    for k in np.flatnonzero(rng.random(n) < 0.1):  # every whole stride from the last two on is a valid start
        scaled[k, : int(rng.integers(0, rows // 8 - 2)) * 8] = 0
    varied: NDArray[np.float32] = scaled[..., np.newaxis].astype(np.float32)
    return varied


def train(scenes: Scenes, epochs: int, seed: int, batch: int = 128) -> Any:
    """A trained Keras model. The number of epochs is fixed beforehand; nothing is chosen on the way."""
    import keras

    keras.utils.set_random_seed(seed)
    rng = np.random.default_rng(seed)
    model = network(*scenes.x.shape[1:])
    steps = len(scenes.x) // batch
    rate = keras.optimizers.schedules.CosineDecay(1e-4, epochs * steps, 1e-5, warmup_target=3e-3, warmup_steps=steps)
    loss = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.02)
    model.compile(optimizer=keras.optimizers.AdamW(rate, weight_decay=1e-3), loss=loss, jit_compile=False)
    for epoch in range(epochs):
        order, losses = rng.permutation(len(scenes.x)), []
        for k in range(steps):
            chosen = np.sort(order[k * batch : (k + 1) * batch])
            y = scenes.y[chosen]
            loss_now = model.train_on_batch(batch_of(rng, scenes.x[chosen]), np.stack([1 - y, y], axis=1))
            losses.append(float(np.asarray(loss_now).ravel()[0]))
            if k % 32 == 0:
                model.reset_metrics()
        print(f"epoch {epoch + 1}/{epochs}: loss {np.mean(losses):.4f}", flush=True)
    return model


def contract_of(run: DetectorRun, data: Path, source: Quantization, sink: Quantization) -> Contract:
    """What the exported file says of itself."""
    heard: dict[str, tuple[str, ...]] = {}
    for corpus in ("ravdess-speech", "ravdess-song", "nemo", "librispeech", "esc-10"):
        if corpus == "esc-10":
            names = {str(fold) for fold in FOLDS if fold not in run.folds}
        else:
            names = {utterance.speaker for utterance in recordings(data, corpus)}
            family = corpus.split("-")[0]
            names -= set(TEST_SPEAKERS[family]) | set(INNER_SPEAKERS[family] if run.inner else ())
        heard[corpus] = tuple(sorted(names))
    return Contract(
        format=FORMAT,
        name="speech",
        version="1.0",
        task="speech",
        front_end=FRONT_END,
        labels=LABELS,
        input=source,
        output=sink,
        temperature=1.0,
        thresholds=THRESHOLDS,
        trained_on=heard,
        licence="CC-BY-NC-SA-4.0",
        notes={"question": "is there speech in the last 0.5 s?", "run": run.name},
    )


def make_detector(run: DetectorRun, data: Path, hours: float, epochs: int, seed: int) -> Path:
    """Train one run from the data and write its model file."""
    from model_build.networks.quantize import quantize

    scenes = make_scenes(data, hours)
    keep = ~np.isin(scenes.fold, run.folds)
    if run.inner:
        keep &= ~scenes.inner
    scenes = scenes.where(keep)
    print(f"{run.name}: {len(scenes.x)} windows, {scenes.y.mean():.2f} of them speech", flush=True)
    model = train(scenes, epochs, seed)
    sample = scenes.x[np.random.default_rng(seed).choice(len(scenes.x), 400, replace=False)]
    quantized = quantize(model, sample.astype(np.float32) / np.float32(255))
    path = run.path()
    with cache.replacing(path) as written:
        write_model(written, quantized.network, contract_of(run, data, quantized.input, quantized.output))
    model.save_weights(cache.folder("detector") / f"speech-{run.name}.weights.h5")
    print(f"{path}: {path.stat().st_size} bytes, {model.count_params()} parameters", flush=True)
    return path
