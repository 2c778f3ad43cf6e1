"""`serd`: listen, publish, show. Builds the parts in the order they need each other; they end in reverse."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from serd.audio import portaudio
from serd.audio.source import Source
from serd.config.settings import Settings
from serd.daemon.control import Control
from serd.daemon.daemon import Daemon
from serd.daemon.mute import MuteFlag
from serd.defaults import DEMO
from serd.errors import OK, OUTPUT, OutputError, SerdError
from serd.events.endpoint import is_local
from serd.events.keys import Keyring
from serd.events.publisher import DRAIN_S, LINGER_S, Publisher
from serd.inference.model import SPEECH, load
from serd.inference.pipeline import Pipeline
from serd.inference.reporter import Annotate, unlabelled
from serd.system import malloc as arenas
from serd.system.paths import runtime_folder, state_folder
from serd.system.signals import ENDING, caught, ignored
from serd.system.systemd import Notifier
from serd.system.threads import ThreadWatch

log = logging.getLogger("serd")

Front = Callable[[str, threading.Event], bool]
"""Shows the events of an endpoint until the event is set; True if the user has had enough."""

FRONT_DEADLINE_S = 1.0
"""How long the view or the JSON lines may take to show the last events."""


def run(settings: Settings, *, demo: bool, wait_subscribers: int, once: bool = False) -> int:
    """Listen until the source ends or a signal comes; the exit code. Raises SerdError.

    `demo`: the input is the demonstration's recording, and is called synthetic; or a folder of a corpus.
    `once`: a device that cannot be opened at the start is an error (69) instead of waited for.
    """
    logging.getLogger("serd").setLevel(settings.log.level.upper())
    arenas.limit()
    stop = _Stop()
    with contextlib.ExitStack() as stack:
        stack.enter_context(caught(stop.ask, ENDING))
        control = None
        if not _is_recording(settings):
            control = _control(settings, stack)
        else:
            stack.enter_context(ignored((signal.SIGUSR1, signal.SIGUSR2)))  # by themselves they would end it
        code = _run(settings, demo, wait_subscribers, control, stack, stop=stop, once=once)
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
) -> int:
    pipeline = Pipeline.assemble(
        load(settings.model.name), load(SPEECH, "speech"), settings.model.stride_s, settings.decision
    )
    source, annotate = _source(settings, pipeline.sample_rate, demo)
    live = settings.capture.input is None
    if not live:
        source.open()  # a file that cannot be heard is an error before anything is published
    session = settings.publish.session or os.urandom(8).hex()
    inside = f"inproc://serd-{session}"
    fast = settings.capture.fast and not live
    deadline = DRAIN_S if fast else FRONT_DEADLINE_S
    publisher = Publisher(
        (*settings.publish.endpoints, inside),
        settings.publish.source,
        session,
        lossless=fast,
        high_water_mark=settings.publish.high_water_mark,
        keyring=_keyring(settings),
    )
    # Who asks serd to end does not want to wait until a slow subscriber has read a whole replay.
    stack.callback(lambda: publisher.close(LINGER_S if stop.is_set() else None))
    watch = stack.enter_context(ThreadWatch())
    with _front(_front_for(settings, stop, stack), inside, stop, deadline, watch) as unwritten:
        if publisher.wait_subscribers(wait_subscribers + 1, stop=stop):
            daemon = Daemon(
                source,
                pipeline,
                publisher,
                Notifier.from_environment(),
                live=live,
                synthetic=demo and annotate is unlabelled,
                muted=control is not None and _flag(settings).is_set(),
                once=once,
                check=watch.check,
                annotate=annotate,
            )
            if control is not None:
                control.start(watch, daemon.request, lambda: publisher.state)
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


def _is_recording(settings: Settings) -> bool:
    """Nobody speaks into a file: there is nothing to mute. A pipe may well hold a microphone."""
    return settings.capture.input not in (None, "-")


def _flag(settings: Settings) -> MuteFlag:
    return MuteFlag(state_folder(os.environ), settings.publish.source)


def _keyring(settings: Settings, *, always: bool = False) -> Keyring | None:
    """The keys, where any are needed and there; the publisher refuses what it may not publish without them."""
    publish = settings.publish
    ring = Keyring.from_environment(os.environ, publish.keys)
    always = always or publish.secure
    return ring if always or (ring.is_made and not all(map(is_local, publish.endpoints))) else None


def _control(settings: Settings, stack: contextlib.ExitStack) -> Control:
    """The control socket, and the signals that do the same: from here on neither is lost, nor ends serd."""
    flag = _flag(settings)
    control = Control(settings.publish.source, runtime_folder(os.environ), flag)
    stack.callback(control.close)
    stack.enter_context(caught(lambda _: control.signalled("mute"), (signal.SIGUSR1,)))
    stack.enter_context(caught(lambda _: control.signalled("unmute"), (signal.SIGUSR2,)))
    endpoint = settings.control.endpoint
    control.listen(endpoint, _keyring(settings, always=True) if endpoint else None)
    if fault := flag.fault():
        log.warning("%s", fault)
    return control


def _source(settings: Settings, rate: int, demo: bool) -> tuple[Source, Annotate]:
    """With what knows the labels of what it plays."""
    capture = settings.capture
    if demo and capture.input != str(DEMO):
        from serd.audio.playlist import Playlist

        playlist = Playlist.of(Path(str(capture.input)), rate, not capture.fast, capture.channel)
        return playlist, playlist.annotation
    if capture.input not in (None, "-"):
        from serd.audio.recording import Recording

        return Recording(Path(str(capture.input)), rate, not capture.fast, capture.channel), unlabelled
    if capture.input == "-":
        from serd.audio.pcm import Layout
        from serd.audio.pipe import HEAD_S, Pipe

        layout = Layout(capture.rate, capture.channels, capture.format)
        return Pipe(sys.stdin.buffer, rate, capture.channel, layout, HEAD_S), unlabelled
    from serd.audio.microphone import Microphone

    return Microphone(capture.device, capture.channel, rate, buffer_s=capture.buffer_s), unlabelled


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


def _front_for(settings: Settings, stop: _Stop, stack: contextlib.ExitStack) -> Front:
    """The live view on a terminal, else JSON lines."""
    from serd.cli.tail import follow

    if settings.view.headless or not sys.stdout.isatty():
        return follow
    from serd.view.screen import can_show

    if not can_show():
        return follow
    stack.enter_context(caught(stop.ask, (signal.SIGABRT,)))  # the view gives the terminal back
    stack.enter_context(ignored((signal.SIGTSTP,)))  # and cannot while it is stopped

    def show(endpoint: str, over: threading.Event) -> bool:
        from serd.cli.watch import run as watch

        logging.getLogger("serd").setLevel(logging.ERROR)  # the view shows states; lines would tear it
        watch(endpoint, over, settings.publish.endpoints[0])
        return True

    return show
