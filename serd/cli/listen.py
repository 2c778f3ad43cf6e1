"""`serd`: listen, publish, show. Starts the parts in the order they need each other; they end in reverse."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace

from serd.audio import portaudio
from serd.audio.loop import Loop
from serd.cli.reference import known_voices
from serd.config.settings import Settings
from serd.daemon.assembly import is_recording, make_capture, make_control, make_publisher, make_sources
from serd.daemon.control import Control
from serd.daemon.daemon import Daemon
from serd.errors import OK, OUTPUT, OutputError, SerdError
from serd.events.publisher import DRAIN_S, LINGER_S
from serd.inference.model import SPEECH, load
from serd.inference.pipeline import Pipeline
from serd.inference.reporter import unlabelled
from serd.system import malloc as arenas
from serd.system.signals import ENDING, caught, ignored
from serd.system.systemd import Notifier
from serd.system.threads import ThreadWatch
from serd.view.summary import Summary

log = logging.getLogger("serd")

Front = Callable[[str, threading.Event], bool]
"""Shows the events of an endpoint until the event is set; True if the user has had enough."""

AFTER_DEMO = "next: `serd` listens to a microphone, `serd score FILE` says what a recording sounds like"
AFTER_LISTENING = "next: `serd score FILE` says what a recording sounds like, `serd bridge --help` where events can go"

STRIDE_APART = 0.3
"""Part by which a stride may differ from what was asked for, unmentioned."""

FRONT_DEADLINE_S = 1.0
"""How long the view or the JSON lines may take to show the last events."""


def run(settings: Settings, *, demo: bool, wait_subscribers: int, once: bool = False) -> int:
    """Listen until the source ends or a signal comes; the exit code. Raises SerdError.

    `demo`: the input is the demonstration's recording, and is called synthetic; or a folder of a corpus.
    `once`: a device that cannot be opened at the start is an error (69) instead of waited for.
    """
    logging.getLogger("serd").setLevel(settings.log.level.upper())
    arenas.limit()
    stop, summary, viewed = _Stop(), Summary(), _viewed(settings)
    with contextlib.ExitStack() as stack:
        stack.enter_context(caught(stop.ask, ENDING))
        control = None
        if not is_recording(settings):
            control = make_control(settings, stack)
        else:
            stack.enter_context(ignored((signal.SIGUSR1, signal.SIGUSR2)))  # by themselves they would end it
        code = _run(settings, demo, wait_subscribers, control, stack, stop=stop, once=once, summary=summary)
    if viewed:
        from serd.cli.watch import tell_end

        tell_end(summary.line(AFTER_DEMO if demo else AFTER_LISTENING))
    elif demo:  # standard output has the events
        print(f"serd: {summary.line(AFTER_DEMO)}", file=sys.stderr)
    if portaudio.hangs():  # all has been told and closed: leave past everything that might wait for it
        logging.shutdown()
        os._exit(code)
    return code


def _run(
    settings: Settings,
    demo: bool,
    wait_subscribers: int,
    control: Control | None,
    stack: contextlib.ExitStack,
    *,
    stop: _Stop,
    once: bool,
    summary: Summary,
) -> int:
    emotion, speech = load(settings.model.name), load(SPEECH, "speech")
    known = known_voices(settings, emotion.contract)

    def pipeline(voice: str | None) -> Pipeline:
        return Pipeline.assemble(emotion, speech, settings.model.stride_s, settings.decision, known[voice])

    heard = make_sources(settings, speech.contract.front_end.stft.sample_rate, demo=demo)
    synthetic = demo and heard[0].annotate is unlabelled
    if synthetic and not settings.capture.fast:
        heard = [replace(heard[0], source=Loop(heard[0].source))]  # a corpus begins again by itself
    live = settings.capture.input is None
    if not live:
        heard[0].source.open()  # a file that cannot be heard is an error before anything is published
    session = settings.publish.session or os.urandom(8).hex()
    inside = f"inproc://serd-{session}"
    fast = settings.capture.fast and not live
    deadline = DRAIN_S if fast else FRONT_DEADLINE_S
    publisher = make_publisher(settings, session, inside, lossless=fast)
    # Who asks serd to end does not want to wait until a slow subscriber has read a whole replay.
    stack.callback(lambda: publisher.close(LINGER_S if stop.is_set() else None))
    watch = stack.enter_context(ThreadWatch())
    with _front(_front_for(settings, control, stop, stack, summary), inside, stop, deadline, watch) as unwritten:
        if publisher.wait_subscribers(wait_subscribers + 1, stop=stop):
            notifier = Notifier.from_environment()
            captures = [
                make_capture(one, settings, pipeline, publisher, notifier, synthetic=synthetic, once=once)
                for one in heard
            ]
            asked, stride_s = settings.model.stride_s, captures[0].voices[0].pipeline.stride_s
            if abs(stride_s / asked - 1) > STRIDE_APART:
                log.warning("stride %g s: %s can be asked every %g s at the nearest", asked, emotion.title, stride_s)
            daemon = Daemon(captures, publisher, notifier, check=watch.check)
            if control is not None:
                control.start(watch, daemon.request, publisher.state_of)
            daemon.run(stop)
    if unwritten:
        return OUTPUT
    # A serd that listens has no end but this; a replay that nobody waits for in real time has, and was cut short.
    return 128 + stop.signalled if fast and stop.signalled else OK


class _Stop(threading.Event):
    """Set once serd is to end, by a signal perhaps."""

    signalled: int = 0

    def ask(self, number: int) -> None:
        """A handler of signals."""
        self.signalled = number
        self.set()


@contextlib.contextmanager
def _front(
    show: Front, endpoint: str, stop: threading.Event, deadline: float, watch: ThreadWatch
) -> Iterator[list[OutputError]]:
    """What the user sees, a subscriber in a thread of its own. Raises SerdError if it could not be shown.

    Where lines cannot be written that is logged, and in the list: who else has subscribed should not suffer.
    """
    over = threading.Event()
    failures: list[SerdError] = []
    unwritten: list[OutputError] = []

    def body() -> None:
        try:
            if show(endpoint, over):
                stop.set()
        except OutputError as error:
            log.error("%s; events are published all the same", error)
            unwritten.append(error)
        except SerdError as error:
            failures.append(error)
            stop.set()

    thread = watch.start("front", body)
    try:
        yield unwritten
    finally:
        over.set()
        thread.join(deadline)
    if failures:
        raise failures[0]


def _viewed(settings: Settings) -> bool:
    """Whether the live view is shown: on a terminal that can, unless `--headless` says otherwise."""
    if settings.view.headless or not sys.stdout.isatty():
        return False
    from serd.view.screen import can_show

    return can_show()


def _front_for(
    settings: Settings, control: Control | None, stop: _Stop, stack: contextlib.ExitStack, summary: Summary
) -> Front:
    """The live view, or JSON lines; either tells the summary what it shows."""
    if not _viewed(settings):
        from serd.view.lines import follow

        return lambda endpoint, over: follow(endpoint, over, summary.take)
    mute = None if control is None else lambda _, word: control.signalled(word)
    stack.enter_context(caught(stop.ask, (signal.SIGABRT,)))  # the view gives the terminal back
    stack.enter_context(ignored((signal.SIGTSTP,)))  # and cannot while it is stopped

    def show(endpoint: str, over: threading.Event) -> bool:
        from serd.cli.watch import run as watch

        logging.getLogger("serd").setLevel(logging.ERROR)  # the view shows states; lines would tear it
        watch((endpoint,), over, settings.publish.endpoints[0], summary=summary, mute=mute)
        return True

    return show
