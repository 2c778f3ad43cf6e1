"""The whole way: real speech through a sound server, serd and the journal, over weeks; what comes out is read back."""

from __future__ import annotations

import json
import re
import signal
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.serd.journal.test_journal_command import rows
from tests.support import fhir_check
from tests.support.journal_command import Desk, until
from tests.support.soundserver import SoundServer
from tests.support.speech import EMOTIONS, ravdess, write_joined

START = datetime(2025, 3, 3, 9, 0, tzinfo=UTC)
SESSIONS, APART = 4, timedelta(days=6)


@pytest.fixture(scope="module")
def scenes(corpora: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Conversations with themselves: two actors of RAVDESS, two speakers of EMO-DB; some 100 s of speech each."""
    folder = tmp_path_factory.mktemp("scenes")
    found = []
    for number, actor in enumerate((1, 2)):
        clips = [ravdess(corpora, actor, emotion, intensity=level) for emotion in EMOTIONS[1:] for level in (1, 2)]
        found.append(write_joined(folder / f"scene-{number}.wav", clips * 4, pause_s=0.6))
    for number, speaker in ((2, "03"), (3, "08")):
        clips = sorted((corpora / "emo-db").glob(f"{speaker}*"))[:40]
        found.append(write_joined(folder / f"scene-{number}.wav", clips, pause_s=0.6))
    return found


def test_weeks_of_sessions_become_a_report_and_a_bundle(desk: Desk, scenes: list[Path], tmp_path: Path) -> None:
    desk.travel(START)
    desk.agree(contact="room 12")
    told: list[Any] = []
    for number in range(SESSIONS):
        desk.travel(START + number * APART)
        told.append(desk.record(scenes[number % len(scenes)], "P-1", "--note", f"session {number}"))
        desk("rate", "P-1", "--mood", str(1 + number % 9), "--note", f"note {number}")
    assert all(one["enough"] for one in told), [one["speech_s"] for one in told]
    days = sorted(row["started_at"][:10] for row in rows(desk, "session"))
    assert days == [f"{START + number * APART:%Y-%m-%d}" for number in range(SESSIONS)]
    assert {row["zone"] for row in rows(desk, "session")} == {"Europe/Berlin"}

    desk("report", "P-1", "--out", "report.html", "--lang", "en")
    page = (tmp_path / "report.html").read_text("utf-8")
    assert page.count('class="session"') == SESSIONS
    assert "a recording, not a microphone" in page
    assert "publishes no liveliness" in page
    for one in told:
        for share in one["shares"].values():
            assert f" {100 * share[0]:.0f} %".replace(" ", "\N{NO-BREAK SPACE}") in page

    if subprocess.run(["pdftotext", "-v"], capture_output=True, check=False).returncode == 0:
        pytest.importorskip("weasyprint")
        desk("report", "P-1", "--out", "report.pdf", "--lang", "de")
        text = subprocess.run(["pdftotext", "-layout", "report.pdf", "-"], cwd=tmp_path, capture_output=True, text=True,
                              check=True).stdout  # fmt: skip
        assert "Stimmtagebuch von P-1" in text
        assert all(f"session {number}" in text for number in range(SESSIONS))

    desk("export", "P-1", "--format", "fhir", "--out", "bundle.json")
    bundle = json.loads((tmp_path / "bundle.json").read_text("utf-8"))
    observations = [one["resource"] for one in bundle["entry"] if one["resource"]["resourceType"] == "Observation"]
    spoken = {one["session"]: one["speech_s"] for one in told}
    assert {one["identifier"][0]["value"] for one in observations} == set(spoken)
    for one in observations:
        amounts = {c["code"]["coding"][0]["code"]: c.get("valueQuantity", {}).get("value") for c in one["component"]}
        assert amounts["speech-time"] == pytest.approx(spoken[one["identifier"][0]["value"]], abs=0.06)
    if not (reason := fhir_check.missing()):
        assert fhir_check.faults([bundle], tmp_path) == [[]]
    else:
        print(reason)
    assert desk.ask("verify")["sound"]


def test_each_part_may_die_once(desk: Desk, scenes: list[Path], sound_server: SoundServer) -> None:
    """The sound server, serd and the recorder are killed; each second is there once, or said to be missing."""
    desk.agree()

    def listen() -> subprocess.Popen[str]:
        plain = {name: value for name, value in desk.env.items() if not name.startswith(("FAKETIME", "LD_PRELOAD"))}
        env = {**plain, **sound_server.env, "XDG_CONFIG_HOME": str(desk.folder), "XDG_STATE_HOME": str(desk.folder)}
        process = subprocess.Popen(
            [desk.serd, "--headless", "--publish", desk.endpoint], env=env, text=True, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        )  # fmt: skip
        desk._started.append(process)
        return process

    def bins() -> list[dict[str, Any]]:
        return rows(desk, "bin")

    serd, recorder = listen(), desk.start()
    sound_server.play(scenes[0])
    until(bins)
    sound_server.kill()
    until(lambda: any(row["state"] in ("lost", "stalled") for row in rows(desk, "absence")) or _lost(desk, recorder))
    sound_server.start()
    count = len(bins())
    sound_server.play(scenes[1])
    until(lambda: rows(desk, "absence") and len(bins()) > count)
    desk.kill(serd)
    serd = listen()
    sound_server.play(scenes[2])
    count = len(bins())
    until(lambda: len({row["run"] for row in rows(desk, "stream")}) == 2 and len(bins()) > count + 1)
    desk.kill(recorder)
    recorder = desk.start()
    until(lambda: len({row["session"] for row in bins()}) == 2)
    desk("stop")
    assert recorder.wait(30) == 0
    assert desk.kill(serd, signal.SIGTERM) == 0

    sessions = sorted(rows(desk, "session"), key=lambda row: row["started_at"])
    assert [row["ended_by"] for row in sessions] == ["crash", "stop"]
    streams = rows(desk, "stream")
    assert {row["origin"] for row in streams} == {"microphone"}
    first = [row for row in streams if row["session"] == sessions[0]["id"]]
    assert len({row["run"] for row in first}) == 2, "one stream for each serd"
    states = {row["state"] for row in rows(desk, "absence")}
    assert states & {"lost", "stalled"}
    found = bins()
    assert len({(row["session"], row["stream"], row["number"]) for row in found}) == len(found)
    assert all(row["listened_s"] <= 5 for row in found)
    for session in sessions:
        listened = sum(row["listened_s"] for row in found if row["session"] == session["id"])
        assert 0 < listened <= session["elapsed_s"] + 5
    assert sum(row["speech_s"] for row in found) > 5
    assert desk.ask("verify")["sound"]
    desk("report", "P-1", "--out", "report.html", "--lang", "de")
    page = (desk.folder / "report.html").read_text("utf-8")
    assert re.search(r"Mikrofon (verloren|stockte)", page)
    assert "brach ab" in page


def _lost(desk: Desk, recorder: subprocess.Popen[str]) -> bool:
    """An absence is written when it is over; that the recorder is still there is all that can be seen until then."""
    return recorder.poll() is None and bool(rows(desk, "bin"))
