"""Archiving: all sound files below some folders, batch after batch, into an archive's tables."""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from serd.defaults import MODEL, STRIDE_S
from serd.errors import UsageError
from serd.inference.contract import Contract, read_model
from serd.inference.model import find, installed_models
from serd.inference.profile import Profile
from serd.scoring.archive import Archive, Settings
from serd.scoring.part import BatchResult
from serd.scoring.sounds import Sound, sounds
from serd.scoring.tables import require_pyarrow
from serd.scoring.worker import Work
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
    jobs: int | None = None
    """Processes, or actors with Ray; None: one a core."""
    model: str = MODEL
    """A name or a path."""
    channel: int | Literal["mix"] = "mix"
    windows: bool = False
    reference: Path | None = None
    """The profile of who speaks in all of them."""
    stride_s: float = STRIDE_S
    rules: Mapping[str, float] = field(default_factory=dict)
    """Of the decision, in the place of the models' own."""
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
    contract = read_model(find(wanted.model))[1]
    settings = Settings(
        f"{contract.name}/{contract.version}",
        wanted.channel,
        wanted.windows,
        tuple(map(str, folders)),
        _checked(wanted.reference, contract),
        wanted.stride_s,
        dict(wanted.rules),
    )
    store = Archive(wanted.out)
    with store.held(settings):
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
    file = find(wanted.model)
    profile = None if wanted.reference is None else str(wanted.reference.resolve())
    work = Work(
        str(wanted.out.resolve()),
        wanted.model if file in installed_models() else str(file.resolve()),
        wanted.channel,
        wanted.windows,
        profile,
        wanted.stride_s,
        dict(wanted.rules),
    )
    if wanted.ray is None:
        return Workers(wanted.jobs, work, store)
    from serd.scoring.cluster import Cluster

    return Cluster(wanted.ray, wanted.jobs, work, store)


def _checked(profile: Path | None, contract: Contract) -> str | None:
    """A profile's checksum. Raises ConfigError where it is not this model's."""
    if profile is None:
        return None
    Profile.read(profile).reference_for(contract)
    return hashlib.sha256(profile.read_bytes()).hexdigest()


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
