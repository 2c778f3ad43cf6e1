"""tools.architecture: the picture is that of the code, arrows go down, and circles are found where there are some."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools import architecture

ROOMS = st.sampled_from("abcdef")


@pytest.fixture(scope="module", params=architecture.PACKAGES)
def house(request: pytest.FixtureRequest) -> architecture.House:
    return architecture.read(request.param)


def test_no_modules_import_each_other_in_circles(house: architecture.House):
    assert house.circles == ()


def test_every_arrow_goes_down(house: architecture.House):
    assert house.arrows
    assert house.arrows_up == []
    height = {room: number for number, floor in enumerate(house.floors) for room in floor}
    assert all(height[upper] > height[lower] for upper, lower in house.arrows)


def test_rooms_of_a_circle_share_a_floor_and_their_arrows_lead_up():
    modules = {room: (room,) for room in "abcd"}
    house = architecture.House("made", modules, {("a", "b"): 1, ("b", "c"): 1, ("c", "b"): 1, ("c", "d"): 2}, ())
    assert house.floors == [["d"], ["b", "c"], ["a"]]
    assert house.arrows_up == [("b", "c"), ("c", "b")]
    assert "| made | 4 | 3 | 4 | 4 | 2 | 0 |" in architecture.table([house])


def test_the_page_shows_the_code_as_it_is():
    assert architecture.main(["--check"]) == 0, "run script/architecture"


def test_a_page_that_has_drifted_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    page = tmp_path / "architecture.md"
    page.write_text(architecture.PAGE.read_text().replace("flowchart TD", "flowchart LR"))
    monkeypatch.setattr(architecture, "PAGE", page)
    assert architecture.main(["--check"]) == 1
    assert architecture.main([]) == 0
    assert architecture.main(["--check"]) == 0


def test_a_page_without_a_place_for_it_is_an_error():
    with pytest.raises(ValueError, match="no lines"):
        architecture.drawn("# Nothing here\n", [])


def test_a_planted_circle_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    package = tmp_path / "planted"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "one.py").write_text("import planted.two\n")
    (package / "two.py").write_text("def late():\n    import planted.one\n")
    (package / "three.py").write_text("import planted.one\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert architecture.read("planted").circles == (("planted.one", "planted.two"),)
    sys.modules.pop("planted", None)


@given(st.dictionaries(ROOMS, st.sets(ROOMS)))
def test_modules_are_in_one_circle_where_each_reaches_the_other(imports: dict[str, set[str]]):
    def reached(start: str) -> set[str]:
        seen: set[str] = set()
        left = list(imports.get(start, ()))
        while left:
            if (room := left.pop()) not in seen:
                seen.add(room)
                left += imports.get(room, ())
        return seen

    found = {room: set(circle) for circle in architecture.circles(imports) for room in circle}
    for room in imports:
        others = {other for other in reached(room) if room in reached(other) and other != room}
        assert found.get(room, {room}) == others | {room}


@given(st.sets(st.tuples(ROOMS, ROOMS).filter(lambda pair: pair[0] > pair[1])))
def test_what_is_not_drawn_is_said_by_what_is(arrows: set[tuple[str, str]]):
    def closure(pairs: set[tuple[str, str]]) -> set[tuple[str, str]]:
        pairs = set(pairs)
        while more := {(a, d) for a, b in pairs for c, d in pairs if b == c} - pairs:
            pairs |= more
        return pairs

    kept = architecture.needed(dict.fromkeys(arrows, 1))
    assert kept <= arrows
    assert closure(kept) == closure(arrows)
    assert all(closure(kept - {arrow}) != closure(arrows) for arrow in kept)
