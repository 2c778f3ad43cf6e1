"""The wheel that `python -m build` makes: what it carries, and that it works where nothing else of serd is."""

from __future__ import annotations

import json
import re
import sys
import tarfile
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest
import soundfile as sf

from serd.cli.commands import COMMANDS
from tests.support.environments import ROOT, call, locked, with_wheel

PYTHONS = ["3.11", "3.13"]


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with the source distribution, and the wheel that was made of it."""
    folder = tmp_path_factory.mktemp("dist")
    with locked("build"):  # it writes into the checkout
        done = call(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.fixture(scope="session")
def wheel(built: Path) -> Path:
    (found,) = built.glob("serd-*.whl")
    return found


def test_the_wheel_carries_all_of_serd(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    tree = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "serd").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and not path.name.startswith(".")
    }
    assert tree - names == set(), "each file of the package is in the wheel"
    models = {f"serd/models/{name}.tflite" for name in ("serd-base", "serd-small", "serd-tiny", "thesis-cnn", "speech")}
    assert {"serd/data/demo.opus", *models} <= names


def test_the_wheel_carries_units_completion_and_man_pages(wheel: Path) -> None:
    archive = zipfile.ZipFile(wheel)
    names = archive.namelist()
    for unit in (ROOT / "systemd").rglob("*"):
        if unit.is_file():
            packed = archive.read(f"serd/data/systemd/{unit.relative_to(ROOT / 'systemd')}")
            assert packed == unit.read_bytes()
    shared = {name.partition("/data/share/")[2] for name in names if "/data/share/" in name}
    pages = {f"man/man1/{name}.1" for name in ("serd", *(f"serd-{command}" for command in COMMANDS))}
    assert shared == {"bash-completion/completions/serd", "zsh/site-functions/_serd", *pages}


def test_the_wheel_carries_all_licences(wheel: Path) -> None:
    archive = zipfile.ZipFile(wheel)
    texts = [archive.read(name).decode() for name in archive.namelist() if "/licenses/" in name]
    assert len(texts) == 4
    assert any("Apache License" in text for text in texts)
    assert any("CC-BY-NC-SA-4.0" in text and "RAVDESS" in text for text in texts)
    assert any("MIT" in text and "Leon Sorokin" in text for text in texts), "uPlot's"
    assert any("MIT License" in text and "OpenAI" in text for text in texts)


def test_the_wheel_has_no_training_code_no_tests_and_no_recordings_but_the_demo(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names if ".dist-info" not in name}
    assert {re.sub(r"^serd-.*\.data$", "data", top) for top in tops} == {"serd", "data"}
    assert [name for name in names if name.endswith((".wav", ".flac", ".opus", ".npz"))] == ["serd/data/demo.opus"]


def test_the_weights_stay_small(wheel: Path) -> None:
    sizes = {info.filename: info.file_size for info in zipfile.ZipFile(wheel).infolist()}
    assert sizes["serd/models/thesis-cnn.tflite"] < 4_000_000
    assert sizes["serd/models/serd-small.tflite"] <= 500_000
    assert sizes["serd/models/serd-tiny.tflite"] <= 100_000
    assert wheel.stat().st_size < 20_000_000


def test_tensorflow_is_an_extra(wheel: Path) -> None:
    archive = zipfile.ZipFile(wheel)
    (metadata,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
    wanted = Parser().parsestr(archive.read(metadata).decode()).get_all("Requires-Dist", [])
    plain = {line.split(">")[0].split("=")[0].strip() for line in wanted if "extra ==" not in line}
    audio = {"sounddevice", "soundfile", "soxr", "pulsectl"}
    assert plain == {"numpy", "scipy", "pyzmq", "rich", "ai-edge-litert", *audio}
    assert any(line.startswith("tensorflow") and 'extra == "build"' in line for line in wanted)


def test_the_source_distribution_holds_what_the_wheel_was_made_of(built: Path) -> None:
    (archive,) = built.glob("serd-*.tar.gz")
    with tarfile.open(archive) as opened:
        names = {name.partition("/")[2] for name in opened.getnames()}
    assert {"LICENSE", "pyproject.toml", "serd/models/LICENSE", "serd/data/demo.opus"} <= names
    training = {str(path.relative_to(ROOT)) for path in (ROOT / "model_build").rglob("*.py")}
    assert training - names == set(), "and the training code, which no wheel has"


@pytest.fixture(scope="session", params=PYTHONS)
def installed(request: pytest.FixtureRequest, wheel: Path) -> Path:
    """Folder of the programs of a clean environment with the wheel."""
    return with_wheel(request.param, wheel) / "bin"


@pytest.mark.timeout(900)
def test_the_wheel_brings_all_it_needs(installed: Path) -> None:
    done = call(installed / "python", "-m", "pip", "check")
    assert done.returncode == 0, done.stdout
    where = call(installed / "python", "-c", "import serd, sys; print(serd.__file__)").stdout
    assert where.startswith(str(installed.parent)), "and what is tested is the wheel, not the checkout"


def test_the_command_works_from_the_wheel(installed: Path) -> None:
    done = call(installed / "serd", "--version")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.split()[0] == "serd"


def test_the_models_are_found_in_the_wheel(installed: Path) -> None:
    done = call(installed / "serd", "models")
    assert (done.returncode, done.stderr) == (0, "")
    assert "serd-small" in done.stdout


def test_a_recording_is_scored_from_the_wheel(installed: Path, tmp_path: Path) -> None:
    demo = call(
        installed / "python", "-c", "import serd, pathlib; print(pathlib.Path(serd.__file__).parent / 'data/demo.opus')"
    ).stdout.strip()
    clip = tmp_path / "clip.wav"
    sf.write(clip, *sf.read(demo, 10 * 16000))
    done = call(installed / "serd", "score", "--json", clip)
    assert done.returncode == 0, done.stderr
    (line,) = done.stdout.splitlines()
    score = json.loads(line)
    assert Path(score["file"]) == clip
    assert sum(score["probabilities"].values()) == pytest.approx(1, abs=1e-3)


def test_training_code_without_its_extra_says_what_to_install(installed: Path) -> None:
    command = ("-m", "model_build", "train", "--network", "cnn", "--corpus", "ravdess", "--data", "/")
    done = call(installed / "python", *command, cwd=ROOT)
    assert done.returncode != 0
    assert "pip install '.[build]'" in done.stderr
    assert "Traceback" not in done.stderr
    elsewhere = call(installed / "python", *command)
    assert "No module named model_build" in elsewhere.stderr, "the wheel has none of it"
