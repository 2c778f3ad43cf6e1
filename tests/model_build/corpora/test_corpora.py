"""Readers: on the real corpora where they are, and on tiny trees of each publisher's shape."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import pytest

from model_build.corpora import CORPORA, EMOTIONS, Utterance, inventory
from serd.errors import UsageError
from tests.support.trees import tone, tree

HERE = ("ravdess-speech", "ravdess-song", "emo-db", "nemo", "ased", "urdu", "librispeech", "esc-10")


def only(name: str, data: Path) -> Utterance:
    (found,) = inventory(CORPORA[name], data).utterances
    return found


@pytest.mark.parametrize("name", HERE)
def test_real_copies_are_what_their_publishers_state(corpora: Path, name: str) -> None:
    found = inventory(CORPORA[name], corpora)
    assert not found.faults
    assert not found.differences()
    assert {utterance.emotion for utterance in found.utterances} <= {None, *EMOTIONS}
    assert len({utterance.name for utterance in found.utterances}) == len(found.utterances) >= 100


def test_ravdess_actors_are_balanced_and_shared_by_speech_and_song(corpora: Path) -> None:
    speech = inventory(CORPORA["ravdess-speech"], corpora).utterances
    song = inventory(CORPORA["ravdess-song"], corpora).utterances
    assert set(Counter(utterance.speaker for utterance in speech).values()) == {60}
    assert Counter(utterance.gender for utterance in speech) == {"female": 720, "male": 720}
    assert {u.group for u in song} == {u.group for u in speech} - {"ravdess/18"}
    assert {u.intensity for u in speech if u.emotion == "neutral"} == {"normal"}


def test_folds_of_esc_10_have_eight_clips_of_each_sound(corpora: Path) -> None:
    found = inventory(CORPORA["esc-10"], corpora).utterances
    assert set(Counter((u.fold, u.sound) for u in found).values()) == {8}
    # A recording cut into several clips must not be on two sides of a split.
    assert all(len({u.fold for u in found if u.speaker == source}) == 1 for source in {u.speaker for u in found})


def test_nemo_has_the_genders_of_its_table(corpora: Path) -> None:
    found = inventory(CORPORA["nemo"], corpora).utterances
    genders = {u.speaker: u.gender for u in found}
    assert Counter(genders.values()) == {"female": 4, "male": 5}
    assert all(u.text for u in found)


LAYOUTS = [
    ("ravdess-speech", "Actor_08/03-01-06-02-01-02-08.wav", ("08", "female", "fearful", "strong", "01")),
    ("ravdess-song", "Actor_07/03-02-01-01-02-01-07.wav", ("07", "male", "neutral", "normal", "02")),
    ("emo-db", "wav/15a05Wb.wav", ("15", "male", "angry", None, "a05")),
    ("emo-db", "wav/08b10Lc.wav", ("08", "female", "bored", None, "b10")),
    ("nemo", "samples/SM0_happiness_3.wav", ("SM0", None, "happy", None, None)),
    ("ased", "04Sad/s4-02-01-02-17.wav", ("17", "male", "sad", None, "s02")),
    ("urdu", "Neutral/SF9_F3_N003.wav", ("SF9", "female", "neutral", None, None)),
    ("savee", "AudioData/JK/sa09.wav", ("JK", "male", "sad", None, "sa09")),
    ("savee", "JK_su01.wav", ("JK", "male", "surprised", None, "su01")),
    ("tess", "YAF_pleasant_surprised/YAF_walk_ps.wav", ("YAF", "female", "surprised", None, "walk")),
    ("tess", "OAF_neutral/OA_bite_neutral.wav", ("OAF", "female", "neutral", None, "bite")),
    ("crema-d", "AudioWAV/1076_TSI_DIS_XX.wav", ("1076", None, "disgust", None, "TSI")),
    ("crema-d", "AudioWAV/1040_ITH_SAD_X.wav", ("1040", None, "sad", None, "ITH")),
    ("crema-d", "AudioWAV/1001_IEO_HAP_HI.wav", ("1001", None, "happy", "high", "IEO")),
    ("librispeech", "test-other/1688/142285/1688-142285-0002.flac", ("1688", None, None, None, "1688-142285-0002")),
]


@pytest.mark.parametrize(("name", "path", "wanted"), LAYOUTS)
@pytest.mark.parametrize("own_folder", [True, False])
def test_names_tell_the_labels(
    tmp_path: Path, name: str, path: str, wanted: tuple[str | None, ...], own_folder: bool
) -> None:
    tree(tmp_path / name if own_folder else tmp_path, [path])
    found = only(name, tmp_path)
    assert (found.speaker, found.gender, found.emotion, found.intensity, found.text) == wanted
    assert found.corpus == name


def test_iemocap_takes_labels_from_its_evaluations(tmp_path: Path) -> None:
    session = tmp_path / "IEMOCAP_full_release" / "Session1"
    tree(session, [f"sentences/wav/Ses01F_impro01/Ses01F_impro01_{who}.wav" for who in ("F000", "M001", "M002")])
    tone(session / "dialog" / "wav" / "Ses01F_impro01.wav")
    labels = session / "dialog" / "EmoEvaluation" / "Ses01F_impro01.txt"
    labels.parent.mkdir(parents=True)
    lines = [f"[6.29 - 8.24]\tSes01F_impro01_{who}\t[2.5, 2.5, 2.5]" for who in ("F000\texc", "M001\txxx", "M009\tneu")]
    labels.write_text("% [START_TIME - END_TIME] TURN_NAME EMOTION [V, A, D]\n\n" + "\n".join(lines) + "\n")
    found = inventory(CORPORA["iemocap"], tmp_path)
    assert [(u.speaker, u.gender, u.emotion, u.fold) for u in found.utterances] == [
        ("01F", "female", "excited", "01"),
        ("01M", "male", None, "01"),
    ]
    assert sorted(fault.kind for fault in found.faults) == ["missing", "unlabelled"]


def test_crema_d_takes_sexes_from_its_table(tmp_path: Path) -> None:
    tree(tmp_path, ["AudioWAV/1002_DFA_ANG_LO.wav"])
    (tmp_path / "VideoDemographics.csv").write_text("ActorID,Age,Sex,Race,Ethnicity\n1002,21,Female,Caucasian,X\n")
    assert only("crema-d", tmp_path).gender == "female"


def test_stated_names_number_as_many_as_stated_recordings() -> None:
    for corpus in CORPORA.values():
        if corpus.names:
            assert len(corpus.names()) == corpus.recordings
        if corpus.emotions:
            assert sum(corpus.emotions.values()) == corpus.recordings


@pytest.mark.parametrize("ending", ["flac", "opus"])
def test_other_endings_read_alike(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"wav/03a01Fa.{ending}"
    if ending == "opus":
        path = tone(path.with_suffix(".ogg")).rename(path)
    else:
        tone(path)
    assert only("emo-db", tmp_path).emotion == "happy"
    assert not inventory(CORPORA["emo-db"], tmp_path, listen=True).faults


def test_half_a_corpus_names_what_is_missing(corpora: Path, tmp_path: Path) -> None:
    for actor in ("Actor_01", "Actor_02"):
        (tmp_path / actor).symlink_to(corpora / "ravdess-speech" / actor, target_is_directory=True)
        shutil.copytree(corpora / "ravdess-speech" / actor, tmp_path / "ravdess-speech" / actor)
    (tmp_path / "ravdess-speech/Actor_02/03-01-05-01-01-01-02.flac").unlink()
    found = inventory(CORPORA["ravdess-speech"], tmp_path)
    assert "119 recordings, 1440 stated" in found.differences()
    assert "03-01-05-01-01-01-02: missing; fetch it anew" in [str(fault) for fault in found.faults]


def test_each_bad_file_is_named_with_its_fault(tmp_path: Path) -> None:
    good, text, cut, hollow = (f"wav/03a0{k}Fa.wav" for k in (1, 2, 4, 5))
    tree(tmp_path, [good, cut, hollow, "copy/03a01Fa.wav", "wav/readme.wav"])
    (tmp_path / text).write_text("not sound at all")
    whole = (tmp_path / cut).read_bytes()
    (tmp_path / cut).write_bytes(whole[: len(whole) // 2])
    tone(tmp_path / hollow, seconds=0)
    found = inventory(CORPORA["emo-db"], tmp_path, listen=True)
    assert [fault.kind for fault in found.faults if fault.name.endswith("readme.wav")] == ["unknown"]
    kinds = {Path(fault.name).stem: fault.kind for fault in found.faults}
    assert kinds["03a02Fa"] == "unreadable"
    assert kinds["03a04Fa"] == "truncated"
    assert kinds["03a05Fa"] == "unreadable"
    assert kinds["03a01Fa"] == "twice"
    assert [u.name for u in found.utterances] == ["03a01Fa"]


def test_an_empty_folder_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no recordings of EMO-DB; --data names the folder"):
        inventory(CORPORA["emo-db"], tmp_path)
    with pytest.raises(UsageError, match="no such folder"):
        inventory(CORPORA["emo-db"], tmp_path / "absent")


def test_what_macos_leaves_in_archives_is_no_recording(tmp_path: Path) -> None:
    tree(tmp_path, ["wav/03a01Fa.wav", "wav/._03a01Fa.wav", "__MACOSX/wav/03a01Nc.wav"])
    assert only("emo-db", tmp_path).name == "03a01Fa"
