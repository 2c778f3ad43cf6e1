"""Labels: a recording's stretches of one emotion, as other programs read them.

Audacity's labels (manual, "Importing and Exporting Labels"), Praat's TextGrid in its long form (manual, "TextGrid file
formats"), SubRip subtitles, and NIST's Rich Transcription Time Marked (RT-09 evaluation plan, appendix A).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

LabelFormat = Literal["audacity", "textgrid", "srt", "rttm"]

TIER = "emotion"
"""Name of the one tier that a TextGrid without voices has."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of one emotion."""

    start_s: float
    end_s: float
    label: str
    """Without line breaks and tabs."""
    confidence: float


@dataclass(frozen=True, slots=True)
class Tier:
    """The stretches of one voice."""

    name: str
    channel: int
    labelled: Sequence[Stretch]


def stretches(segments: Iterable[Mapping[str, Any]], duration_s: float) -> list[Stretch]:
    """The ends of segments, as `Score.segments` has them, within the recording: its last stride is filled up."""
    labelled = []
    for segment in segments:
        start_s, end_s = segment["window"]["start_s"], min(segment["window"]["end_s"], duration_s)
        if start_s < end_s:
            labelled.append(Stretch(start_s, end_s, " ".join(segment["label"].split()), segment["confidence"]))
    return labelled


def written(form: LabelFormat, labelled: Sequence[Stretch], duration_s: float, name: str) -> str:
    """The whole text of a file in that format; `name` is the recording's, without its suffix."""
    if form == "audacity":
        return audacity(labelled)
    if form == "textgrid":
        return textgrid(labelled, duration_s)
    return srt(labelled) if form == "srt" else rttm(labelled, name)


def written_tiers(form: LabelFormat, tiers: Sequence[Tier], duration_s: float, name: str) -> str:
    """The whole text of a file with a tier for each voice. Only a TextGrid knows tiers, and RTTM channels; in the
    others a label begins with the voice's name."""
    if form == "textgrid":
        return _textgrid([(tier.name, tier.labelled) for tier in tiers], duration_s)
    if form == "rttm":
        return "".join(rttm(tier.labelled, name, tier.channel) for tier in tiers)
    named = [replace(one, label=f"{tier.name}: {one.label}") for tier in tiers for one in tier.labelled]
    return written(form, sorted(named, key=lambda one: one.start_s), duration_s, name)


def audacity(labelled: Iterable[Stretch]) -> str:
    """A line for each: start and end in seconds and the label, with tabs between."""
    return "".join(f"{one.start_s:.6f}\t{one.end_s:.6f}\t{one.label}\n" for one in labelled)


def textgrid(labelled: Iterable[Stretch], duration_s: float) -> str:
    """One interval tier from 0 to the recording's end; what lies between the stretches is empty."""
    return _textgrid([(TIER, labelled)], duration_s)


def _textgrid(tiers: Sequence[tuple[str, Iterable[Stretch]]], duration_s: float) -> str:
    lines = [
        'File type = "ooTextFile"',
        'Object class = "TextGrid"',
        "",
        "xmin = 0",
        f"xmax = {duration_s}",
        "tiers? <exists>",
        f"size = {len(tiers)}",
        "item []:",
    ]
    for number, (name, labelled) in enumerate(tiers, 1):
        lines += [f"    item [{number}]:", *_tier(name, labelled, duration_s)]
    return "\n".join(lines) + "\n"


def _tier(name: str, labelled: Iterable[Stretch], duration_s: float) -> list[str]:
    intervals: list[tuple[float, float, str]] = []
    end_s = 0.0
    for one in labelled:
        if one.start_s > end_s:
            intervals.append((end_s, one.start_s, ""))
        intervals.append((one.start_s, one.end_s, one.label))
        end_s = one.end_s
    if end_s < duration_s:
        intervals.append((end_s, duration_s, ""))
    lines = [
        '        class = "IntervalTier"',
        f'        name = "{name}"',
        "        xmin = 0",
        f"        xmax = {duration_s}",
        f"        intervals: size = {len(intervals)}",
    ]
    for number, (start_s, end_s, label) in enumerate(intervals, 1):
        lines += [
            f"        intervals [{number}]:",
            f"            xmin = {start_s}",
            f"            xmax = {end_s}",
            '            text = "{}"'.format(label.replace('"', '""')),
        ]
    return lines


def srt(labelled: Iterable[Stretch]) -> str:
    """A subtitle for each, numbered from 1."""
    return "\n".join(
        f"{number}\n{_clock(one.start_s)} --> {_clock(one.end_s)}\n{one.label}\n"
        for number, one in enumerate(labelled, 1)
    )


def rttm(labelled: Iterable[Stretch], name: str, channel: int = 1) -> str:
    """A SPEAKER line for each, whose speaker is the emotion: the format has no word for it, and readers know no other.

    Fields end at white space, so there is none in names and labels.
    """
    recording = "_".join(name.split()) or "_"
    return "".join(
        f"SPEAKER {recording} {channel} {one.start_s:.4f} {one.end_s - one.start_s:.4f} <NA> <NA>"
        f" {'_'.join(one.label.split())} {one.confidence} <NA>\n"
        for one in labelled
    )


def _clock(seconds: float) -> str:
    whole = round(seconds * 1000)
    minutes, milliseconds = divmod(whole, 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{milliseconds // 1000:02},{milliseconds % 1000:03}"
