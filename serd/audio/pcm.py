"""Raw samples: how numbers are written as bytes, by the names that ffmpeg gives to that."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from serd.block import Samples


@dataclass(frozen=True, slots=True)
class Layout:
    """Layout of a stream of raw samples."""

    rate: int = 16000
    """Frames per second."""
    channels: int = 1
    encoding: str = "s16le"
    """One of `serd.config.settings.ENCODINGS`."""

    @property
    def frame_bytes(self) -> int:
        """Bytes of one sample of each channel."""
        return int(self.encoding[1:].rstrip("lbe")) // 8 * self.channels

    def frames(self, data: bytes) -> Samples:
        """Whole frames as float32 (n, channels), full scale ±1."""
        kind, order = self.encoding[0], ">" if self.encoding.endswith("be") else "<"
        width = self.frame_bytes // self.channels
        if kind == "f":
            flat = np.frombuffer(data, f"{order}f{width}").astype(np.float32)
        elif kind == "u":
            flat = (np.frombuffer(data, np.uint8).astype(np.float32) - np.float32(128)) / np.float32(128)
        elif width == 3:
            flat = _three(data, order) / np.float32(1 << 23)
        else:
            # One rounding, as libsndfile does it: int32 has more digits than float32.
            whole = np.frombuffer(data, f"{order}i{width}")
            flat = whole.astype(np.float32) / np.float32(1 << 8 * width - 1)
        return flat.reshape(-1, self.channels)


def _three(data: bytes, order: str) -> Samples:
    """Numbers of 24 bits, as the upper bytes of 32."""
    bytes_of = np.frombuffer(data, np.uint8).reshape(-1, 3)
    wide = np.zeros((len(bytes_of), 4), np.uint8)
    wide[:, 1:] = bytes_of if order == "<" else bytes_of[:, ::-1]
    return (wide.view("<i4")[:, 0] >> 8).astype(np.float32)
