"""serd.journal.report: what it says, what it never says, who can read it, and that it asks for nothing."""

from __future__ import annotations

import base64
import hashlib
import re
import subprocess
import tomllib
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from serd.journal.known import known_error
from serd.journal.moment import utc_text
from serd.journal.reading import read
from serd.journal.report import as_html, as_pdf
from serd.journal.words import LANGUAGES, words_of
from tests.support import axe
from tests.support.journal_store import fill, make_store
from tests.support.journal_year import Person, dates

ILLNESSES = re.compile(
    r"depress|anxi|bipolar|mania|manie|manisch|schizo|autis|adhd|adhs|ptsd|ptbs|trauma|dement|alzheimer|parkinson|stroke"
    r"|schlaganfall|psychos|psychot|burn-?out|dysthym|borderline|angstst|panik|panic|phobi|sucht|addict|suizid|suicid"
    r"|zwangs|obsess|diagnos|disorder|störung|krank|illness|disease|syndrom|symptom|patholog|asthma|diabet|cancer|krebs"
    r"|erkältung|\bcold\b|insomn|schlaflos|phq|gad-|alert|alarm|risk|risik",
    re.IGNORECASE,
)


def weeks(folder: Path, activation: bool) -> Any:
    """Eight of them: a change for a while, too little speech once, a mute, another microphone, notes with markup."""
    store = make_store(folder, encrypted=False)
    person, sessions = Person(5, minutes=12, activation=activation), []
    for i, when in enumerate(dates(8)):
        person._bins = 20 if i == 7 else 144
        shift = 3.0 if 13 <= i < 18 else 0.0
        rows = person.session(when, shift=shift, device="USB" if i < 21 else "Headset")
        if i == 3:
            name = rows["session"][0]["id"]
            rows["absence"] = [{"session": name, "number": 1, "source": "default", "state": "muted", "at_s": 200.0,
                                "seconds": 90.0}]  # fmt: skip
            rows["bin"] = [row for row in rows["bin"] if not 200 <= row["at_s"] < 290]
            rows["session"][0]["note"] = "<script>alert(1)</script>"
        sessions.append(rows)
    key = fill(store, "P-1", sessions)
    when = dates(8)[3] + timedelta(hours=2)
    with store.open(key) as file:
        with file.transaction():
            row = {"id": 1, "at": utc_text(when), "offset_min": 60, "zone": "Europe/Berlin", "mood": 7}
            file.put("rating", [row | {"note": "A good day.\n<b>Really</b> & so on"}])
        return read(file, "P-1")


@pytest.fixture(scope="module", params=[False, True], ids=["categories", "activation"])
def reading(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    return weeks(tmp_path_factory.mktemp("store"), request.param)


@pytest.fixture(scope="module")
def longest(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A page with all there is, in the language of the longer words."""
    return as_html(weeks(tmp_path_factory.mktemp("store"), activation=True), words_of("de"))


@pytest.fixture(scope="module", params=LANGUAGES)
def page(request: pytest.FixtureRequest, reading: Any) -> str:
    return as_html(reading, words_of(request.param))


def test_no_illness_is_named_not_even_to_deny_it(page: str) -> None:
    shown = re.sub(r"<style>.*?</style>|<[^>]*>|alert\(1\)", " ", page, flags=re.DOTALL)
    visible = unescape(shown)
    assert "Voice journal" in visible or "Stimmtagebuch" in visible
    assert not ILLNESSES.findall(visible)


@pytest.mark.parametrize("language", LANGUAGES)
def test_nor_in_any_text_that_there_is(language: str) -> None:
    folder = Path(__file__).parents[3] / "serd" / "journal"
    text = (folder / "texts" / f"{language}.toml").read_text("utf-8")
    assert not ILLNESSES.findall(text)
    for name in ("fhir.py", "fhir_codes.py", "templates/report.html"):
        assert set(ILLNESSES.findall((folder / name).read_text("utf-8"))) <= {"Diagnos"}, (
            "DiagnosticReport, which is not used"
        )


def test_languages_say_the_same_things() -> None:
    folder = Path(__file__).parents[3] / "serd" / "journal" / "texts"
    english, german = (tomllib.loads((folder / f"{name}.toml").read_text("utf-8")) for name in LANGUAGES)

    def shape(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: shape(part) for name, part in value.items() if name != "text"}
        return [shape(part) for part in value] if isinstance(value, list) else sorted(re.findall(r"{\w+}", str(value)))

    assert shape(english) == shape(german)


def test_it_asks_for_nothing_and_runs_nothing(page: str) -> None:
    assert not re.search(r"<(script|iframe|object|embed|link|base|form)\b", page)
    assert not re.search(
        r"\b(src|href|srcset|action|style|on\w+)\s*=", re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)
    )
    assert "url(" not in page
    assert "@import" not in page
    policy = re.search(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">', page)
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
    assert policy
    assert style
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert unescape(policy[1]).startswith(f"default-src 'none'; style-src 'sha256-{digest}'")


def test_what_people_wrote_is_text(page: str) -> None:
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "&lt;b&gt;Really&lt;/b&gt; &amp; so on" in page


def test_it_says_what_the_issue_is_about(page: str, reading: Any) -> None:
    german = 'lang="de"' in page
    assert page.count('class="session"') == 24
    assert page.count("<title>") == 1 + page.count("<svg"), "each picture says what it shows"
    shift = r"Verschiebung ab \d+\. (Jan|Feb)\. 2026: " if german else r"shift from \d+ (Jan|Feb) 2026 on: "
    assert re.search(shift, page)
    assert ("stummgeschaltet 1 min 30 s" if german else "muted 1 min 30 s") in page
    assert ("Zu wenig Sprache" if german else "Too little speech") in page
    assert "Headset" in page
    has_activation = "activation-high" in reading.sessions[0].shares
    assert (("Lebhaftigkeit (Aktivierung)" if german else "no liveliness") in page) != has_activation
    assert (("lebhaft</h3>" if german else "lively</h3>") in page) == has_activation
    assert "room 12" in page
    assert "model-card-serd-small.md" in page


def test_beside_each_figure_is_the_models_known_error(page: str) -> None:
    known = known_error("serd-small/1.1")
    assert known is not None
    for label in ("happy", "sad", "angry"):
        value, low, high = (f"{100 * share:.0f} %" for share in known.recall[label])
        assert re.search(rf"{value} [^.]*\({low} (to|bis) {high}", page), label
    assert known_error("serd-small/0.0") is None
    assert known_error("../../x/1") is None
    assert known_error("nobody/1") is None


def test_the_svgs_are_sound_and_of_greys(page: str) -> None:
    for drawing in re.findall(r"<svg.*?</svg>", page, re.DOTALL):
        ElementTree.fromstring(drawing)
        assert "nan" not in drawing
        assert set(re.findall(r"#[0-9a-f]{6}", drawing)) <= {"#222222", "#767676", "#dcdcdc", "#ffffff"}


def test_axe_finds_nothing(page: str) -> None:
    if reason := axe.missing():
        pytest.skip(reason)
    assert axe.violations(page) == []


def test_axe_finds_what_is_wrong(longest: str) -> None:
    """The check itself."""
    if reason := axe.missing():
        pytest.skip(reason)
    worse = re.sub(r"<html lang=\"..\">", "<html>", longest).replace(' role="img"', "")
    assert "html-has-lang" in {name for name, _, _ in axe.violations(worse)}


def test_nothing_sticks_out_at_twice_the_size(page: str) -> None:
    """A window 640 wide at 200 % is one 320 wide (WCAG 1.4.10)."""
    if reason := axe.missing():
        pytest.skip(reason)
    probe = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page).replace(
        "</body>",
        "<script>addEventListener('load', () => { document.body.innerHTML = '<pre id=axe-found>[' +"
        " (document.documentElement.scrollWidth - innerWidth) + ']</pre>'; })</script></body>",
    )
    dom = axe._chromium(probe, "--dump-dom", "--window-size=500,900")
    found = re.search(r"\[(-?\d+)\]", dom)
    assert found
    assert int(found[1]) <= 0


def test_the_pdf_is_tagged_and_says_the_same(page: str, tmp_path: Path) -> None:
    check_pdf(page, "pdf/ua-1", tmp_path / "report.pdf")


def test_so_is_the_one_for_an_archive(longest: str, tmp_path: Path) -> None:
    check_pdf(longest, "pdf/a-3a", tmp_path / "report.pdf")


def check_pdf(page: str, variant: str, made: Path) -> None:
    pytest.importorskip("weasyprint")
    made.write_bytes(as_pdf(page, variant))
    told = subprocess.run(["pdfinfo", made], capture_output=True, text=True, check=True).stdout
    assert re.search(r"Tagged: +yes", told)
    assert re.search(r"JavaScript: +no", told)
    assert re.search(r"Page size: +595.\d+ x 841.\d+ pts \(A4\)", told)
    assert re.search(r"Title: +\S+", told)
    structure = subprocess.run(["pdfinfo", "-struct", made], capture_output=True, text=True, check=True).stdout
    assert re.search(r"\bH1\b", structure)
    assert structure.count("Figure") >= page.count("<svg")
    metadata = subprocess.run(["pdfinfo", "-meta", made], capture_output=True, text=True, check=True).stdout
    wanted = r"pdfuaid:part\D+1\b" if variant == "pdf/ua-1" else r"pdfaid:part\D+3\b"
    assert re.search(wanted, metadata)
    fonts = subprocess.run(["pdffonts", made], capture_output=True, text=True, check=True).stdout
    assert all(line.split()[-5] == "yes" for line in fonts.splitlines()[2:]), "all fonts are embedded"


def test_an_empty_journal_has_a_report(tmp_path: Path) -> None:
    store = make_store(tmp_path, encrypted=False)
    with store.open(fill(store, "P-1", [])) as file:
        page = as_html(read(file, "P-1"), words_of("en"))
    assert "There are no sessions in this period." in page
