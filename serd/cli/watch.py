"""`serd watch`: the live view of any serd, in this process or another, on this machine or another."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
import termios
import threading
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from rich.console import Console

from serd.cli.source import open_source
from serd.errors import OK, OutputError, SerdError, UsageError
from serd.events.endpoint import is_local
from serd.events.requests import Change, ask, running
from serd.events.silence import Silence
from serd.events.subscriber import Subscription
from serd.system.signals import caught, ignored
from serd.view.legend import paint_legend
from serd.view.picture import Picture
from serd.view.screen import Screen, can_show
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
    endpoint: str,
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
    """Show the events of `endpoint` until `q`, a signal, or `stop` is set; the exit code.

    Signals are handled in the main thread only; elsewhere they are the caller's, who passes `stop`, the `summary` that
    is told what is shown, and what mutes, if anything does; else the last line is printed here.
    `shown` is the endpoint to name on the screen. The terminal is left as it was found.
    Raises UsageError for an endpoint that cannot be, and where standard output is no terminal.
    """
    if not can_show():
        raise UsageError("serd watch: standard output is no terminal that can show it; use `serd tail` for JSON lines")
    over = stop or threading.Event()
    name = shown or ("this process" if endpoint.startswith("inproc://") else endpoint)
    if stop is None and endpoint.startswith(("tcp:", "ipc:")) and is_local(endpoint):
        mute = _ask_to_mute
    keys_shown = f"? help{'' if mute is None else ' · m mutes'} · q {'quits' if stop is None else 'ends serd'}"
    show = _Show(View(name, keys_shown), summary or Summary(), keys_shown, mute)
    _forgive_encoding()
    console = Console(highlight=False, markup=False, emoji=False)
    # A terminal that went away ends the view.
    with contextlib.suppress(OSError, OutputError), contextlib.ExitStack() as stack:
        subscription = open_source(
            endpoint, source=source, server_key=server_key, keys=keys, username=username,
            password_file=password_file, domain=domain,
        )  # fmt: skip
        stack.enter_context(subscription)
        stack.enter_context(caught(lambda _: over.set()))
        stack.enter_context(ignored((signal.SIGTSTP,)))  # stopped, it could not give the terminal back
        pressed = stack.enter_context(_keyboard())
        screen = stack.enter_context(Screen(console))
        said = (
            stop is not None or sys.stderr is None or sys.stderr.isatty()
        )  # the view says it, and a line would tear it
        silence = None if said or not isinstance(subscription, Subscription) else Silence(subscription, name)
        _follow(subscription, show, screen, pressed, over, silence=silence)
    if summary is None:
        tell_end(show.summary.line(AFTER))
    return OK


def tell_end(line: str) -> None:
    """The line after a view; where the terminal has gone there is nobody to tell."""
    with contextlib.suppress(OSError, OutputError):
        print(f"serd: {line}", flush=True)


class _Show:
    """The view, or in its place the legend, and what keys do to them."""

    def __init__(self, view: View, summary: Summary, keys: str, mute: Mute | None) -> None:
        self.view, self.summary = view, summary
        self._keys, self._mute = keys, mute
        self.explains = False
        """Whether the legend is shown."""

    def press(self, keys: set[int]) -> None:
        """Do what was asked for by keys other than those that quit."""
        if EXPLAIN & keys:
            self.explains = not self.explains
        if MUTE & keys and self._mute is not None:
            scene = self.view.scene(time.monotonic())
            self._mute(scene.source, "unmute" if scene.state == "muted" else "mute")

    def take(self, event: dict[str, Any], now: float) -> None:
        """An event has come."""
        self.view.take(event, now)
        self.summary.take(event)

    def render(self, width: int, height: int, now: float, colour: bool) -> Picture:
        """What there is to see."""
        if self.explains:
            return paint_legend(width, height, colour, self._keys)
        return self.view.render(width, height, now, colour)


def _ask_to_mute(source: str, word: Change) -> None:
    """Ask the serds of that name of this account, aside, for an answer may take seconds; the view shows the outcome."""

    def body() -> None:
        for endpoint in running(os.environ, source or None):
            with contextlib.suppress(SerdError):
                ask(endpoint, word)

    threading.Thread(target=body, name="mute", daemon=True).start()


def _follow(
    subscription: Subscription | JetStreamReader,
    show: _Show,
    screen: Screen,
    keys: Callable[[], bytes],
    over: threading.Event,
    *,
    silence: Silence | None,
) -> None:
    drawn = whole = float("-inf")
    seen = None
    while not over.is_set() and not subscription.closed and not QUIT & (pressed := set(keys())):
        show.press(pressed)
        event = subscription.receive(TICK_S)
        if silence is not None:
            silence.look(event is not None)
        now = time.monotonic()
        if event is not None:
            show.take(event, now)
            show.view.lost = subscription.lost
        size = screen.size
        news = (show.view.latest, show.explains, size)
        if now - drawn < (REDRAW_S if news != seen else AGE_S):
            continue
        afresh = now - whole >= AFRESH_S
        screen.show(show.render(*size, now, screen.colour), size, afresh)
        drawn, seen, whole = now, news, now if afresh else whole


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
