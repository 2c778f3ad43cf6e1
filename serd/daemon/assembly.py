"""The parts of a daemon, made as the settings have them."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import sys
from pathlib import Path

from serd.audio.source import Source
from serd.config.settings import Settings
from serd.daemon.control import Control
from serd.daemon.mute import MuteFlag
from serd.defaults import DEMO
from serd.errors import UsageError
from serd.events.endpoint import InUse, is_local
from serd.events.keys import Keyring
from serd.events.occupant import find_occupant
from serd.events.publisher import Publisher
from serd.inference.reporter import Annotate, unlabelled
from serd.system.paths import runtime_folder, state_folder
from serd.system.signals import caught

log = logging.getLogger("serd")


def is_recording(settings: Settings) -> bool:
    """Whether nobody speaks into it, so that there is nothing to mute. A pipe may well hold a microphone."""
    return settings.capture.input not in (None, "-")


def make_source(settings: Settings, rate: int, *, demo: bool = False) -> tuple[Source, Annotate]:
    """The microphone, recording or pipe, not yet open, that gives samples at `rate` (Hz); and the labels it plays.

    `demo`: an input that is not the demonstration's recording is a folder of a corpus.
    """
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


def make_publisher(settings: Settings, session: str, inside: str, *, lossless: bool) -> Publisher:
    """The publisher, bound to the settings' endpoints and to `inside`, this process's own.

    Raises UsageError, which names the serd that holds an endpoint; ConfigError.
    """
    publish = settings.publish
    try:
        return Publisher(
            (*publish.endpoints, inside),
            publish.source,
            session,
            lossless=lossless,
            high_water_mark=publish.high_water_mark,
            keyring=_keyring(settings),
        )
    except InUse as error:
        occupant = find_occupant(error.endpoint)
        if occupant is None:
            raise
        raise UsageError(
            f"{error.endpoint}: in use: {occupant.text}; to run another beside it give that one --publish ENDPOINT"
        ) from None


def mute_flag(settings: Settings) -> MuteFlag:
    """The flag that keeps a serd of this name muted."""
    return MuteFlag(state_folder(os.environ), settings.publish.source)


def make_control(settings: Settings, stack: contextlib.ExitStack) -> Control:
    """The control socket, and the signals that do the same: from here on neither is lost, nor ends serd.

    `stack` closes it. Raises UsageError, ConfigError.
    """
    flag = mute_flag(settings)
    control = Control(settings.publish.source, runtime_folder(os.environ), flag)
    stack.callback(control.close)
    stack.enter_context(caught(lambda _: control.signalled("mute"), (signal.SIGUSR1,)))
    stack.enter_context(caught(lambda _: control.signalled("unmute"), (signal.SIGUSR2,)))
    endpoint = settings.control.endpoint
    control.listen(endpoint, _keyring(settings, always=True) if endpoint else None)
    if fault := flag.fault():
        log.warning("%s", fault)
    return control


def _keyring(settings: Settings, *, always: bool = False) -> Keyring | None:
    """The keys, where any are needed and there; the publisher refuses what it may not publish without them."""
    publish = settings.publish
    ring = Keyring.from_environment(os.environ, publish.keys)
    always = always or publish.secure
    return ring if always or (ring.is_made and not all(map(is_local, publish.endpoints))) else None
