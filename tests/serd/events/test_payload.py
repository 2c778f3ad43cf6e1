from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from serd.events.payload import Payload

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)


def test_what_is_there_is_given() -> None:
    fields = Payload({"a": "x", "n": 2, "f": 0.5, "o": {"b": "y"}, "t": True, "l": [1, 2.5], "s": ["u", "v"]})
    assert (fields.text("a"), fields.whole("n"), fields.number("f")) == ("x", 2, 0.5)
    assert (fields.part("o").text("b"), fields.flag("t")) == ("y", True)
    assert (fields.numbers("l"), fields.texts("s")) == ((1.0, 2.5), ("u", "v"))


def test_what_is_missing_or_of_another_type_is_none() -> None:
    fields = Payload({"a": 1, "n": "2", "t": 1, "b": True, "nan": float("nan")})
    assert fields.text("a") is fields.number("n") is fields.whole("n") is fields.number("b") is None
    assert fields.number("nan") is fields.number("missing") is None
    assert not fields.flag("t")
    assert not Payload(["no", "object"])


def test_a_stranger_cannot_send_orders_to_the_terminal() -> None:
    assert Payload({"name": "\x1b[31mred\x07\n\u202egnol\x9b2J"}).text("name") == "[31mred gnol 2J"


@given(JSON, st.text(max_size=4))
def test_no_value_is_too_odd(value: Any, name: str) -> None:
    fields = Payload(value)
    text, number = fields.text(name), fields.number(name)
    assert text is None or (text.isprintable() and text == text.strip() != "")
    assert number is None or abs(number) <= 1e15
    assert all(abs(n) <= 1e15 for n in (*fields.numbers(name), *fields.part(name).table().values()))
    assert all(t.isprintable() for t in (*fields.texts(name), *fields.part(name).table()))
