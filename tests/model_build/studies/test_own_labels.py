"""`python -m model_build train --recipe serd-base --labels`: from a table of real recordings to a model that scores."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from model_build.corpora import CORPORA, Utterance, inventory
from model_build.experiments.head_recipe import BASE
from model_build.training.own_head import OwnHead
from serd.inference.model import load

EMOTIONS = ("neutral", "happy", "angry")
ACTORS = ("01", "02", "03")


def clips(*pairs: tuple[str, str]) -> tuple[Utterance, ...]:
    """Speaker and emotion each."""
    return tuple(
        Utterance(Path(f"{k}.wav"), str(k), "own", speaker, emotion=emotion)
        for k, (speaker, emotion) in enumerate(pairs)
    )


@pytest.mark.parametrize("speakers", [2, 3, 7, 12])
def test_no_speaker_is_on_both_sides_and_every_fold_learns_all_labels(speakers: int) -> None:
    made = clips(*[(str(k), emotion) for k in range(speakers) for emotion in EMOTIONS for _ in range(3)])
    folds = OwnHead(BASE, {}, made, 0).folds()
    assert sorted(name for fold in folds for name in fold) == sorted(clip.name for clip in made)
    assert len(folds) == min(speakers, 5)
    for tested in folds:
        heard = {clip.speaker for clip in made if clip.name not in tested}
        assert not heard & {clip.speaker for clip in made if clip.name in tested}
        assert {clip.emotion for clip in made if clip.name not in tested} == set(EMOTIONS)


def test_where_a_fold_would_take_an_emotion_away_each_speaker_tests_alone() -> None:
    def made_of(*sad: int) -> tuple[Utterance, ...]:
        return clips(*[(str(k), one) for k in range(12) for one in ("neutral", "sad" if k in sad else "angry")])

    rare = [made_of(a, b) for a in range(12) for b in range(a)]
    for made in rare:
        head = OwnHead(BASE, {}, made, 0)
        for tested in head.folds():
            assert {clip.emotion for clip in made if clip.name not in tested} == {"neutral", "angry", "sad"}
    assert {len(OwnHead(BASE, {}, made, 0).folds()) for made in rare} == {5, 12}


def test_one_speakers_recordings_are_dealt_out_by_emotion() -> None:
    made = clips(*[("1", emotion) for emotion in EMOTIONS for _ in range(3)])
    folds = OwnHead(BASE, {}, made, 0).folds()
    assert [sorted(made[int(name)].emotion or "" for name in fold) for fold in folds] == [sorted(EMOTIONS)] * 3


def _train(table: Path, data: Path, out: Path, *flags: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "model_build", "train", "--recipe", "serd-base", "--labels", str(table)]
    return subprocess.run(
        [*command, "--data", str(data), "--out", str(out), *flags], capture_output=True, text=True, check=False,
        env={**os.environ, "XDG_CACHE_HOME": str(out / "cache")},
    )  # fmt: skip


@pytest.mark.long
@pytest.mark.usefixtures("published")
def test_from_a_table_of_real_recordings_to_a_model_that_scores(serd: str, corpora: Path, tmp_path: Path) -> None:
    chosen = [
        clip
        for clip in inventory(CORPORA["ravdess-speech"], corpora).utterances
        if clip.speaker in ACTORS and clip.emotion in EMOTIONS and clip.text == "01" and clip.intensity == "normal"
    ]
    table = tmp_path / "labels.csv"
    with table.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("path", "speaker", "emotion"))
        rows.writerows((clip.path, f"Actor {clip.speaker}", clip.emotion) for clip in chosen)
        rows.writerow(("nosuch.wav", "Actor 01", "happy"))
    done = _train(table, corpora, tmp_path, "--epochs", "2")
    assert done.returncode == 2, done.stderr  # a row was left out, and the rest done
    assert f"labels.csv, row {len(chosen) + 2}: " in done.stderr
    assert "fold 3 of 3: 6 recordings are held out" in done.stderr
    assert "Traceback" not in done.stderr
    assert "on speakers never heard; guessing 33.3" in done.stdout

    file = tmp_path / "serd-base-own.tflite"
    contract = load(str(file)).contract
    assert contract.labels == EMOTIONS
    assert contract.trained_on == {"own": ("1", "2", "3")}
    assert contract.licence == "LicenseRef-not-for-redistribution"
    assert "18 recordings of 3 speakers (neutral 6, happy 6, angry 6)" in contract.notes["protocol"]
    assert contract.notes["held out"] in done.stdout
    assert b"Actor" not in file.read_bytes()
    metrics = json.loads(file.with_suffix(".metrics.json").read_text())
    assert metrics["held_out"]["by"] == "speaker"
    assert 0 <= metrics["held_out"]["interval"][0] <= metrics["held_out"]["uar"] <= metrics["held_out"]["interval"][1]
    assert metrics["sha256"] == contract.sha256

    scored = subprocess.run(
        [serd, "score", "--model", str(file), "--format", "json", *(str(clip.path) for clip in chosen)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    answers = [json.loads(line) for line in scored.stdout.splitlines()]
    assert {tuple(answer["probabilities"]) for answer in answers} == {EMOTIONS}
    right = sum(
        max(answer["probabilities"], key=answer["probabilities"].get) == clip.emotion
        for answer, clip in zip(answers, chosen, strict=True)
    )
    assert right > len(chosen) / 2  # it has heard them


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        (["--recipe", "serd-small", "--labels", "x.csv"], "--labels: needs --recipe serd-base"),
        (["--labels", "x.csv"], "--labels: needs --recipe serd-base"),
        (["--recipe", "serd-base", "--labels", "x.csv", "--anew"], "--anew: not with --labels"),
        (["--recipe", "serd-base", "--labels", "x.csv"], "--labels x.csv: cannot be read"),
    ],
)
def test_what_cannot_be_trained_is_one_line(
    flags: list[str], told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from model_build.__main__ import main

    monkeypatch.chdir(tmp_path)
    assert main(["train", *flags, "--data", str(tmp_path), "--out", str(tmp_path)]) == 2
    errors = capsys.readouterr().err
    assert told in errors
    assert errors.count("\n") == 1
