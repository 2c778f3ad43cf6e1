"""The flags of `serd tail`, `serd watch` and their like: where events come from, and what opens the way."""

from __future__ import annotations

import argparse

from serd.defaults import ENDPOINT

READER = ("endpoints", "source", "server_key", "keys", "username", "password_file", "domain")
"""What `add_reader_flags` takes, by the names that `serd.cli.source.open_source` has for it."""

READ = f"tcp:// or ipc://, one or several; or nats://HOST:PORT[/STREAM] (default {ENDPOINT})"


def add_key_flags(parser: argparse.ArgumentParser) -> None:
    """Let `parser` take the keys that reading and muting from elsewhere want."""
    parser.add_argument("--server-key", metavar="KEY|FILE", help="the public key of a serd that wants keys")
    parser.add_argument("--keys", metavar="FOLDER", help="our own, as `serd keys` makes them")


def add_reader_flags(parser: argparse.ArgumentParser) -> None:
    """Let `parser` take all that opens a source of events."""
    parser.add_argument("endpoints", nargs="*", default=(ENDPOINT,), metavar="ENDPOINT", help=READ)
    parser.add_argument("--source", metavar="NAME", help="only this serd's events")
    add_key_flags(parser)
    parser.add_argument("--username", metavar="NAME", help="with nats://: to log in with")
    parser.add_argument(
        "--password-file", metavar="FILE", help="with nats://: its first line is the password; mode 0600"
    )
    parser.add_argument(
        "--domain", metavar="NAME", help="with nats://: the JetStream domain of its hub, if it is a leaf"
    )
