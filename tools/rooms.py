"""The house from above: `script/rooms [PACKAGE]... [--mermaid]`: rooms, floors, and the arrows of imports between them.

A room is a folder of the package, or a module that stands in none. An arrow leads from a room to one whose modules it
imports. A room's floor is one above the highest that it imports; rooms that import each other, directly or not, are a
circle, and stand on one floor.
"""

from __future__ import annotations

import argparse
from collections import defaultdict

import grimp

Arrows = dict[str, set[str]]
"""Room -> the rooms that it imports."""


def rooms(package: str) -> Arrows:
    """The rooms of a package, with the rooms that each imports."""
    graph = grimp.build_graph(package, cache_dir=None, exclude_type_checking_imports=True)
    arrows: Arrows = {}
    for module in sorted(graph.modules):
        own = _room(module)
        others = {_room(other) for other in graph.find_modules_directly_imported_by(module)}
        arrows[own] = arrows.get(own, set()) | others - {own}
    if not arrows[package] and not any(package in own for own in arrows.values()):
        del arrows[package]  # an empty folder's own file
    return arrows


def _room(module: str) -> str:
    return ".".join(module.split(".")[:2])


def circles(arrows: Arrows) -> list[set[str]]:
    """Sets of rooms each of which reaches every other of its set."""
    reach = {room: _reached(room, arrows) for room in arrows}
    found: list[set[str]] = []
    for room in arrows:
        alike = {other for other in reach[room] if room in reach[other]}
        if len(alike) > 1 and alike not in found:
            found.append(alike)
    return found


def _reached(room: str, arrows: Arrows) -> set[str]:
    seen: set[str] = set()
    left = set(arrows[room])
    while left:
        seen |= left
        left = {other for one in left for other in arrows.get(one, ())} - seen
    return seen


def floors(arrows: Arrows) -> dict[str, int]:
    """The floor of each room, from 1."""
    circle = {room: frozenset(own) for own in circles(arrows) for room in own}
    height: dict[str, int] = {}

    def of(room: str) -> int:
        if room not in height:
            alike = circle.get(room, frozenset({room}))
            below = {other for one in alike for other in arrows.get(one, ())} - alike
            height[room] = 1 + max((of(other) for other in below), default=0)
        return height[room]

    return {room: of(room) for room in arrows}


def main() -> None:
    """Print the table, and with --mermaid the picture's source."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("packages", nargs="*", metavar="PACKAGE", help="which (default: serd and model_build)")
    parser.add_argument("--mermaid", action="store_true", help="print a flow chart's source in the place of the table")
    given = parser.parse_args()
    for package in given.packages or ("serd", "model_build"):
        arrows = rooms(package)
        if given.mermaid:
            print("flowchart TD")
            print("\n".join(f"  {room} --> {other}" for room, own in arrows.items() for other in sorted(own)))
            continue
        by_floor: defaultdict[int, list[str]] = defaultdict(list)
        for room, floor in floors(arrows).items():
            by_floor[floor].append(room.removeprefix(f"{package}."))
        for floor in sorted(by_floor, reverse=True):
            print(f"{floor:3}  {', '.join(by_floor[floor])}")
        count, crossed = sum(map(len, arrows.values())), circles(arrows)
        print(f"{package}: {len(arrows)} rooms, {len(by_floor)} floors, {count} arrows, {len(crossed)} circles")
        for own in crossed:
            print(f"  circle: {', '.join(sorted(own))}")


if __name__ == "__main__":
    main()
