"""PortAudio: loaded late, kept quiet, and never waited for without a deadline.

Three habits of the sound libraries are kept from the rest of serd here. Importing sounddevice starts them
and lists the devices, once. They write to descriptor 2 whenever they like. And where a sound server has
stopped answering, a call into them may never come back, not even at exit: such a call is left behind.
"""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import gc
import sys
import threading
import time
from collections.abc import Callable
from types import ModuleType
from typing import Any, TypeVar

from serd.audio.source import KeepAlive, never_abort
from serd.errors import NoDeviceError, RestartError
from serd.system.stderr import quiet_stderr

LOAD_DEADLINE_S = 15.0
"""Deadline of a call that asks the sound server for something and normally takes a tenth of a second."""

CLOSE_DEADLINE_S = 5.0
HURRIED_S = 1.0
"""Deadline of any call once serd has been asked to end."""

END_S = 0.3
"""How long a callback's thread may take to end by itself: some callbacks' time."""

LOOK_S = 0.05
"""How often the caller is served while something keeps it waiting."""

FORGETFUL = ("libpixman-1.so.0",)
"""Libraries that ALSA's plugins drag in, and that lose memory (12 kB) each time they are loaded anew.

PortAudio loads and unloads every plugin each time it lists the devices: what stays loaded loses nothing.
"""

T = TypeVar("T")


_open: dict[int, threading.Event] = {}
"""What ends the callback of each open stream."""
_left_behind: list[str] = []


def in_time(action: Callable[[], T], deadline_s: float, what: str, keep_alive: KeepAlive = never_abort) -> T:
    """`action()`, which is left behind in its thread after `deadline_s` seconds: RestartError then, and ever after.

    `keep_alive` is called in the caller's thread as long as it takes; once it returns True a second is left.
    """
    if _left_behind:
        raise RestartError(f"{_left_behind[0]} is still hanging; serd has to be started anew")
    done: list[T] = []
    failed: list[BaseException] = []

    def work() -> None:
        try:
            done.append(action())
        except BaseException as error:  # handed on to the caller's thread
            failed.append(error)

    thread = threading.Thread(target=work, name="portaudio", daemon=True)
    until = time.monotonic() + deadline_s
    thread.start()
    try:
        while thread.is_alive() and (left := until - time.monotonic()) > 0:
            thread.join(min(left, LOOK_S))
            if keep_alive():
                until, keep_alive = min(until, time.monotonic() + HURRIED_S), never_abort
    except KeyboardInterrupt:  # a signal: nobody waits for it any more
        _leave_behind(what)
        raise
    if failed:
        raise failed[0]
    if not done:
        _leave_behind(what)
        raise RestartError(f"{what} did not come back within {deadline_s:g} s; serd has to be started anew")
    return done[0]


def _leave_behind(what: str) -> None:
    _left_behind.append(what)
    quiet_stderr.begin()  # for good: it may yet find something to say
    if "sounddevice" in sys.modules:  # PortAudio's own farewell would hang as well
        atexit.unregister(getattr(sys.modules["sounddevice"], "_exit_handler", None))  # type: ignore[arg-type]


def hangs() -> bool:
    """Whether something was left behind: then a process leaves without PortAudio's farewell, which would hang too."""
    return bool(_left_behind)


def load(keep_alive: KeepAlive = never_abort) -> ModuleType:
    """The module sounddevice, PortAudio initialised. Raises NoDeviceError where PortAudio is not installed."""
    if "sounddevice" in sys.modules and not _left_behind:
        return sys.modules["sounddevice"]

    def first() -> ModuleType:
        for name in FORGETFUL:
            with contextlib.suppress(OSError):  # not there: nor will it be loaded
                ctypes.CDLL(name)
        import sounddevice

        return sounddevice  # type: ignore[no-any-return]

    try:
        with quiet_stderr:
            return in_time(first, LOAD_DEADLINE_S, "starting PortAudio", keep_alive)
    except OSError as error:
        raise NoDeviceError(
            f"capture: PortAudio's library cannot be loaded ({_short(error)}); apt install libportaudio2"
        ) from None
    except RestartError:
        raise
    except Exception as error:  # sounddevice.PortAudioError, which cannot be named before the import
        raise NoDeviceError(f"capture: PortAudio does not start ({_short(error)}); check the sound server") from None


def refresh(deadline_s: float = LOAD_DEADLINE_S, keep_alive: KeepAlive = never_abort) -> bool:
    """List the devices anew, which PortAudio does only while no stream is open; whether the list is new.

    The way is PortAudio's documented one, Pa_Terminate and Pa_Initialize. Raises NoDeviceError, RestartError.
    """
    if "sounddevice" not in sys.modules:
        load(keep_alive)
        return True
    if _open:
        return False
    sounddevice = load(keep_alive)

    def anew() -> None:
        if sounddevice._initialized:  # 0 where the last attempt failed half way
            sounddevice._terminate()
        sounddevice._initialize()

    try:
        with quiet_stderr:
            in_time(anew, deadline_s, "listing the devices", keep_alive)
    except sounddevice.PortAudioError as error:
        raise NoDeviceError(f"capture: PortAudio does not start ({_short(error)}); check the sound server") from None
    return True


def open_input(
    callback: Callable[..., None],
    deadline_s: float = LOAD_DEADLINE_S,
    keep_alive: KeepAlive = never_abort,
    **settings: Any,
) -> Any:
    """A running `sounddevice.InputStream`; raises `sounddevice.PortAudioError`, RestartError.

    Descriptor 2 stays quiet until `close_input`: the sound libraries have most to say when a device is lost.
    """
    sounddevice = load(keep_alive)
    ending = threading.Event()

    def call(*arguments: Any) -> None:
        if ending.is_set():
            raise sounddevice.CallbackAbort
        callback(*arguments)

    def start() -> Any:
        stream = sounddevice.InputStream(callback=call, **settings)
        try:
            stream.start()
        except BaseException:
            stream.close()
            raise
        return stream

    quiet_stderr.begin()
    try:
        stream = in_time(start, deadline_s, "opening the device", keep_alive)
    except RestartError:
        raise  # what was left behind may still chatter
    except BaseException:
        quiet_stderr.end()
        raise
    _open[id(stream)] = ending
    return stream


def close_input(stream: Any, deadline_s: float = CLOSE_DEADLINE_S, keep_alive: KeepAlive = never_abort) -> None:
    """Close what `open_input` gave. Raises RestartError where closing hangs."""
    ending = _open[id(stream)]

    def stop() -> None:
        # PortAudio cancels the callback's thread (pthread_cancel). One that waits for the interpreter just then, as on
        # a busy machine, would be torn out of it, and the process could crash: so first it ends by itself, if it runs.
        ending.set()
        until, pause = time.monotonic() + END_S, threading.Event()
        while stream.active and time.monotonic() < until:
            pause.wait(0.005)
        # Pa_CloseStream aborts an active stream itself; what it returns is of no use to anyone here.
        stream.close(ignore_errors=True)

    in_time(stop, deadline_s, "closing the device", keep_alive)
    del _open[id(stream)]
    quiet_stderr.end()
    # Stream and callback refer to each other and keep the ring; Python would look for them hundreds of closings later.
    gc.collect()


def _short(error: BaseException) -> str:
    return " ".join(str(error.args[0] if error.args else error).split())
