"""Row 31: channels that cancel. Opposed, delayed and noisy ones, in a file, an array, a pipe and a microphone."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile

import serd as package
from serd.audio.mix import Mixer
from tests.support.fieldwork import in_the_field
from tests.support.soundserver import SoundServer
from tests.support.speech import DEMO, read
from tests.support.wire import valid

RATE = 16000
MODEL = "serd-small"
ALIKE = 0.85
"""Share of windows with the same state and label; what is lost before a channel is chosen moves some."""


def noise(samples: np.ndarray, gain: float) -> np.ndarray:
    power = np.sqrt(np.mean(np.square(samples)))
    return (np.random.default_rng(round(gain * 100)).standard_normal(len(samples)) * power * gain).astype(np.float32)


@pytest.fixture(scope="module")
def speech() -> np.ndarray:
    return read(DEMO)[: 12 * RATE]


@pytest.fixture(scope="module")
def alone(speech: np.ndarray) -> package.Score:
    return package.score(speech, RATE, model=MODEL)


def channels(speech: np.ndarray, how: str) -> np.ndarray:
    late = np.concatenate([np.zeros(80, np.float32), speech[:-80]])
    return {
        "opposed": np.stack([speech, -speech], 1),
        "opposed and weaker": np.stack([speech, -0.5 * speech], 1),
        "late": np.stack([speech, late], 1),
        "noise": np.stack([noise(speech, 1), speech], 1),
        "loud noise": np.stack([noise(speech, 4), speech], 1),
        "noise on three of four": np.stack([speech, *(noise(speech, g) for g in (0.8, 1, 1.2))], 1),
    }[how]


def alike(one: package.Score, other: package.Score) -> float:
    pairs = zip(one.windows, other.windows, strict=True)
    return float(np.mean([(a["state"], a["label"]) == (b["state"], b["label"]) for a, b in pairs]))


@pytest.mark.parametrize("how", ["opposed", "opposed and weaker", "late", "noise", "loud noise"])
def test_one_is_heard_alone_and_said(speech: np.ndarray, alone: package.Score, how: str):
    score = package.score(channels(speech, how), RATE, model=MODEL)
    assert (score.label, score.state) == (alone.label, alone.state)
    assert alike(score, alone) >= ALIKE
    assert score.channels is not None
    assert score.channels["heard"] == (2 if "noise" in how else 1)
    assert score.channels["share"] > 0.7


def test_so_among_more(speech: np.ndarray, alone: package.Score):
    score = package.score(channels(speech, "noise on three of four"), RATE, model=MODEL)
    assert score.channels is not None
    assert (score.label, score.channels["heard"]) == (alone.label, 1)


def test_where_they_agree_their_mean_is_heard_and_nothing_said(speech: np.ndarray):
    pair = np.stack([speech + noise(speech, 0.01), 0.7 * speech + noise(speech, 0.02)], 1)
    score = package.score(pair, RATE, model=MODEL)
    assert score == package.score(pair.mean(axis=1), RATE, model=MODEL)
    assert score.channels is None


def test_two_people_each_on_a_channel_are_both_heard():
    whole = read(DEMO)[: 24 * RATE]
    half = len(whole) // 2
    other = np.concatenate([whole[half:], whole[:half]])
    turns = (np.arange(len(whole)) // (3 * RATE)) % 2
    pair = np.stack([whole * (turns == 0), other * (turns == 1)], 1).astype(np.float32)
    pair += np.random.default_rng(2).standard_normal(pair.shape).astype(np.float32) * 1e-3
    both, mean = package.score(pair, RATE, model=MODEL), package.score(pair.mean(axis=1), RATE, model=MODEL)
    assert both.speech == mean.speech
    assert both.channels is None or both.channels["share"] < 0.1
    heard, _ = Mixer(2, RATE).push(pair)
    for own in (pair[:, 0], pair[:, 1]):
        assert np.sum(own * heard) > 0.48 * np.sum(own * own), "half of each is the mean"


def test_a_channel_can_be_chosen(speech: np.ndarray, alone: package.Score, run, tmp_path: Path):
    pair = channels(speech, "loud noise")
    assert package.score(pair, RATE, channel=2, model=MODEL) == alone
    soundfile.write(tmp_path / "x.wav", pair * 0.2, RATE, subtype="FLOAT")
    chosen = json.loads(run("score", "--model", "serd-small", "--json", "--channel", "2", tmp_path / "x.wav").stdout)
    assert (chosen["label"], chosen["channels"]) == (alone.label, None)
    for wrong in ("0", "3", "left"):
        done = run("score", "--model", "serd-small", "--channel", wrong, tmp_path / "x.wav")
        assert (done.returncode, done.stdout) == (2, "")
        assert "channel" in done.stderr


def test_a_file_is_scored_and_replayed_with_a_word_about_it(odd_sounds: Path, run, alone: package.Score):
    path = odd_sounds / "st-anti.wav"
    done = run("score", "--model", "serd-small", "--json", path)
    score = json.loads(done.stdout)
    assert (score["label"], score["channels"]["heard"], score["channels"]["agreement"]) == (alone.label, 1, -1.0)
    assert "its channels cancel, so channel 1 alone is heard" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    told = run("--input", path, "--fast", "--headless")
    events = [valid(json.loads(line)) for line in told.stdout.splitlines()]
    heard = [e["data"]["quality"].get("channels") for e in events if e["type"].endswith("frame")]
    assert heard.count({"heard": 1, "agreement": -1.0}) > 0.7 * len(heard)


def test_a_pipe_is_too(speech: np.ndarray, serd: str, tmp_path: Path):
    pair = (channels(speech, "opposed") * 32767).astype("<i2")
    done = subprocess.run(
        [serd, "--input", "-", "--channels", "2", "--headless", "--publish", f"ipc://{tmp_path}/p"],
        input=pair.tobytes(), capture_output=True, timeout=60, check=True,
    )  # fmt: skip
    events = [json.loads(line)["data"] for line in done.stdout.splitlines()]
    assert any(event.get("label") for event in events)
    assert b"its channels cancel" in done.stderr


def test_a_microphone_is_too_and_nobody_is_sent_to_its_mute_button(
    serd: str, sound_server: SoundServer, speech: np.ndarray, measured, tmp_path: Path
):
    sound_server.load("module-null-sink", "sink_name=pair", f"rate={RATE}", "channels=2", "format=s16le")
    sound_server.pactl("set-default-source", "pair.monitor")
    soundfile.write(tmp_path / "x.wav", channels(speech, "opposed"), RATE, subtype="PCM_16")
    with in_the_field(serd, env={**os.environ, **sound_server.env}) as field:
        field.state("listening")
        sound_server.play(tmp_path / "x.wav", sink="pair")
        field.until(lambda: any("channels" in frame["quality"] for frame in field.of("frame")))
        told = field.state("listening", reason="channels cancel")
        field.until(lambda: any(frame["state"] != "no-speech" for frame in field.of("frame")))
        assert "muted" not in told["reason"]
        assert field.end() == 0
        measured(**field.losses())
