"""`serd keys new|list|allow|revoke`: who may read or command this serd from other machines."""

from __future__ import annotations

import argparse
import json
import os

from serd.errors import OK, ConfigError, escaped
from serd.events.keys import ROLES, Keyring


def run(args: argparse.Namespace) -> int:
    """Do what was asked for; the exit code. Raises UsageError, ConfigError."""
    ring = Keyring.from_environment(os.environ, args.keys)
    if args.action == "allow":
        path = ring.allow(args.name, args.key)
        print(f"{args.name} is let in from now on ({escaped(str(path))})")
    elif args.action == "revoke":
        ring.revoke(args.name)
        print(f"{args.name} is let in no more; restart serd to end connections that it has")
    elif args.action == "list":
        _show(ring, args.json)
    else:
        _tell_new(ring)
    return OK


def _tell_new(ring: Keyring) -> None:
    made = ring.new()
    for path in made:
        print(f"made {escaped(str(path))} (secret: it stays here)")
    if not made:
        print(f"there are keys in {escaped(str(ring.folder))} already; to begin anew, remove that folder")
    server, reader = (ring.pair(role).public.decode() for role in ROLES)
    print(f"\nto be read by another machine, there:  serd tail ENDPOINT --server-key '{server}'")
    print(f"to read another machine's serd, there: serd keys allow NAME '{reader}'")


def _show(ring: Keyring, as_json: bool) -> None:
    public_keys: dict[str, str | None] = {}
    for role in ROLES:
        try:
            public_keys[role] = ring.pair(role).public.decode()
        except ConfigError as error:
            public_keys[role] = None
            if not as_json:
                print(f"{role:<8} {error}")
    allowed = {name: key.decode() for key, name in ring.allowed().items()}
    if as_json:
        print(json.dumps({"folder": str(ring.folder), **public_keys, "allowed": allowed}, indent=1))
        return
    for name, public_key in public_keys.items():
        if public_key is not None:
            print(f"{name:<8} '{public_key}'")
    for name, key in allowed.items():
        print(f"allowed  '{key}'  {name}")
    if not allowed:
        print("allowed  nobody; `serd keys allow NAME KEY` lets a reader in")
