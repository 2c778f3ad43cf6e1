"""Row 11: mute. Twenty times on and off; `script/soak --mutes 100` does it a hundred times."""

from __future__ import annotations

import time

import psutil

from serd.events.requests import ask, running
from tests.support.feeder import Feeder
from tests.support.fieldwork import EAGER, in_the_field
from tests.support.soundserver import SoundServer
from tests.support.speech import DEMO

CYCLES, WARM = 20, 4
QUIET_S = 1.0
RISE_BYTES = 1_500_000
"""The allocator's arenas fill in the first dozens of cycles; `script/soak` shows that nothing grows afterwards."""


def test_mute_closes_the_microphone_and_leaves_all_else_as_it_was(serd: str, sound_server: SoundServer, measured):
    def streams() -> str:
        return sound_server.pactl("list", "short", "source-outputs")

    with (
        Feeder(sound_server, DEMO),
        in_the_field(serd, env=sound_server.env, rules=EAGER) as field,
    ):
        field.state("listening")
        field.until(lambda: field.of("segment"))
        (control,) = running(field.env)
        process = psutil.Process(field.process.pid)
        took: list[float] = []
        back: list[float] = []
        held: list[tuple[int, int, int]] = []
        for cycle in range(CYCLES):
            asked = time.time()
            assert ask(control, "mute").state == "muted"
            assert streams() == "", "the answer comes when the stream is closed"
            took.append(field.state("muted", after=asked)["at"] - asked)
            if cycle == 0:
                cpu, frames = process.cpu_times(), len(field.of("frame"))
                time.sleep(QUIET_S)
                assert process.cpu_times().user - cpu.user < 0.2 * QUIET_S, "muted, there is nothing to compute"
                assert len(field.of("frame")) == frames
                assert field.of("segment")[-1]["ended_by"] == "mute"
            asked = time.time()
            ask(control, "unmute")
            back.append(field.state("listening", after=asked)["at"] - asked)
            memory = process.memory_info().rss
            held.append((process.num_threads(), process.num_fds(), memory))
        threads, handles, memory = zip(*held[WARM - 1 :], strict=True)
        assert max(threads) - min(threads) <= 1, threads  # PulseAudio's or a helper's may be on its way out
        assert threads[-1] <= threads[0] + 1
        assert max(handles) - min(handles) <= 3, handles
        assert memory[-1] - memory[0] < RISE_BYTES, memory
        assert field.end() == 0
        segments = field.of("segment")
        assert [s["phase"] for s in segments] == ["start", "end"] * (len(segments) // 2)
        measured(detected_s=max(took), recovered_s=max(back), events_lost=field.events_lost)
