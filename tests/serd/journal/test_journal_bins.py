"""serd.journal.bins: whatever events come, no second is lost or counted twice, and every row can be written."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from serd.journal.bins import Binner, Rows
from serd.journal.tables import BY_NAME, TABLES
from tests.support.envelopes import LABELS, emotion, frame, status

SESSION = "0123456789abcdef"
STRIDE = 0.25


def write(rows: Rows) -> sqlite3.Connection:
    """All rows in tables as they are made; raises where one is there twice, or refers to none."""
    base = sqlite3.connect(":memory:")
    base.row_factory = sqlite3.Row
    base.execute("PRAGMA foreign_keys = ON")
    for table in TABLES:
        base.execute(table.sql)
    base.execute("INSERT INTO consent VALUES (1,'p',NULL,'2030-01-01','self','1','0','en','x',0,'UTC',NULL)")
    base.execute(f"INSERT INTO session VALUES ('{SESSION}',1,'x',0,'UTC',NULL,NULL,0,0,NULL)")
    for name, row in rows:
        table = BY_NAME[name]
        assert table.fault(row) is None, (name, table.fault(row))
        base.execute(table.insert, {column.name: row.get(column.name) for column in table.columns})
    return base


def total(base: sqlite3.Connection, what: str, table: str = "bin") -> float:
    return float(base.execute(f"SELECT coalesce(sum({what}), 0) FROM {table}").fetchone()[0])


def judged(kind: str, number: int, sequence: int, run: str) -> dict[str, Any]:
    end_s = (number + 1) * STRIDE
    window = {"start_s": max(end_s - 3, 0), "end_s": end_s}
    if kind == "emotion":
        event = emotion(0, sequence, LABELS[number % 8], window=window)
    elif kind == "uncertain":
        event = frame(0, sequence, state="uncertain", reason="little-speech", window=window)
    else:
        event = frame(0, sequence, window=window)
    event["data"]["session"] = run
    return event


step = st.tuples(
    st.sampled_from(["emotion", "uncertain", "silent"]),
    st.sampled_from(["told"] * 12 + ["lost", "gap", "restart", "device", "back"]),
    st.integers(1, 60),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(step, max_size=60))
def test_every_stride_is_counted_once(steps: list[tuple[str, str, int]]) -> None:
    binner, rows = Binner(SESSION, "2000"), Rows()
    at = number = sequence = runs = 0.0
    told = {"emotion": 0, "uncertain": 0, "silent": 0}
    lost = gap = 0
    device = "one"

    def tell(state: str = "listening") -> None:
        nonlocal rows
        event = status(0, int(at * 4), state, device={"name": device, "rate": 1, "channels": 1}, live=True)
        event["data"]["session"] = f"run{runs:.0f}"
        rows += binner.take(event, at)

    tell()
    fresh = True  # nothing can be missed before the first frame
    for kind, what, count in steps:
        if what == "lost":
            sequence, number, at = sequence + count, number + count, at + count * STRIDE
            lost += 0 if fresh else count
            continue
        if what == "gap":
            number, at = number + count, at + count * STRIDE
            gap += 0 if fresh else count
            continue
        if what in ("restart", "back"):
            runs += what == "restart"
            number, fresh = 0.0, what == "restart"
            sequence = 0.0 if what == "restart" else sequence
            tell()
        if what == "device":
            device = "two" if device == "one" else "one"
            tell()
        for _ in range(count):
            at += STRIDE
            rows += binner.take(judged(kind, int(number), int(sequence), f"run{runs:.0f}"), at)
            told[kind] += 1
            number, sequence, fresh = number + 1, sequence + 1, False
    rows += binner.finish(at)
    base = write(rows)
    assert total(base, "listened_s") == pytest.approx(STRIDE * sum(told.values()))
    assert total(base, "speech_s") == pytest.approx(STRIDE * (told["emotion"] + told["uncertain"]))
    assert total(base, "uncertain_s") == pytest.approx(STRIDE * told["uncertain"])
    announced = sum(
        sum(json.loads(row[0]).values())
        for row in base.execute("SELECT announced FROM bin WHERE announced IS NOT NULL")
    )
    assert announced == pytest.approx(STRIDE * told["emotion"])
    if not any(what == "back" for _, what, _ in steps):
        assert total(base, "missed_s + gap_s") <= STRIDE * (lost + gap) + 1e-6
        assert total(base, "listened_s > 5") == 0  # a stream that goes back is heard twice at that time


def test_what_is_missing_is_told_by_its_kind() -> None:
    binner = Binner(SESSION, "2000")
    rows = binner.take(status(0, live=True), 0.0)
    for number, sequence in ((0, 0), (1, 1), (4, 4), (7, 5)):  # 2 events lost; then 2 strides of audio
        rows += binner.take(judged("silent", number, sequence, "s"), number * STRIDE)
    rows += binner.take(status(2, 1, "muted", live=True), 2.0)
    rows += binner.take(status(8, 2, live=True), 8.0)
    rows += binner.take(judged("silent", 40, 6, "s"), 8.25)
    rows += binner.take(status(9, 3, skipped=3, live=True), 9.0)
    rows += binner.finish(30.0)
    base = write(rows)
    assert total(base, "missed_s") == 2 * STRIDE
    assert total(base, "gap_s") == 2 * STRIDE
    assert total(base, "skipped_s") == 3 * STRIDE
    found = [tuple(row) for row in base.execute("SELECT state, at_s, seconds FROM absence ORDER BY number")]
    assert found == [("muted", 2.0, 6.0), ("absent", 9.0, 21.0)]


def test_what_was_heard_before_the_session_is_left_out() -> None:
    """A publisher repeats its last events for who comes late."""
    binner = Binner(SESSION, "2027-01-15T08:00:01")
    rows = binner.take(status(0, live=True), 0.0)
    rows += binner.take(emotion(0.5, 0, window={"start_s": 0, "end_s": 3.0}), 0.0)
    rows += binner.take(emotion(1.5, 1, window={"start_s": 0, "end_s": 3.25}), 0.3)
    base = write([*rows, *binner.finish(1.0)])
    assert total(base, "listened_s") == STRIDE


def test_frames_wait_for_the_status_that_says_what_they_come_from() -> None:
    binner = Binner(SESSION, "2000")
    rows: Rows = []
    for number in range(4):
        rows += binner.take(judged("silent", number, number, "s"), number * STRIDE)
    assert rows == []
    rows += binner.take(status(1, synthetic=True, live=False), 1.0)
    base = write([*rows, *binner.finish(1.0)])
    assert total(base, "listened_s") == 4 * STRIDE
    assert [row[0] for row in base.execute("SELECT origin FROM stream")] == ["demo"]


@pytest.mark.parametrize(
    ("activation", "column"),
    [({"value": 0.9, "confidence": 0.9}, "high_s"), ({"value": 0.1, "confidence": 0.9}, "low_s"),
     ({"value": 0.9, "confidence": 0.6}, "unclear_s"), (None, None)],
)  # fmt: skip
def test_activation_is_counted_where_there_is_one(activation: Any, column: str | None) -> None:
    binner = Binner(SESSION, "2000")
    rows = binner.take(status(0, live=True, reference={"kind": "running", "seconds": 0}), 0.0)
    event = judged("uncertain", 0, 0, "s")
    event["data"]["activation"] = activation
    base = write([*rows, *binner.take(event, 0.25), *binner.finish(1.0)])
    for name in ("high_s", "low_s", "unclear_s"):
        assert total(base, name) == (STRIDE if name == column else 0)
    assert [row[0] for row in base.execute("SELECT reference FROM stream")] == ["running"]


ODD = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=300), st.just([]))


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_no_event_makes_a_row_that_cannot_be_written(data: st.DataObject) -> None:
    """A stranger's serd may send anything that the subscriber lets through."""
    binner, rows, at = Binner(SESSION, "2000", frames=True), Rows(), 0.0
    for number in range(data.draw(st.integers(1, 6))):
        event = data.draw(
            st.sampled_from([status(0, number), judged("emotion", number, number, "s"), frame(0, number)])
        )
        fields = event["data"]
        for name in data.draw(st.lists(st.sampled_from(sorted(fields)), max_size=3)):
            if name not in ("session", "sequence"):
                fields[name] = data.draw(ODD)
        fields["session"] = data.draw(st.sampled_from(["s", "a/b", "x" * 128]))
        at += data.draw(st.floats(0, 20))
        rows += binner.take(event, at)
    seen = set()
    for name, row in [*rows, *binner.finish(at)]:
        assert BY_NAME[name].fault(row) is None
        key = (name, *(row.get(part.strip()) for part in BY_NAME[name].key.split(",")))
        assert key not in seen or name == "frame"  # which are written once, whatever comes
        seen.add(key)
