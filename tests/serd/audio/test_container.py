"""serd.audio.container: containers are known by their heads, and raw samples are never taken for one but for those."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from serd.audio.container import MAGICS, MP4, UNDECIDED, WAV, WAVES, recognised
from serd.audio.frames import adts_frame, id3, mpeg_frame


def written(form: str, subtype: str | None = None) -> bytes:
    file = BytesIO()
    sound = np.random.default_rng(1).normal(0, 0.1, 8000)
    soundfile.write(file, sound, 16000, format=form, subtype=subtype)
    return file.getvalue()


@pytest.mark.parametrize(
    ("form", "name"),
    [("WAV", WAV), ("RF64", WAV), ("W64", "Wave64"), ("AIFF", "AIFF"), ("AU", "AU"), ("CAF", "CAF"), ("FLAC", "FLAC"),
     ("OGG", "Ogg"), ("MP3", "MP3"), ("NIST", "NIST SPHERE"), ("VOC", "VOC")],
)  # fmt: skip
def test_each_is_known_however_little_of_it_comes_at_once(form: str, name: str):
    data = written(form)
    found = [recognised(data[:length]) for length in range(len(data))]
    first = next(k for k, what in enumerate(found) if what is not UNDECIDED)
    assert set(found[first:]) == {name}
    assert first <= (3000 if form == "MP3" else 16)


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"\0\0\0\x20ftypM4A \0\0\0\0", "MP4 or M4A"),
        (b"\x1aE\xdf\xa3\x9fB\x86\x81", "WebM or Matroska"),
        (b"#!AMR\n\x04", "AMR"),
        (b"ID3\x04\0\0\0\0\0\x23TSSE", "MP3 with an ID3 tag"),
        (b"\xff\xf1\x50\x80\x01\x1f\xfc" + bytes(1) + b"\xff\xf1\x50\x80\x02\x1f\xfc", "AAC (ADTS)"),
    ],
)
def test_so_are_those_that_nothing_here_writes(head: bytes, name: str):
    assert recognised(head) == name


def magical(data: bytes) -> bool:
    return data[:4] in MAGICS or data[:4] in WAVES or (data[:2] == b"\0\0" and data[4:8] == MP4) or bool(id3(data[:10]))


def framed(data: bytes) -> bool:
    for size, length in ((4, mpeg_frame), (7, adts_frame)):
        first = length(data[:size])
        if first is not None and length(data[first : first + size]) is not None:
            return True
    return False


SAMPLES = st.one_of(
    st.binary(max_size=6000),
    st.lists(st.integers(-4, 4), max_size=3000).map(lambda values: np.array(values, "<i2").tobytes()),
    st.tuples(st.sampled_from([*MAGICS, *WAVES, MP4, b"ID3", b"\xff\xfb", b"\xff\xf1"]), st.binary(max_size=200)).map(
        lambda parts: parts[0][: len(parts[1]) % 5] + parts[1]
    ),
)


@given(SAMPLES)
def test_raw_samples_are_refused_for_a_magic_or_two_frames_and_for_nothing_else(data: bytes):
    what = recognised(data, ended=True)
    if not magical(data) and not framed(data):
        assert what is None
    elif magical(data):
        assert what is not None


@given(SAMPLES)
def test_what_is_known_of_a_stream_never_changes_as_more_of_it_comes(data: bytes):
    known = None
    for length in range(0, len(data) + 1, 1 + len(data) // 50):
        what = recognised(data[:length])
        assert known is None or what == known[0]
        if what is not UNDECIDED:
            known = (what,)


@given(st.integers(-32768, 32767), st.integers(0, 3000))
def test_a_constant_is_decided_at_once(value: int, count: int):
    data = np.full(count, value, "<i2").tobytes()
    if len(data) >= 8 and not data.startswith(b"\xff"):
        assert recognised(data[:8]) is None
    assert recognised(data, ended=True) is None
