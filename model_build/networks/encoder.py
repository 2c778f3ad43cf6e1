"""The encoder of Whisper tiny.en (Radford et al. 2022): its weights, and its layers as TensorFlow operations.

Two convolutions, then blocks of self-attention and a perceptron, each with a residual. It was trained on windows of
30 s and works on short ones, with the first positions. Layers that are fed nothing but the past are not needed: a
window is heard as a whole.
"""

from __future__ import annotations

import hashlib
import math
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from serd.errors import UsageError
from serd.inference.frontend import Bands, FrontEnd, Stft

FRONT_END = FrontEnd(Stft(16000, n_fft=400, hop=160), Bands("slaney", 80, 0, 8000), 300, top_db=80, quiet_db=-70)
"""3 s of the rows that it was trained on, but for the gain: the window's loudest band is always PEAK."""
PEAK = 1.3
"""What the encoder is fed for a window's loudest band, and 2 less for 80 dB below: that of speech at an ordinary
level, (log10 of the power + 4) / 4."""
WIDTH, HEADS, BLOCKS = 384, 6, 4
EPSILON = 1e-5

FOLDER, FILE = "whisper-tiny.en", "encoder.npz"
"""Where `fetch` puts the weights, below the folder of the corpora."""

Tensor = Any
Weights = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Encoder:
    """Weights under the names of OpenAI's package `whisper`: `conv1.weight`, `blocks.0.attn.query.weight`, ..."""

    weights: Mapping[str, Weights]

    @classmethod
    def read(cls, path: Path) -> Encoder:
        """Read the weights from an `.npz`. Raises UsageError."""
        try:
            with np.load(path) as arrays:
                encoder = cls({name: arrays[name].astype(np.float32) for name in arrays.files})
            encoder.check()
        except (OSError, ValueError, zipfile.BadZipFile) as error:
            raise UsageError(
                f"{path}: no weights of Whisper tiny.en's encoder ({error}); "
                "`python -m model_build fetch whisper-tiny.en` brings them"
            ) from None
        return encoder

    def check(self) -> None:
        """Raises ValueError if a weight is missing or has another shape."""
        for name, shape in shapes().items():
            if name not in self.weights:
                raise ValueError(f"{name} is missing")
            there = self.weights[name].shape
            if there[0] < shape[0] or there[1:] != shape[1:]:
                raise ValueError(f"{name} has the shape {there}, wanted {shape}")

    @property
    def digest(self) -> str:
        """SHA-256 of all weights in half precision, as they are published."""
        hashed = hashlib.sha256()
        for name in sorted(shapes()):
            hashed.update(name.encode() + np.ascontiguousarray(self.weights[name], np.float16).tobytes())
        return hashed.hexdigest()

    def size(self, blocks: int) -> int:
        """Numbers in the convolutions and so many blocks."""
        return sum(
            math.prod(shape)
            for name, shape in shapes().items()
            if not name.startswith("blocks.") or int(name[7]) < blocks
        )

    def macs(self, blocks: int) -> int:
        """Multiplications with a weight, and those of attention, for one window."""
        rows, steps = FRONT_END.rows, FRONT_END.rows // 2
        convolutions = 3 * WIDTH * (rows * FRONT_END.bands.count + steps * WIDTH)
        return convolutions + blocks * (12 * steps * WIDTH**2 + 2 * steps**2 * WIDTH)

    def states(self, rows: Tensor, blocks: int = BLOCKS) -> list[Tensor]:
        """(1, rows, bands) in [0, 1] as `FrontEnd.scale` gives them -> states (rows // 2, WIDTH) after the
        convolutions and after each block."""
        import tensorflow as tf

        steps = rows.shape[1] // 2
        x = 2 * rows + np.float32(PEAK - 2)
        for name, stride in (("conv1", 1), ("conv2", 2)):
            kernel = tf.constant(self.weights[f"{name}.weight"].transpose(2, 1, 0))
            x = tf.pad(x, ((0, 0), (1, 1), (0, 0)))  # as PyTorch pads: `SAME` would pad a stride of 2 on one side
            x = gelu(tf.nn.conv1d(x, kernel, stride, "VALID") + self.weights[f"{name}.bias"])
        x = tf.reshape(x, (steps, WIDTH)) + self.weights["positional_embedding"][:steps]
        states = [x]
        for k in range(blocks):
            x = x + self._attention(self._normal(x, f"blocks.{k}.attn_ln"), f"blocks.{k}.attn", steps)
            y = gelu(self._linear(self._normal(x, f"blocks.{k}.mlp_ln"), f"blocks.{k}.mlp.0"))
            x = x + self._linear(y, f"blocks.{k}.mlp.2")
            states.append(x)
        return states

    def _attention(self, x: Tensor, name: str, steps: int) -> Tensor:
        import tensorflow as tf

        def heads(part: str) -> Tensor:
            whole = self._linear(x, f"{name}.{part}")
            return tf.transpose(tf.reshape(whole, (steps, HEADS, WIDTH // HEADS)), (1, 0, 2))

        query, key, value = heads("query") * np.float32((WIDTH // HEADS) ** -0.5), heads("key"), heads("value")
        attention = tf.nn.softmax(tf.matmul(query, key, transpose_b=True))
        joined = tf.reshape(tf.transpose(tf.matmul(attention, value), (1, 0, 2)), (steps, WIDTH))
        return self._linear(joined, f"{name}.out")

    def _linear(self, x: Tensor, name: str) -> Tensor:
        import tensorflow as tf

        product = tf.matmul(x, tf.constant(self.weights[f"{name}.weight"]), transpose_b=True)
        bias = self.weights.get(f"{name}.bias")
        return product if bias is None else product + bias

    def _normal(self, x: Tensor, name: str) -> Tensor:
        import tensorflow as tf

        centred = x - tf.reduce_mean(x, axis=-1, keepdims=True)
        spread = tf.math.rsqrt(tf.reduce_mean(tf.square(centred), axis=-1, keepdims=True) + EPSILON)
        return centred * spread * self.weights[f"{name}.weight"] + self.weights[f"{name}.bias"]


def gelu(x: Tensor) -> Tensor:
    """The Gaussian error linear unit in its tanh form, which TFLite has as one operation."""
    import tensorflow as tf

    return tf.nn.gelu(x, approximate=True)


def shapes() -> dict[str, tuple[int, ...]]:
    """The shape of every weight; a file may have more positions."""
    bands, steps = FRONT_END.bands.count, FRONT_END.rows // 2
    named: dict[str, tuple[int, ...]] = {
        "conv1.weight": (WIDTH, bands, 3),
        "conv1.bias": (WIDTH,),
        "conv2.weight": (WIDTH, WIDTH, 3),
        "conv2.bias": (WIDTH,),
        "positional_embedding": (steps, WIDTH),
    }
    for k in range(BLOCKS):
        for part in ("attn.query", "attn.key", "attn.value", "attn.out", "mlp.0", "mlp.2"):
            out, into = {"mlp.0": (4 * WIDTH, WIDTH), "mlp.2": (WIDTH, 4 * WIDTH)}.get(part, (WIDTH, WIDTH))
            named[f"blocks.{k}.{part}.weight"] = (out, into)
            if part != "attn.key":
                named[f"blocks.{k}.{part}.bias"] = (out,)
        for part in ("attn_ln", "mlp_ln"):
            named |= {f"blocks.{k}.{part}.weight": (WIDTH,), f"blocks.{k}.{part}.bias": (WIDTH,)}
    return named


def encoder_file(data: Path) -> Path:
    """Where the encoder's weights stand: as `fetch` puts them, or in `encoders` beside the corpora."""
    beside = data.parent / "encoders" / FOLDER / FILE
    return beside if beside.is_file() else data / FOLDER / FILE
