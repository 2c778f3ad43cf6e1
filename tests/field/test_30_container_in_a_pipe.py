"""Row 30: a container where raw samples are expected. Real writers, or the bytes that they leave, into a real pipe."""

from __future__ import annotations

import json
import os
import shutil
import signal
import struct
import subprocess
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.support.fieldwork import in_the_field
from tests.support.speech import DEMO, read

SPEECH_S = 4.0
ARGUMENTS = ("--headless", "--session", "same", "--publish")


@pytest.fixture(scope="module")
def sounds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A few seconds of speech in stereo at 44.1 kHz: read as 16 kHz mono it would last five times as long."""
    import soxr

    folder = tmp_path_factory.mktemp("sounds")
    speech = soxr.resample(read(DEMO)[2 * 16000 : int((2 + SPEECH_S) * 16000)], 16000, 44100)
    soundfile.write(folder / "x.wav", np.stack([speech, speech], 1), 44100, subtype="PCM_16")
    return folder


def frames(lines: bytes) -> list[dict]:
    """All that a frame says of the sound."""
    events = [json.loads(line) for line in lines.splitlines()]
    said = ("state", "label", "probabilities", "speech", "window", "quality")
    return [{name: e["data"][name] for name in said} for e in events if e["type"].endswith("frame")]


@pytest.fixture(scope="module")
def known(serd: str, sounds: Path) -> list[dict]:
    done = subprocess.run(
        [serd, "--input", sounds / "x.wav", "--fast", *ARGUMENTS, f"ipc://{sounds}/a"], capture_output=True, check=True
    )
    assert frames(done.stdout)[-1]["window"]["end_s"] == pytest.approx(SPEECH_S, abs=0.3)
    return frames(done.stdout)


def piped(serd: str, folder: Path, data: bytes, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """What serd makes of these bytes."""
    command = [serd, "--input", "-", *ARGUMENTS, f"ipc://{folder}/p", *arguments]
    return subprocess.run(command, input=data, capture_output=True, timeout=60, check=False)


def streamed(path: Path, riff: int, length: int, before: bytes) -> bytes:
    """A WAV as a recorder writes it into a pipe: these lengths, and chunks before the samples."""
    whole = path.read_bytes()
    at = whole.index(b"data")
    head = whole[8:at] + before
    return b"RIFF" + struct.pack("<I", riff) + head + b"data" + struct.pack("<I", length) + whole[at + 8 :]


INFO = b"LIST" + struct.pack("<I", 26) + b"INFOISFT" + struct.pack("<I", 13) + b"Lavf59.27.100\0"


@pytest.mark.parametrize(
    "lengths",
    [
        (0xFFFFFFFF, 0xFFFFFFFF, INFO),  # ffmpeg
        (0x7FFFF024, 0x7FFFF000, b""),  # sox
        (0x80000024, 0x80000000, b""),  # arecord
        (0, 0, b"JUNK" + struct.pack("<I", 99_999) + bytes(100_000)),
    ],
    ids=["ffmpeg", "sox", "arecord", "zeros"],
)
def test_a_wav_is_read_with_its_own_rate_and_channels(
    serd: str, sounds: Path, known: list[dict], tmp_path: Path, lengths: tuple[int, int, bytes]
):
    done = piped(serd, tmp_path, streamed(sounds / "x.wav", *lengths))
    assert (done.returncode, done.stderr) == (0, b"")
    assert frames(done.stdout) == known


WRITERS = {
    "sox": "sox {} -t wav -",
    "sox through a filter": "cat {} | sox -t wav - -t wav -",
    "ffmpeg": "ffmpeg -v error -i {} -f wav -",
}


@pytest.mark.parametrize("writer", WRITERS)
def test_a_program_that_writes_wav_can_be_piped_in(
    serd: str, sounds: Path, known: list[dict], tmp_path: Path, writer: str
):
    program = WRITERS[writer].format(sounds / "x.wav")
    if not shutil.which(program.split()[0]):
        pytest.skip(f"no {program.split()[0]} here")
    line = f"{program} | {serd} --input - {' '.join(ARGUMENTS)} ipc://{tmp_path}/p"
    done = subprocess.run(["bash", "-c", line], capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert frames(done.stdout) == known


def test_arecord_can_be_piped_in(serd: str, tmp_path: Path):
    if not shutil.which("arecord"):
        pytest.skip("no arecord here; script/test installs it")
    arecord = "arecord -q -D null -f S16_LE -r 48000 -c 2 -t wav -s 96000"
    line = f"{arecord} | {serd} --input - {' '.join(ARGUMENTS)} ipc://{tmp_path}/p"
    done = subprocess.run(["bash", "-c", line], capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    last = [json.loads(line) for line in done.stdout.splitlines()][-1]["data"]
    assert (last["device"]["rate"], last["device"]["channels"]) == (48000, 2)
    assert last["stream_s"] == pytest.approx(2.0, abs=0.01)


@pytest.mark.parametrize("form", ["FLAC", "OGG", "MP3", "AIFF", "AU", "CAF", "W64"])
def test_any_other_container_is_refused_with_what_mends_it(serd: str, sounds: Path, tmp_path: Path, form: str):
    samples, rate = soundfile.read(sounds / "x.wav")
    soundfile.write(tmp_path / "x", samples, rate, format=form)
    done = piped(serd, tmp_path, (tmp_path / "x").read_bytes())
    assert done.returncode == 2
    assert done.stdout == b"", "nothing is published"
    (line,) = done.stderr.decode().splitlines()
    assert "ffmpeg" in line
    assert line.endswith("serd --input -")
    assert "raw" in line


def test_so_is_what_other_programs_wrote(serd: str, odd_sounds: Path, tmp_path: Path):
    for name in ("twice-enc-opus.opus", "twice-enc-mp3.mp3", "cut-enc-flac.flac", "au-zero.au"):
        done = piped(serd, tmp_path, (odd_sounds / name).read_bytes())
        assert (done.returncode, done.stdout) == (2, b""), name
    done = piped(serd, tmp_path, (odd_sounds / "len-zero.wav").read_bytes())
    assert done.returncode == 0
    assert frames(done.stdout)[-1]["window"]["end_s"] > 11.5


def test_the_remedy_works(serd: str, odd_sounds: Path, tmp_path: Path):
    if not shutil.which("ffmpeg"):
        pytest.skip("no ffmpeg here")
    source = odd_sounds / "cut-enc-flac.flac"
    remedy = piped(serd, tmp_path, source.read_bytes()).stderr.decode().split("`")[1]
    line = f"cat {source} | {remedy} 2>/dev/null | {serd} --input - {' '.join(ARGUMENTS)} ipc://{tmp_path}/p"
    done = subprocess.run(["bash", "-c", line], capture_output=True, timeout=60, check=False)
    assert len(frames(done.stdout)) > 10


def test_raw_stays_raw_and_three_flags_say_how(serd: str, sounds: Path, known: list[dict], tmp_path: Path):
    samples, _ = soundfile.read(sounds / "x.wav", dtype="int16")
    flags = ("--rate", "44100", "--channels", "2", "--format", "s16be")
    done = piped(serd, tmp_path, samples.astype(">i2").tobytes(), *flags)
    assert (done.returncode, done.stderr) == (0, b"")
    assert frames(done.stdout) == known


@pytest.mark.parametrize("flag", ["--rate=48000", "--channels=2", "--format=f32le"])
def test_they_are_refused_for_a_file(run, flag: str):
    done = run("--input", DEMO, "--fast", flag)
    assert (done.returncode, done.stdout) == (2, "")
    assert "--input -" in done.stderr


def test_a_pipe_that_is_slow_to_begin_holds_nothing_up(serd: str, tmp_path: Path):
    reader, writer = os.pipe()
    command = [serd, "--input", "-", *ARGUMENTS, f"ipc://{tmp_path}/p"]
    with subprocess.Popen(command, stdin=reader, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        os.close(reader)
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["data"]["state"] == "waiting"  # nothing has come
        os.write(writer, bytes(2 * 16000))
        states = [json.loads(process.stdout.readline())["data"]["state"] for _ in range(3)]
        assert "no-speech" in states, states
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    os.close(writer)


def test_a_container_that_comes_late_is_refused_all_the_same(serd: str, odd_sounds: Path, tmp_path: Path):
    reader, writer = os.pipe()
    command = [serd, "--input", "-", *ARGUMENTS, f"ipc://{tmp_path}/p"]
    with subprocess.Popen(command, stdin=reader, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        os.close(reader)
        assert process.stdout is not None
        process.stdout.readline()
        os.write(writer, (odd_sounds / "twice-enc-opus.opus").read_bytes()[:2])
        time.sleep(0.2)
        os.write(writer, (odd_sounds / "twice-enc-opus.opus").read_bytes()[2:4000])
        out, err = process.communicate(timeout=20)
        assert process.returncode == 2
        assert frames(out) == []
        assert b"Ogg" in err
    os.close(writer)


def test_row_30_loses_nothing(serd: str, sounds: Path, measured):
    with in_the_field(serd, "--input", str(sounds / "x.wav"), "--fast") as field:
        field.state("stopped")
        measured(**field.losses())
