"""The parser of a command line: one line for what is wrong, with what was probably meant, and help for 80 columns."""

from __future__ import annotations

import argparse
import contextlib
import itertools
import shutil
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NoReturn

from serd.errors import ConfigError, UsageError
from serd.system.nearest import nearest

WIDTH = 79
"""Columns that help takes at most."""

PROGRAM = "serd"
SOUNDS = (".wav", ".flac", ".ogg", ".opus", ".mp3", ".m4a", ".mp4", ".webm", ".amr", ".3gp", ".aac", ".aiff", ".caf")
"""Endings of files that are recordings, whether or not they can be scored."""

Run = Callable[[argparse.Namespace], int]
"""Does what was asked for; the exit code. Raises SerdError."""

Declare = Callable[["Parser"], Run | None]
"""Lets a parser take what a command takes; what runs it, unless each of its own commands has that."""


class Parser(argparse.ArgumentParser):
    """A parser that is filled when it is first used, so that none waits for what the other commands take."""

    def __init__(self, *arguments: Any, declare: Declare | None = None, **options: Any) -> None:
        super().__init__(*arguments, **{"allow_abbrev": False, "formatter_class": Formatter, **options})
        self._declare = declare
        self.commands: dict[str, Parser] = {}

    def add_commands(self, metavar: str, required: bool = True, **options: Any) -> Callable[..., Parser]:
        """Begin commands below this one; what adds one: name, one line of help, what declares it."""
        options = {"prog": self.prog, "title": "commands", **options}
        actions = self.add_subparsers(metavar=metavar, required=required, parser_class=Parser, **options)

        def add(name: str, help: str, declare: Declare | None = None, **more: Any) -> Parser:
            described = {"description": f"{help[:1].upper()}{help[1:]}.", **more}
            self.commands[name] = actions.add_parser(name, help=help, declare=declare, **described)
            return self.commands[name]

        return add

    def fill(self) -> None:
        """Declare what it takes, once."""
        if self._declare is not None:
            declare, self._declare = self._declare, None
            if (run := declare(self)) is not None:
                self.set_defaults(run=run)

    def fill_all(self) -> None:
        """Fill it and all commands below, but those whose extra is missing, for who wants to see the whole."""
        with contextlib.suppress(ConfigError):
            self.fill()
        for command in self.commands.values():
            command.fill_all()

    def parse_args(self, arguments: Any = None, namespace: Any = None) -> Any:
        """Parse a whole command line."""
        return self.parse_known_args(arguments, namespace)[0]

    def parse_known_args(self, arguments: Any = None, namespace: Any = None) -> Any:
        """Parse, as argparse does; what is not known is an error at once, of the command that does not know it."""
        self.fill()
        arguments = sys.argv[1:] if arguments is None else arguments
        for argument in itertools.takewhile(lambda one: one != "--" and one not in self.commands, arguments):
            if argument.startswith("--") and argument.partition("=")[0] not in self._option_string_actions:
                raise UsageError(self._unknown(argument))  # or its value would be taken for what it is not
        args, rest = super().parse_known_args(arguments, namespace)
        if rest:
            raise UsageError(self._unknown(rest[0]))
        return args, rest

    def error(self, message: str) -> NoReturn:
        """Raise the UsageError that says so."""
        raise UsageError(f"{message}; `{self.prog} --help` lists what can be given")

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is None or value in action.choices:
            return
        text, choices = str(value), list(map(str, action.choices))
        if not self.commands or action.option_strings:
            name = "/".join(action.option_strings) or action.metavar
            near = suggestion(text, choices)
            raise UsageError(f"{name} {text}: give one of {', '.join(choices)}{near and f'; {near}'}")
        if self.prog == PROGRAM and (text.lower().endswith(SOUNDS) or Path(text).exists()):
            if Path(text).is_dir():
                raise UsageError(
                    f"{text}: no command of serd, but a folder; what its recordings sound like: serd score {text}"
                )
            remedy = f"to know what a recording sounds like: serd score {text}; to publish it as events: serd -i {text}"
            raise UsageError(f"{text}: no command of serd, but a file; {remedy}")
        listed = f"`{self.prog} --help` lists them" if self.prog == PROGRAM else f"give one of {', '.join(choices)}"
        raise UsageError(f"{text}: no command of {self.prog}; {suggestion(text, choices, self.prog) or listed}")

    def _unknown(self, extra: str) -> str:
        name = extra.partition("=")[0]
        if not name.startswith("-"):
            return f"{extra}: more than `{self.prog}` takes; `{self.prog} --help` lists what can be given"
        near = suggestion(name, self._option_string_actions)
        return f"{name}: no flag of `{self.prog}`; {near or f'`{self.prog} --help` lists them'}"


def suggestion(typed: str, known: Iterable[str], before: str = "") -> str:
    """`did you mean ...?`, with what stands `before` it; empty where nothing known is like what was typed."""
    near = nearest(typed, known)
    return f"did you mean `{f'{before} {near}'.strip()}`?" if near else ""


class Formatter(argparse.HelpFormatter):
    """Help as wide as the terminal but no wider than WIDTH; texts keep their own line breaks."""

    def __init__(self, prog: str) -> None:
        width = min(shutil.get_terminal_size().columns - 2, WIDTH)
        super().__init__(prog, max_help_position=28, width=max(width, 40))

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return "\n".join(super(Formatter, self)._fill_text(line, width, indent) for line in text.splitlines())


def namespace(args: argparse.Namespace, *names: str) -> dict[str, Any]:
    """Some of what was given, as keywords for who takes them."""
    return {name: getattr(args, name) for name in names}
