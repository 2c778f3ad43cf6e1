"""The recording that ships: what it holds, that it can be made again, and that serd says all it can over it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

from tests.support.environments import ROOT, call

DEMO = ROOT / "serd" / "data" / "demo.flac"


def test_it_is_a_minute_of_16_khz_mono_in_a_small_file() -> None:
    info = sf.info(DEMO)
    assert (info.samplerate, info.channels, info.format) == (16000, 1, "FLAC")
    assert 50 <= info.duration <= 70
    assert DEMO.stat().st_size < 400_000


def test_it_says_of_itself_that_it_is_synthetic() -> None:
    with sf.SoundFile(DEMO) as file:
        assert "synthetic" in file.title.lower()
        assert "espeak-ng" in file.comment


def test_it_is_loud_and_quiet_and_never_clipped() -> None:
    samples, rate = sf.read(DEMO)
    levels = 10 * np.log10(np.square(samples[: len(samples) // rate * rate].reshape(-1, rate)).mean(axis=1) + 1e-12)
    assert np.sum(levels < -60) >= 5, "seconds of pause"
    assert np.sum(levels > -25) >= 10, "seconds of speech or noise"
    assert np.abs(samples).max() < 0.99


def test_it_can_be_made_again(tmp_path: Path) -> None:
    if not shutil.which("espeak-ng"):
        pytest.skip("espeak-ng is not installed; script/test does that")
    for name in ("first.flac", "second.flac"):
        done = call(ROOT / "script" / "make-demo", tmp_path / name)
        assert done.returncode == 0, done.stderr
    assert (tmp_path / "first.flac").read_bytes() == (tmp_path / "second.flac").read_bytes()
    with sf.SoundFile(tmp_path / "first.flac") as made, sf.SoundFile(DEMO) as shipped:
        if made.comment != shipped.comment:
            pytest.skip(f"another espeak-ng speaks otherwise: {made.comment}; shipped: {shipped.comment}")
        # The noise comes from floating-point transforms, whose last bit may round otherwise elsewhere.
        assert np.abs(made.read() - shipped.read()).max() <= 2 / 512


def test_all_three_states_occur_in_it(run: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path) -> None:
    done = run("--input", DEMO, "--fast", "--headless", "--publish", f"ipc://{tmp_path}/events")
    assert done.returncode == 0, done.stderr
    events = [json.loads(line) for line in done.stdout.splitlines()]
    frames = [event["data"] for event in events if event["type"].endswith("frame")]
    states = {frame["state"] for frame in frames}
    assert states == {"no-speech", "uncertain", "emotion"}
    assert any(event["type"].endswith("segment") for event in events)


def test_the_demo_too_goes_as_fast_as_it_can(run: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    done = run("--demo", "--fast", "--headless", "--publish", "ipc://events")
    assert done.returncode == 0, done.stderr
    statuses = [event["data"] for event in map(json.loads, done.stdout.splitlines()) if "uptime_s" in event["data"]]
    assert statuses[-1]["synthetic"] is True
    assert statuses[-1]["stream_s"] > 50
    assert statuses[-1]["uptime_s"] < statuses[-1]["stream_s"], "in real time they are equal"
    assert re.fullmatch(r"serd: heard for 60 s: \w+ \d+ s, .*uncertain \d+ s.*; next: `serd` listens .*\n", done.stderr)


def test_in_real_time_it_begins_again_until_it_is_asked_to_end(serd: str, tmp_path: Path) -> None:
    """Of a shorter recording, lest the test take minutes."""
    short = tmp_path / "demo.flac"
    samples, rate = sf.read(DEMO)
    sf.write(short, samples[: 2 * rate], rate)
    code = "import sys; from pathlib import Path; import serd.defaults as d; d.DEMO = Path(sys.argv.pop(1));"
    code += "from serd.cli.main import main; sys.exit(main())"
    playing = subprocess.Popen(
        [Path(serd).with_name("python"), "-c", code, short, "--demo", "--headless", "--publish", f"ipc://{tmp_path}/e"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert playing.stdout
    events = map(json.loads, playing.stdout)
    end_s = next(
        event["data"]["window"]["end_s"] for event in events if event["data"].get("window", {}).get("end_s", 0) > 5
    )
    assert end_s > 5, "the third round of two seconds"
    playing.terminate()
    _, told = playing.communicate(timeout=20)
    assert playing.returncode == 0
    assert told.startswith("serd: heard for ")


def test_the_demo_flag_plays_it_and_calls_it_synthetic(serd: str, tmp_path: Path) -> None:
    """It plays in real time: the first events are enough."""
    playing = subprocess.Popen(
        [serd, "--demo", "--headless", "--publish", f"ipc://{tmp_path}/events"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert playing.stdout
        for line in playing.stdout:
            event = json.loads(line)
            if event["type"].endswith("status"):
                assert event["data"]["synthetic"] is True
                break
        else:
            pytest.fail("no status came")
    finally:
        playing.terminate()
        assert playing.wait(10) == 0
