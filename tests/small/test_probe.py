"""A probe names the corpus as far as the embedding tells it, of speakers that it has not seen."""

from __future__ import annotations

import dataclasses
from collections import Counter
from pathlib import Path

import keras
import numpy as np
import pytest

from model_build.corpora import Utterance
from model_build.features import Clip
from model_build.networks import POOLED
from model_build.small import probe as probing
from model_build.small.probe import crossed, fitted, folds, probe, whole
from model_build.small.recipe import FRONT_END
from serd.inference.frontend import FrontEnd, Rows

SMALL = dataclasses.replace(FRONT_END, rows=16)
BANDS = SMALL.bands.count


def network() -> keras.Model:
    """It pools the mean of each band."""
    spectrogram = keras.Input((SMALL.rows, BANDS, 1))
    pooled = keras.layers.Rescaling(1.0, name=POOLED)(
        keras.layers.Flatten()(keras.layers.AveragePooling2D((16, 1))(spectrogram))
    )
    return keras.Model(spectrogram, keras.layers.Dense(2)(pooled))


def crowd(corpus: str, loud: int | None, speakers: int = 5, each: int = 6, family: str = "") -> list[Clip]:
    """Clips of noise; louder in one band, if their corpus has one of its own."""
    found = []
    for speaker in range(speakers):
        for k in range(each):
            rng = np.random.default_rng([len(corpus), sum(corpus.encode()), speaker, k])
            rows = rng.normal(-5, 1, (32, BANDS)).astype(np.float32)
            if loud is not None:
                rows[:, loud] += 3
            spoken = np.arange(32) >= 8
            name = f"{speaker}-{k}"
            said = Utterance(Path(name), name, corpus, f"{speaker}", emotion="happy", family=family)
            found.append(Clip(said, f"{corpus} {name}", rows, spoken))
    return found


def test_what_the_embedding_tells_is_named() -> None:
    found = probe(network(), {"one": crowd("one", 3), "two": crowd("two", 20), "three": crowd("three", 33)}, SMALL)
    assert found is not None
    assert found.accuracy > 0.95
    assert found.document() == {
        "accuracy": round(found.accuracy, 4),
        "chance": 0.3333,
        "corpora": ["one", "two", "three"],
    }


def test_corpora_that_sound_alike_come_to_chance() -> None:
    alike = {name: crowd(name, 3, each=20) for name in ("one", "two")}
    found = probe(network(), alike, SMALL)
    assert found is not None
    assert found.accuracy == pytest.approx(0.5, abs=0.15)


def test_a_probe_that_knows_the_voices_is_not_asked_about_them() -> None:
    """Every speaker has a number of their own, and no corpus has: a probe that had seen them would always be right."""
    speaker = np.repeat(np.arange(10), 6)
    truth = speaker % 2
    apart = crossed(np.eye(10)[speaker], truth, speaker // 2)
    assert (apart == truth).mean() <= 0.5
    known = crossed(np.eye(10)[speaker], truth, np.tile(np.arange(3), 20))
    assert (known == truth).all()


def test_no_speaker_is_in_two_folds_not_even_singing() -> None:
    clips = [*crowd("speech", 3, family="r"), *crowd("song", 20, family="r", each=3), *crowd("other", 33, speakers=3)]
    found = folds([clip.utterance for clip in clips])
    groups: dict[str, set[int]] = {}
    for clip, fold in zip(clips, found.tolist(), strict=True):
        groups.setdefault(clip.utterance.group, set()).add(fold)
    assert all(len(own) == 1 for own in groups.values())
    assert set(found[: 5 * 6]) == {0, 1, 2, 3, 4}, "each corpus is spread over them"


def test_the_largest_corpus_counts_no_more_than_the_smallest(monkeypatch: pytest.MonkeyPatch) -> None:
    heard = Counter[str]()

    def counted(clip: Clip, front_end: FrontEnd) -> Rows:
        heard[clip.utterance.corpus] += 1
        return whole(clip, front_end)

    monkeypatch.setattr(probing, "whole", counted)
    probe(network(), {"one": crowd("one", None, each=60), "two": crowd("two", None, each=2)}, SMALL)
    assert heard == {"one": 10, "two": 10}


def test_a_number_that_never_changes_does_not_matter() -> None:
    known = np.array([[0.0, 1], [0, 2], [0, 8], [0, 9]])
    assert fitted(known, np.array([0, 0, 1, 1]), np.array([[5.0, 1], [5, 9]])).tolist() == [0, 1]


def test_the_window_holds_most_of_the_speech() -> None:
    (clip,) = crowd("one", None, speakers=1, each=1)
    late = dataclasses.replace(clip, spoken=np.arange(32) >= 20)
    np.testing.assert_array_equal(whole(late, SMALL), SMALL.scale(late.rows[16:32]))


@pytest.mark.parametrize("others", [{}, {"two": crowd("two", 3, speakers=1)}])
def test_one_corpus_or_one_speaker_tells_nothing(others: dict[str, list[Clip]]) -> None:
    assert probe(network(), {"one": crowd("one", 3), **others}, SMALL) is None


def test_a_network_that_pools_nothing_is_not_probed() -> None:
    plain = keras.Sequential([keras.Input((SMALL.rows, BANDS, 1)), keras.layers.Flatten(), keras.layers.Dense(2)])
    assert probe(plain, {"one": crowd("one", 3), "two": crowd("two", 20)}, SMALL) is None
