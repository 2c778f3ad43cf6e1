"""The codes of a FHIR bundle that are serd's own, and the CodeSystem that lists all that the bundle uses."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from serd.journal.words import Words

SYSTEM = "urn:serd:fhir:CodeSystem:journal"
VERSION = "1.0.0"
AIAST = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue",
    "code": "AIAST",
    "display": "Artificial Intelligence asserted",
}

CODES = {
    "voice-estimate": "Estimate of a program from the sound of a voice",
    "voice-emotion-session": "Emotion estimated from a voice, over one session",
    "voice-estimator": "Program that estimates emotions from the sound of a voice",
    "voice-journal-report": "Voice journal, report",
    "journal": "To show a person how the voice sounded to a program over weeks",
    "too-little-speech": "Too little speech to say",
    "listened-time": "Time listened",
    "speech-time": "Time with speech",
    "coverage": "Share of the time that could be heard",
    "uncertain": "Share of the speech that stayed uncertain",
    "activation-high": "Share of the speech that sounded lively",
    "activation-low": "Share of the speech that sounded subdued",
    "activation-unclear": "Share of the speech whose liveliness is unclear",
}
"""With what they mean; for each of a model's labels there is `share-LABEL` too."""


def coded(code: str) -> dict[str, str]:
    """A coding of ours."""
    return {"system": SYSTEM, "code": code, "display": _display(code)}


def _display(code: str) -> str:
    return CODES.get(code) or f"Share of the speech that was announced as {code.removeprefix('share-')}"


def code_system(names: Sequence[str], words: Words, namespace: uuid.UUID) -> dict[str, Any]:
    """All codes: the fixed ones, and one for each label; designations in the report's language."""
    concepts: list[dict[str, Any]] = [{"code": code, "display": display} for code, display in CODES.items()]
    for name in names:
        if name not in CODES:
            concept: dict[str, Any] = {"code": f"share-{name}", "display": _display(f"share-{name}")}
            if words.language != "en":
                concept["designation"] = [{"language": words.language, "value": words.label(name)}]
            concepts.append(concept)
    div = '<div xmlns="http://www.w3.org/1999/xhtml"><p>The codes of a voice journal of serd</p></div>'
    return {
        "resourceType": "CodeSystem", "id": str(uuid.uuid5(namespace, SYSTEM)),
        "text": {"status": "generated", "div": div}, "url": SYSTEM, "version": VERSION, "name": "SerdJournalCodes",
        "status": "active", "experimental": True, "caseSensitive": True, "content": "complete",
        "publisher": "serd", "description": "What serd says of a voice.", "concept": concepts,
    }  # fmt: skip
