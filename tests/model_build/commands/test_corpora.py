"""`python -m model_build corpora`."""

from __future__ import annotations

from pathlib import Path

import pytest

from model_build.__main__ import main
from tests.support.trees import tree


def test_it_counts_by_emotion_and_speaker(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tree(tmp_path / "emo-db", ["wav/03a01Fa.wav", "wav/03a01Wa.wav", "wav/08a01Wa.wav"])
    assert main(["corpora", "--data", str(tmp_path), "--speakers"]) == 1
    printed = capsys.readouterr().out
    assert "EMO-DB: 3 recordings of 535 stated, 2 speakers, 0 faults" in printed
    cells = [[cell.strip() for cell in line.strip("│").split("│")] for line in printed.splitlines() if "│" in line]
    assert cells == [["03", "1", "1", "2"], ["08", "0", "1", "1"], ["all", "1", "2", "3"]]
    assert "emo-db: 2 angry, 127 stated" in printed.splitlines()
    assert "emo-db: 3 recordings, 535 stated" in printed.splitlines()


def test_faults_are_named_one_by_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tree(tmp_path / "emo-db", ["wav/03a01Fa.wav"])
    bad = tmp_path / "emo-db" / "wav" / "03a01Wa.wav"
    bad.write_text("text")
    assert main(["corpora", "emo-db", "--data", str(tmp_path)]) == 1
    assert f"emo-db: {bad}: not a readable sound file" in capsys.readouterr().out


def test_a_whole_corpus_is_clean(corpora: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["corpora", "ravdess-speech", "esc-10", "--names-only", "--data", str(corpora)]) == 0
    printed = capsys.readouterr().out
    assert "RAVDESS speech: 1440 recordings of 1440 stated, 24 speakers, 0 faults" in printed
    assert "ESC-10: 400 recordings of 400 stated, 0 faults" in printed


def test_nothing_there_is_one_clear_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, wanted in (
        ([], "holds none of the corpora"),
        (["tess"], "no recordings of TESS"),
        (["nonsense"], "corpus nonsense: unknown; there are ravdess-speech"),
    ):
        assert main(["corpora", *arguments, "--data", str(tmp_path)]) == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert wanted in line
    assert main(["corpora", "--data", str(tmp_path / "absent")]) == 2
    assert "no such folder" in capsys.readouterr().err
