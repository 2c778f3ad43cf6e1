"""What pages of docs/ say of the code, made from the code: `script/docs --update` writes it, a test holds it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

from serd.config.settings import known_settings
from serd.inference.contract import Contract, read_model
from serd.inference.decision import Rules
from serd.inference.model import SPEECH, find, installed_models
from serd.inference.pipeline import stated_rules
from tools import measured
from tools.bench import page, plots
from tools.checkout import ROOT

SCHEMA = ROOT / "serd" / "data" / "serd.v1.schema.json"
KINDS = ("frame", "segment", "status")
CARDS = ("serd-base", "serd-small")
MARK = re.compile(r"(<!-- generated: (\w+) -->\n).*?(<!-- end -->\n)", re.DOTALL)


def event_fields() -> str:
    """Tables of every field in an event's `data`, from the JSON Schema: what all have, what each kind has."""
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    definitions = schema["$defs"]
    tables = [("The envelope", schema), ("`data` of all kinds", definitions["numbered"])]
    tables += [("`data` of frames and segments", definitions["judgement"])]
    tables += [(f"`data` of a {kind}", definitions[kind]) for kind in KINDS if "properties" in definitions[kind]]
    parts = []
    for title, definition in tables:
        required = set(definition.get("required", ()))
        rows = [
            f"| `{name}`{'' if name in required or '.' in name else ' (optional)'} | {kind} | {text} |"
            for name, kind, text in _rows(definition["properties"], definitions)
            if name not in ("data", "state") or kind != "object"
        ]
        parts.append("\n".join([f"**{title}**\n", "| field | type | meaning |", "|---|---|---|", *rows]))
    return "\n\n".join(parts)


def _rows(properties: dict[str, Any], definitions: dict[str, Any], under: str = "") -> Iterator[tuple[str, str, str]]:
    """Name, type and description of each field and of those within it."""
    for name, field in properties.items():
        known = definitions[field["$ref"].rpartition("/")[2]] if "$ref" in field else field
        text = field.get("description", known.get("description", ""))
        yield under + name, _type(known, definitions), text.replace("|", "\\|")
        if "properties" in known:
            yield from _rows(known["properties"], definitions, f"{under}{name}.")


def _type(field: dict[str, Any], definitions: dict[str, Any]) -> str:
    if "$ref" in field:
        return _type(definitions[field["$ref"].rpartition("/")[2]], definitions)
    if "const" in field:
        return f"`{json.dumps(field['const'])}`"
    if "enum" in field:
        return ", ".join(f"`{json.dumps(value)}`" for value in field["enum"])
    if "anyOf" in field:
        return " or ".join(_type(one, definitions) for one in field["anyOf"])
    kinds = field["type"] if isinstance(field["type"], list) else [field["type"]]
    return " or ".join(kinds)


def rules() -> str:
    """A table of the decision's rules: what each is, and its number in each installed model of emotions."""
    speech, contracts = read_model(find(SPEECH))[1], list[Contract]()
    for path in installed_models():
        contract = read_model(path)[1]
        contracts += [contract] if contract.task == "emotion" else []
    stated = [Rules.make(stated_rules(contract, speech)) for contract in contracts]
    lines = ["| rule | " + " | ".join(f"`{contract.name}`" for contract in contracts) + " | unit |"]
    lines += ["|---|" + "---:|" * len(contracts) + "---|"]
    for field in fields(Rules):
        unit = "s" if field.name.endswith("_s") else "dB" if field.name.endswith("_db") else ""
        values = " | ".join(f"{getattr(one, field.name):g}" for one in stated)
        lines.append(f"| `{field.name}` | {values} | {unit} |")
    return "\n".join(lines)


def settings() -> str:
    """A table of every setting but the decision's rules: its key, its default, what it may be, its other names."""
    lines = ["| key | default | what it is for; what it may be | flag | variable |", "|---|---|---|---|---|"]
    for key, spec in known_settings().items():
        default = "" if spec.default in (None, "", ()) else f"`{json.dumps(spec.default, ensure_ascii=False)}`"
        text = f"{spec.help}; {spec.must}".replace("|", "\\|")
        lines.append(f"| `{key}` | {default} | {text} | `{spec.flag}` | `{spec.variable}` |")
    return "\n".join(lines)


def accuracy() -> str:
    """Every measure of the default model, as its card has it, and what the smaller one's card says of the same."""
    base, small = (measures(ROOT / "docs" / f"model-card-{name}.md") for name in CARDS)
    lines = ["| measure | " + " | ".join(f"`{name}`" for name in CARDS) + " |", "|---|---|---|"]
    for measure, figure in base.items():
        # Four classes are the likeliest of four here and of eight there.
        beside = "" if "4 classes" in measure else small.get(measure, "")
        lines.append(f"| {measure} | {figure} | {beside} |")
    return "\n".join(lines)


REFERENCES = {
    "neutral": "own neutral speech",
    "mixed": "own speech of all moods alike",
    "causal stream": "what the person said before, of all moods",
    "two people": "the same, with somebody else's among it",
    "anger": "own angry speech alone",
    "other microphone": "own neutral speech through a telephone",
    "wrong person": "somebody else's neutral speech",
}
"""What a reference is made of, as the card names it and in words."""


def reference() -> str:
    """What each kind of reference brings, as the card of the default model has it."""
    card = measures(ROOT / "docs" / f"model-card-{CARDS[0]}.md", "## With a reference of the voice")
    lines = ["| reference | RAVDESS, 8 emotions | three corpora never heard, 4 emotions |", "|---|---|---|"]
    for name, words in REFERENCES.items():
        home, abroad = (
            card.get(f"UAR, {where}, gained by a reference: {name}", "")
            for where in ("8 classes", "4 classes, mean of these")
        )
        lines.append(f"| {words} | {home} | {abroad} |")
    spoken = re.compile(r"plain speech, (.+), reference: (.+): (called neutral or calm|announced as anything else)")
    plain = {match.groups(): figure for name, figure in card.items() if (match := spoken.fullmatch(name))}
    lines += [
        "",
        "| plain speech | reference | called neutral or calm | announced as anything else |",
        "|---|---|---|---|",
    ]
    for corpus, kind in dict.fromkeys(key[:2] for key in plain):
        called, announced = (
            plain[corpus, kind, what] for what in ("called neutral or calm", "announced as anything else")
        )
        lines.append(f"| {corpus} | {REFERENCES.get(kind, kind)} | {called} | {announced} |")
    return "\n".join(lines)


def measures(card: Path, heading: str = "") -> dict[str, str]:
    """By measure, of the first table of measures in a card below a heading: the figure, its target and whether it is
    met."""
    text = card.read_text(encoding="utf-8").partition(heading)[2] if heading else card.read_text(encoding="utf-8")
    text = text.partition("| measure |")[2].partition("\n\n")[0]
    cells = ([cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines()[2:])
    outcome = {"yes": "met", "no": "**missed**", "": ""}
    return {
        measure: f"{figure}; target {target}, {outcome[met]}" if target else figure
        for measure, figure, target, met in cells
    }


PARTS: dict[str, Callable[[], str]] = {
    "fields": event_fields,
    "rules": rules,
    "settings": settings,
    "accuracy": accuracy,
    "reference": reference,
    "cost": lambda: page.cost(measured.bench()),
    "cost_peers": lambda: page.peers(measured.bench()),
    "cost_growth": lambda: page.growth(measured.bench()),
    "cost_boards": lambda: page.boards(measured.bench()),
    "voices": measured.voices,
    "crosstalk": measured.crosstalk,
    "nats": measured.nats,
    "journal_year": measured.journal_year,
}


def updated(text: str) -> str:
    """The page with its generated parts made anew. Raises KeyError for a part that nothing makes."""
    return MARK.sub(lambda match: f"{match[1]}\n{PARTS[match[2]]()}\n\n{match[3]}", text)


def drifted(update: bool) -> list[str]:
    """Names of pages and pictures in docs/ that are not what code and figures say; with `update` they are made anew."""
    changed = []
    for file in sorted((ROOT / "docs").glob("*.md")):
        before = file.read_text(encoding="utf-8")
        if (after := updated(before)) != before:
            changed.append(file.name)
            if update:
                file.write_text(after, encoding="utf-8")
    pictures = ROOT / "docs" / "cost"
    if old := plots.stale(measured.bench(), pictures):
        changed += [f"cost/{name}.svg" for name in old]
        if update:
            plots.draw(measured.bench(), pictures)
    return changed
