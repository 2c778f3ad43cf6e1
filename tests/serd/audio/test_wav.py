"""serd.audio.wav: the samples of a WAV, however its bytes come, and nothing of its other chunks."""

from __future__ import annotations

import struct
from io import BytesIO

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from serd.audio.wav import WavStream

SOUND = np.random.default_rng(1).normal(0, 0.1, (101, 3))
KINDS = {"PCM_U8": "u8", "PCM_16": "s16le", "PCM_24": "s24le", "PCM_32": "s32le", "FLOAT": "f32le", "DOUBLE": "f64le"}


def written(form: str = "WAV", subtype: str = "PCM_16", rate: int = 22050) -> bytes:
    file = BytesIO()
    soundfile.write(file, SOUND, rate, format=form, subtype=subtype)
    return file.getvalue()


def fed(data: bytes, sizes: list[int]) -> tuple[bytes, WavStream]:
    stream, out, at, k = WavStream(), b"", 0, 0
    while at < len(data):
        size = sizes[k % len(sizes)]
        out += stream.feed(data[at : at + size])
        at, k = at + size, k + 1
    return out, stream


@pytest.mark.parametrize("subtype", KINDS)
@pytest.mark.parametrize("form", ["WAV", "WAVEX", "RF64"])
def test_every_kind_of_sample_is_known(form: str, subtype: str):
    out, stream = fed(written(form, subtype), [1000])
    layout = stream.layout
    assert layout is not None
    assert (layout.rate, layout.channels, layout.encoding) == (22050, 3, KINDS[subtype])
    assert np.allclose(layout.frames(out), SOUND, atol=0.01)


@given(st.lists(st.integers(1, 300), min_size=1, max_size=5), st.sampled_from(["WAV", "RF64"]), st.booleans())
def test_chunks_around_the_samples_are_left_out(sizes: list[int], form: str, twice: bool):
    data = written(form, "PCM_U8")
    odd = b"LIST" + struct.pack("<I", 7) + b"INFOabc\0"
    at = data.index(b"data")
    (length,) = struct.unpack("<I", data[at + 4 : at + 8])
    samples = data[at + 8 : at + 8 + 303]
    pad = b"" if len(data) > at + 8 + 303 else b"\0"
    whole = data[:at] + odd + data[at:] + pad + odd
    out, stream = fed(whole * (1 + twice), sizes)
    assert length in (303, 0xFFFFFFFF)
    assert out == samples * (1 + twice)
    assert not stream.broken_off


def test_one_that_is_made_otherwise_ends_the_stream():
    out, stream = fed(written() + written(rate=8000), [77])
    assert out == written()[44:]
    assert stream.broken_off


@pytest.mark.parametrize("fault", ["RIFF....AVI LIST", "short", "A-law", "no format", "align"])
def test_a_header_that_makes_no_sense_is_refused(fault: str):
    data = bytearray(written())
    if fault.startswith("RIFF"):
        data[8:12] = b"AVI "
    elif fault == "short":
        data[16:20] = struct.pack("<I", 4)
    elif fault == "A-law":
        data[20:22] = struct.pack("<H", 6)
    elif fault == "no format":
        del data[12:36]
    else:
        data[32:34] = struct.pack("<H", 5)
    with pytest.raises(ValueError, match=r"WAV|format|bytes"):
        fed(bytes(data), [50])
