import io
import json
import re
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from serd.view.glyphs import draw
from serd.view.layout import lay_out
from serd.view.view import View
from tests.support.envelopes import LABELS, START, emotion, envelope, frame, probabilities, status

SMALL, LARGE, CORNER = (80, 24), (200, 60), (40, 10)


def view(*events: Mapping[str, Any]) -> View:
    view = View("tcp://127.0.0.1:5556", "q quits")
    for event in events:
        view.take(event)
    return view


def screen(view: View, at: float, size: tuple[int, int] = SMALL, colour: bool = False) -> list[str]:
    """The picture as lines of text; a console wider than the picture would show what stands out."""
    file = io.StringIO()
    console = Console(file=file, width=size[0] + 100, height=size[1], color_system=None, force_terminal=False)
    console.print(view.render(*size, START + at, colour))
    return file.getvalue().removesuffix("\n").split("\n")


def text(view: View, at: float, size: tuple[int, int] = SMALL) -> str:
    return "\n".join(screen(view, at, size))


def large(word: str, size: tuple[int, int], picture: str) -> bool:
    letters = lay_out(*size, LABELS).size
    assert letters is not None
    return all(row.rstrip() in picture for row in draw(word, letters))


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_an_emotion_and_its_confidence_are_written_large(size: tuple[int, int]) -> None:
    picture = text(view(status(0), emotion(1)), 1, size)
    assert large("happy", size, picture)
    assert "happy: clear" in picture


def test_the_confidence_is_large_too() -> None:
    assert large("87%", SMALL, text(view(status(0), emotion(1)), 1))


def test_a_small_corner_names_the_emotion_in_plain_letters() -> None:
    assert "HAPPY  87%" in text(view(status(0), emotion(1)), 1, CORNER)


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_every_label_has_a_bar_as_long_as_its_probability(size: tuple[int, int]) -> None:
    lines = screen(view(status(0), emotion(1, label="sad", share=0.5)), 1, size)
    bars = {name: next(line for line in lines if re.match(rf" . {name} ", line)) for name in LABELS}
    room = lay_out(*size, LABELS).bar - 2
    assert bars["sad"].split("dBFS")[0].count("█") == room // 2
    assert " 50 %" in bars["sad"]
    assert all(" 7 %" in bar for name, bar in bars.items() if name != "sad")


def test_the_reason_is_in_plain_words() -> None:
    close = probabilities("sad", 0.4)
    assert "no speech: noise" in text(view(status(0), frame(1)), 1)
    assert "no speech: silence" in text(view(status(0), frame(1, reason="silence")), 1)
    uncertain = frame(1, state="uncertain", reason="ambiguous", probabilities=close, confidence=0.4)
    assert "uncertain: two emotions are close · sad 40 %" in text(view(status(0), uncertain), 1)
    assert "uncertain: so far unheard of" in text(view(frame(1, state="uncertain", reason="so-far-unheard-of")), 1)


def test_how_long_a_state_has_lasted_is_told() -> None:
    events = [emotion(at / 4, at) for at in range(4, 50)]
    assert "happy: clear · for 11 s" in text(view(status(0), *events), 12.25)
    events = [*events, emotion(12.5, 50, label="sad"), emotion(14.5, 51, label="sad")]
    assert "sad: clear · for 2 s" in text(view(status(0), *events), 14.5)


def test_the_label_of_a_corpus_stands_beside_what_is_said() -> None:
    told = {"label": "bored", "recording": "03a01La.wav"}
    assert "happy: clear · for 0 s · labelled bored (03a01La.wav)" in text(
        view(status(0), emotion(1, annotation=told)), 1
    )
    assert "no speech: noise · for 0 s · labelled bored" in text(view(status(0), frame(1, annotation=told)), 1)
    for wrong in ({"label": "bored"}, "bored", {"label": 3, "recording": None}):
        assert "labelled" not in text(view(status(0), emotion(1, annotation=wrong)), 1)


def test_facts_are_told() -> None:
    picture = text(view(status(0), emotion(1)), 1)
    for fact in ("USB microphone, 48 kHz, mono", "● listening", "latency 12 ms", "CPU 6.2 %", "overflows 0", "-42 dBFS",
                 "lost events 0", "speech 97 %", "thesis-cnn/1.0.0", "tcp://127.0.0.1:5556", "q quits"):  # fmt: skip
        assert fact in picture


def test_what_an_event_lacks_is_a_dash() -> None:
    bare = envelope("frame", 1, 0, {"state": "no-speech"})
    picture = text(view(bare), 1)
    assert "no speech: –" in picture
    assert "latency –" in picture
    assert "CPU –" in picture


def test_the_demo_is_called_synthetic() -> None:
    assert "demo: synthetic recording" in text(view(status(0, synthetic=True), frame(1)), 1)
    assert "synthetic" not in text(view(status(0), frame(1)), 1)


@pytest.mark.parametrize("state", ["waiting", "lost", "muted", "stalled", "failed", "stopped"])
def test_a_device_without_audio_stands_in_place_of_the_emotion(state: str) -> None:
    picture = text(view(status(0), emotion(1), status(1.5, 1, state, reason="the cable was pulled")), 4)
    assert large(state, SMALL, picture)
    assert "the cable was pulled · for 2 s" in picture
    assert "87 %" not in picture
    assert "●" not in picture


def test_a_silent_device_stands_out_although_frames_come() -> None:
    assert large("silent", SMALL, text(view(status(0, state="silent"), frame(1, reason="silence")), 1))


def test_frames_after_a_loss_show_that_the_device_is_back() -> None:
    assert large("happy", SMALL, text(view(status(0, state="lost"), emotion(1)), 1))


def test_an_emotion_disappears_when_its_feed_is_stale() -> None:
    seen = view(status(0), emotion(1))
    assert large("happy", SMALL, text(seen, 3))
    picture = text(seen, 8)
    assert large("no events", SMALL, picture)
    assert "no events for 7 s: is serd running at tcp://127.0.0.1:5556?" in picture
    for gone in ("87", "happy: clear", "● listening", "latency 12", "-42 dBFS", "█▄▄▄█ █▄▄▄█"):
        assert gone not in picture


def test_a_heartbeat_does_not_keep_an_old_emotion_alive() -> None:
    picture = text(view(status(0), emotion(1), status(5, 1)), 6)
    assert large("no frames", SMALL, picture)
    assert "judged nothing for 5 s" in picture


def test_a_lost_device_is_shown_between_heartbeats_and_then_the_feed_is_stale() -> None:
    seen = view(status(0), emotion(1), status(2, 1, "lost"))
    assert large("lost", SMALL, text(seen, 7))
    assert large("no events", SMALL, text(seen, 20))


def test_a_stride_longer_than_the_patience_is_waited_for() -> None:
    assert large("happy", SMALL, text(view(status(0, stride_s=4.0), emotion(1)), 6))


def test_before_the_first_event_it_asks_for_serd() -> None:
    assert "is serd running at tcp://127.0.0.1:5556?" in text(view(), 0)


def test_lost_events_are_shown() -> None:
    seen = view(status(0), emotion(1))
    seen.lost = 3
    assert "lost events 3" in text(seen, 1)


def test_of_two_sources_the_first_is_followed_until_it_falls_silent() -> None:
    kitchen, hall = ({"source": name} for name in ("kitchen", "hall"))
    seen = view(emotion(1) | kitchen, emotion(2, label="sad") | hall)
    assert large("happy", SMALL, text(seen, 2))
    assert "kitchen" in text(seen, 2)
    seen.take(emotion(14, label="sad") | hall)
    assert large("sad", SMALL, text(seen, 14))


def test_the_timeline_shows_what_was_heard_when() -> None:
    events = [emotion(at / 4, at, label="sad" if at < 240 else "angry") for at in range(480)]
    lines = screen(view(status(0), *events), 119.9)
    axis = next(k for k, line in enumerate(lines) if "min ago" in line)
    strip, ticks = lines[axis - 2], lines[axis]
    assert strip == " " + " " * 38 + "S" * 20 + "A" * 20
    assert ticks.index("╵1 min ago") == len(strip) - 21
    assert ticks.endswith("now")
    assert lines[axis - 1].split() == ["sad", "angry"]


def test_the_timeline_marks_silence_doubt_and_loss_apart() -> None:
    events = [frame(at, at) for at in range(12)]
    events += [frame(at, at, state="uncertain", reason="settling") for at in range(12, 24)]
    events += [status(24, 1, "lost"), status(29, 2, "lost"), status(34, 3, "lost")]
    lines = screen(view(status(0), *events), 35.9)
    assert any(line.endswith("····░░░░××××") for line in lines)


def test_a_pause_in_the_feed_is_a_hole_in_the_timeline() -> None:
    lines = screen(view(status(0), emotion(0.5), emotion(13)), 13)
    assert any(line.endswith("H   H") for line in lines)


def test_a_gap_in_a_device_state_longer_than_a_heartbeat_is_no_continuation() -> None:
    lines = screen(view(status(0, 0, "lost"), status(60, 1, "lost")), 60)
    assert not any("××" in line for line in lines)


def test_the_likeliest_are_shown_where_there_is_no_room_for_all() -> None:
    lines = text(view(status(0), emotion(1, label="surprised", share=0.6)), 1, CORNER)
    assert "U surprised" in lines


def test_markup_in_names_is_shown_as_it_is() -> None:
    seen = view(status(0, device={"name": "[red]mic[/red] \x1b[2J", "rate": 16000, "channels": 2}), frame(1))
    assert "[red]mic[/red] [2J, 16 kHz, stereo" in text(seen, 1)


def test_without_colour_no_escape_for_a_colour_is_written() -> None:
    file = io.StringIO()
    console = Console(file=file, width=80, height=24, force_terminal=True, color_system="truecolor", no_color=True)
    events = [status(0), *(emotion(at, at, label=LABELS[at % 8]) for at in range(60))]
    console.print(view(*events).render(80, 24, START + 60, colour=False))
    codes = {code for found in re.findall(r"\x1b\[([\d;]*)m", file.getvalue()) for code in found.split(";")}
    assert codes <= {"0", "1", "2", "7"}
    assert "H" in file.getvalue()


@pytest.mark.parametrize(
    ("events", "line", "colour"),
    [
        ([status(0), emotion(1)], 2, 136),
        ([status(0), frame(1)], 2, 243),
        ([status(0), status(1, 1, "lost")], 2, 160),
        ([status(0), status(1, 1, "lost")], 6, 160),
        ([status(0), emotion(1)], 10, 136),
        ([status(0), emotion(1)], 18, 136),
        ([status(0), emotion(1)], 20, 243),
    ],
)
def test_each_part_has_its_colour(events: list[Mapping[str, Any]], line: int, colour: int) -> None:
    file = io.StringIO()
    console = Console(file=file, width=80, height=24, force_terminal=True, color_system="256")
    console.print(view(*events).render(80, 24, START + 1))
    assert f"38;5;{colour}m" in file.getvalue().split("\n")[line]


def test_anything_may_be_missing_or_wrong() -> None:
    whole = [status(0), emotion(1)]
    for event in whole:
        for name in event["data"]:
            for wrong in (None, "x", [None], {"name": []}, float("nan"), 10**400, True):
                seen = view(status(0), event | {"data": event["data"] | {name: wrong}})
                assert len(screen(seen, 1)) == 24
    for broken in ({}, {"data": 1}, {"type": "serd.v1.frame"}, {"type": 3, "data": {"state": 1}, "time": "then"}):
        assert len(text(view(broken), 1)) > 0


SHARES = st.floats(0, 1)
NAMES = st.sampled_from(LABELS) | st.text(min_size=1, max_size=20)
EVENTS = st.lists(
    st.one_of(
        st.builds(
            lambda at, n, label, share, level, bands: emotion(
                at, n, label, share, quality={"level": level, "bands": bands, "clipping": share, "overflows": n}
            ),
            st.floats(0, 1000),
            st.integers(0, 10**6),
            NAMES,
            SHARES,
            st.floats(-99, 3),
            st.lists(st.sampled_from(range(-99, 3, 3)), min_size=8, max_size=8),
        ),
        st.builds(
            lambda at, n, state, reason: frame(at, n, state=state, reason=reason),
            st.floats(0, 1000),
            st.integers(0, 10**6),
            st.sampled_from(["no-speech", "uncertain"]),
            st.sampled_from(["silence", "noise", "little-speech", "ambiguous", "settling", "low-confidence"]),
        ),
        st.builds(
            lambda at, n, state, device, labels: status(
                at, n, state, device={"name": device, "rate": 44100, "channels": n}, labels=labels, reason=device
            ),
            st.floats(0, 1000),
            st.integers(0, 64),
            st.sampled_from(
                ["waiting", "listening", "stalled", "silent", "lost", "muted", "failed", "stopped", "new in v1.1"]
            ),
            st.text(max_size=150),
            st.lists(NAMES, min_size=0, max_size=64, unique=True),
        ),
        st.builds(
            lambda at, n, phase: envelope("segment", at, n, {"state": "emotion", "phase": phase, "duration_s": 1.5}),
            st.floats(0, 1000),
            st.integers(0, 10**6),
            st.sampled_from(["start", "end"]),
        ),
    ),
    max_size=12,
)


@settings(max_examples=150, deadline=None)
@given(EVENTS, st.integers(1, 250), st.integers(1, 80), st.floats(0, 1100), st.booleans())
def test_no_events_on_no_screen_are_too_much(
    events: list[Mapping[str, Any]], width: int, height: int, at: float, colour: bool
) -> None:
    seen = view(*(json.loads(json.dumps(event)) for event in events))
    lines = screen(seen, at, (width, height), colour)
    assert len(lines) <= height
    assert max(map(cell_len, lines)) <= width
    assert screen(seen, at, (width, height), colour) == lines
