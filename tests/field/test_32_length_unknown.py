"""Row 32: headers that do not know the length. Real files with the lengths that recorders leave in them."""

from __future__ import annotations

import json
import logging
import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile

from serd.audio.recording import Recording
from serd.audio.source import EndOfStream
from tests.support.speech import DEMO, read

RATE = 16000
SPEECH = read(DEMO)[2 * RATE : 5 * RATE]

BILLION = 10**9
LENGTHS = {"0": 0, "-1": -1, "2^31": 1 << 31, "sox's": 0x7FFFF000, "2 billion": 2 * BILLION}


def written(form: str) -> bytearray:
    from io import BytesIO

    file = BytesIO()
    soundfile.write(file, SPEECH, RATE, format=form, subtype=None if form == "OGG" else "PCM_16")
    return bytearray(file.getvalue())


def put(data: bytearray, at: int, form: str, value: int) -> None:
    size = struct.calcsize(form)
    data[at : at + size] = struct.pack(form, value & ((1 << 8 * size) - 1))


def wav(value: int, form: str = "WAV") -> bytearray:
    data = written(form)
    put(data, 4, "<I", value)
    put(data, data.index(b"data") + 4, "<I", value)
    return data


def rf64(value: int) -> bytearray:
    data = written("RF64")
    for at in range(3):
        put(data, data.index(b"ds64") + 8 + 8 * at, "<Q", value)
    return data


def w64(value: int) -> bytearray:
    data = written("W64")
    put(data, 16, "<Q", value)
    put(data, data.index(b"data\xf3") + 16, "<Q", value)
    return data


def au(value: int) -> bytearray:
    data = written("AU")
    put(data, 8, ">I", value)
    return data


def caf(value: int) -> bytearray:
    data = written("CAF")
    put(data, data.index(b"data") + 4, ">Q", value)
    return data


def aiff(value: int) -> bytearray:
    data = written("AIFF")
    put(data, 4, ">I", value)
    put(data, data.index(b"COMM") + 10, ">I", value)
    put(data, data.index(b"SSND") + 4, ">I", value)
    return data


def flac(value: int) -> bytearray:
    data = written("FLAC")
    held = int.from_bytes(data[18:26], "big") >> 36 << 36
    data[18:26] = (held | value & ((1 << 36) - 1)).to_bytes(8, "big")
    return data


MAKERS = {
    "WAV": wav,
    "extensible WAV": lambda value: wav(value, "WAVEX"),
    "RF64": rf64,
    "W64": w64,
    "AU": au,
    "CAF": caf,
    "AIFF": aiff,
    "FLAC": flac,
}


def heard(path: Path) -> np.ndarray:
    source = Recording(path)
    source.open()
    blocks = []
    try:
        while True:
            blocks.append(source.read(0).samples)
    except EndOfStream:
        return np.concatenate(blocks)
    finally:
        source.close()


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("form", MAKERS)
def test_all_there_is_is_heard_without_a_word(form: str, length: str, tmp_path: Path, caplog: pytest.LogCaptureFixture):
    (tmp_path / "x").write_bytes(MAKERS[form](LENGTHS[length]))
    with caplog.at_level(logging.WARNING):
        samples = heard(tmp_path / "x")
    want = np.round(SPEECH * 32768) / 32768
    assert len(samples) == len(want)
    assert np.allclose(samples, want, atol=2e-5)
    assert caplog.messages == []


def test_an_ogg_stream_without_its_last_page_is_too(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    data = written("OGG")
    (tmp_path / "x").write_bytes(data[: data.rindex(b"OggS")])
    with caplog.at_level(logging.WARNING):
        assert len(heard(tmp_path / "x")) > 2.5 * RATE
    assert caplog.messages == []


@pytest.mark.parametrize("form", ["WAV", "RF64", "W64", "AU", "CAF", "AIFF", "FLAC"])
def test_a_word_where_something_is_missing(form: str, tmp_path: Path, caplog: pytest.LogCaptureFixture):
    data = written(form)
    (tmp_path / "x").write_bytes(data[: len(data) // 2])
    with caplog.at_level(logging.WARNING):
        samples = heard(tmp_path / "x")
    assert 1.2 * RATE < len(samples) < 1.7 * RATE
    (message,) = caplog.messages
    assert "cut off, " in message
    assert "% of it is here; serd hears what there is" in message


def test_a_file_without_samples_is_still_said_to_have_none(tmp_path: Path, run):
    soundfile.write(tmp_path / "x.wav", np.zeros(0, np.float32), RATE)
    info = b"LIST" + struct.pack("<I", 4) + b"INFO"
    (tmp_path / "y.wav").write_bytes((tmp_path / "x.wav").read_bytes() + info)
    for name in ("x.wav", "y.wav"):
        done = run("score", "--model", "serd-small", name)
        assert done.returncode == 2
        assert "a header without samples" in done.stderr


def test_what_recorders_left_is_scored_as_the_plain_file(odd_sounds: Path, run, tmp_path: Path, measured):
    soundfile.write(tmp_path / "plain.wav", read(DEMO)[: 12 * RATE], RATE, subtype="PCM_16")
    done = run(
        "score", "--model", "serd-small", "--json", "plain.wav", odd_sounds / "len-zero.wav", odd_sounds / "au-zero.au"
    )
    assert (done.returncode, done.stderr) == (0, "")
    plain, *odd = (json.loads(line) for line in done.stdout.splitlines())
    for one in odd:
        assert (one["label"], one["duration_s"]) == (plain["label"], plain["duration_s"])
        assert abs(one["confidence"] - plain["confidence"]) < 0.05
    measured(events_lost=0)
