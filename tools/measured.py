"""Tables of docs/ from the figures that a script measured and wrote beside them, as docs/NAME.json."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Sequence
from typing import Any

from tools.checkout import ROOT


def bench() -> dict[str, Any]:
    """What the last `script/bench --json docs/bench.json` wrote."""
    return _read("bench")


def voices() -> str:
    """What several voices in one process cost, as the last `script/bench-voices --json` of each model wrote it."""
    found = _read("voices")
    columns = [
        "model",
        "voices",
        "heard for (s)",
        "CPU (ms/s)",
        "memory (MB)",
        "of a further voice (MB)",
        "latency p50, p99 (ms)",
    ]
    columns += ["strides skipped, of a voice", "lost"]
    lines = [f"| {' | '.join(columns)} |", "|---|" + "---:|" * (len(columns) - 1)]
    for model, rows in found.items():
        fewest = rows[0]
        for row in rows:
            strides, more = round(row["seconds"] / row["stride_s"]), row["voices"] - fewest["voices"]
            further = f"{(row['memory'] - fewest['memory']) / more:.2f}" if more else "–"
            skipped = f"{row['fewest']} to {row['most']} of {strides}" if row["most"] else "0"
            lines.append(
                f"| {model} | {row['voices']} | {row['seconds']:.0f} | {row['cpu']:.0f} | {row['memory']:.0f}"
                f" | {further} | {row['p50']:.0f}, {row['p99']:.0f} | {skipped} | {row['lost']} |"
            )
    return "\n".join(lines)


def crosstalk() -> str:
    """How often another voice is told, as the last `script/crosstalk --json` wrote it."""
    found = _read("crosstalk")
    kinds = {"other": "the other alone (right)", "own": "one's own alone (wrong)", "both": "both at once (wrong)"}
    columns = ["way to the other microphone", "fainter by", *kinds.values()]
    lines = [f"| {' | '.join(columns)} |", "|---|" + "---:|" * (len(columns) - 1)]
    for row in found["rows"]:
        way = "1 m of air" if row["path"] == "3 ms" else "a living room's or bedroom's echo"
        shares = [
            f"{100 * row['told'].get(kind, 0) / row['frames'][kind]:.1f} % of {row['frames'][kind]}" for kind in kinds
        ]
        lines.append(f"| {way} | {row['attenuation_db']} dB | {' | '.join(shares)} |")
    return "\n".join(lines)


def nats() -> str:
    """A table of a fleet through one nats bridge, as `script/bench-bridges --outages --json` wrote it."""
    fleet = _read("nats")
    median, late = fleet["stored_ms"]
    rows = [
        ("rooms; frames and other events of all", f"{fleet['rooms']}; {fleet['events']}"),
        ("time (s); events a second", f"{fleet['took_s']:.0f}; {fleet['events'] / fleet['took_s']:.0f}"),
        ("outages of the server", f"{fleet['outages']} of {fleet['outage_s']:g} s"),
        ("events lost; read twice", f"{fleet['lost']}; {fleet['twice']}"),
        ("stored after (s), half of them; 99 %, which have met an outage", f"{median / 1000:.2f}; {late / 1000:.1f}"),
        ("the bridge's memory at most (MB); share of a core", f"{fleet['memory_mb']:.0f}; {100 * fleet['cpu']:.0f} %"),
    ]
    return "\n".join(["| what | figure |", "|---|---:|", *(f"| {name} | {figure} |" for name, figure in rows)])


def journal_year() -> str:
    """A table of a simulated year of the journal, as `script/journal-year --json` wrote it."""
    year = _read("journal-year")
    how, kept, unchanged = year["protocol"], year["stored"], year["unchanged"]
    seeds = {part: f"{first} to {first + how[part] - 1}" for part, first in how["seeds"].items()}
    intro = (
        f"Simulated people have three sessions of {how['minutes']:g} minutes a week for a year"
        f" ({how['sessions_a_year']}), in each {how['figures']} figures as {how['model']} tells them. Sessions of one"
        f" person differ by {how['spread_log_odds']:g} in log-odds (standard deviation) without any change. Files and"
        f" reports: {how['people']} people, seeds {seeds['people']}; nobody changes: {how['years']} people, seeds"
        f" {seeds['years']}; one label changes for good after 40 sessions: {how['changed']} people, seeds"
        f" {seeds['changed']}. In brackets least to most, for shares the 95 % interval (Clopper and Pearson)."
    )
    file = f"a person's file, {kept['bins'][0]:.0f} bins, {'' if how['encrypted'] else 'not '}encrypted (MB)"
    once = unchanged["one_offs"] / unchanged["compared"]
    rows = [
        (file, _of(kept["bytes"], 1e6)),
        ("report of the year (s of CPU)", _of(kept["report_cpu_s"])),
        ("its page (MB)", _of(kept["report_bytes"], 1e6, 2)),
        ("the same as PDF/UA-1, first person (s of CPU)", f"{kept['pdf_cpu_s'][0]:.1f}"),
        ("false shifts in ten person-years", f"{10 * unchanged['shifts'] / how['years']:.2f}"),
        ("people with one in a year", _of(unchanged["people_with_a_shift"], 0.01) + " %"),
        ("sessions outside once without any change, of those compared, in a figure", f"{100 * once:.1f} %"),
    ]
    for change, found in year["seen"].items():
        low, median, high = found["sessions"]
        told = f"{_of(found['people'], 0.01, 0)} %; {median} ({low} to {high})"
        rows.append(
            (f"a change by {change} in log-odds: told within the year; sessions until then, with quartiles", told)
        )
    return "\n".join(
        [*textwrap.wrap(intro, 120), "", "| what | figure |", "|---|---|", *(f"| {a} | {b} |" for a, b in rows)]
    )


def _of(three: Sequence[float], unit: float = 1.0, digits: int = 1) -> str:
    value, low, high = (f"{one / unit:.{digits}f}" for one in three)
    return f"{value} ({low} to {high})"


def _read(name: str) -> dict[str, Any]:
    figures: dict[str, Any] = json.loads((ROOT / "docs" / f"{name}.json").read_text(encoding="utf-8"))
    return figures
