"""`python -m model_build report`: the same bytes from the same records."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from model_build.__main__ import main
from model_build.experiments.experiment import SCORED
from model_build.experiments.head_recipe import HEAD_RECIPES
from model_build.experiments.recipe import RECIPES
from model_build.experiments.record import write
from model_build.experiments.splits import parts
from model_build.report.plots import PLOTS
from model_build.report.records import runs
from model_build.report.thesis_card import shipped_answers
from model_build.studies.serd import STUDIES as SMALL
from model_build.thesis.studies import STUDIES
from serd.inference.model import FOLDER
from tests.support.judgements import EVERYONE, keep, made, said, who_tests

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Some of the study."""
    folder = tmp_path_factory.mktemp("results")
    keep(folder, STUDIES["thesis"].runs[:6], lambda own: 0.5 + 0.25 * (int(own.speaker) % 3 - 1))
    keep(folder, runs("speakers", network="cnn", seed=0), 0.5)
    return folder


def report(results: Path, out: Path, *more: str) -> dict[str, bytes]:
    assert main(["report", "--results", str(results), "--out", str(out), *more]) == 0
    return {str(path.relative_to(out)): path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file()}


@pytest.fixture(scope="module")
def found(results: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files of its report."""
    return report(results, tmp_path_factory.mktemp("out"))


def test_the_report_is_the_same_bytes_each_time(results: Path, found: dict[str, bytes], tmp_path: Path) -> None:
    assert report(results, tmp_path) == found
    drawn = {"seeds", "learning-curves", "confusion-random", "confusion-speakers", "risk-coverage"}
    plots = {f"docs/results/{name}.svg" for name in drawn}
    cards = {"thesis-cnn", *(name for name in (*RECIPES, *HEAD_RECIPES) if (FOLDER / f"{name}.metrics.json").is_file())}
    assert set(found) == {"RESULTS.md", *(f"docs/model-card-{name}.md" for name in cards)} | plots
    assert drawn | {"cross-corpus", "confusion-serd-base", "ten-sentences"} == set(PLOTS)


def test_plots_carry_no_date_and_are_shown(found: dict[str, bytes]) -> None:
    text = found["RESULTS.md"].decode()
    for name, data in found.items():
        if name.endswith(".svg"):
            assert b"dc:date" not in data
            assert b"Matplotlib v" not in data
            assert f"]({name})" in text
    assert "cross-corpus.svg" not in text


def test_the_summary_answers_every_question_or_says_that_it_was_not_run(found: dict[str, bytes]) -> None:
    text = found["RESULTS.md"].decode()
    for study in STUDIES.values():
        assert f"- **{study.question}** " in text
    assert text.count("Not run yet") == 2 * 7  # in the summary, and at its place
    assert f"\n{6 + 5} of " in text
    assert "\n\n\n" not in text


def test_one_changed_answer_changes_the_report(results: Path, found: dict[str, bytes], tmp_path: Path) -> None:
    copy = tmp_path / "results"
    shutil.copytree(results, copy)
    (run,) = runs("thesis", network="cnn", seed=0)
    keep(copy, [run], 1.0)
    assert report(copy, tmp_path / "two")["RESULTS.md"] != found["RESULTS.md"]


def test_the_card_states_the_shipped_files_own_figures(results: Path, tmp_path: Path) -> None:
    (run,) = runs("thesis", network="cnn", seed=0)
    own = said(who_tests(run), lambda _: 0.5)
    labels = made(run, {}).labels
    metrics = {
        "model": "thesis-cnn/1.0",
        "protocol": "random split",
        "clip_rule": "mean",
        "labels": labels,
        "parameters": 1,
        "macs": 2,
        "bytes": 3,
        "seed": 0,
        "sha256": "ab" * 32,
        "predictions": {
            "int8": {
                "clip": own.clip.tolist(),
                "truth": own.emotion.tolist(),
                "probabilities": (1000 * own.probabilities).round().astype(int).T.tolist(),
            }
        },
    }
    file = tmp_path / "metrics.json"
    file.write_text(json.dumps(metrics))
    answers, _ = shipped_answers(metrics)
    assert answers.gender.tolist() == own.gender.tolist()
    assert answers.intensity.tolist() == own.intensity.tolist()
    card = report(results, tmp_path / "out", "--metrics", str(file))["docs/model-card-thesis-cnn.md"].decode()
    right = 100 * float((own.probabilities.argmax(axis=1) == own.emotion).mean())
    assert f"| accuracy | {right:.1f} (" in card
    assert "| speakers never heard (Luna's five folds) | " in card
    assert "not run" in card
    file.write_text("{}")
    assert main(["report", "--results", str(results), "--out", str(tmp_path), "--metrics", str(file)]) == 2


def test_a_default_model_of_which_there_is_a_record_has_a_card(tmp_path: Path) -> None:
    run = next(run for run in SMALL["serd-small"].runs if run.protocol == "luna")
    tested = [EVERYONE[k] for k in parts(run, EVERYONE).test]
    results = tmp_path / "results"
    results.mkdir()
    write(results, made(run, {SCORED: said(tested, lambda _: 0.5)}))
    files = report(results, tmp_path / "out", "--evaluations", str(tmp_path))
    assert b"| UAR, 8 classes, unheard speakers, Luna's five folds | 50.0 (" in files["docs/model-card-serd-small.md"]


def test_the_committed_report_comes_from_the_committed_records(tmp_path: Path) -> None:
    if not (ROOT / "RESULTS.md").is_file():
        pytest.skip("no RESULTS.md in this checkout")
    again = report(ROOT / "results", tmp_path, "--evaluations", str(ROOT / "docs" / "evaluation"))
    for name in again:
        if name.endswith((".md", ".metrics.json")):
            assert again[name] == (ROOT / name).read_bytes(), name


def test_records_are_few_and_small() -> None:
    files = list((ROOT / "results").glob("*/*.json"))
    assert sum(file.stat().st_size for file in files) <= 22_500_000


def test_no_records_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "--results", str(tmp_path / "absent"), "--out", str(tmp_path)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "no such folder; `python -m model_build study` writes its records there" in line


def test_a_file_in_place_of_the_folder_is_one_line(
    results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    assert main(["report", "--results", str(results), "--out", str(tmp_path / "file")]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.endswith("file: File exists; --out needs a folder that can be written into")
