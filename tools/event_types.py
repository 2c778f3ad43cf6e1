"""The types of events in Python, from the JSON Schema: prints serd/events/types.py, or writes it with --write.

Each object of the schema becomes a TypedDict that inherits those it builds on; what only an `if` says (a label is null
unless the state is `emotion`) a type cannot say.
"""

from __future__ import annotations

import json
import sys
import textwrap
from pathlib import Path
from typing import Any

from serd.events.event import KINDS, MAJOR, schema

PATH = Path(__file__).resolve().parent.parent / "serd" / "events" / "types.py"
WIDTH = 120
LONGEST = 100
"""Characters of an enumeration; a longer one has a name of its own."""
HEAD = '''"""Types of events, for editors and type checkers: written by `script/event-types` from the JSON Schema.

What is not required may be missing; readers ignore fields that they do not know.
"""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict
'''
SIMPLE = {"string": "str", "number": "float", "integer": "int", "boolean": "bool", "null": "None"}
Schema = dict[str, Any]


class Types:
    """Collects the classes of a schema, each before those that use it."""

    def __init__(self, root: Schema) -> None:
        self._root = root
        self.classes: dict[str, str] = {}
        parts = root["$defs"].values()
        self._narrowed = {
            field for part in parts for base in _bases(part) for field in part.get("properties", {})
            if field in self.fields(self._of(base))[0]
        }  # fmt: skip
        """Fields that an object narrows: a TypedDict cannot, so the object that it builds on leaves them to others."""

    def fields(self, part: Schema) -> tuple[Schema, set[str]]:
        """Properties and required ones of an object, with those of all objects that it builds on."""
        properties: Schema = {}
        required = set(part.get("required", []))
        for base in _bases(part):
            inherited, needed = self.fields(self._of(base))
            properties |= inherited
            required |= needed
        own = part.get("properties", {})
        return properties | {name: properties.get(name, {}) | value for name, value in own.items()}, required

    def data(self, reference: str, base_of: str = "") -> str:
        """Make the class of `$defs`' object, and of those that it builds on; its name."""
        part, parent, inherited = self._of(reference), "TypedDict", set[str]()
        for base in _bases(part):
            parent = self.data(base, base_of=reference)
            inherited |= self.fields(self._of(base))[0].keys() - self._narrowed
        properties, required = self.fields(part)
        left_out = inherited | (self._narrowed if base_of else set())
        kept = {name: value for name, value in properties.items() if name not in left_out}
        name = f"{reference.rpartition('/')[2].capitalize()}Data"
        return self.add(name, {**part, "properties": kept, "required": required}, parent)

    def add(self, name: str, part: Schema, parent: str = "TypedDict") -> str:
        """Make the class of an object's own fields, which inherits the class `parent`; its name."""
        description = part.get("description") or f"`{name.lower()}` of an event."
        lines = [f"class {name}({parent}):", *_doc(description), ""]
        for field, value in part["properties"].items():
            value_type = self.type(value, field.title().replace("_", ""))
            needed = value_type if field in part["required"] else f"NotRequired[{value_type}]"
            lines += [f"    {field}: {needed}", *_doc(value.get("description", ""))]
        self._keep(name, "\n".join(lines).rstrip())
        return name

    def _keep(self, name: str, text: str) -> None:
        if self.classes.setdefault(name, text) != text:
            raise ValueError(f"two objects are called {name}")

    def type(self, part: Schema, name: str) -> str:
        """The type of a value; an object becomes the class `name`."""
        if "const" in part:
            return f"Literal[{_literal(part['const'])}]"
        if "enum" in part:
            values = [_literal(value) for value in part["enum"]]
            union = f"Literal[{', '.join(values)}]"
            if len(union) <= LONGEST:
                return union
            self._keep(name, "\n".join([f"{name} = Literal[", *(f"    {value}," for value in values), "]"]))
            return name
        if "anyOf" in part:
            return " | ".join(self.type(one, name) for one in part["anyOf"])
        if "$ref" in part:
            return self.type(self._of(part["$ref"]), name)
        kinds = part["type"] if isinstance(part["type"], list) else [part["type"]]
        return " | ".join(self._kind(kind, part, name) for kind in kinds)

    def _kind(self, kind: str, part: Schema, name: str) -> str:
        if kind == "array":
            return f"list[{self.type(part['items'], name)}]"
        if kind != "object":
            return SIMPLE[kind]
        if "additionalProperties" in part:
            return f"dict[str, {self.type(part['additionalProperties'], name)}]"
        return self.add(name, part)

    def _of(self, reference: str) -> Schema:
        part: Schema = self._root["$defs"][reference.removeprefix("#/$defs/")]
        return part


def _bases(part: Schema) -> list[str]:
    """References to the objects that one builds on."""
    return [one["$ref"] for one in part.get("allOf", []) if "$ref" in one]


def _literal(value: Any) -> str:
    return "None" if value is None else json.dumps(value)


def _doc(text: str) -> list[str]:
    if not text:
        return []
    text = text.replace("\\", "\\\\")
    if len(text) + 10 <= WIDTH:
        return [f'    """{text}"""']
    lines = textwrap.wrap(f'"""{text}', WIDTH - 4, break_long_words=False, break_on_hyphens=False)
    if len(lines[-1]) + 7 > WIDTH:
        lines.append("")
    lines[-1] += '"""'
    return [f"    {line}" for line in lines]


def source() -> str:
    """The text of the module."""
    root = schema()
    types = Types(root)
    common = {name: value for name, value in root["properties"].items() if name not in ("type", "data")}
    types.add("Envelope", {**root, "properties": common})
    for kind in KINDS:
        data = types.data(f"#/$defs/{kind}")
        own = {"type": {"const": f"serd.v{MAJOR}.{kind}"}}
        described = {"description": f"A {kind}, in its envelope.", "properties": own, "required": ["type"]}
        made = types.add(kind.capitalize(), described, "Envelope")
        types.classes[made] += f"\n    data: {data}"
    union = " | ".join(kind.capitalize() for kind in KINDS)
    tail = f'Event = {union}\n"""What `serd.subscribe` yields; `event["type"]` says which it is."""\n'
    return "\n\n".join([HEAD, *(f"{one}\n" for one in types.classes.values()), tail])


def main() -> int:
    """Print or write it; the exit code."""
    if sys.argv[1:] == ["--write"]:
        PATH.write_text(source(), encoding="utf-8")
    else:
        sys.stdout.write(source())
    return 0


if __name__ == "__main__":
    sys.exit(main())
