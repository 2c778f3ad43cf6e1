"""FHIR R4 (4.0.1): a journal as a bundle of plain dicts, for those who keep records in it.

Observations are `preliminary`, carry the label of what an artificial intelligence asserted (AIAST), and have codes of
our own: no code of LOINC means this, and those of questionnaires would claim what is not so. There is no
DiagnosticReport, whose name claims too much. The same journal has the same ids in every bundle.
"""

from __future__ import annotations

import base64
import hashlib
import json
import uuid
from collections.abc import Sequence
from html import escape
from typing import Any

import serd
from serd.journal.consent import Consent
from serd.journal.fhir_codes import AIAST, CODES, SYSTEM, code_system, coded
from serd.journal.known import known_error
from serd.journal.moment import Moment, local
from serd.journal.reading import Reading
from serd.journal.summary import ACTIVATION, UNCERTAIN, Context, Share, Summary
from serd.journal.words import Words, words_of

Resource = dict[str, Any]
NAMESPACE = uuid.UUID("8d7f3c1e-54a7-4c8e-9b0a-5d0f5e2f7a11")
"""Namespace of the ids, which are UUIDs of version 5."""

LABELED = {"security": [AIAST]}
UCUM = "http://unitsofmeasure.org"
SNOMED = {"system": "http://snomed.info/sct", "code": "285854004", "display": "Emotion"}


def as_fhir(reading: Reading, words: Words, now: Moment, page: str, *, snomed: bool = False) -> bytes:
    """The bundle as JSON, with the report's `page`. `snomed` adds SNOMED CT's code, which takes a licence."""
    return json.dumps(bundle(reading, words, now, page, snomed=snomed), ensure_ascii=False, indent=1).encode() + b"\n"


def bundle(reading: Reading, words: Words, now: Moment, page: str, *, snomed: bool = False) -> Resource:
    """CodeSystem, Patient, a Device for each model, Consents, an Observation for each session, where all comes from."""
    person = reading.person
    labels = sorted({name for session in reading.sessions for name in session.shares})
    patient = _resource("Patient", (person,), f"Pseudonym {person}", {
        "identifier": [{"system": "urn:serd:journal:person", "value": person}],
    })  # fmt: skip
    contexts = list(dict.fromkeys(session.context for session in reading.sessions if session.context))
    devices = {context: _device(person, context) for context in contexts}
    consents = [_consent(person, patient, one) for one in reading.consents]
    observations = [
        _observation(
            person, patient, devices.get(session.context) if session.context else None, session, now, snomed=snomed
        )
        for session in reading.sessions
    ]
    resources = [code_system(labels, words, NAMESPACE), patient, *devices.values(), *consents, *observations]
    if observations and devices:
        resources.append(_provenance(person, observations, list(devices.values()), consents, now))
    resources += [_audit_event(person, patient, now), _document(person, patient, page, words, now)]
    entries = [{"fullUrl": f"urn:uuid:{one['id']}", "resource": one} for one in resources]
    return {"resourceType": "Bundle", "type": "collection", "timestamp": now.text, "entry": entries}


def _resource(kind: str, key: Sequence[str], narrative: str, content: Resource) -> Resource:
    made = str(uuid.uuid5(NAMESPACE, "/".join((kind, *key))))
    div = f'<div xmlns="http://www.w3.org/1999/xhtml"><p>{escape(narrative)}</p></div>'
    return {"resourceType": kind, "id": made, "text": {"status": "generated", "div": div}, **content}


def _reference(resource: Resource) -> Resource:
    return {"reference": f"urn:uuid:{resource['id']}"}


def _device(person: str, context: Context) -> Resource:
    name = context.model.partition("/")[0]
    return _resource("Device", (person, *map(str, context)), f"serd with {context.model}, {context.device}", {
        "meta": LABELED,
        "identifier": [{"system": "urn:serd:microphone", "value": context.device}],
        "status": "active",
        "manufacturer": "serd",
        "deviceName": [{"name": context.model, "type": "model-name"}],
        "type": {"coding": [coded("voice-estimator")]},
        "version": [{"type": {"text": "software"}, "value": serd.__version__},
                    {"type": {"text": "model"}, "value": context.model}],
        "safety": [{"text": "No medical device. It learned from acted speech and is often wrong on any other."}],
        "note": [{"text": f"Model card: docs/model-card-{name}.md; origin of the sound: {context.origin}"}],
    })  # fmt: skip


def _consent(person: str, patient: Resource, one: Consent) -> Resource:
    start = local(one.agreed_at, one.offset_min).date().isoformat()
    period = {"start": start, "end": max(one.until, start)}
    return _resource("Consent", (person, str(one.id)), f"Consent to the journal, given by {one.by}", {
        "status": "inactive" if one.withdrawn_at else "active",
        "scope": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/consentscope",
                              "code": "patient-privacy", "display": "Privacy Consent"}]},
        "category": [{"coding": [{"system": "http://loinc.org", "code": "59284-0", "display": "Patient Consent"}]}],
        "patient": _reference(patient),
        "dateTime": _local(one.agreed_at, one.offset_min),
        "policyRule": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "OPTIN",
                                   "display": "opt-in"}]},
        "sourceAttachment": _notice(one),
        "provision": {"type": "permit", "period": period, "dataPeriod": period, "purpose": [coded("journal")]},
    })  # fmt: skip


def _notice(one: Consent) -> Resource:
    """The text that was agreed to, where this serd still has that version of it."""
    attachment = {"contentType": "text/plain", "language": one.language, "title": f"Notice, version {one.notice}"}
    text = words_of(one.language).notice.encode()
    return attachment | _data(text) if hashlib.sha256(text).hexdigest() == one.notice_sha256 else attachment


def _data(content: bytes) -> Resource:
    """Content with its hash, SHA-1 as R4 has it."""
    digest = hashlib.sha1(content, usedforsecurity=False).digest()
    return {"data": base64.b64encode(content).decode(), "hash": base64.b64encode(digest).decode()}


def _document(person: str, patient: Resource, page: str, words: Words, now: Moment) -> Resource:
    """The report, as the person sees it."""
    return _resource("DocumentReference", (person, now.text), "Report of the journal", {
        "meta": LABELED,
        "status": "current",
        "docStatus": "preliminary",
        "type": _concept("voice-journal-report"),
        "subject": _reference(patient),
        "date": now.text,
        "content": [{"attachment": {"contentType": "text/html", "language": words.language, **_data(page.encode())}}],
    })  # fmt: skip


def _observation(
    person: str, patient: Resource, device: Resource | None, session: Summary, now: Moment, *, snomed: bool
) -> Resource:
    coverage = session.coverage
    end = Moment.at(local(session.started_at, 0), session.zone).later(coverage.elapsed_s)
    components = [
        _amount("listened-time", coverage.listened_s, "s"),
        _amount("speech-time", coverage.speech_s, "s"),
        _amount("coverage", 100 * coverage.share, "%"),
        *(_share(name, session.shares.get(name), session) for name in session.shares or (UNCERTAIN,)),
    ]
    if not any(name in session.shares for name in ACTIVATION):
        components.append({"code": _concept(ACTIVATION[0]), **_absent("not-performed")})
    content: Resource = {
        "meta": LABELED,
        "identifier": [{"system": "urn:serd:journal:session", "value": session.id}],
        "status": "preliminary",
        "category": [_concept("voice-estimate")],
        "code": {
            "coding": [coded("voice-emotion-session"), *([SNOMED] if snomed else [])],
            "text": "Estimate of a program from the sound of a voice; it says nothing about health",
        },
        "subject": _reference(patient),
        "effectivePeriod": {"start": _local(session.started_at, session.offset_min),
                            "end": _local(Moment(end, 0, "UTC").text, session.offset_min)},
        "issued": now.text,
        "performer": [_reference(patient)],
        "component": components,
        "note": [{"text": _doubt(session)}],
    }  # fmt: skip
    if device is not None:
        content["device"] = _reference(device)
    if not session.enough:
        content |= _absent("insufficient")
    return _resource("Observation", (person, session.id), f"Session of {session.started_at}", content)


def _doubt(session: Summary) -> str:
    model = session.context.model if session.context else ""
    known = known_error(model)
    error = "How often the model is wrong is not known here."
    if known is not None and "mean" in known.recall:
        value, low, high = (round(100 * share) for share in known.recall["mean"])
        error = f"Of acted speech of unheard persons it recognises {value} % ({low} to {high}; {known.protocol})."
    return f"How a voice sounded to a program, not how a person is. {error}"


def _share(name: str, share: Share | None, session: Summary) -> Resource:
    component: Resource = {"code": _concept(_code(name))}
    if share is None or not session.enough:
        return component | _absent("insufficient")
    component["valueQuantity"] = _quantity(100 * share.value, "%")
    if share.low is not None and share.high is not None:
        component["extension"] = [{
            "url": f"{SYSTEM}/interval-95",
            "valueRange": {"low": _quantity(100 * share.low, "%"), "high": _quantity(100 * share.high, "%")},
        }]  # fmt: skip
    return component


def _amount(code: str, value: float, unit: str) -> Resource:
    return {"code": _concept(code), "valueQuantity": _quantity(value, unit)}


def _quantity(value: float, unit: str) -> Resource:
    return {"value": round(value, 1), "unit": unit, "system": UCUM, "code": unit}


def _absent(code: str) -> Resource:
    """Why there is no value. `insufficient` is ours: the standard's list has no word for too little speech."""
    standard = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
    if code == "insufficient":
        return {"dataAbsentReason": {"coding": [{"system": standard, "code": "unknown"}, coded("too-little-speech")]}}
    return {"dataAbsentReason": {"coding": [{"system": standard, "code": code}]}}


def _concept(code: str) -> Resource:
    return {"coding": [coded(code)]}


def _code(name: str) -> str:
    return name if name in CODES else f"share-{name}"


def _provenance(
    person: str, targets: list[Resource], devices: list[Resource], consents: list[Resource], now: Moment
) -> Resource:
    role = {"system": "http://terminology.hl7.org/CodeSystem/provenance-participant-type", "code": "assembler"}
    return _resource("Provenance", (person, now.text), "Made by serd from a person's journal", {
        "target": [_reference(one) for one in targets],
        "recorded": now.text,
        "reason": [{"coding": [AIAST]}],
        "agent": [{"type": {"coding": [role]}, "who": _reference(device)} for device in devices],
        "entity": [{"role": "source", "what": _reference(one)} for one in consents],
    })  # fmt: skip


def _audit_event(person: str, patient: Resource, now: Moment) -> Resource:
    return _resource("AuditEvent", (person, now.text), "Export of a journal", {
        "type": {"system": "http://dicom.nema.org/resources/ontology/DCM", "code": "110106", "display": "Export"},
        "action": "R",
        "recorded": now.text,
        "outcome": "0",
        "agent": [{"requestor": True, "name": "serd journal export"}],
        "source": {"observer": {"display": f"serd {serd.__version__}"}},
        "entity": [{"what": _reference(patient)}],
    })  # fmt: skip


def _local(utc: str, offset_min: int) -> str:
    """A time with its offset, as FHIR writes it."""
    sign, minutes = "-" if offset_min < 0 else "+", abs(offset_min)
    when = local(utc, offset_min).replace(tzinfo=None).isoformat(timespec="milliseconds")
    return f"{when}{sign}{minutes // 60:02d}:{minutes % 60:02d}"
