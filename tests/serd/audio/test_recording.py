"""Recordings and pipes: any file in, the same samples out, in real time or as fast as they are read."""

from __future__ import annotations

import logging
import os
import re
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from serd.audio.pipe import Pipe
from serd.audio.recording import Recording
from serd.audio.source import EndOfStream
from serd.block import Block
from serd.errors import UsageError


def noise(frames: int, channels: int = 1) -> np.ndarray:
    return (np.random.default_rng(0).standard_normal((frames, channels)) * 0.1).astype(np.float32)


def drained(source: Recording | Pipe, timeout: float = 5) -> list[Block]:
    blocks = []
    while True:
        try:
            block = source.read(timeout)
        except EndOfStream:
            return blocks
        assert block is not None
        assert len(block.samples)
        blocks.append(block)


def heard(path: Path, **options) -> list[Block]:
    recording = Recording(path, **options)
    recording.open()
    try:
        return drained(recording)
    finally:
        recording.close()


def joined(blocks: list[Block]) -> np.ndarray:
    for one, after in pairwise(blocks):
        assert after.start == one.end
        assert not after.gap
    assert blocks[0].start == 0
    return np.concatenate([block.samples for block in blocks])


@pytest.mark.parametrize("form", ["WAV", "FLAC", "AIFF", "AU"])
def test_what_is_in_the_file_comes_out_exactly(tmp_path: Path, form: str):
    samples = noise(20001)
    soundfile.write(tmp_path / "x", samples, 16000, format=form, subtype="PCM_16")
    want, _ = soundfile.read(tmp_path / "x", dtype="float32")
    assert np.array_equal(joined(heard(tmp_path / "x")), want)


@pytest.mark.parametrize(
    ("rate", "channels", "subtype"),
    [(8000, 1, "PCM_U8"), (44100, 2, "PCM_16"), (96000, 8, "PCM_24"), (48000, 1, "DOUBLE"), (22050, 3, "ULAW")],
)
def test_any_rate_width_and_channel_count_is_brought_to_16_khz_mono(tmp_path: Path, rate, channels, subtype):
    soundfile.write(tmp_path / "x.wav", noise(rate, channels), rate, subtype=subtype)
    frames, _ = soundfile.read(tmp_path / "x.wav", dtype="float32", always_2d=True)
    for channel, want in (("mix", frames.mean(axis=1, dtype=np.float32)), (channels, frames[:, -1])):
        blocks = heard(tmp_path / "x.wav", channel=channel)
        assert np.allclose(joined(blocks), soxr.resample(want, rate, 16000, "HQ"), atol=1e-6)
        assert len(joined(blocks)) == 16000


def test_lossy_formats_are_read(tmp_path: Path):
    for form in ("OGG", "MP3"):
        soundfile.write(tmp_path / "x", noise(48000), 48000, format=form)
        assert len(joined(heard(tmp_path / "x"))) == 16000


def test_the_device_says_what_it_is(tmp_path: Path):
    soundfile.write(tmp_path / "talk.wav", noise(100, 2), 44100)
    recording = Recording(tmp_path / "talk.wav")
    recording.open()
    assert (recording.name, recording.native_rate, recording.channels) == ("talk.wav", 44100, 2)
    recording.close()
    recording.close()


def test_after_the_end_there_is_only_the_end_and_opening_begins_again(tmp_path: Path):
    soundfile.write(tmp_path / "x.wav", noise(100), 16000)
    recording = Recording(tmp_path / "x.wav")
    for _ in range(2):
        recording.open()
        assert len(joined(drained(recording))) == 100
        with pytest.raises(EndOfStream):
            recording.read(0)


@pytest.mark.parametrize("rate", [16000, 44100])
def test_paced_blocks_are_the_same_samples_none_before_its_time(tmp_path: Path, rate: int):
    soundfile.write(tmp_path / "x.wav", noise(rate // 3), rate)
    recording = Recording(tmp_path / "x.wav", paced=True)
    recording.open()
    began = time.monotonic()
    assert recording.read(0) is None  # 50 ms of sound cannot have been spoken yet
    assert recording.read(0.01) is None
    blocks = []
    for block in iter(lambda: drained_one(recording), None):
        assert block.arrived <= time.monotonic()
        blocks.append(block)
    assert np.array_equal(joined(blocks), joined(heard(tmp_path / "x.wav")))
    assert len(blocks) >= 5
    for block in blocks:  # the last sample was due when it was spoken, within a sample and the filter's delay
        assert began + block.end / 16000 - 0.001 <= block.arrived
    dues = [block.arrived - blocks[0].arrived for block in blocks[:-2]]
    steps = np.diff(dues) / 0.05
    assert np.allclose(steps, np.round(steps), atol=1e-6)  # due times come from the file, not from when it was read


def drained_one(recording: Recording) -> Block | None:
    try:
        return recording.read(5)
    except EndOfStream:
        return None


def test_a_long_file_is_never_whole_in_memory(tmp_path: Path):
    path = tmp_path / "long.wav"
    subprocess.run(["sox", "-n", "-r", "16000", "-c", "1", "-b", "16", path, "trim", "0", "1200"], check=True)
    script = f"""
import sys
from pathlib import Path
sys.path.insert(0, {str(Path(__file__).resolve().parents[3])!r})
from serd.audio.source import EndOfStream
from serd.audio.recording import Recording
from tests.support.memory import peak_mb
recording = Recording(Path({str(path)!r}))
recording.open()
first = recording.read(0)
before = peak_mb()
samples = len(first.samples)
try:
    while True:
        samples += len(recording.read(0).samples)
except EndOfStream:
    print(samples, peak_mb() - before)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    samples, grown_mb = map(float, done.stdout.split())
    assert samples == 1200 * 16000
    assert grown_mb < 20  # all its samples are 77 MB


def header(rate: int = 16000, channels: int = 1, frames: int = 0) -> bytes:
    """A WAV header that claims what it is told to."""
    size, align = 2 * channels * frames, 2 * channels
    return b"".join(
        (
            b"RIFF" + (36 + size).to_bytes(4, "little") + b"WAVEfmt " + (16).to_bytes(4, "little"),
            (1).to_bytes(2, "little") + channels.to_bytes(2, "little") + rate.to_bytes(4, "little"),
            (rate * align % 2**32).to_bytes(4, "little") + align.to_bytes(2, "little") + (16).to_bytes(2, "little"),
            b"data" + size.to_bytes(4, "little"),
        )
    )


BAD = {
    "a text file": (b"this is no sound\n" * 40, "no sound file that libsndfile reads"),
    "an empty file": (b"", "empty"),
    "a truncated header": (header()[:30], "no sound file that libsndfile reads"),
    "zero frames": (header(), "a header without samples"),
    "a rate of 1 Hz": (header(1, frames=8) + bytes(16), "claims 1 samples per second"),
    "a rate of 4 GHz": (header(2**31 - 1, frames=8) + bytes(16), "claims 2147483647 samples per second"),
}


@pytest.mark.parametrize("what", BAD)
def test_what_cannot_be_heard_is_refused_in_one_line(tmp_path: Path, what: str):
    data, reason = BAD[what]
    path = tmp_path / "bad.wav"
    path.write_bytes(data)
    with pytest.raises(UsageError) as caught:
        Recording(path).open()
    text = str(caught.value)
    assert text.startswith(f"input {path}: {reason}")
    assert ";" in text
    assert "\n" not in text


def test_what_is_no_file_is_refused_in_one_line(tmp_path: Path):
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "headerless.raw").write_bytes(bytes(100))
    for name, reason in (
        ("missing.wav", "cannot be read (No such file or directory)"),
        (".", "a folder"),
        ("fifo", "not a file"),
        ("headerless.raw", "no sound file that libsndfile reads"),
    ):
        with pytest.raises(UsageError) as caught:
            Recording(tmp_path / name).open()
        assert reason in str(caught.value)
        assert "\n" not in str(caught.value)


def test_a_channel_that_is_not_there_is_refused(tmp_path: Path):
    soundfile.write(tmp_path / "x.wav", noise(10, 2), 16000)
    for channel in (0, 3):
        with pytest.raises(UsageError, match=rf"has no channel {channel}; give 1 to 2, or mix$"):
            Recording(tmp_path / "x.wav", channel=channel).open()


@pytest.mark.parametrize("value", [np.nan, -np.inf, 1e300, -1e10])
def test_a_sample_that_is_no_number_is_named_with_its_time(tmp_path: Path, value: float):
    samples = noise(40000, 2).astype(np.float64)
    samples[30000, 1] = value
    soundfile.write(tmp_path / "x.wav", samples, 16000, subtype="DOUBLE")
    recording = Recording(tmp_path / "x.wav")
    recording.open()
    assert recording.read(0).end == 30000  # what comes before is heard
    with pytest.raises(
        UsageError, match=r"NaN, infinity or an absurd number for a sample at 1\.875 s; convert it anew$"
    ):
        recording.read(0)


def test_a_file_cut_off_is_heard_as_far_as_it_goes_and_said_so(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    for form, share in (("WAV", 50.0), ("AIFF", 50.0), ("MP3", None)):
        path = tmp_path / f"cut.{form.lower()}"
        soundfile.write(path, noise(48000), 16000, format=form)
        whole = path.read_bytes()
        path.write_bytes(whole[: len(whole) // 2])
        caplog.clear()
        with caplog.at_level(logging.WARNING):
            samples = joined(heard(path))
        assert 16000 < len(samples) < 32000
        assert caplog.messages[0].startswith(f"input {path}: cut off, {share or ''}")
        assert len(caplog.messages) == 1


def test_a_damaged_flac_is_heard_up_to_there_and_says_where(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    soundfile.write(tmp_path / "x.flac", noise(160000), 16000)
    want, _ = soundfile.read(tmp_path / "x.flac", dtype="float32")
    whole = bytearray((tmp_path / "x.flac").read_bytes())
    middle = len(whole) * 3 // 4
    whole[middle : middle + 4000] = bytes(4000)
    (tmp_path / "x.flac").write_bytes(whole)
    with caplog.at_level(logging.WARNING):
        fast, paced = joined(heard(tmp_path / "x.flac")), joined(heard(tmp_path / "x.flac", paced=True))
    assert 96000 < len(fast) < 122000
    assert np.array_equal(fast, want[: len(fast)])
    assert np.array_equal(fast, paced)
    assert re.fullmatch(
        r"input .*x\.flac: damaged at [67]\.\d{3} s \(.*\); serd hears what comes before", caplog.messages[0]
    )
    assert len(caplog.messages) == 2


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(["WAV", "FLAC", "OGG", "MP3", "AIFF"]),
    st.integers(0, 4000),
    st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 255)), max_size=6),
)
def test_a_damaged_file_is_heard_or_refused_never_more(tmp_path: Path, form, length, damage):
    path, whole = tmp_path / "x", tmp_path / f"whole.{form}"
    if not whole.exists():
        soundfile.write(whole, noise(4000), 16000, format=form)
    data = bytearray(whole.read_bytes()[: max(1, length)])
    for at, value in damage:
        data[at % len(data)] = value
    path.write_bytes(data)
    fault = f"input {path}: "
    try:
        for block in heard(path):
            assert np.isfinite(block.samples).all()
    except UsageError as error:
        fault = str(error)
    assert fault.startswith(f"input {path}: ")
    assert "\n" not in fault


# --- pipes


@pytest.fixture
def pipe():
    """The two ends of a real pipe, and a source on one of them."""
    read, write = os.pipe()
    with os.fdopen(read, "rb") as reader, os.fdopen(write, "wb", buffering=0) as writer:
        source = Pipe(reader)
        source.open()
        yield source, writer


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(1, 3000), min_size=1, max_size=8), st.integers(0, 9000))
def test_the_same_samples_come_out_however_they_are_written(sizes, length):
    data = np.random.default_rng(1).integers(0, 256, length, np.uint8).tobytes()
    read, write = os.pipe()
    with os.fdopen(read, "rb") as reader, os.fdopen(write, "wb", buffering=0) as writer:
        source = Pipe(reader)
        source.open()
        blocks, at = [], 0
        for k in range(length):
            if at >= length:
                break
            at += writer.write(data[at : at + sizes[k % len(sizes)]])
            block = source.read(0)
            if block is not None:
                blocks.append(block)
        writer.close()
        blocks += drained(source)
    want = np.frombuffer(data[: length // 2 * 2], "<i2") / np.float32(32768)  # an odd byte at the end is ignored
    got = joined(blocks) if blocks else np.zeros(0, np.float32)
    assert got.dtype == np.float32
    assert np.array_equal(got, want)


def test_a_pipe_with_nothing_in_it_is_waited_for_no_longer_than_said(pipe):
    source, writer = pipe
    assert source.read(0) is None
    assert source.read(0.01) is None
    writer.write(b"\x00")
    assert source.read(0.01) is None  # half a sample is none
    writer.write(b"\x40")
    block = source.read(5)
    assert block.samples.tolist() == [0.5]
    assert block.arrived <= time.monotonic()


def test_the_end_of_a_pipe_is_the_end(pipe):
    source, writer = pipe
    writer.close()
    for _ in range(2):
        with pytest.raises(EndOfStream):
            source.read(5)


def test_a_program_can_be_piped_in():
    sox = [
        "sox",
        "-n",
        "-t",
        "raw",
        "-r",
        "16000",
        "-c",
        "1",
        "-b",
        "16",
        "-e",
        "signed",
        "-",
        "synth",
        "1",
        "sine",
        "300",
    ]
    with subprocess.Popen(sox, stdout=subprocess.PIPE) as program:
        source = Pipe(program.stdout)
        source.open()
        samples = joined(drained(source))
    spectrum = np.abs(np.fft.rfft(samples))
    assert len(samples) == 16000
    assert np.argmax(spectrum) == 300


def test_a_pipe_is_brought_to_another_rate_too():
    read, write = os.pipe()
    with os.fdopen(read, "rb") as reader:
        source = Pipe(reader, rate=8000)
        source.open()
        with os.fdopen(write, "wb") as writer:
            writer.write(np.zeros(16000, "<i2").tobytes())
        assert len(joined(drained(source))) == 8000


def test_a_terminal_is_no_pipe():
    ours, terminal = os.openpty()
    with (
        os.fdopen(terminal, "rb", buffering=0) as stream,
        pytest.raises(UsageError, match=r"^input -: a terminal; pipe"),
    ):
        Pipe(stream).open()
    os.close(ours)
