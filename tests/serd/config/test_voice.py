"""serd.config.voice: what a voice may be called, and in one line why not."""

from __future__ import annotations

import contextlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serd.config.voice import RESERVED, SPEAKERS, Voice, speakers, voices
from serd.errors import ConfigError, UsageError

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


def test_who_speaks_is_told_of_each_voice():
    two = [Voice("client", 1), Voice("companion", 2)]
    assert speakers(None, two) == {}
    assert speakers("anna", []) == {None: "anna"}
    assert speakers("anna", two[:1]) == {"client": "anna"}
    assert speakers("companion=ben,client=anna", two) == {"companion": "ben", "client": "anna"}


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("anna", "which of the voices is it? give client=anna"),
        ("left=anna", "there is no voice left; there are: client, companion"),
        ("client=anna,client=ben", "has a person already, anna"),
    ],
)
def test_a_person_of_no_voice_is_named(text: str, named: str):
    with pytest.raises(ConfigError, match=re.escape(named)):
        speakers(text, [Voice("client", 1), Voice("companion", 2)])


def test_a_person_is_a_name_or_one_of_each_voice():
    for text in ("anna", "client=anna", "client=anna,companion=ben-2"):
        assert re.fullmatch(SPEAKERS, text)
    for text in ("", "list", "client=", "Client=anna", "client=anna,", "client=anna,ben", "client=../x"):
        assert not re.fullmatch(SPEAKERS, text)


def test_in_a_variable_commas_part_voices_and_may_stand_in_a_devices_name():
    assert voices("a=1@USB Audio, front, b=2") == ("a=1@USB Audio, front", "b=2")
