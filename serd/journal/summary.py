"""The figures of one session, with what is not known of them.

Shares are of speech: the seconds of a label over the seconds with speech. Neighbouring bins are alike, so the 95 %
interval comes from a bootstrap over blocks (Künsch, 1989): bouts of speech, cut into at most `BLOCK_BINS` bins. It
tells how much of a figure hangs on which moments were heard, and nothing of the model's own error, which is larger.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from serd.journal.source import SPANS
from serd.journal.tables import BIN_S

MINIMUM_SPEECH_S = 90.0
"""Under so much speech a session is shown hollow, and is left out of the baseline and of what is compared with it."""

BLOCK_BINS = 4
"""Bins of a block at most: 20 s."""

FEWEST_BLOCKS = 5
"""Blocks that an interval takes at least: of fewer it would be a guess."""

DRAWS = 500
_seconds = itemgetter(*SPANS)
UNCERTAIN = "uncertain"
ACTIVATION = ("activation-high", "activation-low", "activation-unclear")


class Share(NamedTuple):
    """A share, with its 95 % interval where there is one."""

    value: float
    low: float | None = None
    high: float | None = None


class Context(NamedTuple):
    """What figures can be compared within: another model or microphone would sound different by itself."""

    model: str
    device: str
    origin: str
    reference: str | None


@dataclass(frozen=True, slots=True)
class Coverage:
    """Where the session's time went, in seconds."""

    elapsed_s: float
    listened_s: float
    speech_s: float
    missed_s: float
    """Judged, but the event was lost on the way here."""
    gap_s: float
    """Audio that was lost."""
    skipped_s: float
    """Not judged, because the machine was too slow; a part of `gap_s` where the stream shows it as one."""
    absences: dict[str, float]

    @property
    def share(self) -> float:
        """Share of the time in which there could have been something to hear."""
        lost = self.missed_s + max(self.gap_s, self.skipped_s) + sum(self.absences.values())
        return self.listened_s / (self.listened_s + lost) if self.listened_s else 0.0


class Talk(NamedTuple):
    """A conversation with a companion who agreed to it, in seconds that both were heard in, and turns."""

    heard_s: float
    person_s: float
    person_turns: int
    companion_s: float
    companion_turns: int


@dataclass(frozen=True, slots=True)
class Summary:
    """One session."""

    id: str
    started_at: str
    offset_min: int
    zone: str
    ended_by: str | None
    clock_jump_s: float
    note: str | None
    context: Context | None
    """Context of the stream that was listened to the longest; None where nothing was heard."""
    settings: tuple[Context, ...]
    """All that there were."""
    coverage: Coverage
    shares: dict[str, Share]
    """By label, `uncertain`, and the three of ACTIVATION where the model published any; of `activation_s` those."""
    activation_s: float
    blocks: int
    talk: Talk | None = None

    @property
    def enough(self) -> bool:
        """Whether there was enough speech to compare it."""
        return self.coverage.speech_s >= MINIMUM_SPEECH_S


def summarize(
    session: dict[str, Any],
    streams: Sequence[dict[str, Any]],
    bins: Iterable[dict[str, Any]],
    absences: Iterable[Any],
    conversations: Iterable[dict[str, Any]] = (),
) -> Summary:
    """The figures of a session's rows. Of two microphones that hear at once, the one that hears more speech counts."""
    best: dict[int, dict[str, Any]] = {}
    for row in bins:
        slot = int(row["at_s"] / BIN_S)
        if slot not in best or row["speech_s"] > best[slot]["speech_s"]:
            best[slot] = row
    chosen = [best[slot] for slot in sorted(best)]
    contexts = {row["number"]: Context(row["model"], row["device"], row["origin"], row["reference"]) for row in streams}
    listened: dict[Context, float] = {}
    for row in chosen:
        context = contexts[row["stream"]]
        listened[context] = listened.get(context, 0.0) + row["listened_s"]
    labels = list(dict.fromkeys(label for row in streams for label in json.loads(row["labels"])))
    lost: dict[str, float] = {}
    for row in absences:
        lost[row["state"]] = lost.get(row["state"], 0.0) + row["seconds"]
    total = dict(
        zip(SPANS, map(float, np.array([_seconds(row) for row in chosen]).reshape(-1, len(SPANS)).sum(0)), strict=True)
    )
    spoken = [row for row in chosen if row["speech_s"] > 0]
    blocks = _blocks(spoken)
    activation_s = total["high_s"] + total["low_s"] + total["unclear_s"]
    names = [*labels, UNCERTAIN, *(ACTIVATION if activation_s else ())]
    coverage = Coverage(
        session["elapsed_s"], total["listened_s"], total["speech_s"], total["missed_s"], total["gap_s"],
        total["skipped_s"], lost,
    )  # fmt: skip
    return Summary(
        session["id"], session["started_at"], session["offset_min"], session["zone"], session["ended_by"],
        session["clock_jump_s"], session["note"], max(listened, key=lambda one: listened[one]) if listened else None,
        tuple(dict.fromkeys(contexts.values())), coverage,
        _shares(names, _table(spoken, labels), blocks, int(session["id"], 16)), activation_s, len(blocks),
        next((Talk(*(row[name] for name in Talk._fields)) for row in conversations), None),
    )  # fmt: skip


def _table(rows: Sequence[dict[str, Any]], labels: Sequence[str]) -> NDArray[np.float64]:
    """Seconds of each figure in each bin, then those with speech, and those with an activation."""
    table, places = np.zeros((len(rows), len(labels) + 6)), {label: k for k, label in enumerate(labels)}
    for i, row in enumerate(rows):
        if row["announced"]:
            for label, seconds in json.loads(row["announced"]).items():
                if label in places:
                    table[i, places[label]] = seconds
    for column, name in enumerate(("uncertain_s", "high_s", "low_s", "unclear_s", "speech_s"), len(labels)):
        table[:, column] = [row[name] for row in rows]
    table[:, -1] = table[:, -5:-2].sum(1)
    return table


def _blocks(rows: Sequence[dict[str, Any]]) -> list[int]:
    """Where blocks begin among the bins with speech: after a pause, or after `BLOCK_BINS`."""
    starts: list[int] = []
    before = -math.inf
    for i, row in enumerate(rows):
        if row["at_s"] - before > 1.5 * BIN_S or i - starts[-1] == BLOCK_BINS:
            starts.append(i)
        before = row["at_s"]
    return starts


def _shares(names: Sequence[str], table: NDArray[np.float64], blocks: Sequence[int], seed: int) -> dict[str, Share]:
    """Shares with intervals. The same session gives the same numbers: its id is the seed."""
    if not blocks:
        return {}
    sums = np.add.reduceat(table, np.asarray(blocks), axis=0)
    values = _ratios(sums.sum(0)[np.newaxis], names)[0]
    if len(blocks) < FEWEST_BLOCKS:
        return {name: Share(round(float(v), 6)) for name, v in zip(names, values, strict=True)}
    picks = np.random.default_rng(seed).integers(0, len(blocks), (DRAWS, len(blocks)))
    places = picks + len(blocks) * np.arange(DRAWS)[:, None]
    times = np.bincount(places.ravel(), minlength=DRAWS * len(blocks)).reshape(DRAWS, -1).astype(float)
    drawn = np.sort(_ratios(times @ sums, names), axis=0)
    low, high = drawn[round(0.025 * (DRAWS - 1))], drawn[round(0.975 * (DRAWS - 1))]
    return {
        name: Share(round(float(v), 6), round(float(min(a, v)), 6), round(float(max(b, v)), 6))
        for name, v, a, b in zip(names, values, low, high, strict=True)
    }


def _ratios(sums: NDArray[np.float64], names: Sequence[str]) -> NDArray[np.float64]:
    """What each figure is a share of: speech, or for the activation speech that has one."""
    parts = sums[:, : len(names)]
    whole = np.repeat(sums[:, -2:-1], len(names), axis=1)
    if ACTIVATION[0] in names:
        whole[:, -len(ACTIVATION) :] = sums[:, -1:]
    return np.divide(parts, whole, out=np.zeros_like(parts), where=whole > 0)
