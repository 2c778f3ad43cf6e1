"""How often cross-talk is found, and how often wrongly: `script/crosstalk [--pairs N] [--corpora DIR] [--json FILE]`.

Two actors of RAVDESS speak in turn and at once, each into a channel of his own; each is also heard in the other's,
later by 3 ms, or through the impulse response of a real room, by so many dB fainter. Of the frames in which serd hears
speech in a channel: `other alone` are those whose channel's own actor has been silent for a second while the other
speaks; `own alone` and `both` the frames that are his own.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import scipy.signal
import soundfile

from serd.block import Block, Samples
from serd.inference.crosstalk import Crosstalk
from serd.inference.model import SPEECH, load
from serd.inference.pipeline import Pipeline
from tools.checkout import ROOT

RATE, STRIDE = 16000, 4000
ATTENUATIONS_DB = (6, 12, 20)
ROOMS = ("openair_DomesticLivingRoom", "openair_EmptyApartmentBedroom", "openair_TerrysTypingRoom")
DELAY = 48
"""Samples: one metre."""
CLIPS = 6
LEVEL = 0.05
"""Root mean square of each clip."""
NOISE = 10 ** (-65 / 20)
RANGE_DB = 30
"""An actor speaks where he is no fainter than this, against his loudest twentieth of 20 ms pieces."""
PIECE = RATE // 50


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=12, help="pairs of actors at each attenuation and path")
    parser.add_argument("--corpora", type=Path, default=ROOT.parent / "shared" / "corpora")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the counts there too: docs/crosstalk.json")
    given = parser.parse_args()
    actors = sorted((given.corpora / "ravdess-speech").glob("Actor_*"))
    if len(actors) < 2:
        parser.error(f"--corpora {given.corpora}: no ravdess-speech there")
    rooms = [response(given.corpora / "rir" / f"{name}.flac") for name in ROOMS]
    print(f"{given.pairs} pairs each; share of frames in which another voice is told, and their number\n")
    print(f"{'path':<8}{'dB':>4}{'other alone (hit)':>22}{'own alone (false)':>22}{'both (false)':>22}")
    rows = []
    for path in ("3 ms", "room"):
        for attenuation_db in ATTENUATIONS_DB:
            draw, told, counts = random.Random(given.seed), Counter[str](), Counter[str]()
            for number in range(given.pairs):
                stems = scene(draw.sample(actors, 2), draw)
                impulse = delayed() if path == "3 ms" else rooms[number % len(rooms)]
                measure(stems, mixed(stems, impulse, attenuation_db, number), told, counts)
            rows.append({"path": path, "attenuation_db": attenuation_db, "told": dict(told), "frames": dict(counts)})
            cells = "".join(
                f"{told[kind] / counts[kind]:>14.1%} ({counts[kind]:4})" if counts[kind] else f"{'–':>22}"
                for kind in ("other", "own", "both")
            )
            print(f"{path:<8}{attenuation_db:>4}{cells}", flush=True)
    if given.json:
        given.json.write_text(json.dumps({"pairs": given.pairs, "seed": given.seed, "rows": rows}, indent=1) + "\n")


def delayed() -> Samples:
    """The impulse response of one metre of air."""
    impulse = np.zeros(DELAY + 1, np.float32)
    impulse[DELAY] = 1
    return impulse


def response(path: Path) -> Samples:
    """A room's impulse response at our rate, of energy 1."""
    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    mono = scipy.signal.resample_poly(samples[:, 0], RATE, rate)
    impulse: Samples = (mono / np.sqrt(np.square(mono).sum())).astype(np.float32)
    return impulse


def scene(actors: Sequence[Path], draw: random.Random) -> Samples:
    """The clean stems (2, n): in turn twice, then at once, and again."""
    theirs = [[clip(path) for path in draw.sample(sorted(actor.iterdir()), CLIPS)] for actor in actors]
    pieces: list[Samples] = []
    for number, (first, second) in enumerate(zip(*theirs, strict=True)):
        if number % 3 == 2:
            length = max(len(first), len(second))
            pieces.append(np.stack([np.pad(one, (0, length - len(one))) for one in (first, second)]))
        else:
            pieces += [np.stack([first, np.zeros_like(first)]), np.stack([np.zeros_like(second), second])]
    return np.concatenate(pieces, axis=1)


def clip(path: Path) -> Samples:
    """One clip at our rate and level."""
    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    mono = samples.mean(axis=1) if rate == RATE else scipy.signal.resample_poly(samples.mean(axis=1), RATE, rate)
    spoken: Samples = (mono * LEVEL / np.sqrt(np.square(mono).mean())).astype(np.float32)
    return spoken


def mixed(stems: Samples, impulse: Samples, attenuation_db: float, seed: int) -> Samples:
    """What the two channels hold (2, n)."""
    length = stems.shape[1]
    share = 10 ** (-attenuation_db / 20)
    bleed = np.stack([scipy.signal.fftconvolve(stem, impulse)[:length] for stem in stems[::-1]])
    noise = np.random.default_rng(seed).normal(0, NOISE, stems.shape)
    held: Samples = (stems + share * bleed + noise).astype(np.float32)
    return held


def measure(stems: Samples, frames: Samples, told: Counter[str], counts: Counter[str]) -> None:
    """Count the frames of each kind, and those in which another voice is told."""
    speaks = [_speaks(stem) for stem in stems]
    crosstalk = Crosstalk(["first", "second"], RATE)
    emotion, speech = load("serd-small"), load(SPEECH, "speech")
    pipelines = [Pipeline.assemble(emotion, speech, STRIDE / RATE) for _ in stems]
    for start in range(0, frames.shape[1], RATE):
        block = Block(frames[:, start : start + RATE], start, False, 0.0)
        crosstalk.push(block)
        for number, pipeline in enumerate(pipelines):
            part = block.voice(number)
            assert part is not None
            for step in pipeline.push(part):
                end = step.scores.end
                kind = _kind(speaks[number], speaks[1 - number], end)
                if kind and step.decision.state != "no-speech":
                    counts[kind] += 1
                    told[kind] += crosstalk.other(number, end) is not None


def _speaks(stem: Samples) -> list[bool]:
    """Of pieces of 20 ms."""
    pieces = stem[: len(stem) // PIECE * PIECE].reshape(-1, PIECE)
    level = 10 * np.log10(np.square(pieces).mean(axis=1) + 1e-12)
    loud: list[bool] = (level > np.percentile(level, 95) - RANGE_DB).tolist()
    return loud


def _kind(own: Sequence[bool], other: Sequence[bool], end: int) -> str | None:
    """What the second before a place is: `other` or `own` alone, `both`; None for what lies between."""
    now, half, second = end // PIECE, 25, 50
    if now < second:
        return None
    share, others = (sum(one[now - half : now]) / half for one in (own, other))
    if others > 0.5 and not any(own[now - second : now]):
        return "other"
    if share > 0.5 and not any(other[now - second : now]):
        return "own"
    return "both" if min(share, others) > 0.4 else None


if __name__ == "__main__":
    main()
