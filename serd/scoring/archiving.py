"""Archiving: all sound files below some folders, batch after batch, into an archive's tables."""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from serd.errors import UsageError
from serd.inference.contract import read_model
from serd.inference.model import find, installed_models
from serd.inference.profile import Profile
from serd.scoring.archive import Archive
from serd.scoring.batch import BatchSettings
from serd.scoring.part import BatchResult
from serd.scoring.sounds import Sound, sounds
from serd.scoring.tables import require_pyarrow
from serd.scoring.workers import Job, Workers

if TYPE_CHECKING:
    from serd.scoring.cluster import Cluster

FILES, BYTES = 64, 1 << 25
"""A batch has so many files, or fewer if they are large: what a kill costs, and what a part holds."""
SHARES = 4
"""Batches for each process at the least, as far as there are files."""


@dataclass(frozen=True, slots=True)
class ArchiveTask:
    """What is to be archived, where, and how."""

    folders: tuple[Path, ...]
    out: Path
    settings: BatchSettings
    jobs: int | None = None
    """Processes, or actors with Ray; None: one a core."""
    ray: str | None = None
    """Address of a Ray cluster; None: processes of this machine."""


@dataclass(frozen=True, slots=True)
class Amount:
    """Files and their bytes."""

    files: int = 0
    size: int = 0


@dataclass(frozen=True, slots=True)
class Inventory:
    """What there is, and what of it is done."""

    all: Amount
    done: Amount


@dataclass(frozen=True, slots=True)
class BatchDone:
    """One batch more is done, of so many bytes."""

    size: int
    done: BatchResult


def archive(wanted: ArchiveTask) -> Generator[Inventory | BatchDone, None, None]:
    """Hear all that is not heard yet; first what there is to do, then each batch as it is done.

    It can be killed at any time, and called again. Raises UsageError, ConfigError, OutputError, RestartError.
    """
    require_pyarrow()
    folders = _disjoint(wanted.folders)
    store = Archive(wanted.out)
    with store.held(_of_all_rows(wanted.settings), [str(folder) for folder in folders]):
        began = _counted(folders, store)
        yield began
        if began.done.files == began.all.files:
            return
        with _workers(wanted, store) as crew:
            most = min(FILES, max(1, (began.all.files - began.done.files) // (SHARES * crew.count)))
            for job, done in crew.run(_jobs(folders, store, most)):
                store.failed(done.failures)
                yield BatchDone(sum(sound.size for sound in job.sounds), done)


def _workers(wanted: ArchiveTask, store: Archive) -> Workers | Cluster:
    settings = _of_any_folder(wanted.settings)
    if wanted.ray is None:
        return Workers(wanted.jobs, settings, store)
    from serd.scoring.cluster import Cluster

    return Cluster(wanted.ray, wanted.jobs, settings, store)


def _of_any_folder(settings: BatchSettings) -> BatchSettings:
    """The settings for processes that may be in another folder, or on another machine."""
    file = find(settings.model)
    model = settings.model if file in installed_models() else str(file.resolve())
    return replace(settings, model=model, reference=settings.reference and str(Path(settings.reference).resolve()))


def _of_all_rows(settings: BatchSettings) -> BatchSettings:
    """The settings as the archive keeps them: the model with its version, a profile's checksum.

    Raises ConfigError where the profile is not this model's.
    """
    contract, checksum = read_model(find(settings.model))[1], None
    if settings.reference is not None:
        profile = Path(settings.reference)
        Profile.read(profile).reference_for(contract)
        checksum = hashlib.sha256(profile.read_bytes()).hexdigest()
    return replace(settings, model=f"{contract.name}/{contract.version}", reference=checksum)


def _disjoint(folders: Sequence[Path]) -> tuple[Path, ...]:
    """The folders' real places. Raises UsageError for what is no folder, and for one that lies in another."""
    real = list[Path]()
    for folder in folders:
        if not folder.is_dir():
            raise UsageError(f"archive: {folder}: {'not a folder' if folder.exists() else 'no such folder'}; give one")
        place = folder.resolve()
        for other in real:
            if place.is_relative_to(other) or other.is_relative_to(place):
                raise UsageError(f"archive: {folder}: its files are in {other} too, or the other way round; give one")
        real.append(place)
    return tuple(real)


def _counted(folders: Sequence[Path], store: Archive) -> Inventory:
    files = size = done = done_size = 0
    for sound in sounds(folders):
        files, size = files + 1, size + sound.size
        if sound.file in store.done:
            done, done_size = done + 1, done_size + sound.size
    if not files:
        raise UsageError(f"archive: no sound file below {', '.join(map(str, folders))}; check the path")
    return Inventory(Amount(files, size), Amount(done, done_size))


def _jobs(folders: Sequence[Path], store: Archive, most: int) -> Iterator[Job]:
    batch: list[Sound] = []
    size = 0
    for sound in sounds(folders):
        if sound.file in store.done:
            continue
        if batch and (len(batch) == most or size + sound.size > BYTES):
            yield Job(tuple(batch))
            batch, size = [], 0
        batch.append(sound)
        size += sound.size
    if batch:
        yield Job(tuple(batch))
