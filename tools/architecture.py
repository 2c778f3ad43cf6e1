"""The architecture's picture and figures, drawn from the code's own imports.

`script/architecture` writes the picture (mermaid source) into docs/architecture.md, `--check` only says whether that
page has drifted, `--table` prints the figures. Imports for type checking alone do not count: they do not run.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from graphlib import TopologicalSorter
from pathlib import Path

import grimp

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "architecture.md"
BEGIN, END = "<!-- drawn by script/architecture -->\n", "<!-- end -->\n"
PACKAGES = ("serd", "model_build")

Arrows = Mapping[tuple[str, str], int]
"""(importing room, imported room) -> how many imports of modules."""


@dataclass(frozen=True)
class House:
    """One package: its folders (rooms), and the imports between them."""

    package: str
    modules: Mapping[str, tuple[str, ...]]
    """Room -> its modules; the package's own modules, but for its entrance `__main__`, stand under its name."""
    arrows: Arrows
    circles: tuple[tuple[str, ...], ...]
    """Groups of modules that import each other."""

    @property
    def floors(self) -> list[list[str]]:
        """Rooms from the ground up: each stands above all that it imports; those of a circle share a floor."""
        floors: dict[int, list[str]] = defaultdict(list)
        for room, height in self._heights.items():
            floors[height].append(room)
        return [sorted(floors[height]) for height in sorted(floors)]

    @property
    def arrows_up(self) -> list[tuple[str, str]]:
        """Arrows that do not lead down: between rooms of a circle."""
        return sorted((upper, lower) for upper, lower in self.arrows if self._heights[upper] <= self._heights[lower])

    @cached_property
    def _heights(self) -> dict[str, int]:
        below: dict[str, set[str]] = {room: set() for room in self.modules}
        for upper, lower in self.arrows:
            below[upper].add(lower)
        together = {room: circle for circle in circles(below) for room in circle}
        groups: dict[tuple[str, ...], set[tuple[str, ...]]] = defaultdict(set)
        for room, lower_rooms in below.items():
            group = together.get(room, (room,))
            groups[group] |= {together.get(lower, (lower,)) for lower in lower_rooms} - {group}
        heights: dict[tuple[str, ...], int] = {}
        for group in TopologicalSorter(groups).static_order():
            heights[group] = 1 + max((heights[lower] for lower in groups[group]), default=-1)
        return {room: height for group, height in heights.items() for room in group}


def read(package: str) -> House:
    """The package's house, from its import graph. Raises ImportError where it cannot be found."""
    graph = grimp.build_graph(package, exclude_type_checking_imports=True, cache_dir=None)
    files = {name for name in graph.modules if not graph.find_children(name) and not name.endswith(".__main__")}
    rooms: dict[str, list[str]] = defaultdict(list)
    for module in sorted(files):
        rooms[room_of(module)].append(module)
    arrows: Counter[tuple[str, str]] = Counter()
    imports: dict[str, set[str]] = {}
    for module in sorted(files):
        imports[module] = {other for other in graph.find_modules_directly_imported_by(module) if other in files}
        arrows.update(
            (room_of(module), room_of(other)) for other in imports[module] if room_of(module) != room_of(other)
        )
    return House(package, {room: tuple(modules) for room, modules in rooms.items()}, arrows, tuple(circles(imports)))


def room_of(module: str) -> str:
    """The folder that a module stands in, by its name in the package; the package's name for its own modules."""
    parts = module.split(".")
    return parts[1] if len(parts) > 2 else parts[0]


def circles(imports: Mapping[str, Iterable[str]]) -> Iterable[tuple[str, ...]]:
    """Strongly connected components of more than one module (Tarjan 1972)."""
    order: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []

    def visit(module: str) -> Iterable[tuple[str, ...]]:
        order[module] = low[module] = len(order)
        stack.append(module)
        for other in imports.get(module, ()):
            if other not in order:
                yield from visit(other)
                low[module] = min(low[module], low[other])
            elif other in stack:
                low[module] = min(low[module], order[other])
        if low[module] == order[module]:
            at = stack.index(module)
            circle, stack[at:] = tuple(sorted(stack[at:])), []
            if len(circle) > 1:
                yield circle

    for module in imports:
        if module not in order:
            yield from visit(module)


def mermaid(house: House) -> str:
    """A flow chart of the rooms; an arrow goes from a room to one that it imports, unless another says so already."""
    lines = ["```mermaid", "flowchart TD"]
    for floor in reversed(house.floors):
        lines += [f'    {room}["{room} ({len(house.modules[room])})"]' for room in floor]
    lines += [f"    {upper} --> {lower}" for upper, lower in sorted(needed(house.arrows))]
    return "\n".join([*lines, "```", ""])


def needed(arrows: Arrows) -> set[tuple[str, str]]:
    """The transitive reduction: arrows whose ends no longer way joins."""
    below: dict[str, set[str]] = defaultdict(set)
    for upper, lower in arrows:
        below[upper].add(lower)

    def reaches(start: str, goal: str, seen: set[str]) -> bool:
        for room in below[start] - seen:
            seen.add(room)
            if room == goal or reaches(room, goal, seen):
                return True
        return False

    return {
        (upper, lower)
        for upper, lower in arrows
        if not any(reaches(other, lower, {other}) for other in below[upper] if other != lower)
    }


def table(houses: Iterable[House]) -> str:
    """Figures of each package, a line each, as Markdown."""
    rows = [
        "| package | rooms | floors | modules | arrows between rooms | arrows up | circles of modules |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for house in houses:
        count = sum(map(len, house.modules.values()))
        rows.append(
            f"| {house.package} | {len(house.modules)} | {len(house.floors)} | {count} | {len(house.arrows)}"
            f" | {len(house.arrows_up)} | {len(house.circles)} |"
        )
    return "\n".join(rows) + "\n"


def drawn(page: str, houses: Iterable[House]) -> str:
    """The page with its pictures drawn anew. Raises ValueError where it has no place for them."""
    head, begin, rest = page.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"no lines {BEGIN.strip()} and {END.strip()}")
    pictures = "\n".join(f"`{house.package}/`:\n\n{mermaid(house)}" for house in houses)
    return head + BEGIN + "\n" + pictures + "\n" + END + tail


def main(argv: list[str] | None = None) -> int:
    """Draw, check or print; the exit code."""
    parser = argparse.ArgumentParser(prog="script/architecture", description="The architecture, from the imports.")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--check", action="store_true", help="exit 1 if docs/architecture.md has drifted")
    what.add_argument("--table", action="store_true", help="rooms, floors, modules, arrows, arrows up, circles")
    args = parser.parse_args(argv)
    houses = [read(package) for package in PACKAGES]
    if args.table:
        print(table(houses), end="")
        return 0
    page = PAGE.read_text()
    new = drawn(page, houses)
    if args.check and new != page:
        print("docs/architecture.md: its picture is not that of the code; run script/architecture", file=sys.stderr)
        return 1
    if not args.check:
        PAGE.write_text(new)
    return 0


if __name__ == "__main__":
    sys.exit(main())
