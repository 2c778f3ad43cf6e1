"""`serd keys new|list|allow|revoke`: who may read or command this serd from other machines."""

from __future__ import annotations

import argparse
import json
import os

from serd.errors import OK, ConfigError
from serd.events.keys import ROLES, Keyring


def run(given: argparse.Namespace) -> int:
    """Do what was asked for; the exit code. Raises UsageError, ConfigError."""
    ring = Keyring.from_environment(os.environ, given.keys)
    if given.action == "allow":
        path = ring.allow(given.name, given.key)
        print(f"{given.name} is let in from now on ({path})")
    elif given.action == "revoke":
        ring.revoke(given.name)
        print(f"{given.name} is let in no more; restart serd to end connections that it has")
    elif given.action == "list":
        _show(ring, given.json)
    else:
        _tell_new(ring)
    return OK


def _tell_new(ring: Keyring) -> None:
    made = ring.new()
    for path in made:
        print(f"made {path} (secret: it stays here)")
    if not made:
        print(f"there are keys in {ring.folder} already; to begin anew, remove that folder")
    server, reader = (ring.pair(role).public.decode() for role in ROLES)
    print(f"\nto be read by another machine, there:  serd tail ENDPOINT --server-key '{server}'")
    print(f"to read another machine's serd, there: serd keys allow NAME '{reader}'")


def _show(ring: Keyring, as_json: bool) -> None:
    own: dict[str, str | None] = {}
    for role in ROLES:
        try:
            own[role] = ring.pair(role).public.decode()
        except ConfigError as error:
            own[role] = None
            if not as_json:
                print(f"{role:<8} {error}")
    allowed = {name: key.decode() for key, name in ring.allowed().items()}
    if as_json:
        print(json.dumps({"folder": str(ring.folder), **own, "allowed": allowed}, indent=1))
        return
    for name, own_key in own.items():
        if own_key is not None:
            print(f"{name:<8} '{own_key}'")
    for name, key in allowed.items():
        print(f"allowed  '{key}'  {name}")
    if not allowed:
        print("allowed  nobody; `serd keys allow NAME KEY` lets a reader in")
