"""Many clips through the pipeline, on several cores; what was scored once is not scored again.

Replies are kept below the cache folder, a file for each model, detector, condition and corpus, a line for each clip,
written as they come: an interrupted evaluation goes on where it was. Another code of the pipeline or of the
conditions is another file.
"""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache as once
from itertools import groupby
from pathlib import Path
from types import ModuleType

import serd.inference.decision
import serd.inference.frontend
import serd.inference.model
import serd.inference.pipeline
import serd.inference.stride
import serd.scoring.score
from model_build.clips import acoustics, speech
from model_build.corpora import Utterance
from model_build.evaluation import clip_result as replies
from model_build.evaluation import condition as conditions
from model_build.evaluation.clip_result import ClipResult, clip_result
from model_build.evaluation.condition import Condition
from model_build.evaluation.model_under_test import ModelUnderTest
from model_build.evaluation.spread import spread
from model_build.files import audio, cache
from model_build.files.audio import SoundFault
from model_build.files.progress import Say
from serd.inference.model import SPEECH, find
from serd.scoring.score import make_pipeline

CODE: tuple[ModuleType, ...] = (
    *(
        serd.inference.decision,
        serd.inference.frontend,
        serd.inference.model,
        serd.inference.pipeline,
        serd.scoring.score,
        serd.inference.stride,
    ),
    *(speech, audio, conditions, acoustics, replies),
)
"""What a reply depends on beside the two model files and the clip."""
CHUNK = 12
"""Clips handed to a process at a time: some tenths of a second."""
WORTH = 400
"""Clips that make another process worth its start: some seconds."""

ClipResults = dict[Utterance, ClipResult]


@dataclass(frozen=True)
class Task:
    """Some clips of one corpus under one condition."""

    model: str
    condition: Condition
    clips: tuple[Utterance, ...]


def listen(
    subject: ModelUnderTest, tasks: Sequence[tuple[Condition, Sequence[Utterance]]], say: Say
) -> dict[Condition, ClipResults]:
    """Replies to all clips of each condition, in the clips' order; a clip that cannot be read is said and left out.

    Raises SerdError.
    """
    place, by_condition = _place(subject), dict[Condition, ClipResults]()
    left: list[Task] = []
    for condition, clips in tasks:
        of_condition = by_condition.setdefault(condition, {})
        for corpus, group in groupby(sorted(clips, key=lambda clip: clip.corpus), key=lambda clip: clip.corpus):
            members, known = tuple(group), _read(_file(place, condition, corpus))
            of_condition.update({clip: known[_key(clip)] for clip in members if _key(clip) in known})
            rest = tuple(clip for clip in members if clip not in of_condition)
            left += [Task(subject.model, condition, rest[k : k + CHUNK]) for k in range(0, len(rest), CHUNK)]
    total, done = sum(len(task.clips) for task in left), 0
    for task, results in _carry_out(left, subject.jobs):
        before, done = done, done + len(task.clips)
        for clip, result in zip(task.clips, results, strict=True):
            if isinstance(result, str):
                say(f"warning: {result}; not used")
            else:
                by_condition[task.condition][clip] = result
        _append(_file(place, task.condition, task.clips[0].corpus), task.clips, results)
        if before // EVERY != done // EVERY or done == total:
            say(f"{done} of {total} clips scored")
    return {
        condition: {clip: by_condition[condition][clip] for clip in clips if clip in by_condition[condition]}
        for condition, clips in tasks
    }


EVERY = 500
"""Clips between two lines of progress."""


def score(task: Task) -> list[ClipResult | str]:
    """A reply for each clip, or what is wrong with its file."""
    results: list[ClipResult | str] = []
    for clip in task.clips:
        try:
            samples = speech.load(clip)
        except SoundFault as error:
            results.append(str(error))
            continue
        results.append(clip_result(task.condition.apply(clip, samples), make_pipeline(task.model)))
    return results


def _carry_out(tasks: Sequence[Task], jobs: int) -> Iterator[tuple[Task, list[ClipResult | str]]]:
    """Each task with its results; processes are not worth their start for a few clips."""
    jobs = min(jobs, sum(len(task.clips) for task in tasks) // WORTH)
    yield from zip(tasks, spread(score, tasks, jobs), strict=True)


def _place(subject: ModelUnderTest) -> Path:
    """The folder of this model behind this detector, by their whole files: thresholds count, too."""
    digests = (hashlib.sha256(find(name).read_bytes()).hexdigest() for name in (subject.model, SPEECH))
    return cache.folder("evaluation") / cache.key(*digests, _code())


def _file(place: Path, condition: Condition, corpus: str) -> Path:
    return place / f"{corpus}-{condition.key}.jsonl"


def _key(clip: Utterance) -> str:
    """A clip's name and size: a file that was fetched anew, and is another, is scored anew."""
    try:
        return f"{clip.name} {clip.path.stat().st_size}"
    except OSError:
        return clip.name


def _read(file: Path) -> dict[str, ClipResult]:
    """What was kept; a line that an interruption tore is as if it were not there."""
    known: dict[str, ClipResult] = {}
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return known
    for line in lines:
        name, _, rest = line.partition("\t")
        try:
            known[name] = ClipResult.parse(rest)
        except (ValueError, KeyError, TypeError):
            continue
    return known


def _append(file: Path, clips: Sequence[Utterance], results: Sequence[ClipResult | str]) -> None:
    """A line each, after a line's end: what an interruption tore must not swallow the next."""
    file.parent.mkdir(parents=True, exist_ok=True)
    lines = [
        f"{_key(clip)}\t{result.line()}"
        for clip, result in zip(clips, results, strict=True)
        if isinstance(result, ClipResult)
    ]
    with file.open("a", encoding="utf-8") as out:
        out.write("".join(f"\n{line}" for line in lines) + "\n")


@once
def _code() -> str:
    return cache.key(*(hashlib.sha256(inspect.getsource(module).encode()).hexdigest() for module in CODE))
