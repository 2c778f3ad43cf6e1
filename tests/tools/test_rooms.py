"""`script/rooms`: floors and circles of imports."""

from __future__ import annotations

from environments import ROOT, call

from tools.rooms import circles, floors, rooms


def test_a_room_stands_above_all_that_it_imports() -> None:
    arrows = rooms("model_build")
    height = floors(arrows)
    assert circles(arrows) == []
    assert all(height[room] > height[other] for room, own in arrows.items() for other in own)
    assert height["model_build.files"] == 1


def test_rooms_that_import_each_other_are_a_circle_on_one_floor() -> None:
    arrows = {"a": {"b", "d"}, "b": {"c"}, "c": {"a"}, "d": set(), "e": {"a"}}
    assert circles(arrows) == [{"a", "b", "c"}]
    assert floors(arrows) == {"a": 2, "b": 2, "c": 2, "d": 1, "e": 3}


def test_the_table_ends_with_the_counts() -> None:
    done = call(ROOT / "script" / "rooms", "model_build")
    assert done.returncode == 0, done.stderr
    last = done.stdout.splitlines()[-1]
    assert last.startswith("model_build: ")
    assert last.endswith(" 0 circles")
    assert "flowchart TD" in call(ROOT / "script" / "rooms", "--mermaid", "model_build").stdout
