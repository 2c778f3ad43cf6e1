"""`serd enrol NAME`, `serd enrol list`, `serd enrol forget NAME`: whose voice serd can know."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from serd.errors import OK, NoDeviceError, UsageError, escaped

if TYPE_CHECKING:
    from serd.config.settings import Settings
    from serd.enrolment.gathering import Gathering
    from serd.enrolment.profiles import Profiles

SETTINGS = ("capture.device", "capture.channel", "model.name")
"""Settings by which a voice is heard."""
SECONDS_S, MOST_S = 60.0, 600.0
"""Good speech that is gathered from a microphone unless `--seconds` says otherwise, and at most."""
PATIENCE = 3.0
"""A microphone is listened to for so many times that long, and what there is then has to do."""


def add_enrol_flags(parser: argparse.ArgumentParser) -> None:
    """Let `parser` take them."""
    from serd.cli.flags import add_flags

    parser.add_argument("name", metavar="NAME", help="who speaks; or `list` who is enrolled, or `forget` somebody")
    parser.add_argument("who", nargs="?", metavar="WHO", help="with forget: whose profile is removed")
    parser.add_argument("-i", "--input", nargs="+", metavar="FILE", help="recordings of the voice instead of a device")
    parser.add_argument("--seconds", metavar="S", help="good speech to gather (default 60; of recordings, all)")
    parser.add_argument("--text", metavar="FILE", help="a text of your own to read, instead of an English one")
    parser.add_argument("--json", action="store_true", help="with list: as JSON")
    add_flags(parser, SETTINGS)


def run(args: argparse.Namespace) -> int:
    """Do what was asked for; the exit code. Raises SerdError."""
    from serd.enrolment.profiles import Profiles

    profiles = Profiles.from_environment(os.environ)
    if args.name not in ("list", "forget"):
        if args.who is not None or args.json:
            extra = args.who if args.who is not None else "--json"
            raise UsageError(
                f"{escaped(extra)}: more than `serd enrol NAME` takes; `serd enrol --help` shows what does"
            )
        return _enrol(args, profiles)
    if args.input or args.text or args.seconds:
        raise UsageError(f"enrol {args.name}: takes no recordings, text or seconds; a person may not be called that")
    if args.name == "list":
        if args.who is not None:
            raise UsageError(f"{escaped(args.who)}: more than `serd enrol list` takes; it lists all")
        return _list(profiles, args.json)
    if args.who is None:
        raise UsageError("enrol forget: whom? give a name of `serd enrol list`")
    path = profiles.forget(args.who)
    print(f"{args.who} is forgotten ({escaped(str(path))} is removed); a serd that runs with it knows it until it ends")
    return OK


def _enrol(args: argparse.Namespace, profiles: Profiles) -> int:
    from serd.cli.flags import resolve
    from serd.enrolment.gathering import WEAK_S, Gathering
    from serd.inference.profile import Profile

    profiles.check(args.name)
    if args.input and vars(args)["capture.device"] is not None:
        raise UsageError("--device and --input: a device and recordings exclude each other; give one of them")
    if args.input and args.text:
        raise UsageError("--text: is read aloud to a device; leave it or --input out")
    seconds = _seconds(args.seconds)
    settings = resolve(args).settings
    gathering = Gathering(settings.model.name)
    if args.input:
        _hear_recordings(args.input, gathering, seconds, settings)
    else:
        _hear_device(gathering, seconds or SECONDS_S, args.text, settings)
    reference = gathering.reference()
    path = profiles.write(args.name, Profile.of(reference, gathering.emotion.contract))
    print(
        f"{args.name}: {gathering.good_s:.0f} s of good speech, of {gathering.speech_s:.0f} s of speech in"
        f" {gathering.heard_s:.0f} s; kept as numbers in {escaped(str(path))}"
    )
    if gathering.good_s < WEAK_S:
        print(f"weak: less than {WEAK_S:.0f} s; the model relies on it the less, enrol again with more if you can")
    print(f"next: `serd --person {args.name}`; `serd enrol forget {args.name}` removes it")
    return OK


def _seconds(text: str | None) -> float | None:
    from serd.enrolment.gathering import LEAST_S

    if text is None:
        return None
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not LEAST_S <= seconds <= MOST_S:
        raise UsageError(f"--seconds {escaped(text)}: give {LEAST_S:.0f} to {MOST_S:.0f}")
    return seconds


def _hear_recordings(names: list[str], gathering: Gathering, seconds: float | None, settings: Settings) -> None:
    from serd.audio.recording import Recording
    from serd.system.paths import at_home

    with _shown(gathering, seconds) as tell:
        for name in names:
            path = Path(at_home(name))
            source = Recording(path, gathering.sample_rate, paced=False, channel=settings.capture.channel)
            source.open()
            with contextlib.closing(source):
                gathering.hear(source, seconds or float("inf"), float("inf"), tell)


def _hear_device(gathering: Gathering, seconds: float, text: str | None, settings: Settings) -> None:
    from serd.audio.microphone import Microphone
    from serd.audio.source import DeviceLost
    from serd.enrolment.reading import reading_text

    shown = reading_text(text)
    capture = settings.capture
    source = Microphone(capture.device, capture.channel, gathering.sample_rate, buffer_s=capture.buffer_s)
    source.open()
    with contextlib.closing(source):
        print(f"Read this aloud in your everyday voice, again from the start if it ends:\n\n{shown}\n", file=sys.stderr)
        with _shown(gathering, seconds) as tell:
            try:
                gathering.hear(source, seconds, PATIENCE * seconds, tell)
            except DeviceLost as loss:
                raise NoDeviceError(f"device {source.name}: {loss}; nothing was kept, enrol again") from None


@contextlib.contextmanager
def _shown(gathering: Gathering, seconds: float | None) -> Iterator[Callable[[], None]]:
    """A bar of the good speech on a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}", markup=False), BarColumn())
    with Progress(
        *columns, console=console, disable=not console.is_terminal, transient=True, redirect_stdout=False
    ) as progress:
        task = progress.add_task("good speech", total=seconds)

        def tell() -> None:
            of = "" if seconds is None else f" of {seconds:.0f}"
            fault = f" ({gathering.fault})" if gathering.fault else ""
            progress.update(
                task, description=f"good speech {gathering.good_s:.0f}{of} s{fault}", completed=gathering.good_s
            )

        yield tell


def _list(profiles: Profiles, as_json: bool) -> int:
    from serd.errors import ConfigError

    rows = []
    for name in profiles.names():
        try:
            profile = profiles.read(name)
        except ConfigError as error:
            print(f"serd: {error}", file=sys.stderr)
            continue
        reference = profile.reference
        rows.append({"name": name, "seconds": reference.seconds, "made": profile.made, "model": profile.model})
    if as_json:
        print(json.dumps({"folder": str(profiles.folder), "enrolled": rows}, indent=1))
        return OK
    for row in rows:
        print(f"{row['name']}  {row['seconds']:.0f} s  {row['made']}  {row['model']}")
    if not rows:
        print("nobody is enrolled; `serd enrol NAME` listens to a voice and keeps numbers of it")
    return OK
