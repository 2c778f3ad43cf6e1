"""Row 12: a microphone that is silent, constant, clipped or offset. Each played into the virtual one."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import soundfile

from tests.support.fieldwork import in_the_field
from tests.support.soundserver import SoundServer
from tests.support.speech import DEMO, read

RATE = 16000
SILENT_WITHIN_S = 5.0


def test_what_is_wrong_with_the_input_is_published(serd: str, sound_server: SoundServer, measured, tmp_path: Path):
    speech = read(DEMO)[2 * RATE : 10 * RATE]
    bad = {
        "constant": np.full(2 * RATE, 0.25),
        "clipped": np.clip(speech * 60, -1, 1),
        "offset": speech[: 2 * RATE] * 0.3 + 0.2,
    }
    for name, samples in bad.items():
        soundfile.write(tmp_path / f"{name}.wav", samples, RATE, subtype="PCM_16")
    with in_the_field(serd, env=sound_server.env) as field:
        began = field.state("listening")["at"]  # the virtual microphone delivers exact zeros while nothing is played
        silent = field.state("silent")
        assert field.of("frame")[-1]["quality"]["status"] == "silent"
        for name in ("constant", "offset", "clipped"):
            sound_server.play(tmp_path / f"{name}.wav", lead_s=0)
            played = time.time()
            field.until(lambda: field.of("frame")[-1]["quality"]["status"] == name)  # noqa: B023
            if name == "constant":
                heard = field.state("listening", after=played)
        told = field.state("listening", reason="clipped")
        assert field.end() == 0
        assert SILENT_WITHIN_S - 1 < silent["at"] - began < SILENT_WITHIN_S + 1
        assert "zeros" in silent["reason"]
        assert "gain" in told["reason"]
        assert heard["at"] > silent["at"]
        assert any("clipped" in line for line in field.stderr)
        measured(detected_s=silent["at"] - began, **field.losses())
