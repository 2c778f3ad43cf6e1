"""The microphone: real PortAudio on a real sound server, which is then mistreated."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.support.capture import Capture
from tests.support.soundserver import SoundServer

PLAYED_AFTER_S = 0.8
"""The silence that leads, and how long paplay may take to be heard."""


@pytest.fixture
def speech(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A wav file of speech: acted, from the corpora, or from espeak-ng where there are none."""
    path = tmp_path / "speech.wav"
    try:
        corpora: Path = request.getfixturevalue("corpora")
        clip = next((corpora / "ravdess-speech" / "Actor_01").glob("03-01-05-02-01-01-01.*"))
    except (pytest.skip.Exception, StopIteration):
        subprocess.run(["espeak-ng", "-w", path, "How is this for a sentence to capture?"], check=True)
        return path
    samples, rate = soundfile.read(clip)
    soundfile.write(path, samples[round(0.8 * rate) : round(3.0 * rate)], rate)  # without the silence around it
    return path


def correlation(heard: np.ndarray, played: np.ndarray) -> float:
    """Of `played` with the part of `heard` that is most like it."""
    size = 1 << (len(heard) + len(played)).bit_length()
    product = np.fft.irfft(np.fft.rfft(heard, size) * np.conj(np.fft.rfft(played, size)))
    at = int(np.argmax(product[: max(1, len(heard) - len(played))]))
    return float(np.corrcoef(heard[at : at + len(played)], played)[0, 1])


def tones(path: Path, rate: int, *hertz: float, seconds: float = 1.0) -> np.ndarray:
    """A file with one swept tone for each channel, each from `hertz` an octave upwards.

    Low ones: a sound may begin a third of a sample at 16 kHz beside where correlation can look for it.
    """
    time = np.arange(round(rate * seconds)) / rate
    sweeps = [0.3 * np.sin(2 * np.pi * hz * (time + time**2 / (2 * seconds))) for hz in hertz]
    soundfile.write(path, np.stack(sweeps, axis=1), rate)
    return np.stack(sweeps, axis=1)


def test_speech_played_into_the_server_is_captured(sound_server: SoundServer, speech: Path, tmp_path: Path):
    played, rate = soundfile.read(speech)
    seconds = len(played) / rate
    with Capture(sound_server.env) as microphone:
        opened = microphone.ask("open")
        assert opened == {"name": "default", "native_rate": 16000, "channels": 1}
        first = microphone.ask("read")
        assert (first["start"], first["end"], first["gap"]) == (0, 800, False)
        assert first["arrived"] <= first["now"]
        microphone.say("record", seconds=seconds + PLAYED_AFTER_S, path=str(tmp_path / "heard.npy"))
        sound_server.play(speech)
        assert microphone.answer() == {"gaps": 0, "holes": 0, "overflows": 0}
        assert microphone.ask("close") == {"closed": True}
        assert microphone.leave() == (0, "")
    if rate == 16000:
        assert correlation(np.load(tmp_path / "heard.npy"), played) > 0.99


def test_a_channel_is_picked_and_48_khz_comes_out_as_16(sound_server: SoundServer, tmp_path: Path):
    sound_server.load("module-null-sink", "sink_name=wide", "rate=48000", "channels=2", "format=s16le")
    sound_server.pactl("set-default-source", "wide.monitor")
    tones(tmp_path / "stereo.wav", 48000, 150, 400)
    want = tones(tmp_path / "at16.wav", 16000, 150, 400)
    # no server offers a million samples per second: the first rate is refused by PortAudio itself
    settings = {"device": "pulse", "native_rates": [1000000, 48000]}
    with (
        Capture(sound_server.env, channel=1, **settings) as left,
        Capture(sound_server.env, channel=2, **settings) as right,
        Capture(sound_server.env, channel="mix", **settings) as both,
    ):
        microphones = (left, right, both)
        for microphone in microphones:
            microphone.say("open")
        opened = [microphone.answer() for microphone in microphones]
        assert [found["channels"] for found in opened] == [2, 2, 1]
        assert {found["native_rate"] for found in opened} == {48000}
        for number, microphone in enumerate(microphones):
            assert microphone.ask("read")["start"] == 0
            microphone.say("record", seconds=1 + PLAYED_AFTER_S, path=str(tmp_path / f"{number}.npy"))
        sound_server.play(tmp_path / "stereo.wav", sink="wide")
        for microphone in microphones:
            assert microphone.answer() == {"gaps": 0, "holes": 0, "overflows": 0}
    heard = [np.load(tmp_path / f"{number}.npy") for number in range(3)]
    assert correlation(heard[0], want[:, 0]) > 0.99
    assert correlation(heard[1], want[:, 1]) > 0.99
    assert correlation(heard[2], want.mean(axis=1)) > 0.99
    assert correlation(heard[0], want[:, 1]) < 0.1


def test_a_killed_server_is_a_lost_device_that_comes_back_with_a_gap(sound_server: SoundServer):
    with Capture(sound_server.env, device="pul") as microphone:
        assert microphone.ask("open")["name"] == "pulse"
        microphone.ask("read")
        sound_server.kill()
        lost = microphone.ask("drain")
        assert lost == {"error": "DeviceLost", "text": "device pulse: the stream ended by itself"}
        last = microphone.ask("latest")
        assert microphone.ask("close") == {"closed": True}
        refused = microphone.ask("open")
        assert refused["error"] == "NoDeviceError"
        assert refused["text"].startswith("device pulse: not here any more; connect it again")
        sound_server.restart()
        assert microphone.ask("open")["name"] == "pulse"
        again = microphone.ask("read")
        assert again["gap"]
        assert again["end"] - again["start"] == 800
        # the stream's time went on while nothing was heard
        assert again["end"] - last["end"] == pytest.approx((again["arrived"] - last["arrived"]) * 16000, abs=1)
        after = microphone.ask("read")
        assert not after["gap"]
        assert after["start"] == again["end"]
        assert microphone.ask("close") == {"closed": True}
        assert microphone.leave() == (0, "")


def test_a_reader_that_falls_behind_loses_sound_and_is_told(sound_server: SoundServer):
    with Capture(sound_server.env, buffer_s=0.2) as microphone:  # room for four blocks
        microphone.ask("open")
        microphone.ask("read")
        microphone.ask("neglect", seconds=0.7)
        kept = [microphone.ask("read") for _ in range(4)]
        assert not any(block["gap"] for block in kept)
        assert kept[-1]["end"] - kept[0]["start"] == 3200
        late = microphone.ask("read")
        assert late["gap"]
        assert late["overflows"] >= 5
        lost = late["start"] - kept[-1]["end"]
        assert lost % 800 == 0  # whole blocks; an overflow that PortAudio itself reports has no length
        assert 0 < lost <= 800 * late["overflows"]
        microphone.ask("close")
        microphone.ask("open")
        again = microphone.ask("read")
        assert again["overflows"] >= late["overflows"]  # counted over closing and opening
        assert again["gap"]


def test_a_stopped_server_is_silence_and_closing_is_left_behind(sound_server: SoundServer):
    with Capture(sound_server.env) as microphone:
        microphone.ask("open")
        microphone.ask("read")
        sound_server.stop()
        assert microphone.ask("drain") == {"block": None}
        closed = microphone.ask("close", deadline=0.5)
        assert closed["error"] == "RestartError"
        assert "within 0.5 s" in closed["text"]
        assert microphone.ask("close") == {"closed": True}  # a second time there is nothing to close
        assert microphone.ask("open")["error"] == "RestartError"
        assert microphone.leave() == (0, "")  # nor does PortAudio keep the process from leaving
        sound_server.cont()


def test_opening_at_a_stopped_server_is_left_behind(sound_server: SoundServer):
    with Capture(sound_server.env) as microphone:
        microphone.ask("open")
        microphone.ask("close")
        sound_server.stop()
        opened = microphone.ask("open", deadline=0.5)
        assert opened["error"] == "RestartError"
        assert microphone.leave() == (0, "")
        sound_server.cont()


def test_a_device_or_channel_that_is_not_there_is_named(sound_server: SoundServer):
    with Capture(sound_server.env, device="nowhere") as microphone:
        missing = microphone.ask("open")
    with Capture(sound_server.env, device="pulse", channel=33) as microphone:
        beyond = microphone.ask("open")
    assert missing["error"] == "NoDeviceError"
    assert missing["text"].startswith("device nowhere: not here; give one of: ")
    assert "pulse" in missing["text"]
    assert beyond == {"error": "UsageError", "text": "device pulse: no channel 33; give 1 to 32, or mix"}
