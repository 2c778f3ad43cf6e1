"""The types of events in Python, from the JSON Schema: prints serd/events/types.py, or writes it with --write.

Each object of the schema becomes a TypedDict; what only an `if` says (a label is null unless the state is `emotion`) a
type cannot say.
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

    def whole(self, part: Schema) -> tuple[Schema, set[str], str]:
        """Properties, required ones and description of an object with all that it refers to."""
        properties: Schema = {}
        required: set[str] = set()
        if "$ref" in part:
            part = {**self._of(part["$ref"]), **{key: value for key, value in part.items() if key != "$ref"}}
        for other in part.get("allOf", []):
            more, needed, _ = self.whole(other)
            properties |= more
            required |= needed
        properties |= {
            name: {**properties.get(name, {}), **value} for name, value in part.get("properties", {}).items()
        }
        return properties, required | set(part.get("required", [])), part.get("description", "")

    def add(self, name: str, part: Schema) -> str:
        """Make the class of an object; its name."""
        properties, required, description = self.whole(part)
        lines = [f"class {name}(TypedDict):", *_doc(description or f"`{name.lower()}` of an event."), ""]
        for field, value in properties.items():
            told = self.type(value, field.capitalize())
            needed = told if field in required else f"NotRequired[{told}]"
            line = f"    {field}: {needed}"
            if len(line) > WIDTH:
                line = line.replace("Literal[", "Literal[\n        ").replace('", ', '",\n        ')
                line = f"{line[:-1]},\n    ]"
            lines += [line, *_doc(value.get("description", ""))]
        made = "\n".join(lines)
        if self.classes.setdefault(name, made) != made:
            raise ValueError(f"two objects are called {name}")
        return name

    def type(self, part: Schema, name: str) -> str:
        """The type of a value; an object becomes the class `name`."""
        if "const" in part:
            return f"Literal[{_literal(part['const'])}]"
        if "enum" in part:
            return f"Literal[{', '.join(map(_literal, part['enum']))}]"
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
        found: Schema = self._root["$defs"][reference.removeprefix("#/$defs/")]
        return found


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
    for kind in KINDS:
        data = types.add(f"{kind.capitalize()}Data", {"$ref": f"#/$defs/{kind}"})
        properties, required, _ = types.whole(root)
        del properties["data"]
        properties["type"] = {"const": f"serd.v{MAJOR}.{kind}"}
        envelope = {
            "description": f"A {kind}, in its envelope.", "required": sorted(required), "properties": properties,
        }  # fmt: skip
        made = types.add(kind.capitalize(), envelope)
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
