"""Row 41: arrays of any byte order, layout and type, as the libraries that read sound hand them over."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import pytest
import soundfile

import serd
from serd.errors import UsageError
from tests.support.speech import DEMO, read

small = partial(serd.score, model="serd-small")

TALK = read(DEMO)[: 6 * 16000]
SIXTEEN = np.round(TALK * 32767).astype(np.int16)


def read_only(samples: np.ndarray) -> np.ndarray:
    mine = samples.copy()
    mine.flags.writeable = False
    return mine


SAME = {
    "big-endian": SIXTEEN.astype(">i2"),
    "read-only": read_only(SIXTEEN),
    "from a buffer": np.frombuffer(SIXTEEN.tobytes(), np.int16),
    "every other of twice as many": np.repeat(SIXTEEN, 2)[::2],
    "backwards, twice": SIXTEEN[::-1].copy()[::-1],
    "a column of three": np.stack([SIXTEEN] * 3, axis=1)[:, 1],
    "int32 over its whole span": SIXTEEN.astype(np.int32) << 16,
    "big-endian int32": (SIXTEEN.astype(np.int32) << 16).astype(">i4"),
    "float64": SIXTEEN / 32768,
    "big-endian float32": (SIXTEEN / 32768).astype(">f4"),
    "long double": (SIXTEEN / np.longdouble(32768)),
    "channels laid out one after the other": np.asfortranarray(np.stack([SIXTEEN] * 2, axis=1)),
}


@pytest.mark.parametrize("what", SAME)
def test_the_same_numbers_have_the_same_score(what: str):
    before = SAME[what].copy()
    assert small(SAME[what], 16000) == small(SIXTEEN, 16000)
    np.testing.assert_array_equal(SAME[what], before)


@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24", "PCM_32"])
def test_int32_as_soundfile_reads_it_is_the_float_it_reads(tmp_path: Path, subtype: str):
    soundfile.write(tmp_path / "x.wav", TALK, 16000, subtype=subtype)
    floats, whole = (soundfile.read(tmp_path / "x.wav", dtype=kind)[0] for kind in ("float32", "int32"))
    assert small(whole, 16000) == small(floats, 16000)


@pytest.mark.parametrize(
    "coarse", [np.round(TALK * 127).astype(np.int8), np.round(TALK * 127 + 128).astype(np.uint8), TALK.astype("f2")]
)
def test_coarse_types_are_near(coarse: np.ndarray):
    score = small(coarse, 16000)
    assert score.label == small(TALK, 16000).label
    assert abs(score.windows[-1]["quality"]["level"] - small(TALK, 16000).windows[-1]["quality"]["level"]) < 3


REFUSED = {
    "24 bits in the low end": (np.round(TALK * (2**23 - 1)).astype(np.int32), "24 bits.*give samples << 8"),
    "16 bits in int32": (SIXTEEN.astype(np.int32), "24 bits.*give samples << 8"),
    "int64": (SIXTEEN.astype(np.int64), "type int64: .* full scale cannot be told; give float"),
    "a list of whole numbers": (SIXTEEN[:100].tolist(), "type int64: .* full scale cannot be told; give float"),
    "uint16": ((SIXTEEN.astype(np.int32) + 32768).astype(np.uint16), "type uint16: .* cannot be told"),
    "truth": (TALK > 0, "type bool"),
    "complex numbers": (TALK.astype(complex), "type complex128"),
    "objects": (TALK[:9].astype(object), "type object"),
    "lists of unequal length": ([[0.0], [0.0, 1.0]], "no array"),
    "a mask over some": (np.ma.masked_array(TALK, TALK > 0.1), "masked; fill them in"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_told_is_refused_with_the_reason(what: str):
    samples, reason = REFUSED[what]
    with pytest.raises(UsageError, match=reason):
        small(samples, 16000)


def test_the_remedies_named_give_the_score():
    low = np.round(TALK * (2**23 - 1)).astype(np.int32)
    assert small(low << 8, 16000).label == small(low / 2**23, 16000).label == small(TALK, 16000).label


def test_silence_of_int32_is_silence():
    assert small(np.zeros(16000, np.int32), 16000).reason == "silence"
