"""serd.audio.parts: where the parts of a file are, whatever it holds."""

from __future__ import annotations

import itertools
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serd.audio.parts import parts

FLAC = b"fLaC\x00\x00\x00\x22\x10\x00\x10\x00\x00\n\xde\x00"
HEADS = (FLAC, FLAC[:8], b"RIFF\xff\xff\xff\xffWAVEfmt ", b"OggS\0\x02", b"\xff\xfb\x90\x00", b"ID3\x04\0\0")


@pytest.mark.parametrize("repeats", [1, 2, 7])
def test_a_stream_that_begins_within_anothers_head_leaves_nothing_of_it(tmp_path: Path, repeats: int):
    file = tmp_path / "heads.flac"
    file.write_bytes(FLAC * repeats + bytes(100))
    (whole, *rest) = parts(file)
    assert whole.start == 0
    assert not rest


@given(st.lists(st.sampled_from(HEADS) | st.binary(max_size=60), max_size=12))
def test_parts_follow_one_another_whatever_the_heads_say(pieces: list[bytes]):
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "heads"
        file.write_bytes(b"".join(pieces))
        found = parts(file)
        assert found[0].start == 0
        assert all(before.end <= after.start for before, after in itertools.pairwise(found))
        assert all(part.start <= part.end <= file.stat().st_size for part in found)
