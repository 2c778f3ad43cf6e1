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
from typing import Literal

from serd.audio import portaudio
from serd.audio.source import Source
from serd.config.settings import Settings
from serd.daemon.control import Control
from serd.daemon.daemon import Daemon
from serd.daemon.mute import MuteFlag
from serd.errors import OK, SerdError
from serd.events.endpoint import is_local
from serd.events.keys import Keyring
from serd.events.publisher import DRAIN_S, LINGER_S, Publisher
from serd.inference.model import SPEECH, load
from serd.inference.pipeline import Pipeline
from serd.system import malloc as arenas
from serd.system.paths import runtime_folder, state_folder
from serd.system.systemd import Notifier
from serd.system.threads import Vigil

log = logging.getLogger("serd")

Front = Callable[[str, threading.Event], bool]
"""Shows the events of an endpoint until the event is set; True if the user has had enough."""

FRONT_DEADLINE_S = 1.0
"""How long the view or the JSON lines may take to show the last events."""


def run(settings: Settings, *, demo: bool, wait_subscribers: int, once: bool = False) -> int:
    """Listen until the source ends or a signal comes; the exit code. Raises SerdError.

    `demo`: the input is the demonstration's recording, and is called synthetic.
    `once`: a device that cannot be opened at the start is an error (69) instead of waited for.
    """
    logging.getLogger("serd").setLevel(settings.log.level.upper())
    arenas.limit()
    with contextlib.ExitStack() as stack:
        control = None
        if not _is_recording(settings):
            control = _control(settings, stack)
        else:
            for number in (signal.SIGUSR1, signal.SIGUSR2):  # by themselves they would end it
                stack.callback(signal.signal, number, signal.signal(number, signal.SIG_IGN))
        code = _run(settings, demo, wait_subscribers, control, stack, once=once)
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
    once: bool,
) -> int:
    pipeline = Pipeline.assemble(
        load(settings.model.name), load(SPEECH, "speech"), settings.model.stride_s, settings.decision
    )
    source = _source(settings, pipeline.sample_rate)
    live = settings.capture.input is None
    if not live:
        source.open()  # a file that cannot be heard is an error before anything is published
    session = settings.publish.session or os.urandom(8).hex()
    inside = f"inproc://serd-{session}"
    stop = threading.Event()
    fast = settings.capture.fast and not live
    deadline = DRAIN_S if fast else FRONT_DEADLINE_S
    stack.enter_context(_signals(stop))
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
    vigil = stack.enter_context(Vigil())
    stack.enter_context(_front(_front_for(settings), inside, stop, deadline, vigil))
    if not publisher.wait_subscribers(wait_subscribers + 1, stop=stop):
        return OK
    notifier = Notifier.from_environment()
    muted = control is not None and _flag(settings).is_set()
    daemon = Daemon(
        source,
        pipeline,
        publisher,
        notifier,
        live=live,
        synthetic=demo,
        muted=muted,
        once=once,
        check=vigil.check,
    )
    if control is not None:
        control.start(vigil, daemon.request, lambda: publisher.state)
    daemon.run(stop)
    return OK


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
    words: dict[int, Literal["mute", "unmute"]] = {signal.SIGUSR1: "mute", signal.SIGUSR2: "unmute"}
    for number, word in words.items():

        def pass_on(_number: int, _frame: object, word: Literal["mute", "unmute"] = word) -> None:
            control.signalled(word)

        stack.callback(signal.signal, number, signal.signal(number, pass_on))
    endpoint = settings.control.endpoint
    control.listen(endpoint, _keyring(settings, always=True) if endpoint else None)
    if fault := flag.fault():
        log.warning("%s", fault)
    return control


def _source(settings: Settings, rate: int) -> Source:
    capture = settings.capture
    if capture.input not in (None, "-"):
        from serd.audio.recording import Recording

        return Recording(Path(str(capture.input)), rate, paced=not capture.fast, channel=capture.channel)
    if capture.input == "-":
        from serd.audio.recording import Pipe

        return Pipe(sys.stdin.buffer, rate)
    from serd.audio.microphone import Microphone

    return Microphone(capture.device, capture.channel, rate, buffer_s=capture.buffer_s)


@contextlib.contextmanager
def _signals(stop: threading.Event) -> Iterator[None]:
    def ask(_signal: int, _frame: object) -> None:
        stop.set()

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def _front(show: Front, endpoint: str, stop: threading.Event, deadline: float, vigil: Vigil) -> Iterator[None]:
    """What the user sees, a subscriber in a thread of its own. Raises SerdError if it could not be shown."""
    over = threading.Event()
    failures: list[SerdError] = []

    def body() -> None:
        try:
            if show(endpoint, over):
                stop.set()
        except SerdError as error:
            failures.append(error)
            stop.set()

    thread = vigil.start("front", body)
    try:
        yield
    finally:
        over.set()
        thread.join(deadline)
    if failures:
        raise failures[0]


def _front_for(settings: Settings) -> Front:
    """The live view on a terminal, else JSON lines."""
    dumb = os.environ.get("TERM", "dumb") in ("dumb", "unknown")
    if settings.view.headless or dumb or not sys.stdout.isatty():
        from serd.cli.tail import follow

        return follow

    def show(endpoint: str, over: threading.Event) -> bool:
        from serd.cli.watch import run as watch

        logging.getLogger("serd").setLevel(logging.ERROR)  # the view shows states; lines would tear it
        watch(endpoint, over, settings.publish.endpoints[0])
        return True

    return show
