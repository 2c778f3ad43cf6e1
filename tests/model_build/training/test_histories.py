"""model_build.training.histories: whom a test clip's reference is of, and what it never holds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model_build.corpora import Utterance
from model_build.training.histories import LONGEST_S, RULES, STREAMS, Histories, Rule

EMOTIONS = ("neutral", "calm", "angry", "happy")
CLIPS = st.lists(
    st.tuples(st.integers(0, 3), st.sampled_from(EMOTIONS), st.sampled_from((None, "a", "b")), st.floats(0, 20)),
    min_size=1,
    max_size=40,
)


@given(rows=CLIPS, rule=st.sampled_from(RULES), data=st.data())
@settings(max_examples=300, deadline=None)
def test_a_history_never_holds_the_clip_or_its_sentence(
    rows: list[tuple[int, str, str | None, float]], rule: Rule, data: st.DataObject
) -> None:
    clips = [
        Utterance(Path("x"), f"n{k}", "emo-db", f"s{speaker}", emotion=emotion, text=text)
        for k, (speaker, emotion, text, _) in enumerate(rows)
    ]
    seconds = np.array([own for *_, own in rows])
    tested = data.draw(st.integers(0, len(clips) - 1))
    chosen = Histories(clips, seconds).of(tested, rule)
    assert chosen == Histories(clips, seconds).of(tested, rule)
    assert tested not in chosen
    assert seconds[chosen].sum() <= LONGEST_S + 1e-6
    for own in (clips[k] for k in chosen):
        assert own.text is None or own.text != clips[tested].text
        assert rule == "two people" or (own.group == clips[tested].group) == (rule != "wrong person")
        assert rule != "anger" or own.emotion == "angry"
        assert rule in ("mixed", "anger", *STREAMS) or own.emotion in ("neutral", "calm")
    assert len({clips[k].group for k in chosen}) <= (2 if rule == "two people" else 1)


def test_all_that_there_is_is_taken_up_to_a_minute() -> None:
    clips = [Utterance(Path("x"), f"n{k}", "nemo", "s", emotion="neutral", text=str(k % 20)) for k in range(100)]
    histories = Histories(clips, np.full(100, 2.0))
    chosen = histories.of(0, "neutral")
    assert len(chosen) == LONGEST_S / 2
    assert not {0, 20, 40, 60, 80} & set(chosen)
    assert chosen != histories.of(20, "neutral"), "each clip has its own"


@pytest.mark.parametrize("rule", STREAMS)
def test_a_stream_gives_each_clip_what_was_heard_shortly_before_it(rule: Rule) -> None:
    clips = [Utterance(Path("x"), f"n{k}", "nemo", f"s{k % 2}", emotion="angry", text=str(k)) for k in range(200)]
    histories = Histories(clips, np.full(200, 2.0))
    known = {k: set(histories.of(k, rule)) for k in range(0, 200, 2)}
    assert sum(not before for before in known.values()) <= 1, "the first alone has none"
    for k, before in known.items():
        assert not any(k in known[other] for other in before if other in known), "what came before came not after, too"
    strangers = {other % 2 for before in known.values() for other in before}
    assert strangers == ({0, 1} if rule == "two people" else {0})
