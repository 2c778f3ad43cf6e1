"""Frames and time lines made by hand: `frames("..hhH", "happy")`."""

from __future__ import annotations

from model_build.evaluation.conversations import Turn
from model_build.evaluation.replay import Frame, Replay, Span

STRIDE_S = 0.25
LABELS = {"h": "happy", "s": "sad", "n": "neutral", "c": "calm"}


def frame(end_s: float, letter: str, confidence: float = 0.8) -> Frame:
    """`.` no speech; `?` too little of it; a letter: an emotion; a capital: it is likeliest, but not announced."""
    if letter == ".":
        return Frame(end_s, "no-speech", "silence", None, None, 0.0)
    if letter == "?":
        return Frame(end_s, "uncertain", "little-speech", None, None, 0.0)
    if letter.isupper():
        return Frame(end_s, "uncertain", "settling", None, LABELS[letter.lower()], confidence)
    return Frame(end_s, "emotion", "confident", LABELS[letter], LABELS[letter], confidence)


def published(letters: str) -> Replay:
    """A frame each quarter of a second, and a segment for each run of one emotion."""
    frames = tuple(frame(STRIDE_S * (k + 1), letter) for k, letter in enumerate(letters))
    segments, begun = [], 0
    for k, letter in enumerate(letters):
        if letter in LABELS and (k == 0 or letters[k - 1] != letter):
            begun = k
        if letter in LABELS and (k + 1 == len(letters) or letters[k + 1] != letter):
            segments.append(Span(LABELS[letter], STRIDE_S * begun, STRIDE_S * (k + 1)))
    return Replay(STRIDE_S, frames, tuple(segments))


def said(emotion: str, onset_s: float, end_s: float, until_s: float | None = None, *, speaker: str = "01") -> Turn:
    """One clip."""
    return Turn("clip", speaker, emotion, onset_s, end_s, end_s if until_s is None else until_s)
