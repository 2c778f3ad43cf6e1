"""What the daemon published of each clip of a conversation, held against the time line. Needs no audio."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from model_build.evaluation.conversations import Turn
from model_build.evaluation.replay import Replay

UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class Alignment:
    """What was published of one clip."""

    turn: Turn
    delay_s: float | None
    """From the onset of speech to the end of the first frame that announces its emotion; None: never."""
    labels: tuple[str, ...]
    """Announced in turn; the same one again after a hesitation is no other."""
    segment: bool
    """Whether a segment of its emotion overlaps its speech."""
    frames: dict[str, int]
    """Frames about its speech, by state, those in state `uncertain` by `uncertain: <reason>`, too, and
    by UNSURE those of which the activation is not known either."""

    @property
    def changes(self) -> int:
        """Labels beyond the first."""
        return max(0, len(self.labels) - 1)

    @property
    def waited_s(self) -> float:
        """The delay; never counts as the speech's length."""
        return self.turn.speech_s if self.delay_s is None else self.delay_s


def align(turns: Sequence[Turn], heard: Replay) -> list[Alignment]:
    """Hold what was published against the time line, clip by clip.

    A frame is about a clip's speech if the middle of the stride that it adds lies between the speech's onset
    and end. Announcements count from the onset until the next clip begins.
    """
    ends = [frame.end_s for frame in heard.frames]
    followed = []
    for turn in turns:
        frames = heard.frames[bisect_right(ends, turn.onset_s) : bisect_right(ends, turn.until_s)]
        announced = [frame for frame in frames if frame.label is not None]
        right = next((frame.end_s for frame in announced if frame.label == turn.emotion), None)
        during: Counter[str] = Counter()
        for frame in frames:
            if turn.onset_s <= frame.end_s - heard.stride_s / 2 < turn.end_s:
                during[frame.state] += 1
                if frame.state == "uncertain":
                    during[f"uncertain: {frame.reason}"] += 1
                if frame.unsure:
                    during[UNSURE] += 1
        overlaps = (
            span.label == turn.emotion and span.start_s < turn.end_s and span.end_s > turn.onset_s
            for span in heard.segments
        )
        labels = tuple(str(label) for label, _ in groupby(frame.label for frame in announced))
        delay = None if right is None else right - turn.onset_s
        followed.append(Alignment(turn, delay, labels, any(overlaps), dict(during)))
    return followed
