"""serd.journal.audit: a changed, removed or added line is found; an unfinished one is no forgery."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from serd.errors import UsageError
from serd.journal.audit import Audit

AT = "2026-11-28T10:00:00.000Z"


@pytest.fixture
def audit(tmp_path: Path) -> Audit:
    made = Audit(tmp_path)
    for number in range(5):
        made.add(AT, "rate", f"{number:016x}", mood=number)
    return made


def lines(audit: Audit) -> list[bytes]:
    return audit.path.read_bytes().splitlines(keepends=True)


def test_what_was_written_is_read(audit: Audit) -> None:
    assert [one.detail["mood"] for one in audit.entries()] == [0, 1, 2, 3, 4]
    assert audit.faults() == []
    assert audit.faults(audit.entries()[2].hash) == []


@pytest.mark.parametrize("place", range(5))
def test_a_changed_line_is_found(audit: Audit, place: int) -> None:
    all_lines = lines(audit)
    all_lines[place] = all_lines[place].replace(b'"mood":', b'"m00d":')
    audit.path.write_bytes(b"".join(all_lines))
    (fault,) = audit.faults()
    assert f"line {place + 1}" in fault


@pytest.mark.parametrize("place", range(5))
def test_a_removed_line_is_found(audit: Audit, place: int) -> None:
    all_lines = lines(audit)
    del all_lines[place]
    audit.path.write_bytes(b"".join(all_lines))
    assert audit.faults()


def test_a_line_changed_with_its_own_hash_breaks_the_next(audit: Audit) -> None:
    from serd.journal.audit import _hash

    all_lines = lines(audit)
    body = json.loads(all_lines[1])
    del body["hash"]
    body["detail"] = {"mood": 9}
    all_lines[1] = json.dumps({**body, "hash": _hash(body)}).encode() + b"\n"
    audit.path.write_bytes(b"".join(all_lines))
    (fault,) = audit.faults()
    assert "line 3" in fault


def test_a_chain_made_anew_is_found_by_a_head_noted_earlier(audit: Audit, tmp_path: Path) -> None:
    head = audit.entries()[-1].hash
    audit.path.unlink()
    (tmp_path / "audit.head").unlink()
    for number in range(5):
        audit.add(AT, "rate", f"{number:016x}", mood=9 - number)
    assert audit.faults() == []
    assert "is not in the chain" in audit.faults(head)[0]


def test_an_unfinished_line_is_left_out_and_written_over(audit: Audit) -> None:
    with audit.path.open("ab") as file:
        file.write(b'{"n":5,"at":')  # the power went
    assert audit.faults() == []
    audit.add(AT, "rate", mood=5)
    assert [one.n for one in audit.entries()] == [0, 1, 2, 3, 4, 5]
    assert audit.faults() == []


def test_a_crash_before_the_head_was_written_is_no_fault(audit: Audit, tmp_path: Path) -> None:
    head = (tmp_path / "audit.head").read_bytes()
    audit.add(AT, "rate", mood=5)
    (tmp_path / "audit.head").write_bytes(head)
    assert audit.faults() == []


def test_nothing_is_added_to_a_broken_chain(audit: Audit) -> None:
    audit.path.write_bytes(b"".join(lines(audit)[1:]))
    with pytest.raises(UsageError, match="line 1 was changed"):
        audit.add(AT, "rate")
