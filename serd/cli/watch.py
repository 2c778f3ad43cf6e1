"""`serd watch`: the live view of any serds, in this process or another, on this machine or another."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
import termios
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Console

from serd.cli.source import open_source
from serd.errors import OK, OutputError, SerdError, UsageError
from serd.events.endpoint import is_local
from serd.events.iteration import Events
from serd.events.requests import Change, ask, running
from serd.events.several import Several
from serd.events.silence import Silence
from serd.system.signals import caught, ignored
from serd.view.legend import paint_legend
from serd.view.picture import Picture
from serd.view.screen import Screen, can_show
from serd.view.stack import Stack
from serd.view.summary import Summary
from serd.view.view import View

if TYPE_CHECKING:
    from serd.events.jetstream import JetStreamReader

TICK_S = 0.1
"""How often keys and signals are looked for while there is no news."""

REDRAW_S = 0.24
"""Least time between two pictures: a little under the usual stride."""

AFRESH_S = 5.0
"""After this long all lines are drawn: sound libraries like to write on the terminal."""

AGE_S = 1.0
"""A picture without news is drawn anew this often, for it says how old the last news is."""

QUIT, EXPLAIN, MUTE = frozenset(b"qQ"), frozenset(b"?"), frozenset(b"mM")
"""Keys that end the view, show or hide what its signs mean, and mute or unmute the serd that is shown."""

AFTER = "next: `serd tail` has the events as JSON lines, `serd score FILE` says what a recording sounds like"

Mute = Callable[[str, Change], None]
"""Mutes or unmutes the serd of a name."""


def run(
    endpoints: Sequence[str],
    stop: threading.Event | None = None,
    shown: str | None = None,
    *,
    server_key: str | None = None,
    keys: str | None = None,
    source: str | None = None,
    username: str | None = None,
    password_file: str | None = None,
    domain: str | None = None,
    summary: Summary | None = None,
    mute: Mute | None = None,
) -> int:
    """Show the events of the `endpoints` until `q`, a signal, or `stop` is set; the exit code.

    Signals are handled in the main thread only; elsewhere they are the caller's, who passes `stop`, the `summary` that
    is told what is shown, and what mutes, if anything does; else the last lines are printed here.
    `shown` is the name, on the screen, of a single endpoint. The terminal is left as it was found.
    Raises UsageError for an endpoint that cannot be, and where standard output is no terminal.
    """
    if not can_show():
        raise UsageError("serd watch: standard output is no terminal that can show it; use `serd tail` for JSON lines")
    over = stop or threading.Event()
    names = list(dict.fromkeys(endpoints)) if shown is None else [shown]
    if stop is None and len(names) == 1 and names[0].startswith(("tcp:", "ipc:")) and is_local(names[0]):
        mute = _ask_to_mute
    show = _Show(names, summary, mute, f"q {'quits' if stop is None else 'ends serd'}")
    _forgive_encoding()
    console = Console(highlight=False, markup=False, emoji=False)
    # A terminal that went away ends the view.
    with contextlib.suppress(OSError, OutputError), contextlib.ExitStack() as stack:
        events = open_source(
            endpoints, source=source, server_key=server_key, keys=keys, username=username,
            password_file=password_file, domain=domain,
        )  # fmt: skip
        stack.enter_context(events)
        stack.enter_context(caught(lambda _: over.set()))
        stack.enter_context(ignored((signal.SIGTSTP,)))  # stopped, it could not give the terminal back
        pressed = stack.enter_context(_keyboard())
        screen = stack.enter_context(Screen(console))
        said = (
            stop is not None or sys.stderr is None or sys.stderr.isatty()
        )  # the view says it, and a line would tear it
        silence = Silence(events) if not said and isinstance(events, Events) else None
        _follow(events, show, screen, pressed, over, silence=silence)
    if summary is None:
        for name, heard in zip(names[:-1], show.summaries, strict=False):
            tell_end(f"{name}: {heard.line()}")
        tell_end(f"{f'{names[-1]}: ' if len(names) > 1 else ''}{show.summaries[-1].line(AFTER)}")
    return OK


def tell_end(line: str) -> None:
    """The line after a view; where the terminal has gone there is nobody to tell."""
    with contextlib.suppress(OSError, OutputError):
        print(f"serd: {line}", flush=True)


class _Show:
    """A view of each source at each endpoint, or in their place the legend, and what keys do to them."""

    def __init__(self, names: Sequence[str], summary: Summary | None, mute: Mute | None, leave: str) -> None:
        """`summary`: of a single endpoint, if its owner wants it; `leave`: what `q` does."""
        self._names = names
        self._keys, self._mute = f"? help{'' if mute is None else ' · m mutes'} · {leave}", mute
        self.views = Stack([View(name, self._keys if name == names[-1] else "") for name in names])
        self.summaries = [summary or Summary()] if len(names) == 1 else [Summary() for _ in names]
        self.explains = False
        """Whether the legend is shown."""

    def press(self, keys: set[int]) -> None:
        """Do what was asked for by keys other than those that quit."""
        if EXPLAIN & keys:
            self.explains = not self.explains
        if MUTE & keys and self._mute is not None:
            scenes = [view.scene(time.monotonic()) for view in self.views.views]
            word: Change = "unmute" if all(scene.state == "muted" for scene in scenes) else "mute"
            for scene in scenes:
                self._mute(scene.source, word)

    def take(self, number: int, event: dict[str, Any], lost: int, now: float) -> None:
        """An event has come from the endpoint of this number, of which so many were lost."""
        view = self.views.view_of(self._names[number], event.get("source"), now)
        view.take(event, now)
        view.lost = lost
        self.summaries[number].take(event)

    def render(self, width: int, height: int, now: float, colour: bool) -> Picture:
        """What there is to see."""
        if self.explains:
            return paint_legend(width, height, colour, self._keys)
        return self.views.render(width, height, now, colour)


def _ask_to_mute(source: str, word: Change) -> None:
    """Ask the serds of that name of this account, aside, for an answer may take seconds; the view shows the outcome."""

    def body() -> None:
        for endpoint in running(os.environ, source or None):
            with contextlib.suppress(SerdError):
                ask(endpoint, word)

    threading.Thread(target=body, name="mute", daemon=True).start()


def _follow(
    events: Events | JetStreamReader,
    show: _Show,
    screen: Screen,
    keys: Callable[[], bytes],
    over: threading.Event,
    *,
    silence: Silence | None,
) -> None:
    drawn = whole = float("-inf")
    seen = None
    while not over.is_set() and not events.closed and not QUIT & (pressed := set(keys())):
        show.press(pressed)
        taken = _next(events)
        if silence is not None:
            silence.look()
        now = time.monotonic()
        if taken is not None:
            show.take(*taken, now)
        size = screen.size
        news = (show.views.latest, show.explains, size)
        if now - drawn < (REDRAW_S if news != seen else AGE_S):
            continue
        afresh = now - whole >= AFRESH_S
        screen.show(show.render(*size, now, screen.colour), size, afresh)
        drawn, seen, whole = now, news, now if afresh else whole


def _next(events: Events | JetStreamReader) -> tuple[int, dict[str, Any], int] | None:
    """The next event, with the number of its endpoint before it and what was lost from there after it."""
    if isinstance(events, Several):
        taken = events.take(TICK_S)
        return None if taken is None else (*taken, events.subscriptions[taken[0]].lost)
    event = events.receive(TICK_S)
    return None if event is None else (0, event, events.lost)


@contextlib.contextmanager
def _keyboard() -> Iterator[Callable[[], bytes]]:
    """A function that returns the keys pressed since it was last called; none where there is no keyboard."""
    descriptor = _terminal()
    if descriptor is None:
        yield bytes
        return

    def pressed() -> bytes:
        if not select.select([descriptor], [], [], 0)[0]:
            return b""
        return os.read(descriptor, 64) or b"q"  # a terminal at its end will give no key any more

    before = termios.tcgetattr(descriptor)
    settings = termios.tcgetattr(descriptor)
    settings[0] &= ~termios.IXON  # Ctrl-S would hold up the view for ever
    settings[3] &= ~(termios.ICANON | termios.ECHO)
    settings[6][termios.VSUSP] = b"\0"  # and Ctrl-Z would leave the terminal in disorder
    termios.tcsetattr(descriptor, termios.TCSANOW, settings)
    try:
        yield pressed
    finally:
        with contextlib.suppress(termios.error):
            termios.tcsetattr(descriptor, termios.TCSANOW, before)


def _terminal() -> int | None:
    """Standard input, if it is a terminal and this process has its foreground."""
    try:
        descriptor = sys.stdin.fileno()
        return descriptor if os.tcgetpgrp(descriptor) == os.getpgrp() else None
    except (OSError, ValueError, AttributeError):
        return None


def _forgive_encoding() -> None:
    """Show `?` for what the terminal's encoding lacks, rather than fail."""
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure:
        reconfigure(errors="replace")
