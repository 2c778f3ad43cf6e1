"""What the teacher, as AudioSet left it, makes of clips: embeddings that a small network learns to foresee.

It has been tuned to none of our recordings, so what it says gives away nothing of those that test. (Hints to a
smaller network: Romero et al. 2015, "FitNets".)
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from model_build import cache
from model_build.features import Clip
from model_build.teacher import mels, weights
from model_build.teacher.network import EMBEDDING, embedder, network
from serd.errors import UsageError
from serd.frontend import Rows

FILE = "mn04_as_mAP_432.npz"


def place(data: Path) -> Path:
    """The teacher's arrays: in a folder `teachers` beside the corpora, or in the cache. Raises UsageError."""
    beside, kept = data.resolve().parent / "teachers" / FILE, cache.folder("teacher") / FILE
    for path in (beside, kept):
        if path.is_file():
            return path
    raise UsageError(f"{FILE}: neither in {beside.parent} nor in {kept.parent}; put it in one of them")


def hints(clips: Sequence[Clip], file: Path, say: Callable[[str], None] = lambda _: None) -> Rows:
    """Embeddings (n, 384) of the middle 2.56 s of each clip, kept by content. Raises UsageError."""
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    folder = cache.folder("hints") / cache.key(mels.RECIPE, mels.FRAMES, digest)
    kept = {clip.digest: folder / clip.digest[:2] / f"{clip.digest}.npy" for clip in clips}
    missing = [clip for clip in clips if not kept[clip.digest].is_file()]
    if missing:
        say(f"hints: the teacher hears {len(missing)} clips")
        model = network(frames=mels.FRAMES)
        weights.load(model, weights.read(file))
        ear = embedder(model)
        for at in range(0, len(missing), 64):
            part = missing[at : at + 64]
            heard = mels.read(part)
            inputs = mels.crops(heard, mels.spread(heard, 1)[:, 0])[..., np.newaxis]
            for clip, said in zip(part, np.asarray(ear.predict_on_batch(inputs)), strict=True):
                with cache.replacing(kept[clip.digest]) as written:
                    np.save(written, said)
    found: Rows = np.array([np.load(kept[clip.digest]) for clip in clips], np.float32).reshape(-1, EMBEDDING)
    return found
