"""The journal as a program: what it may know, what ships with it, and the units that run it."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from serd.journal.words import words_of

ROOT = Path(__file__).parents[3]
MODULES = sorted(path.stem for path in (ROOT / "serd" / "journal").glob("*.py"))
SOUND = ("sounddevice", "soundfile", "soxr", "ai_edge_litert", "tflite_runtime", "scipy")
OURS = ("pipeline", "model", "microphone", "scoring", "interpreter", "frontend", "recording", "portaudio", "audio",
        "inference")  # fmt: skip


def loaded(code: str) -> set[str]:
    """Modules in a new interpreter after some code."""
    done = subprocess.run(
        [sys.executable, "-c", f"{code}; import sys; print(*sys.modules)"], cwd=ROOT, capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    return set(done.stdout.split())


def test_the_journal_cannot_hold_a_sample() -> None:
    imports = "; ".join(f"import serd.journal.{name}" for name in MODULES if name != "__init__")
    found = loaded(f"{imports}; import serd.events.subscriber")
    assert not found & set(SOUND)
    assert not {name for name in found if name.startswith(tuple(f"serd.{one}" for one in OURS))}


def test_neither_page_nor_database_is_loaded_before_it_is_needed() -> None:
    assert not loaded("import serd.cli.main, serd.cli.journal") & {"jinja2", "weasyprint", "duckdb", "sqlcipher3"}


@pytest.mark.parametrize(
    ("language", "digest"),
    [
        ("en", "c88ee7463bb84cc08cc07cce6a1a60f7b4f78a7dcbf13e39a2e038b5f2f816a5"),
        ("de", "d01ce88ba8f1cf5d74332d65881ff4e7aadcb87d39c1160c097a354fa83b8381"),
    ],
)
def test_another_notice_has_another_version(language: str, digest: str) -> None:
    """People agreed to a version: whoever changes the text counts it up, here too."""
    words = words_of(language)
    assert (words.notice_version, hashlib.sha256(words.notice.encode()).hexdigest()) == ("2", digest)


def test_all_that_it_reads_is_in_the_package() -> None:
    data = (ROOT / "pyproject.toml").read_text("utf-8")
    for folder in ("texts", "templates"):
        assert list((ROOT / "serd" / "journal" / folder).iterdir())
        assert f'"journal/{folder}/*"' in data


@pytest.mark.parametrize("unit", ["serd-journal@.service", "serd-journal@.timer"])
def test_systemd_has_nothing_to_say_about_the_units(unit: str, tmp_path: Path) -> None:
    if not shutil.which("systemd-analyze"):
        pytest.skip("no systemd-analyze here; script/test installs it")
    for path in (ROOT / "systemd" / "user").glob("serd*"):
        text = path.read_text("utf-8").replace("%h/.local/bin/serd", "/bin/true")
        (tmp_path / path.name.replace("@", "@P-1")).write_text(text)
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", "--user", tmp_path / unit.replace("@", "@P-1")],
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_the_pages_name_no_command_that_is_not_there(serd: str) -> None:
    known = subprocess.run([serd, "journal", "--help"], capture_output=True, text=True, check=True).stdout
    for page in ("docs/journal-person.md", "docs/journal-clinic.md", "PRIVACY.md", "systemd/README.md"):
        for action in re.findall(r"serd journal (\w+)", (ROOT / page).read_text("utf-8")):
            assert re.search(rf"^ +{action}\b", known, re.MULTILINE) or action == "is", (page, action)
