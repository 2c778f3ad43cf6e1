"""serd.daemon.supervisor: states and attempts over invented time."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serd.daemon.supervisor import (
    FIRST_FRAME_S,
    JUDGED_S,
    LONG_RETRY_S,
    LOST_S,
    PATIENCE_S,
    SHORT_RETRY_S,
    STALLED_S,
    Supervisor,
    Transition,
)

LOOK_S = 0.1


def listening(now: float = 0.0) -> Supervisor:
    supervisor = Supervisor(now, live=True)
    supervisor.opened(now)
    supervisor.heard(now)
    return supervisor


def looks(supervisor: Supervisor, start: float, seconds: float, step: float = LOOK_S) -> list[tuple[float, Transition]]:
    """What changes while nothing comes, and when."""
    changes = []
    for k in range(1, round(seconds / step) + 1):
        change = supervisor.unheard(start + k * step)
        if change:
            changes.append((start + k * step, change))
    return changes


def test_a_device_that_falls_silent_is_stalled_and_lost_within_two_seconds_of_its_last_frame():
    supervisor = listening(100.0)
    (stalled_at, stalled), (lost_at, lost) = looks(supervisor, 100.0, 3.0)
    assert (stalled.state, lost.state) == ("stalled", "lost")
    assert STALLED_S < stalled_at - 100 <= STALLED_S + 2 * LOOK_S
    assert LOST_S < lost_at - 100 <= 2.0
    assert "no audio for" in lost.reason


def test_what_comes_after_a_stall_is_not_trusted_and_the_device_is_opened_anew():
    supervisor = listening()
    looks(supervisor, 0.0, 0.9)
    assert supervisor.state == "stalled"
    change = supervisor.heard(0.9)
    assert change is not None
    assert change.state == "lost"
    assert supervisor.wants_stream(1.2)
    supervisor.opened(1.2)
    change = supervisor.heard(1.5)
    assert change is not None
    assert change.state == "listening"


def test_a_device_that_is_a_little_late_is_no_news():
    supervisor = listening()
    for k in range(20):
        assert looks(supervisor, k * 0.5, 0.4) == []
        assert supervisor.heard((k + 1) * 0.5) is None


def test_a_process_that_stood_still_does_not_blame_the_device():
    supervisor = listening()
    assert supervisor.unheard(60.0) is None  # a minute in which nobody looked
    assert supervisor.state == "listening"


def test_the_first_frame_is_given_more_time_and_then_it_is_opened_anew():
    supervisor = Supervisor(0.0, live=True)
    assert supervisor.wants_stream(0.0)
    supervisor.opened(0.0)
    assert not supervisor.wants_stream(5.0)
    ((at, change),) = looks(supervisor, 0.0, 12.0)
    assert FIRST_FRAME_S < at <= FIRST_FRAME_S + 2 * LOOK_S
    assert change.state == "waiting"
    assert supervisor.wants_stream(at + SHORT_RETRY_S)


def attempts(supervisor: Supervisor, start: float, seconds: float) -> list[float]:
    """When it tries to open a device that is not there."""
    tried, now = [], start
    while now < start + seconds:
        if supervisor.wants_stream(now):
            tried.append(now)
            supervisor.refused(now, "not here")
        now += LOOK_S
    return tried


@pytest.mark.parametrize("lost", [True, False])
def test_attempts_come_every_second_for_five_minutes_and_then_every_half_minute(lost: bool):
    supervisor = listening(1000.0) if lost else Supervisor(1000.0, live=True)
    if lost:
        supervisor.ended(1000.0, "gone")
    tried = attempts(supervisor, 1000.0, PATIENCE_S + 200)
    pauses = [b - a for a, b in pairwise(tried)]
    early = [pause for at, pause in zip(tried, pauses, strict=False) if at < 1000 + PATIENCE_S - 1]
    late = [pause for at, pause in zip(tried, pauses, strict=False) if at > 1000 + PATIENCE_S]
    assert tried[0] <= 1000 + 0.25 + 2 * LOOK_S
    assert max(early) <= SHORT_RETRY_S + 2 * LOOK_S
    assert len(early) > 250
    assert late
    assert all(LONG_RETRY_S <= pause <= LONG_RETRY_S + 2 * LOOK_S for pause in late)


def test_a_new_outage_has_its_own_five_minutes():
    supervisor = Supervisor(0.0, live=True)
    attempts(supervisor, 0.0, PATIENCE_S + 100)
    supervisor.opened(500.0)
    supervisor.heard(500.0)
    supervisor.ended(600.0, "gone")
    assert supervisor.state == "lost"
    assert len(attempts(supervisor, 600.0, 20.0)) >= 18


def test_muted_nothing_is_opened_until_unmute_and_then_at_once():
    supervisor = listening()
    change = supervisor.muted()
    assert change is not None
    assert change.state == "muted"
    assert supervisor.muted() is None
    assert not any(supervisor.wants_stream(now) for now in (0.0, 1.0, 1e6))
    supervisor.unmuted(2e6)
    assert supervisor.state == "waiting"
    assert supervisor.wants_stream(2e6)


def test_unmute_of_what_is_not_muted_changes_nothing():
    supervisor = listening()
    assert supervisor.unmuted(1.0) is None
    assert supervisor.state == "listening"


def test_it_can_begin_muted():
    supervisor = Supervisor(0.0, live=True, muted=True)
    assert supervisor.state == "muted"
    assert not supervisor.wants_stream(0.0)


def judge(supervisor: Supervisor, status: str, seconds: float) -> list[Transition]:
    changes = (supervisor.judged(0.25, status) for _ in range(round(seconds / 0.25)))  # type: ignore[arg-type]
    return [change for change in changes if change]


def test_long_zeros_are_silent_and_the_first_sound_ends_it():
    supervisor = listening()
    assert judge(supervisor, "silent", JUDGED_S - 0.25) == []
    (change,) = judge(supervisor, "silent", 0.25)
    assert change.state == "silent"
    (change,) = judge(supervisor, "ok", 0.25)
    assert change.state == "listening"


@pytest.mark.parametrize("status", ["constant", "offset", "clipped"])
def test_what_is_wrong_with_the_input_for_long_is_a_reason_and_passes(status: str):
    supervisor = listening()
    (change,) = judge(supervisor, status, JUDGED_S + 1)
    assert change.state == "listening"
    assert change.reason != "audio arrives"
    changes = judge(supervisor, "ok", JUDGED_S + 1)
    assert [(change.state, change.reason) for change in changes] == [("listening", "audio arrives")]


def test_speech_with_pauses_counts_as_clipped_and_a_single_pop_does_not():
    supervisor = listening()
    changes = [
        change for _ in range(20) for status in ("clipped", "ok", "ok") for change in judge(supervisor, status, 0.25)
    ]
    assert [change.reason.split(",")[1] for change in changes] == [" clipped; turn the device's gain down"]
    other = listening()
    assert judge(other, "ok", 5) + judge(other, "clipped", 0.5) + judge(other, "ok", 5) == []


def test_of_a_recording_nothing_is_judged():
    supervisor = Supervisor(0.0, live=False)
    supervisor.opened(0.0)
    supervisor.heard(0.0)
    assert judge(supervisor, "silent", 60) == []
    assert looks(supervisor, 0.0, 60.0) == []


EVENTS = st.sampled_from(["opened", "heard", "unheard", "refused", "ended", "muted", "unmuted", "zeros", "sound"])


@given(st.lists(st.tuples(EVENTS, st.floats(0, 40)), max_size=80))
def test_whatever_happens_transitions_tell_the_state_and_an_open_stream_is_never_opened(happened):
    supervisor, now, is_open = Supervisor(0.0, live=True), 0.0, False
    for name, passed in happened:
        now += passed
        wants = supervisor.wants_stream(now)
        assert not (wants and is_open)
        if name in ("opened", "refused") and not wants:
            continue
        if name in ("heard", "unheard", "ended", "zeros", "sound") and not is_open:
            continue
        before = (supervisor.state, supervisor.reason)
        match name:
            case "opened":
                change, is_open = supervisor.opened(now), True
            case "refused":
                change = supervisor.refused(now, "not here")
            case "heard":
                stalled = supervisor.state == "stalled"
                change, is_open = supervisor.heard(now), not stalled
                assert supervisor.state in (("lost",) if stalled else ("listening", "silent"))
            case "unheard":
                change = supervisor.unheard(now)
                is_open = supervisor.state != "lost" and not (change and "after it was opened" in change.reason)
            case "ended":
                change, is_open = supervisor.ended(now, "gone"), False
                assert supervisor.state in ("lost", "waiting")
            case "muted":
                change, is_open = supervisor.muted(), False
            case "unmuted":
                change = supervisor.unmuted(now)
            case _:
                change = supervisor.judged(0.25, "silent" if name == "zeros" else "ok")
        after = (supervisor.state, supervisor.reason)
        assert (change is None) == (before == after)
        assert change is None or (change.state, change.reason) == after
