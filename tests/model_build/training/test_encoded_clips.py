"""model_build.training.encoded_clips: which clips may train, and what their emotion tells of activation."""

from __future__ import annotations

from pathlib import Path

from model_build.corpora import Utterance
from model_build.training.encoded_clips import activation, may_train


def clip(emotion: str | None, corpus: str = "emo-db", speaker: str = "03") -> Utterance:
    return Utterance(Path("a.wav"), "a", corpus, speaker, emotion=emotion)


def test_activation_is_told_by_the_emotion_and_disgust_tells_nothing() -> None:
    by_emotion = {emotion: activation(clip(emotion)) for emotion in ("angry", "bored", "disgust", None)}
    assert by_emotion == {"angry": 1, "bored": 0, "disgust": -1, None: -1}


def test_of_a_corpus_with_several_licences_only_the_free_part_trains() -> None:
    assert may_train(clip("neutral"))
    assert may_train(clip("neutral", "asterisk-prompts", "ru_RU_f_IvrvoiceRU"))
    assert not may_train(clip("neutral", "asterisk-prompts", "en_US_f_Allison"))
