"""Conversation as the daemon hears it: how soon, how steadily, how often and how hesitantly emotions are announced."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache, partial

import numpy as np

from model_build.clips.speech import RATE, load, recordings
from model_build.corpora import Utterance
from model_build.evaluation import targets
from model_build.evaluation.alignment import Alignment, align
from model_build.evaluation.condition import recorded
from model_build.evaluation.conversations import NOISE_DB, PAUSES_S, conversation
from model_build.evaluation.model_under_test import ModelUnderTest
from model_build.evaluation.replay import replay
from model_build.evaluation.row import Row
from model_build.evaluation.spread import spread
from model_build.evaluation.trial import Trial
from model_build.files.progress import Say
from model_build.statistics.bootstrap import Tally, interval, uar
from serd.block import Samples
from serd.scoring.score import score

CORPUS = "ravdess-speech"
CLIPS = 60
"""Clips of a stream: some five minutes."""
QUICK = 32
"""Clips in all, if quick."""
SEED = 4
STATES = ("no-speech", "uncertain", "emotion")


def rows(subject: ModelUnderTest, say: Say, quick: bool) -> Iterator[Row]:
    """Delay, label changes, segment recall and uncertain share. Raises UsageError, ConfigError."""
    yield from measures(hear(subject, _clips(subject), say, QUICK if quick else subject.most))


def hear(subject: ModelUnderTest, clips: Sequence[Utterance], say: Say, most: int | None = None) -> Trial:
    """These clips, or `most` of them, in random order as conversations. Raises UsageError, ConfigError."""
    order = np.random.default_rng(SEED).permutation(len(clips))[:most]
    streams = [tuple(clips[k] for k in order[start : start + CLIPS]) for start in range(0, len(order), CLIPS)]
    folds = subject.unheard_folds()
    followed: list[Alignment] = []
    answers: list[str | None] = []
    for alignments, alone in spread(partial(_hear, subject.model, recorded(subject)), enumerate(streams), subject.jobs):
        followed += alignments
        answers += alone
        say(f"streaming: {len(followed)} of {len(order)} clips")
    actors = {one.turn.speaker for one in followed}
    below = [f"ESC-10 fold {', '.join(folds)} at {NOISE_DB[0]:g} to {NOISE_DB[1]:g} dB"] if folds else []
    protocol = (
        f"{len(followed)} clips of RAVDESS speech by {len(actors)} actors (to the speech detector: "
        f"{subject.heard_by_detector(CORPUS, actors)}), random order, pauses of {PAUSES_S[0]:g} to {PAUSES_S[1]:g} s, "
        f"{' and '.join([*below, 'room tone'])}"
    )
    return Trial(subject.contract.labels, tuple(followed), tuple(answers), subject.heard(CORPUS, actors), protocol)


def measures(trial: Trial) -> Iterator[Row]:
    """The rows of delay, label changes, segment recall and uncertain share."""
    yield delay(trial)
    yield changes(trial)
    yield recall(trial)
    yield uncertain(trial)


def delay(trial: Trial) -> Row:
    """How soon the right label comes."""
    waited = np.array([one.waited_s for one in trial.followed])
    delays = [one.delay_s for one in trial.followed if one.delay_s is not None]
    return trial.row(
        "delay",
        "median from the onset of speech to the first frame with the right label, never = the speech's length",
        value=float(np.median(waited)),
        unit="s",
        interval=interval(trial.speakers, lambda drawn: float(np.median(waited[drawn]))),
        most=targets.DELAY_S,
        detail={
            "never": 1 - len(delays) / len(waited),
            "median where found": float(np.median(delays)) if delays else float("nan"),
            "median length of speech": float(np.median([one.turn.speech_s for one in trial.followed])),
        },
    )


def changes(trial: Trial) -> Row:
    """How often a label is taken back for another while the emotion is one."""
    count = np.array([one.changes for one in trial.followed], np.float64)
    minutes = np.array([one.turn.speech_s for one in trial.followed]) / 60
    return trial.row(
        "label changes",
        "labels beyond the first within a clip, per minute of speech",
        value=float(count.sum() / minutes.sum()),
        unit="per minute",
        interval=interval(trial.speakers, lambda drawn: float(count[drawn].sum() / minutes[drawn].sum())),
        most=targets.CHANGES_PER_MINUTE,
        detail={
            "clips with a change": float((count > 0).mean()),
            "clips with a label": float(np.mean([len(one.labels) > 0 for one in trial.followed])),
        },
    )


def recall(trial: Trial) -> Row:
    """How many clips have a segment of their own, against the recall where each is scored alone."""
    streamed = _tally(trial, [one.turn.emotion if one.segment else None for one in trial.followed])
    alone = _tally(trial, trial.answers)
    estimate, by_clip = streamed.estimate(uar), alone.estimate(uar).value
    lead = streamed.against(alone, uar)[0]
    hits_by_label = {
        label: [one.segment for one in trial.followed if one.turn.emotion == label] for label in trial.labels
    }
    return trial.row(
        "segment recall",
        "clips with a segment of the right label that overlaps their speech, mean over classes; the target is the "
        "UAR of serd.score on the same clips, each alone and clean, less 5 points",
        value=estimate.value,
        unit="share",
        interval=(estimate.low, estimate.high),
        least=by_clip - targets.RECALL_LOST,
        detail={
            "clip UAR": by_clip,
            "less clip UAR": lead.value,
            "less clip UAR, low": lead.low,
            "less clip UAR, high": lead.high,
            **{label: float(np.mean(hits)) for label, hits in hits_by_label.items() if hits},
        },
    )


def uncertain(trial: Trial) -> Row:
    """How much of the speech is left undecided."""
    total: Counter[str] = Counter()
    for one in trial.followed:
        total.update(one.frames)
    undecided = np.array([one.frames.get("uncertain", 0) for one in trial.followed], np.float64)
    frames = np.array([sum(one.frames.get(state, 0) for state in STATES) for one in trial.followed], np.float64)
    shares = {name: float(total[name] / frames.sum()) for name in sorted(total) if name != "uncertain"}
    passed = total["uncertain"] + total["emotion"]
    return trial.row(
        "uncertain",
        "share of the frames about speech in state uncertain",
        value=float(undecided.sum() / frames.sum()),
        unit="share",
        interval=interval(trial.speakers, lambda drawn: float(undecided[drawn].sum() / frames[drawn].sum())),
        most=targets.UNCERTAIN,
        detail={**shares, "of the frames that the gate lets through": total["uncertain"] / max(1, passed)},
    )


def _clips(subject: ModelUnderTest) -> list[Utterance]:
    """Clips of the actors that the emotion network has not heard, else of all; of emotions that it can name."""
    named = [u for u in recordings(subject.data, CORPUS) if u.emotion in subject.contract.labels]
    unheard = [u for u in named if subject.heard(CORPUS, [u.speaker]) == "unseen"]
    return unheard or named


def _hear(
    model: str, noises: tuple[Utterance, ...], stream: tuple[int, Sequence[Utterance]]
) -> tuple[list[Alignment], list[str | None]]:
    """One stream through the pipeline, and its clips one by one through `serd.score`."""
    number, clips = stream
    made = conversation(np.random.default_rng([SEED, number]), clips, _noises(noises))
    return align(made.turns, replay(made.samples, model)), [score(load(u), RATE, model=model).label for u in clips]


@lru_cache(maxsize=1)
def _noises(sounds: tuple[Utterance, ...]) -> tuple[Samples, ...]:
    return tuple(load(sound) for sound in sounds)


def _tally(trial: Trial, answers: Sequence[str | None]) -> Tally:
    """Confusions by speaker; the class after the last is `nothing`: nobody says it, but it may be the answer."""
    groups, labels = tuple(sorted(set(trial.speakers))), trial.labels
    confusion = np.zeros((1, len(groups), len(labels) + 1, len(labels) + 1))
    for one, answer in zip(trial.followed, answers, strict=True):
        answered = len(labels) if answer is None else labels.index(answer)
        confusion[0, groups.index(one.turn.speaker), labels.index(one.turn.emotion), answered] += 1
    return Tally(groups, confusion)
