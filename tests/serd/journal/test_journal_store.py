"""serd.journal.store, keys, person, retention: who can read what, and what an erasure leaves."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from serd.errors import ConfigError, UsageError
from serd.journal.moment import Moment
from serd.journal.person import PersonFile
from serd.journal.retention import enforce
from serd.journal.store import Store
from tests.support.journal_store import contents, fill, make_store, weeks

CANARY = "canary-f3c1a9"
NOW = Moment.at(datetime(2026, 6, 1, tzinfo=UTC), "Europe/Berlin")


@pytest.fixture(params=[True, False], ids=["encrypted", "plain"])
def encrypted(request: pytest.FixtureRequest) -> bool:
    found: bool = request.param
    if found:
        pytest.importorskip("sqlcipher3")
    return found


def with_canary(folder: Path, *, encrypted: bool) -> Store:
    store = make_store(folder, encrypted=encrypted)
    sessions = weeks(1)
    sessions[0]["session"][0]["note"] = CANARY
    key = fill(store, CANARY, sessions, purpose=CANARY, contact=CANARY)
    with store.open(key) as file, file.transaction():
        rating = {"id": 1, "at": NOW.text, "offset_min": 0, "zone": "UTC", "mood": 3, "note": CANARY}
        export = {"id": 1, "at": NOW.text, "format": "csv", "path": CANARY, "consent": 1, "sha256": "0"}
        file.put("rating", [rating])
        file.put("export", [export])
    store.log(key, "rate", NOW)
    return store


def test_after_an_erasure_nothing_of_the_person_can_be_found(tmp_path: Path, encrypted: bool) -> None:
    store = with_canary(tmp_path, encrypted=encrypted)
    before = contents(tmp_path)
    assert CANARY.encode() in before  # the key at least says whom the number means
    key = store.key(CANARY)
    store.erase(key, "asked for", NOW, {"csv": 1})
    after = contents(tmp_path)
    assert CANARY.encode() not in after
    assert key.secret.hex().encode() not in after
    assert not list(tmp_path.rglob(f"{key.number}*"))
    assert CANARY not in store.people()
    (tombstone,) = store.tombstones()
    assert (tombstone.who, tombstone.detail) == (key.number, {"reason": "asked for", "exports": {"csv": 1}})
    assert store.faults() == []


def test_a_copy_made_before_without_its_key_tells_nothing(tmp_path: Path) -> None:
    pytest.importorskip("sqlcipher3")
    store = with_canary(tmp_path / "there", encrypted=True)
    shutil.copytree(store.folder, tmp_path / "copy")
    assert CANARY.encode() not in contents(tmp_path / "copy")
    number = store.key(CANARY).number
    for secret in (None, bytes(32)):
        with pytest.raises(ConfigError, match="not opened by this key"):
            PersonFile(tmp_path / "copy" / f"{number}.db", secret)


def test_an_encrypted_file_shows_nothing_while_it_is_used(tmp_path: Path) -> None:
    pytest.importorskip("sqlcipher3")
    store = with_canary(tmp_path, encrypted=True)
    with store.open(store.key(CANARY)):
        assert b"SQLite format 3" not in contents(store.folder)
        assert CANARY.encode() not in contents(store.folder)


def test_what_a_plain_file_leaves_on_the_way_is_overwritten(tmp_path: Path) -> None:
    """SQLite removes its write-ahead log itself, with the last who has the file open."""
    store = with_canary(tmp_path, encrypted=False)
    key = store.key(CANARY)
    first, second = store.open(key), store.open(key)
    rating = {"id": 2, "at": NOW.text, "offset_min": 0, "zone": "UTC", "mood": 3, "note": "w" + CANARY}
    with second.transaction():
        second.put("rating", [rating])
    with (store.folder / f"{key.number}.db-wal").open("rb") as log:
        second.close()
        assert b"w" + CANARY.encode() in log.read(), "another has it open still"
        first.close()
        log.seek(0)
        left = log.read()
    assert len(left) > 4096
    assert not any(left)
    with store.open(key) as file:
        assert len(file.rows("rating")) == 2


def test_a_plain_store_is_found_out_by_the_same_search(tmp_path: Path) -> None:
    """The search itself: it finds what is there to be found."""
    assert CANARY.encode() in contents(with_canary(tmp_path, encrypted=False).folder)


def test_files_are_this_accounts_alone(tmp_path: Path) -> None:
    store = with_canary(tmp_path, encrypted=False)
    with store.open(store.key(CANARY)):
        for path in (*store.folder.iterdir(), *tmp_path.glob("store-keys/*")):
            assert path.stat().st_mode & 0o077 == 0, path


def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    store = with_canary(tmp_path, encrypted=False)
    next(tmp_path.glob("store-keys/*.key")).chmod(0o644)
    with pytest.raises(ConfigError, match="chmod 600"):
        store.key(CANARY)


@pytest.mark.parametrize("content", [b"", b"{}", b'{"person":1}', b"[" * 4000, b'{"person":"x","secret":"00"}'])
def test_a_damaged_key_is_one_line(tmp_path: Path, content: bytes) -> None:
    store = with_canary(tmp_path, encrypted=False)
    next(tmp_path.glob("store-keys/*.key")).write_bytes(content)
    with pytest.raises(ConfigError, match="damaged"):
        store.people()


def test_a_credential_is_needed_where_the_store_wants_one(tmp_path: Path) -> None:
    pytest.importorskip("sqlcipher3")
    held = tmp_path / "credentials"
    held.mkdir()
    (held / "serd-journal").write_bytes(os.urandom(32))
    environ = {**os.environ, "CREDENTIALS_DIRECTORY": str(held)}
    store = Store.from_environment(environ, str(tmp_path / "store"), None)
    store.make(second="credential", encrypted=True)
    key = fill(store, "P-1", [])
    again = Store.from_environment(environ, str(tmp_path / "store"), None)
    with again.open(key) as file:
        assert len(file.rows("consent")) == 1
    (held / "serd-journal").write_bytes(os.urandom(32))
    with pytest.raises(ConfigError, match="not opened by this key"):
        again.open(key)
    (held / "serd-journal").unlink()
    with pytest.raises(ConfigError, match="LoadCredentialEncrypted"):
        again.open(key)


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"encrypted":1}', b'{"encrypted":true,"sessions_days":0}'])
def test_a_damaged_store_is_one_line(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "journal.json").write_bytes(content)
    with pytest.raises(ConfigError, match="damaged"):
        Store.from_environment(os.environ, str(tmp_path), None)


@pytest.mark.parametrize("name", ["", "../x", "a b", "ä", "x" * 33, ".x"])
def test_a_name_that_is_no_pseudonym_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="no pseudonym"):
        make_store(tmp_path, encrypted=False).add(name)


def test_retention_removes_what_is_over_its_time_and_says_so(tmp_path: Path) -> None:
    store = make_store(tmp_path, encrypted=False)
    sessions = weeks(4)
    for rows in sessions:
        session = rows["session"][0]["id"]
        rows["frame"] = [{"session": session, "stream": 0, "sequence": 1, "data": f'{{"x":"{CANARY}"}}'}]
    key = fill(store, "P-1", sessions)
    last = datetime.fromisoformat(sessions[-1]["session"][0]["ended_at"])
    now = Moment.at(last + timedelta(days=1), "UTC")
    assert enforce(store, now) == {}
    store.limit(15, 5)
    removed = enforce(store, now)
    with store.open(key) as file:
        assert len(file.rows("session")) == 12 - removed[key.number]["sessions"] == 7
        assert {row["session"] for row in file.rows("bin")} == {row["id"] for row in file.rows("session")}
        assert len(file.rows("frame")) == 3
        assert file.faults() == []
    assert store.audit.entries()[-1].act == "retention"
    assert contents(store.folder).count(CANARY.encode()) == 3
    assert enforce(store, now) == {}


def test_a_library_that_takes_sqlciphers_place_is_noticed(tmp_path: Path) -> None:
    pytest.importorskip("sqlcipher3")
    script = (
        "import sys; from pathlib import Path; import tensorflow; from serd.journal.store import Store\n"
        "store = Store(Path(sys.argv[1]), None, {}); store.make(encrypted=True); store.open(store.add('P-1'))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "store")], capture_output=True, text=True, check=False
    )
    assert "nothing would be encrypted" in done.stderr, done.stderr
    assert not list(tmp_path.glob("store/*.db"))
