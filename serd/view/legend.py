"""The legend: what every sign of the picture means, in its place until a key is pressed."""

from __future__ import annotations

import textwrap

from rich.text import Text

from serd.view.charts import spread
from serd.view.palette import BOLD, Palette
from serd.view.picture import Picture
from serd.view.timeline import SLOT_S

SIGNS = (
    ("● ○", "serd listens; it does not, and the word beside it says why: waiting, muted, silent, lost, ..."),
    ("HAPPY 87%", "the emotion that a voice carries now, and how probable it is, given that somebody speaks"),
    ("no speech", "nobody speaks; there is no emotion then"),
    ("uncertain", "somebody speaks, and serd does not know: too little speech, two emotions close, none stands out"),
    ("no events", "no serd is heard; what stood here would not be true any more"),
    ("clear, ...", "why it is announced: clear; holding through a doubt; then for how long"),
    ("activated", "how lively the voice sounds, where the model tells it"),
    ("██▌···", "a bar for each emotion: its smoothed probability; together they are 100 %"),
    ("input dBFS", "loudness of the input below full scale; clipped: it is too loud, lower the microphone's level"),
    ("low ▂▅█ high", "loudness of the input in eight bands, low tones to high; yellow from -18 dB, red from -6 dB"),
    ("▁▄█ H", f"the last minutes, {SLOT_S:g} s a column: the emotion that prevailed, as high as its probability"),
    ("░ · ×", "there too: uncertain, no speech, and ×, where serd did not listen"),
    ("latency", "from a window's last sample to the sent event"),
    ("CPU, busy", "share of a core that serd takes; share of real time, from 80 % on the machine is too slow"),
    ("overflows", "how often the machine was too busy to take sound in; gaps: how often sound is missing"),
    ("lost events", "events that this view never got"),
    ("speech", "how probable it is that somebody speaks"),
    ("reference", "what the voice is compared with: itself so far (running), a person's profile (enrolled), nothing"),
)  # fmt: skip
"""Signs, as they stand in the picture -> what they mean."""

COLUMN = 13
"""Columns of the signs."""


def paint_legend(width: int, height: int, colour: bool, keys: str) -> Picture:
    """At most `width` columns by `height` rows; `keys` says which there are."""
    palette = Palette((), colour)
    inner = max(width - 2, 1)
    lines = [spread(Text("what the signs mean", BOLD), Text("? back", palette.faint), inner)]
    for sign, meaning in (*SIGNS, ("keys", keys)):
        for row, part in enumerate(textwrap.wrap(meaning, max(inner - COLUMN, 10))):
            lines.append(Text.assemble((f"{'' if row else sign:<{COLUMN}}", BOLD), part))
    for line in lines:
        line.truncate(inner)
    return Picture(lines[: max(height, 0)], 1 if width > 2 else 0)
