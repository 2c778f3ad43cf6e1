"""The scores of a recording's voices, in the forms of `serd score`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from serd.cli.score_forms import Form, Lines, Table, Writer, csv_name
from serd.config.voice import Voice
from serd.errors import escaped
from serd.scoring.labels import Tier, stretches, written_tiers

if TYPE_CHECKING:
    from serd.inference.contract import Contract
    from serd.scoring.result import Score


def write_voices(
    form: Form, file: str, scores: Mapping[Voice, Score], *, windows: bool, contract: Contract, out: TextIO
) -> None:
    """Write them all: a line or a row each; in JSON a list `voices`; in label formats a tier each, or the voice's name
    before the label."""
    if form == "json":
        print(_object(file, scores, windows), file=out, flush=True)
        return
    if form == "text" or form == "csv":  # noqa: PLR1714 - which type checkers understand
        for voice, score in scores.items():
            lines: Writer = Lines(f"{file} [{voice.name}]", windows, out)
            if form == "csv":
                lines = Table((csv_name(file), voice.name), windows, contract, out)
            for window in score.windows:
                lines.window(window)
            lines.end(score)
        return
    duration_s = max(score.duration_s for score in scores.values())
    tiers = [Tier(voice.name, voice.channel, stretches(score.segments, duration_s)) for voice, score in scores.items()]
    print(written_tiers(form, tiers, duration_s, escaped(Path(file).stem)), end="", file=out, flush=True)


def _object(file: str, scores: Mapping[Voice, Score], windows: bool) -> str:
    voices = []
    for voice, score in scores.items():
        named = {"voice": voice.name, "channel": voice.channel, **vars(score)}
        if not windows:
            del named["windows"]
        voices.append(named)
    return json.dumps({"file": file, "voices": voices}, allow_nan=False)
