"""The frames of a sound file: all of its parts, as far as each goes, through libsndfile."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from serd.audio.part import PLACEHOLDER, Bytes, Part
from serd.audio.parts import parts
from serd.block import Samples
from serd.errors import UsageError
from serd.system.nearest import near_file
from serd.system.stderr import quiet_stderr

LOUDEST = 1e9
"""Largest magnitude taken of floating-point samples (full scale is 1): their powers must stay numbers."""

RATES = range(1000, 768001)

log = logging.getLogger(__name__)


class Reader:
    """Reads one part after the other. What cannot be read any further is said, and ends its part."""

    def __init__(self, path: Path, channel: int = 1) -> None:
        """`channel`: one that it must have. Raises UsageError, in one line, for anything that cannot be heard."""
        self._path, self._channel = path, channel
        self._part, *self._rest = self._looked_into()
        self._file = self._opened(self._part)
        self.place = 0
        """Frames read of this part."""
        self._most: int | None = None
        """Frames that are read at once, near damage."""
        self._told = False
        self._fault: UsageError | None = None
        """What comes next is no sound."""
        self._begin()

    @property
    def rate(self) -> int:
        """Frames per second of this part."""
        return int(self._file.samplerate)

    @property
    def channels(self) -> int:
        """Channels of this part."""
        return int(self._file.channels)

    @property
    def frames(self) -> int:
        """Frames of this part, as far as that is known."""
        return int(self._file.frames)

    def read(self, count: int) -> Samples:
        """Up to `count` frames, (n, channels); none at the end of the part.

        Raises UsageError for samples that are no numbers, once all before them is read, and for damage before which
        there is nothing.
        """
        if self._fault is not None:
            raise self._fault
        while True:
            most = min(count, self._most or count)
            try:
                with quiet_stderr:
                    frames: Samples = self._file.read(most, dtype="float32", always_2d=True)
                break
            except (soundfile.LibsndfileError, RuntimeError) as error:
                if not self._nearer(most):
                    self._damaged(error)
                    return np.zeros((0, self.channels), np.float32)
        fine = (np.abs(frames) <= LOUDEST).all(axis=1)  # false for NaN
        if not fine.all():
            frames = frames[: int(np.argmin(fine))]
            at = f"at {(self.place + len(frames)) / self.rate:.3f} s"
            self._fault = UsageError(
                f"input {self._path}: NaN, infinity or an absurd number for a sample {at}; convert it anew"
            )
            if len(frames) == 0:
                raise self._fault
        if len(frames) == 0 and self.place < self.frames < PLACEHOLDER:
            self._cut(self.place / self.frames)
        self.place += len(frames)
        return frames

    def turn(self) -> bool:
        """Go on with the next part; False if there is none that can be heard."""
        while self._rest:
            part = self._rest.pop(0)
            try:
                file = self._opened(part)
            except UsageError as error:
                log.warning("%s; serd hears what comes before", str(error).rpartition(";")[0])
                return False
            self._file.close()
            self._file, self._part = file, part
            self.place, self._most, self._told = 0, None, False
            self._begin()
            return True
        return False

    def close(self) -> None:
        """No more reading."""
        self._file.close()

    def _looked_into(self) -> tuple[Part, ...]:
        path = self._path
        try:
            if path.is_dir():
                raise UsageError(f"input {path}: a folder; give a sound file")
            if path.exists() and not path.is_file():  # a named pipe would be waited for
                raise UsageError(f"input {path}: not a file; give a sound file, or raw samples to --input -")
            if path.stat().st_size == 0:
                raise UsageError(f"input {path}: empty; give a sound file")
            return parts(path)
        except OSError as error:
            remedy = near_file(path, "check the path")
            raise UsageError(f"input {path}: cannot be read ({error.strerror}); {remedy}") from None

    def _opened(self, part: Part) -> Any:
        """The part, checked, as libsndfile sees it. Raises UsageError."""
        path = self._path
        try:
            whole = not part.patches and part.start == 0 and part.end == path.stat().st_size
            with quiet_stderr:  # mpg123 speaks its mind on stderr
                file = soundfile.SoundFile(os.fsencode(path) if whole else Bytes(path.open("rb"), part))
        except OSError as error:
            raise UsageError(f"input {path}: cannot be read ({error.strerror}); check the path") from None
        except (soundfile.LibsndfileError, TypeError, ValueError) as error:  # TypeError: a headerless format
            raise UsageError(
                f"input {path}: no sound file that libsndfile reads ({_reason(error)}); convert it to WAV or FLAC"
            ) from None
        fault = ""
        if file.frames == 0:
            fault = "a header without samples; give a sound file with sound in it"
        elif file.samplerate not in RATES:
            rates = f"{RATES[0]}..{RATES[-1]}"
            fault = f"claims {file.samplerate} samples per second; convert it to a rate in {rates}"
        elif not 1 <= self._channel <= file.channels:
            fault = f"has no channel {self._channel}; give 1 to {file.channels}, or mix"
        if fault:
            file.close()
            raise UsageError(f"input {path}: {fault}")
        return file

    def _begin(self) -> None:
        if self._part.cut:
            self._cut(self._part.share)

    def _cut(self, share: float | None) -> None:
        """Say it once a part."""
        if not self._told:
            how_much = "" if share is None else f", {100 * share:.1f} % of it is here"
            log.warning("input %s: cut off%s; serd hears what there is", self._path, how_much)
        self._told = True

    def _nearer(self, count: int) -> bool:
        """Reading so much at once failed: try with half of it from the same place on; False if that is no use."""
        if count == 1:
            return False
        self._most = count // 2
        self._file.close()
        try:
            self._file = self._opened(self._part)
            with quiet_stderr:
                self._file.seek(self.place)
        except (UsageError, soundfile.LibsndfileError, RuntimeError):
            return False
        return True

    def _damaged(self, error: Exception) -> None:
        at = f"damaged at {self.place / self.rate:.3f} s ({_reason(error)})"
        if self.place == 0:
            raise UsageError(f"input {self._path}: {at}; convert it anew")
        if not self._told:
            log.warning("input %s: %s; serd hears what comes before", self._path, at)
        self._told = True


def _reason(error: Exception) -> str:
    text = str(getattr(error, "error_string", error))
    return " ".join(text.split()).rstrip(".") or type(error).__name__
