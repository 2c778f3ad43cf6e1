"""The documentation: its links, what it says of the code, its examples, and the site made of it."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import jsonschema
import pytest

from serd.inference.model import FOLDER
from tools import docs, pages
from tools.checkout import ROOT

EXAMPLE = re.compile(r"<!-- example: (\w+) -->\n```json\n(.*?)```", re.DOTALL)


def test_no_link_of_any_page_leads_nowhere():
    found = docs.pages()
    assert {Path("README.md"), Path("PRIVACY.md"), Path("FIELD.md"), Path("docs/events.md")} <= set(found)
    assert all(file.is_file() for file in found.values())


def test_a_link_that_leads_nowhere_is_named(tmp_path: Path):
    (tmp_path / "docs").mkdir()
    (tmp_path / "README.md").write_text("[there](docs/page.md), `[not](one.md)`\n```\n[nor](this.md)\n```\n")
    (tmp_path / "docs" / "page.md").write_text("[up](../README.md#there) [away](https://example.org/x) [gone](gone.md)")
    with pytest.raises(FileNotFoundError, match=r"docs/page\.md: its link gone\.md leads to no file"):
        docs.pages(tmp_path)


def test_what_pages_say_of_the_code_is_so():
    assert pages.drifted(update=False) == [], "script/docs --update rewrites it"


def test_a_page_that_has_drifted_is_found():
    text = "<!-- generated: rules -->\nof old\n<!-- end -->\n"
    assert "`emotion_on`" in pages.updated(text)
    assert "of old" not in pages.updated(text)
    assert pages.updated(pages.updated(text)) == pages.updated(text)


def test_every_field_of_the_schema_has_a_row():
    schema = json.loads(pages.SCHEMA.read_text())
    names = {name for one in schema["$defs"].values() for name in one.get("properties", {})}
    rows = pages.event_fields()
    assert {name for name in names if not re.search(rf"`(\w+\.)*{name}`", rows)} == set()


def test_the_examples_of_events_are_events():
    validator = jsonschema.Draft202012Validator(json.loads(pages.SCHEMA.read_text()))
    found = {kind: json.loads(text) for kind, text in EXAMPLE.findall((ROOT / "docs" / "events.md").read_text())}
    assert set(found) == set(pages.KINDS)
    for kind, event in found.items():
        assert event["type"] == f"serd.v1.{kind}"
        validator.validate(event)


def test_readme_is_short_and_its_figures_are_those_of_the_cards():
    text = (ROOT / "README.md").read_text()
    assert len(text.split()) <= 900
    known = "".join((ROOT / "docs" / f"model-card-{name}.md").read_text() for name in ("serd-base", "thesis-cnn"))
    figures = re.findall(r"\b\d+\.\d(?= %| to |\))", text)
    assert {"78.5", "58.8"} <= set(figures)
    assert [figure for figure in figures if figure not in known] == []


def test_what_is_said_in_words_is_what_the_cards_say():
    readme, accuracy = (" ".join((ROOT / page).read_text().split()) for page in ("README.md", "docs/accuracy.md"))
    card = pages.measures(ROOT / "docs" / "model-card-serd-base.md")
    figures = {name: round(float(text.split()[0]) / 10) for name, text in card.items() if name.startswith("UAR, ")}
    american = figures["UAR, 8 classes, unheard speakers, Luna's five folds"]
    german, polish = (figures[f"UAR, 4 classes, {name}, left out of training"] for name in ("EMO-DB", "nEMO"))
    assert american == german
    sentences = (
        f"Ten sentences of a stranger: {american} of ten right for an American or a German actor, "
        f"{figures['UAR, 4 classes, ASED']} for an Amharic one, {polish} for a Polish one"
    )
    assert sentences in readme
    assert sentences in accuracy
    recall = json.loads((FOLDER / "serd-base.metrics.json").read_text())["known"]["recall"]
    least = min(recall, key=lambda label: recall[label][0])
    assert least == "sad"
    assert f"sadness is recognised least, in {100 * recall[least][0]:.0f} %" in readme
    outcomes = [text.endswith("met") for text in card.values() if "target" in text]
    assert len(outcomes) - sum(outcomes) == 10
    assert f"**Ten of {len(outcomes)} targets are missed**" in accuracy


def test_every_page_is_in_the_sites_navigation():
    named = set(re.findall(r": (\S+\.md)$", docs.CONFIG.read_text(), re.MULTILINE))
    assert {str(place) for place in docs.pages() if place.suffix == ".md"} == named


def test_the_site_is_built_and_asks_nobody_for_anything(tmp_path: Path):
    if shutil.which("npm") is None and not docs.CACHE.is_dir():
        pytest.skip("no npm here, which brings mermaid")
    assert docs.build(tmp_path / "site") == 0
    page = (tmp_path / "site" / "docs" / "events" / "index.html").read_text()
    assert "quality.channels.agreement" in page
    loads = re.compile(r"<(?:script|img|iframe|source)[^>]+src=\"?(?:https?:)?//|<link[^>]+href=\"?(?:https?:)?//")
    for file in (tmp_path / "site").rglob("*.html"):
        assert not loads.search(file.read_text()), file
