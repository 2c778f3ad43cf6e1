"""Row 19: the sound server moves a stream to another source when its own goes. Two virtual microphones, one pinned."""

from __future__ import annotations

import time

from tests.support.fieldwork import BACK_WITHIN_S, LOST_WITHIN_S, SLACK_S, in_the_field
from tests.support.soundserver import ASOUNDRC, SoundServer
from tests.support.speech import DEMO

KITCHEN = "pcm.kitchen {\n type pulse\n device kitchen.monitor\n fallback no\n}"

SETTLED_S = 2.5
"""After so long a stream's clock is known, by which lost audio is seen."""

HEARD_BY_MISTAKE_S = 1.5
"""Of the other source: nothing where the pause is seen; on a machine too busy to see it the clock tells after 1 s."""


def sources_heard(server: SoundServer) -> list[str]:
    """Names of the sources that streams are at."""
    names = dict(line.split()[:2] for line in server.pactl("list", "short", "sources").splitlines())
    return [names[line.split()[1]] for line in server.pactl("list", "short", "source-outputs").splitlines()]


def test_a_pinned_device_is_lost_rather_than_replaced(serd: str, sound_server: SoundServer, measured):
    sink = ("module-null-sink", "sink_name=kitchen", "rate=16000", "channels=1", "format=s16le")
    (sound_server.home / ".asoundrc").write_text(f"{ASOUNDRC}\n{KITCHEN}\n")
    index = sound_server.load(*sink)
    with in_the_field(serd, "--device", "kitchen", env=sound_server.env) as field:
        heard = field.state("listening")
        assert heard["device"]["name"] == "kitchen"
        # By then its clock is known, and the server moves it to its default source, rather than end it.
        field.frame(after=heard["at"] + SETTLED_S)
        sound_server.play(DEMO)  # into that one
        gone = time.time()
        sound_server.unload(index)
        lost = field.state("lost")
        field.state("lost", after=lost["at"], reason="cannot be opened")
        time.sleep(1)
        assert field.of("status")[-1]["state"] == "lost"
        sound_server.load(*sink)
        there = time.time()
        back = field.state("listening", after=lost["at"])
        field.frame(after=back["at"] + SETTLED_S)
        assert sources_heard(sound_server) == ["kitchen.monitor"]

        stream = sound_server.pactl("list", "short", "source-outputs").split()[0]
        sound_server.play(DEMO)  # what joins makes the sink render anew: its monitor's next block is some 0.6 s away
        time.sleep(0.1)
        sound_server.pactl("move-source-output", stream, "vmic.monitor")
        moved = time.time()
        again = field.state("listening", after=field.state("lost", after=moved)["at"])
        field.frame(after=again["at"] + 0.3)
        assert sources_heard(sound_server) == ["kitchen.monitor"]

        assert field.end() == 0
        assert lost["at"] < gone + LOST_WITHIN_S + SLACK_S
        assert back["at"] < there + BACK_WITHIN_S + SLACK_S
        assert again["at"] < moved + BACK_WITHIN_S + SLACK_S
        assert back["device"]["name"] == again["device"]["name"] == "kitchen"
        foreign = [frame for frame in field.of("frame") if frame["quality"]["status"] != "silent"]
        assert 0.25 * len(foreign) <= HEARD_BY_MISTAKE_S
        assert all(frame["at"] < lost["at"] or moved < frame["at"] < again["at"] for frame in foreign)
        measured(detected_s=lost["at"] - gone, recovered_s=back["at"] - there, **field.losses())
