"""serd.config.voice: what a voice may be called, and in one line why not."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serd.config.voice import RESERVED, Voice, voices
from serd.errors import UsageError

NAMES = st.from_regex(r"[a-z0-9_-]{1,64}", fullmatch=True).filter(lambda name: name not in RESERVED)


@given(NAMES, st.integers(1, 256), st.none() | st.text(st.characters(exclude_characters="\0"), min_size=1, max_size=40))
def test_a_voice_is_read_as_it_was_written(name: str, channel: int, device: str | None):
    text = f"{name}={channel}" + ("" if device is None else f"@{device}")
    assert Voice.parse(text) == Voice(name, channel, device)


@given(st.text(max_size=30))
def test_what_is_no_voice_is_refused_in_one_line(text: str):
    with contextlib.suppress(UsageError):
        assert text.startswith(f"{Voice.parse(text).name}=")
        return
    with pytest.raises(UsageError) as fault:
        Voice.parse(text)
    assert "\n" not in str(fault.value)


@pytest.mark.parametrize(
    ("given", "named"),
    [
        (["a=1", "a=2"], "a is given twice"),
        (["a=0"], "no channel 0"),
        (["a=257"], "no channel 257"),
        (["Left=1"], "'Left'"),
        (["a"], "no voice"),
        (["a=x"], "no voice"),
        (["default=1"], "default is no voice's name"),
        ([f"v{k}=1" for k in range(257)], "256 at most"),
    ],
)
def test_faults_are_named(given: list[str], named: str):
    with pytest.raises(UsageError, match=named):
        voices(given)


def test_in_a_variable_commas_part_voices_and_may_stand_in_a_devices_name():
    assert voices("a=1@USB Audio, front, b=2") == ("a=1@USB Audio, front", "b=2")
