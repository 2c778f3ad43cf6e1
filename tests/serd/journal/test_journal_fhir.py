"""serd.journal.fhir: a bundle that the official schema, Medplum's invariants and two asserts of our own find sound."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from serd.journal.fhir import bundle
from serd.journal.moment import Moment
from serd.journal.reading import read
from serd.journal.words import words_of
from tests.support import fhir_check
from tests.support.journal_store import fill, make_store, weeks

NOW = Moment.at(datetime(2026, 3, 1, tzinfo=UTC), "Europe/Berlin")
Bundle = dict[str, Any]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    store = make_store(tmp_path_factory.mktemp("store"), encrypted=False)
    sessions = weeks(2, activation=True)
    for row in sessions[2]["bin"]:  # nobody speaks in the third
        row.update(speech_s=0.0, uncertain_s=0.0, high_s=0.0, low_s=0.0, unclear_s=0.0, announced=None, weighted=None)
    with store.open(fill(store, "P-1", sessions, withdrawn_at="2026-02-01T00:00:00.000Z")) as file:
        return bundle(read(file, "P-1"), words_of("de"), NOW, "<html></html>", snomed=True)


def resources(found: Bundle, kind: str) -> list[Any]:
    return [one["resource"] for one in found["entry"] if one["resource"]["resourceType"] == kind]


def test_each_session_has_its_observation(made: Bundle) -> None:
    observations = resources(made, "Observation")
    assert len(observations) == 6
    assert all(one["status"] == "preliminary" for one in observations)
    absent = [one for one in observations if "dataAbsentReason" in one]
    assert len(absent) == 1
    codes = {coding["code"] for coding in absent[0]["dataAbsentReason"]["coding"]}
    assert codes == {"unknown", "too-little-speech"}
    assert not any("valueQuantity" in part for part in absent[0]["component"] if "share" in str(part["code"]))


def test_it_claims_no_more_than_it_knows(made: Bundle) -> None:
    assert not resources(made, "DiagnosticReport")
    text = json.dumps(made)
    assert text.count("loinc.org") == 1, "the consent's category alone"
    assert '"profile"' not in text
    assert [one["status"] for one in resources(made, "Consent")] == ["inactive"]
    for one in (*resources(made, "Observation"), *resources(made, "Device")):
        assert one["meta"]["security"][0]["code"] == "AIAST"


def test_every_code_of_ours_is_in_the_code_system(made: Bundle) -> None:
    (system,) = resources(made, "CodeSystem")
    known = {concept["code"] for concept in system["concept"]}

    def used(value: Any) -> set[str]:
        if isinstance(value, dict):
            own = {value["code"]} if value.get("system") == system["url"] else set()
            return own.union(*(used(part) for part in value.values()))
        return set().union(*(used(part) for part in value)) if isinstance(value, list) else set()

    assert used(made) <= known


def test_every_reference_leads_somewhere(made: Bundle) -> None:
    urls = [one["fullUrl"] for one in made["entry"]]
    assert len(set(urls)) == len(urls)
    text = json.dumps(made)
    assert {part.split('"')[0] for part in text.split('"reference": "')[1:]} <= set(urls)


def test_the_same_journal_has_the_same_ids(made: Bundle, tmp_path: Path) -> None:
    store = make_store(tmp_path, encrypted=False)
    with store.open(fill(store, "P-1", weeks(2, activation=True))) as file:
        again = bundle(read(file, "P-1"), words_of("en"), NOW, "", snomed=False)
    assert [one["id"] for one in resources(again, "Observation")] == [
        one["id"] for one in resources(made, "Observation")
    ]


def test_it_is_fhir_r4(made: Bundle, tmp_path: Path) -> None:
    if reason := fhir_check.missing():
        pytest.skip(reason)
    assert fhir_check.faults([made], tmp_path) == [[]]


def spoil(kind: str, change: Callable[[Any], object]) -> Callable[[Bundle], object]:
    return lambda found: change(resources(found, kind)[0])


def _absent() -> dict[str, Any]:
    return {"dataAbsentReason": {"coding": [{"system": "http://x", "code": "unknown"}]}}


PLANTED = [
    spoil("Observation", lambda one: one.update(status="done")),
    spoil("Observation", lambda one: one.pop("code")),
    spoil("Observation", lambda one: one.update(effectivePeriod={"start": "yesterday"})),
    spoil("Observation", lambda one: one.update(emotion="happy")),
    spoil("Observation", lambda one: one["component"][0].update(valueString="also")),
    spoil("Observation", lambda one: one.update(valueString="x", **_absent())),
    spoil("Observation", lambda one: one["text"].update(div="<div>not XHTML")),
    spoil("Consent", lambda one: one.pop("policyRule")),
    spoil("Consent", lambda one: one.update(scope={})),
    spoil("Device", lambda one: one.update(deviceName=[{"name": "x"}])),
    spoil("AuditEvent", lambda one: one.pop("source")),
    spoil("CodeSystem", lambda one: one["concept"].append(dict(one["concept"][0]))),
]


@pytest.fixture(scope="module")
def found(made: Bundle, tmp_path_factory: pytest.TempPathFactory) -> list[list[str]]:
    """What the checks say of the bundle with each of the planted faults."""
    if reason := fhir_check.missing():
        pytest.skip(reason)
    worse = [copy.deepcopy(made) for _ in PLANTED]
    for change, own in zip(PLANTED, worse, strict=True):
        change(own)
    return fhir_check.faults(worse, tmp_path_factory.mktemp("worse"))


@pytest.mark.parametrize("number", range(len(PLANTED)))
def test_what_is_wrong_is_found(found: list[list[str]], number: int) -> None:
    """The checks themselves."""
    assert found[number]
