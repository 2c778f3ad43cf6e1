"""`serd journal` as a user types it: consent first, an end to every session, one line for everything that is wrong."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from serd.journal.store import Store
from tests.support.journal_command import Desk, until
from tests.support.speech import DEMO


def rows(desk: Desk, table: str, person: str = "P-1") -> list[dict[str, Any]]:
    store = Store.from_environment(desk.env, str(desk.store), None)
    with store.open(store.key(person)) as file:
        return file.rows(table)


def test_without_consent_nothing_is_written(desk: Desk) -> None:
    for arguments in (
        ("start", "--person", "P-1"),
        ("rate", "P-1", "--mood", "5"),
        ("report", "P-1", "--out", "x.pdf"),
    ):
        line = desk(*arguments, code=2).stderr
        assert "person P-1: has no journal" in line
        assert line.count("\n") == 1
    assert not desk.store.exists()
    desk.agree()
    desk("withdraw", "P-1")
    for arguments in (("start", "--person", "P-1"), ("rate", "P-1", "--mood", "5")):
        assert "no consent is active" in desk(*arguments, code=2).stderr
    assert rows(desk, "session") == rows(desk, "rating") == []


def test_consent_shows_the_notice_and_asks(desk: Desk) -> None:
    agreed = ("consent", "P-1", "--purpose", "a test", "--until", "2099-01-01", "--by", "guardian")
    done = desk(*agreed, "--lang", "de", code=2)
    assert "Worin Sie einwilligen" in done.stdout
    assert "nobody can be asked here" in done.stderr
    assert not list(desk.folder.glob("store*/*.db"))
    assert "What you agree to" in desk(*agreed, "--yes", "--lang", "en").stdout
    (row,) = rows(desk, "consent")
    assert (row["by"], row["language"], row["zone"], row["notice"]) == ("guardian", "en", "Europe/Berlin", "2")


@pytest.mark.parametrize(
    ("typed", "code"), [("yes\n", 0), ("Yes\n", 0), ("JA\n", 0), ("no\n", 2), ("\n", 2), ("\x04", 2)]
)
def test_at_a_terminal_it_is_asked_for(desk: Desk, typed: str, code: int) -> None:
    """What is asked leaves standard output to the answer; a terminal that is closed (Ctrl-D) agrees to nothing."""
    ours, theirs = os.openpty()
    command = desk.command("consent", "P-1", "--purpose", "x", "--until", "2099-01-01", "--by", "self", "--json")
    try:
        os.write(ours, typed.encode())
        done = subprocess.run(
            command, env=desk.env, cwd=desk.folder, stdin=theirs, capture_output=True, text=True, timeout=60,
            check=False,
        )  # fmt: skip
    finally:
        os.close(ours)
        os.close(theirs)
    assert done.returncode == code, done.stderr
    assert "Do you agree?" in done.stderr
    if code == 0:
        assert json.loads(done.stdout)["person"] == "P-1"
    else:
        assert done.stdout == ""
        assert done.stderr.endswith("consent: not given, nothing is recorded\n")
        assert not desk.store.exists()


def test_the_terms_say_how_long_and_whom_to_ask(desk: Desk) -> None:
    asked = (
        "consent",
        "P-1",
        "--purpose",
        "x",
        "--until",
        "2099-01-01",
        "--by",
        "self",
        "--contact",
        "room 12",
        "--yes",
    )
    told = desk(*asked, "--lang", "en").stdout
    assert "\nRecording until: 2099-01-01\nKept: until it is erased\nQuestions: room 12\n" in told
    desk("retain", "--sessions-days", "365", "--frames-days", "30")
    assert "\nAufbewahrung: Sitzungen 365 Tage; einzelne Schätzungen 30 Tage\n" in desk(*asked, "--lang", "de").stdout


@pytest.mark.parametrize("flags", [("--until", "soon"), ("--until", "2001-01-01"), ("--contact", "\x1b[2J")])
def test_what_cannot_be_agreed_to_makes_no_store(desk: Desk, flags: tuple[str, ...]) -> None:
    desk("consent", "P-1", "--purpose", "x", "--until", "2099-01-01", "--by", "self", "--yes", *flags, code=2)
    assert not desk.store.exists()


def test_a_consent_that_cannot_be_kept_leaves_nobody_behind(desk: Desk) -> None:
    pytest.importorskip("sqlcipher3")
    agreed = ("consent", "P-1", "--purpose", "x", "--until", "2099-01-01", "--by", "self", "--yes")
    assert "its credential holds no secret" in desk(*agreed, "--second-secret", "credential", code=78).stderr
    assert desk.ask("list")["people"] == []
    assert not list(desk.folder.glob("store*/*.key"))


def test_a_store_stays_as_it_was_begun(desk: Desk) -> None:
    pytest.importorskip("sqlcipher3")
    agreed = ("consent", "P-1", "--purpose", "x", "--until", "2099-01-01", "--by", "self", "--yes")
    assert "the file is encrypted" in desk(*agreed, "--lang", "en").stdout.lower()
    assert "is encrypted, and stays so" in desk(*agreed, "--plain", code=2).stderr
    assert "its second secret is none" in desk(*agreed, "--second-secret", "keyring", code=2).stderr
    (desk.folder / "plain").mkdir()
    told = Desk(desk.serd, desk.folder / "plain")(*agreed, "--plain", "--lang", "en").stdout
    assert "a new --store without --plain would be" in told


def test_a_consent_that_is_over_allows_nothing(desk: Desk) -> None:
    desk.travel(datetime(2025, 3, 1, 12, tzinfo=UTC))
    desk.agree(until="2025-03-02")
    assert "is over already" in desk("consent", "P-2", "--purpose", "x", "--until", "2025-02-28", "--by", "self",
                                     "--yes", code=2).stderr  # fmt: skip
    desk("rate", "P-1", "--mood", "5")
    desk.travel(datetime(2025, 3, 3, 12, tzinfo=UTC))
    assert "no consent is active" in desk("rate", "P-1", "--mood", "5", code=2).stderr


def test_a_withdrawal_ends_the_session(desk: Desk) -> None:
    desk.agree()
    recorder = desk.start()
    desk("withdraw", "P-1")
    recorder.communicate(timeout=20)
    (session,) = rows(desk, "session")
    assert session["ended_by"] == "withdrawal"
    (consent,) = rows(desk, "consent")
    late = datetime.fromisoformat(session["ended_at"]) - datetime.fromisoformat(consent["withdrawn_at"])
    assert late < timedelta(seconds=1)
    assert [one["act"] for one in desk.ask("audit")] == ["consent", "start", "withdraw", "end"]


def test_a_session_has_what_a_recording_has(desk: Desk) -> None:
    desk.agree()
    told = desk.record(DEMO, "P-1", "--note", "the demo", "--frames")
    assert told["origin"] == "recording"
    assert told["ended_by"] == "stop"
    assert told["listened_s"] == pytest.approx(59.75, abs=0.5)
    assert told["speech_s"] > 10
    frames = rows(desk, "frame")
    assert len(frames) * 0.25 == told["listened_s"] == sum(row["listened_s"] for row in rows(desk, "bin"))
    assert sum(row["speech_s"] for row in rows(desk, "bin")) == told["speech_s"]
    assert rows(desk, "segment")
    assert desk.ask("verify")["sound"]


def test_two_recorders_at_once_are_one(desk: Desk) -> None:
    desk.agree()
    recorder = desk.start()
    line = desk("start", "--person", "P-1", "--endpoint", desk.endpoint, code=2).stderr
    assert f"process {recorder.pid}" in line
    desk("stop")
    assert recorder.wait(20) == 0
    assert len(rows(desk, "session")) == 1
    assert "no session is running" in desk("stop", code=2).stderr


def test_stop_wants_a_name_where_two_are_recorded(desk: Desk) -> None:
    for person in ("P-1", "P-2"):
        desk.agree(person)
    both = [desk.start(person) for person in ("P-1", "P-2")]
    assert "(P-1, P-2)" in desk("stop", code=2).stderr
    desk("stop", "P-2")
    desk("stop")
    assert [one.wait(20) for one in both] == [0, 0]


def test_a_killed_recorder_leaves_no_session_open(desk: Desk) -> None:
    desk.agree()
    recorder = desk.start()
    player = desk.play(DEMO, fast=False)
    until(lambda: rows(desk, "bin"))
    desk.kill(recorder)
    written = rows(desk, "bin")
    assert rows(desk, "session")[0]["ended_at"] is None
    second = desk.start()
    first, now = sorted(rows(desk, "session"), key=lambda row: row["started_at"])
    assert (first["ended_by"], now["ended_by"]) == ("crash", None)
    assert first["elapsed_s"] >= 4
    until(lambda: len(rows(desk, "bin")) > len(written))
    desk.kill(player)
    assert desk.kill(second, signal.SIGTERM) == 0
    assert {row["ended_by"] for row in rows(desk, "session")} == {"crash", "signal"}
    again = [row for row in rows(desk, "bin") if row["session"] == first["id"]]
    assert again == written
    assert [one["detail"]["by"] for one in desk.ask("audit") if one["act"] == "end"] == ["crash", "signal"]


def test_who_looks_closes_what_a_crash_left_open(desk: Desk) -> None:
    desk.agree()
    recorder = desk.start()
    desk("report", "P-1", "--out", "x.html")
    assert rows(desk, "session")[0]["ended_at"] is None, "it was running"
    desk.kill(recorder)
    desk("report", "P-1", "--out", "x.html", "--lang", "en")
    assert "broke off" in (desk.folder / "x.html").read_text("utf-8")
    assert rows(desk, "session")[0]["ended_by"] == "crash"
    assert [one["detail"]["by"] for one in desk.ask("audit") if one["act"] == "end"] == ["crash"]


def test_a_recorder_that_hears_nothing_says_so_and_goes_on(desk: Desk) -> None:
    desk.agree()
    recorder = desk.start()
    assert recorder.stderr is not None
    assert "nothing heard for 3 s; see that serd runs there" in recorder.stderr.readline()
    desk("stop")
    assert recorder.wait(30) == 0


def test_a_clock_that_jumps_is_counted_and_moves_nothing(desk: Desk) -> None:
    desk.travel(datetime(2025, 3, 1, 12, tzinfo=UTC))
    desk.agree()
    recorder = desk.start()
    time.sleep(1.0)  # a session of some length
    desk.travel(datetime(2025, 3, 1, 15, tzinfo=UTC))
    desk("stop")
    recorder.communicate(timeout=20)
    (session,) = rows(desk, "session")
    assert session["clock_jump_s"] == pytest.approx(3 * 3600, abs=60)
    assert session["elapsed_s"] < 60
    assert session["ended_at"].startswith("2025-03-01T12:0")


def test_a_session_ends_by_itself(desk: Desk) -> None:
    desk.agree()
    recorder = desk.start("P-1", "--minutes", "0.02")
    recorder.communicate(timeout=20)
    assert rows(desk, "session")[0]["ended_by"] == "time"


def on_a_small_disk(desk: Desk) -> tuple[subprocess.Popen[str], Path]:
    """A recorder, and a file that fills its disk: a file system with little room, in a mount of the recorder's own."""
    if os.geteuid() != 0 or subprocess.run(["unshare", "-m", "true"], check=False, capture_output=True).returncode:
        pytest.skip("no mount namespace of our own can be made here")
    desk.agree()
    script = (
        f"mount -t tmpfs -o size=700k tmpfs {desk.folder}/room && cp -a {desk.store}/. {desk.folder}/room &&"
        f' mount --bind {desk.folder}/room {desk.store} && exec "$@"'
    )
    (desk.folder / "room").mkdir()
    recorder = desk.start("P-1", wrap=("unshare", "-m", "sh", "-c", script, "sh"))
    filler = Path(f"/proc/{recorder.pid}/root{desk.store}/filler")
    with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))
    return recorder, filler


def test_a_full_disk_keeps_what_was_written_and_says_so(desk: Desk) -> None:
    recorder, filler = on_a_small_disk(desk)
    assert desk.play(DEMO).wait(90) == 0
    assert recorder.stderr is not None
    assert any("what is heard is kept in memory until then" in line for line in recorder.stderr)
    filler.unlink()
    recorder.send_signal(signal.SIGTERM)
    out, told = recorder.communicate(timeout=60)
    assert recorder.returncode == 0, told
    assert json.loads(out.splitlines()[-1])["listened_s"] == pytest.approx(59.75, abs=0.5)


def test_a_withdrawal_ends_the_session_though_the_disk_is_full(desk: Desk) -> None:
    recorder, _ = on_a_small_disk(desk)
    inside = ["nsenter", f"--target={recorder.pid}", "--mount", *desk.command("withdraw", "P-1")]
    done = subprocess.run(inside, env=desk.env, cwd=desk.folder, capture_output=True, text=True, check=False)
    assert done.returncode == 2, done.stderr
    assert "the session is over, withdraw again then" in done.stderr
    recorder.communicate(timeout=20)


def test_an_erasure_lists_what_was_handed_out(desk: Desk) -> None:
    desk.agree()
    desk.record(DEMO)
    desk("export", "P-1", "--format", "csv", "--out", "out.csv")
    number = desk.ask("list")["people"][0]["number"]
    answer = desk.ask("erase", "P-1", "--reason", "moved away", "--yes")
    assert [one["path"] for one in answer["exports"]] == [str(desk.folder / "out.csv")]
    assert not re.search("[0-9a-f]{64}", str([one["detail"] for one in desk.ask("audit")])), "no hash of what left"
    assert desk.ask("list") == {"store": str(desk.store), "people": [], "erased": [
        {"number": number, "at": answer["erased"], "reason": "moved away"}]}  # fmt: skip
    assert desk.ask("verify")["sound"]
    for path in desk.folder.rglob("*"):
        if path.is_file() and path.name != "out.csv":
            assert b"P-1" not in path.read_bytes(), path
    assert "has no journal" in desk("report", "P-1", "--out", "x.html", code=2).stderr


def test_verify_finds_a_changed_line_and_a_damaged_file(desk: Desk) -> None:
    desk.agree()
    head = desk.ask("verify")["head"]
    assert desk.ask("verify", "--head", head)["sound"]
    audit = desk.store / "audit.jsonl"
    kept = audit.read_bytes()
    audit.write_bytes(kept.replace(b'"self"', b'"them"'))
    assert "line 1 was changed" in desk("verify", code=78).stdout
    audit.write_bytes(kept)
    assert desk("verify", "--head", "x\ny", code=78).stdout == "head x\\ny: is not in the chain\n"
    (file,) = desk.store.glob("*.db")
    shutil.copy(file, desk.folder / "copy")
    file.write_bytes(b"x" * file.stat().st_size)
    assert "put it back from a copy" in desk("verify", code=78).stdout
    file.unlink()
    assert "No such file or directory); put it back from a copy" in desk("verify", code=78).stdout
    assert "put it back from a copy" in desk("report", "P-1", "--out", "x.html", code=78).stderr
    assert not file.exists(), "none is made in its place"
    shutil.copy(desk.folder / "copy", file)
    for path in desk.store.glob("audit.*"):
        path.unlink()
    assert "no line says how its journal began" in desk("verify", code=78).stdout


@pytest.fixture(scope="module")
def agreed(serd: str, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """The command with a person's journal, for what leaves it as it is."""
    made = Desk(serd, tmp_path_factory.mktemp("agreed"))
    made.agree()
    return made


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("rate", "P-1"), "--mood 1..9"),
        (("rate", "P-1", "--mood", "0"), "mood cannot be '0'"),
        (("rate", "P-1", "--mood", "5", "--note", "\x1b[2J"), "note cannot be"),
        (("report", "P-1", "--out", "x.doc"), ".html or .pdf"),
        (("report", "P-1", "--out", "/nowhere/x.html"), "no file can be there"),
        (("export", "P-1", "--format", "csv", "--out", "."), "no file can be there"),
        (("list", "--store-keys=~nobody-here/x", "--store=~nobody-here/x"), "there is no such home"),
        (("report", "P-1", "--out", "x.html", "--from", "soon"), "no day"),
        (("report", "P-1", "--out", "x.html", "--from", "2025-02-02", "--to", "2025-02-01"), "comes before"),
        (("export", "P-1", "--format", "json", "--out", "x", "--from", "2025-02-02"), "leave them out"),
        (("import", "nowhere.json"), "cannot be read"),
        (("erase", "P-1", "--reason", "x"), "nobody can be asked"),
        (("retain", "--sessions-days", "0"), "give 1 to 36500"),
        (("start", "--person", "P-1", "--minutes", "nan"), "--minutes"),
        (("start", "--person", "P-1", "--endpoint", "nonsense"), "nonsense"),
        (("consent", "P-2", "--purpose", "x", "--until", "soon", "--by", "self", "--yes"), "until cannot be 'soon'"),
        (("consent", "a name", "--purpose", "x", "--until", "2099-01-01", "--by", "self", "--yes"), "no pseudonym"),
    ],
)
def test_what_is_wrong_is_one_line(agreed: Desk, arguments: tuple[str, ...], says: str) -> None:
    done = agreed(*arguments, code=2)
    assert says in done.stderr
    assert done.stderr.count("\n") == 1
    assert [one["person"] for one in agreed.ask("list")["people"]] == ["P-1"]
