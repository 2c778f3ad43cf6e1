"""The voices of a recording, each scored as its channel alone, all in one reading."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from serd.audio.source import Source
from serd.inference.crosstalk import Crosstalk, nobody
from serd.inference.pipeline import Pipeline
from serd.scoring.result import Score
from serd.scoring.score import blocks_of
from serd.scoring.scoring import Scoring, ignore_window


def score_voices(
    source: Source, names: Sequence[str], pipelines: Sequence[Pipeline], *, windows: bool = False, drop: bool = False
) -> list[Score]:
    """Score a source that gives each voice a channel, with a pipeline each that has heard nothing yet.

    Without `windows` the scores have none. `drop` leaves windows in which another voice is heard out of segments.
    Raises SerdError.
    """
    crosstalk = Crosstalk(names, pipelines[0].sample_rate) if len(names) > 1 else None
    scorings = [
        Scoring(
            pipeline,
            windows=None if windows else ignore_window,
            other=partial(crosstalk.other, number) if crosstalk else nobody,
            drop=drop,
        )
        for number, pipeline in enumerate(pipelines)
    ]
    for block in blocks_of(source):
        if crosstalk is not None:
            crosstalk.push(block)
        for number, scoring in enumerate(scorings):
            part = block.voice(number)
            if part is not None:
                scoring.push(part)
    return [scoring.score() for scoring in scorings]
