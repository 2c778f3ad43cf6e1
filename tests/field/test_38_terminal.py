"""Row 38: the terminal is given back, whatever signal ends serd; one that cannot show the view is given lines."""

from __future__ import annotations

import json
import re
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from serd.system.signals import FATAL
from tests.support.terminal import ENTER, LEAVE, SHOW_CURSOR, Terminal

MUTING = (signal.SIGUSR1, signal.SIGUSR2)
KEYS = {"Ctrl-C": b"\x03", "Ctrl-\\": b"\x1c"}
Open = Callable[..., Terminal]


@pytest.fixture
def terminal(serd: str, tmp_path: Path) -> Iterator[Open]:
    opened: list[Terminal] = []

    def run(*arguments: str, **environment: str) -> Terminal:
        private = {"XDG_CONFIG_HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path)}
        opened.append(Terminal(serd, *arguments, size=(100, 30), **(private | environment)))
        return opened[-1]

    yield run
    for each in opened:
        each.close()


def shown(terminal: Open, tmp_path: Path, command: str) -> Terminal:
    if command == "watch":
        made = terminal("watch", f"ipc://{tmp_path}/none")
        made.wait_for(lambda picture: "nothing heard yet" in picture)
    else:
        made = terminal("--demo", "--publish", f"ipc://{tmp_path}/events")
        made.wait_for(lambda picture: "synthetic" in picture)
    return made


def assert_given_back(made: Terminal) -> None:
    """After the picture there is one line, on the screen that was there before."""
    shown, _, after = made.output.partition(LEAVE)
    assert ENTER in shown
    assert re.fullmatch(re.escape(SHOW_CURSOR) + r"serd: (nothing was heard|heard for [^\n]*); next: [^\n]*\s*", after)


@pytest.mark.parametrize("command", ["watch", "--demo"])
@pytest.mark.parametrize("number", FATAL, ids=lambda number: number.name)
def test_every_signal_that_can_be_caught_gives_it_back(
    terminal: Open, tmp_path: Path, command: str, number: signal.Signals
):
    if command == "--demo" and number in MUTING:
        pytest.skip("mutes, or is ignored")
    made = shown(terminal, tmp_path, command)
    made.process.send_signal(number)
    assert made.leave() == 0
    assert_given_back(made)


@pytest.mark.parametrize("command", ["watch", "--demo"])
@pytest.mark.parametrize("key", KEYS)
def test_so_do_the_keys(terminal: Open, tmp_path: Path, command: str, key: str):
    made = shown(terminal, tmp_path, command)
    made.process.send_signal(signal.SIGTSTP)  # which it must not obey: stopped, it could give nothing back
    made.type(KEYS[key])
    assert made.leave() == 0
    assert_given_back(made)


@pytest.mark.parametrize("environment", [{"TTY_COMPATIBLE": "0"}, {"TERM": "dumb"}, {"TERM": "unknown"}])
def test_a_terminal_that_cannot_is_given_lines(terminal: Open, tmp_path: Path, environment: dict[str, str]):
    made = terminal("--demo", "--fast", "--publish", f"ipc://{tmp_path}/events", **environment)
    assert made.leave(60) == 0
    *lines, last = made.output.splitlines()
    assert last.startswith("serd: heard for 2 min: ")
    states = [json.loads(line)["data"]["state"] for line in lines]
    assert states[-1] == "stopped"
    assert len(states) > 100
    watch = terminal("watch", f"ipc://{tmp_path}/events", **environment)
    assert watch.leave() == 2
    assert "serd tail" in watch.output
    assert ENTER not in made.output + watch.output
