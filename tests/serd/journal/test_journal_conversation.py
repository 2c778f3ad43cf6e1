"""serd.journal.conversation: talk time and turns of two voices, only where both agreed, as a user types it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from serd.journal.conversation import TURN_S, Conversation
from tests.serd.journal.test_journal_command import rows
from tests.support.envelopes import frame, status
from tests.support.journal_command import PATIENCE_S, Desk, until
from tests.support.speech import DEMO, read

RATE, STRIDE = 16000, 0.25
VOICES = ("--voice", "client=1", "--voice", "companion=2")


def told(source: str, number: int, speaks: bool, **more: Any) -> dict[str, Any]:
    window = {"start_s": number * STRIDE, "end_s": (number + 1) * STRIDE}
    state = {"state": "uncertain", "reason": "little-speech"} if speaks else {"state": "no-speech", "reason": "silence"}
    event = frame(0, number, window=window, **state, **more)
    return event | {"source": source}


def heard(strides: list[tuple[bool, bool]], order: str = "client companion", device: str = "a") -> dict[str, Any]:
    talk = Conversation("0" * 16, "client", "companion")
    for source, name in (("client", "a"), ("companion", device)):
        made = status(0, 0, "listening", device={"name": name, "rate": 1, "channels": 2}, stride_s=STRIDE)
        talk.take(made | {"source": source})
    for number, both in enumerate(strides):
        for source in order.split():
            talk.take(told(source, number, both[source == "companion"]))
    return talk.row


@given(st.lists(st.tuples(st.booleans(), st.booleans()), max_size=60))
def test_talk_time_is_each_voices_own_and_turns_alternate(strides: list[tuple[bool, bool]]):
    row = heard(strides)
    assert row == heard(strides, "companion client"), "whose event comes first says nothing"
    assert row["heard_s"] == STRIDE * len(strides)
    assert row["person_s"] == STRIDE * sum(one for one, _ in strides)
    assert row["companion_s"] == STRIDE * sum(one for _, one in strides)
    assert abs(row["person_turns"] - row["companion_turns"]) <= 1
    assert row["person_turns"] * TURN_S <= row["person_s"]


def test_assent_is_no_turn_and_a_pause_does_not_end_one():
    mine, theirs, pause, both = (True, False), (False, True), (False, False), (True, True)
    row = heard([mine] * 8 + [theirs] * 2 + [mine] * 8 + [pause] * 20 + [mine] * 4 + [both] * 4 + [theirs] * 4)
    assert (row["person_turns"], row["companion_turns"]) == (1, 1)


def test_what_is_the_others_voice_on_ones_channel_is_not_ones_own():
    talk = Conversation("0" * 16, "client", "companion")
    for source in ("client", "companion"):
        talk.take(status(0, 0, "listening", stride_s=STRIDE) | {"source": source})
    for number in range(8):
        talk.take(told("client", number, True))
        talk.take(told("companion", number, True, other_voice={"name": "client", "likelihood": 0.9}))
    assert (talk.row["person_s"], talk.row["companion_s"]) == (2.0, 0.0)


def test_two_devices_whose_streams_began_apart_are_not_counted():
    assert heard([(True, False)] * 8, device="b")["heard_s"] == 0


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two people in turn, each on a channel of their own."""
    spoken, pause = read(DEMO)[: 8 * RATE], np.zeros(8 * RATE, np.float32)
    left, right = np.concatenate([spoken, pause, spoken]), np.concatenate([pause, spoken, pause])
    path = tmp_path_factory.mktemp("talk") / "talk.wav"
    soundfile.write(path, np.stack([left, right], axis=1), RATE)
    return path


def test_a_companion_who_agrees_is_counted_and_nothing_else_of_them_is_kept(desk: Desk, talk: Path, tmp_path: Path):
    desk.agree()
    desk("start", "--person", "P-1", "--source", "client", "--companion", "companion=Q-1", code=2)
    desk.agree("Q-1")
    recorder = desk.start("P-1", "--source", "client", "--companion", "companion=Q-1")
    assert desk.play(talk, *VOICES).wait(PATIENCE_S) == 0
    desk("stop", "P-1")
    answer = json.loads(recorder.communicate(timeout=PATIENCE_S)[0].splitlines()[-1])
    (row,) = rows(desk, "conversation")
    assert answer["conversation"] == {name: value for name, value in row.items() if name != "session"}
    assert row["heard_s"] == pytest.approx(24, abs=1.5)
    assert row["person_s"] > row["companion_s"] > 2
    assert (row["person_turns"], row["companion_turns"]) == (2, 1)
    assert {one["source"] for one in rows(desk, "stream")} == {"client"}
    assert "companion" not in json.dumps([rows(desk, name) for name in ("bin", "segment", "absence", "stream")])
    desk("report", "P-1", "--out", "report.html", "--lang", "en")
    assert "the companion" in (tmp_path / "report.html").read_text("utf-8")
    desk("export", "P-1", "--format", "json", "--out", "out.json")
    desk("erase", "P-1", "--reason", "moved", "--yes")
    desk("import", "out.json")
    assert rows(desk, "conversation") == [row]


def test_without_consent_the_companions_voice_is_not_written_and_whose_voice_it_is_must_be_told(desk: Desk, talk: Path):
    desk.agree()
    recorder = desk.start("P-1", "--source", "client")
    assert desk.play(talk, *VOICES).wait(PATIENCE_S) == 0
    desk("stop", "P-1")
    recorder.communicate(timeout=PATIENCE_S)
    assert {one["source"] for one in rows(desk, "stream")} == {"client"}
    assert not rows(desk, "conversation")
    before = rows(desk, "bin")
    recorder = desk.start("P-1")
    player = desk.play(talk, *VOICES)
    _, error = recorder.communicate(timeout=PATIENCE_S)
    assert recorder.returncode == 2
    assert "hears several voices (client, companion); say whose journal it is: --source NAME" in error
    assert player.wait(PATIENCE_S) == 0
    assert rows(desk, "bin") == before, "nothing was written before it was told"


@pytest.mark.parametrize("ending", [("withdraw", "Q-1"), ("erase", "Q-1", "--reason", "wanted", "--yes")])
def test_a_companion_who_ends_it_is_counted_no_longer_and_the_persons_session_goes_on(
    desk: Desk, talk: Path, ending: tuple[str, ...]
):
    desk.agree()
    desk.agree("Q-1")
    recorder = desk.start("P-1", "--source", "client", "--companion", "companion=Q-1")
    player = desk.play(talk, *VOICES, fast=False)
    until(lambda: any(row["heard_s"] > 2 for row in rows(desk, "conversation")))
    desk(*ending)
    until(lambda: sum(row["listened_s"] for row in rows(desk, "bin")) > 15)
    desk.kill(player)
    desk("stop", "P-1")
    recorder.communicate(timeout=PATIENCE_S)
    assert recorder.returncode == 0
    (row,) = rows(desk, "conversation")
    assert 2 < row["heard_s"] < sum(one["listened_s"] for one in rows(desk, "bin")) - 1
