"""The parts of a daemon, made as the settings have them."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from serd.audio.source import Source
from serd.audio.split import Channel
from serd.config.settings import Settings
from serd.config.voice import Voice as VoiceSettings
from serd.daemon.capture import Capture
from serd.daemon.control import Control
from serd.daemon.mute import MuteFlag
from serd.daemon.voice import Voice
from serd.defaults import DEMO
from serd.errors import UsageError
from serd.events.endpoint import InUse, is_local
from serd.events.keys import Keyring
from serd.events.occupant import find_occupant
from serd.events.publisher import Publisher
from serd.inference.crosstalk import Crosstalk, nobody
from serd.inference.pipeline import Pipeline
from serd.inference.reporter import Annotate, unlabelled
from serd.system.paths import runtime_folder, state_folder
from serd.system.signals import caught
from serd.system.systemd import Notifier

log = logging.getLogger("serd")


def is_recording(settings: Settings) -> bool:
    """Whether nobody speaks into it, so that there is nothing to mute. A pipe may well hold a microphone."""
    return settings.capture.input not in (None, "-")


@dataclass(frozen=True, slots=True)
class CaptureSource:
    """A source, not yet open, and what is heard of it."""

    source: Source
    voices: tuple[VoiceSettings, ...] = ()
    """The voices, one for each channel that it gives; none: it is heard as a whole."""
    hear: Callable[[frozenset[int]], None] = lambda _: None
    """Tells it of which voices it is to copy samples."""
    annotate: Annotate = unlabelled
    """Knows the labels of what it plays."""


def make_sources(settings: Settings, rate: int, *, demo: bool = False) -> list[CaptureSource]:
    """The microphones, the recording or the pipe, that give samples at `rate` (Hz): one a device.

    `demo`: an input that is not the demonstration's recording is a folder of a corpus. Raises UsageError.
    """
    capture = settings.capture
    voices = capture.split
    channel: Channel = tuple(voice.channel for voice in voices) or capture.channel
    if demo and capture.input != str(DEMO):
        from serd.audio.playlist import Playlist

        if voices:
            raise UsageError("--voice: a corpus is played as one voice; leave it out with --demo FOLDER")
        playlist = Playlist.of(Path(str(capture.input)), rate, not capture.fast, capture.channel)
        return [CaptureSource(playlist, annotate=playlist.annotation)]
    if capture.input not in (None, "-"):
        from serd.audio.recording import Recording

        return [CaptureSource(Recording(Path(str(capture.input)), rate, not capture.fast, channel), voices)]
    if capture.input == "-":
        from serd.audio.pcm import Layout
        from serd.audio.pipe import HEAD_S, Pipe

        layout = Layout(capture.rate, capture.channels, capture.format)
        return [CaptureSource(Pipe(sys.stdin.buffer, rate, channel, layout, HEAD_S), voices)]
    from serd.audio.microphone import Microphone

    if not voices:
        return [CaptureSource(Microphone(capture.device, capture.channel, rate, buffer_s=capture.buffer_s))]
    devices: dict[str | None, list[VoiceSettings]] = {}
    for voice in voices:
        devices.setdefault(voice.device or capture.device, []).append(voice)
    made = []
    for device, theirs in devices.items():
        channels = tuple(voice.channel for voice in theirs)
        microphone = Microphone(device, channels, rate, buffer_s=capture.buffer_s)
        made.append(CaptureSource(microphone, tuple(theirs), microphone.hear))
    return made


def make_capture(
    source: CaptureSource,
    settings: Settings,
    pipeline: Callable[[str | None], Pipeline],
    publisher: Publisher,
    notifier: Notifier,
    *,
    synthetic: bool,
    once: bool,
) -> Capture:
    """A capture of the source and its voices, each with a `pipeline` of its own, muted as its flag has it.

    A source that is heard as a whole has a voice without a name: None.
    """
    live = settings.capture.input is None
    common: dict[str, Any] = {"live": live, "synthetic": synthetic, "annotate": source.annotate}
    recording = is_recording(settings)

    def muted(source: str) -> bool:
        return not recording and mute_flag(source).is_set()

    if not source.voices:
        voice = Voice(
            source.source, pipeline(None), publisher, notifier, muted=muted(settings.publish.source), **common
        )
        return Capture(source.source, [voice], notifier, live=live, once=once)
    names = [voice.name for voice in source.voices]
    pipelines = [pipeline(name) for name in names]
    crosstalk = Crosstalk(names, pipelines[0].sample_rate) if len(names) > 1 else None
    voices = [
        Voice(
            source.source,
            own,
            publisher,
            notifier,
            name=name,
            together=sources(settings),
            muted=muted(name),
            other=partial(crosstalk.other, number) if crosstalk else nobody,
            drop=settings.capture.crosstalk == "drop",
            **common,
        )
        for number, (name, own) in enumerate(zip(names, pipelines, strict=True))
    ]
    return Capture(source.source, voices, notifier, live=live, once=once, hear=source.hear, crosstalk=crosstalk)


def sources(settings: Settings) -> tuple[str, ...]:
    """The names of what this serd publishes."""
    return tuple(voice.name for voice in settings.capture.split) or (settings.publish.source,)


def make_publisher(settings: Settings, session: str, inside: str, *, lossless: bool) -> Publisher:
    """The publisher, bound to the settings' endpoints and to `inside`, this process's own.

    Raises UsageError, which names the serd that holds an endpoint; ConfigError.
    """
    publish = settings.publish
    try:
        return Publisher(
            (*publish.endpoints, inside),
            sources(settings),
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


def mute_flag(source: str) -> MuteFlag:
    """The flag that keeps a serd, or a voice, of this name muted."""
    return MuteFlag(state_folder(os.environ), source)


def make_control(settings: Settings, stack: contextlib.ExitStack) -> Control:
    """The control socket, and the signals that do the same: from here on neither is lost, nor ends serd.

    `stack` closes it. Raises UsageError, ConfigError.
    """
    flags = {source: mute_flag(source) for source in sources(settings)}
    control = Control(flags, runtime_folder(os.environ))
    stack.callback(control.close)
    stack.enter_context(caught(lambda _: control.signalled("mute"), (signal.SIGUSR1,)))
    stack.enter_context(caught(lambda _: control.signalled("unmute"), (signal.SIGUSR2,)))
    endpoint = settings.control.endpoint
    control.listen(endpoint, _keyring(settings, always=True) if endpoint else None)
    for fault in dict.fromkeys(filter(None, [flag.fault() for flag in flags.values()])):
        log.warning("%s", fault)
    return control


def _keyring(settings: Settings, *, always: bool = False) -> Keyring | None:
    """The keys, where any are needed and there; the publisher refuses what it may not publish without them."""
    publish = settings.publish
    ring = Keyring.from_environment(os.environ, publish.keys)
    always = always or publish.secure
    return ring if always or (ring.is_made and not all(map(is_local, publish.endpoints))) else None
