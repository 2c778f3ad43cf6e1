"""serd.audio.pcm: raw samples of every layout become the numbers that libsndfile makes of them."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
import soundfile

from serd.audio.pcm import Layout
from serd.config.settings import ENCODINGS

SUBTYPES = {"s8": "PCM_S8", "u8": "PCM_U8", "s16": "PCM_16", "s24": "PCM_24", "s32": "PCM_32", "f32": "FLOAT",
            "f64": "DOUBLE"}  # fmt: skip


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("channels", [1, 3])
def test_every_encoding_reads_as_libsndfile_reads_it(encoding: str, channels: int):
    kind = encoding.removesuffix("le").removesuffix("be")
    options = {"format": "RAW", "subtype": SUBTYPES[kind], "endian": "BIG" if encoding.endswith("be") else "LITTLE"}
    sound = np.random.default_rng(1).uniform(-1, 1, (500, channels))
    file = BytesIO()
    soundfile.write(file, sound, 16000, **options)
    want, _ = soundfile.read(
        BytesIO(file.getvalue()), samplerate=16000, channels=channels, dtype="float32", always_2d=True, **options
    )
    layout = Layout(16000, channels, encoding)
    assert len(file.getvalue()) == 500 * layout.frame_bytes
    got = layout.frames(file.getvalue())
    assert got.dtype == np.float32
    assert np.array_equal(got, want)
