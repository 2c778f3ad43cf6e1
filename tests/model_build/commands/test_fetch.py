"""`python -m model_build fetch`, from a server that speaks as the publisher's does."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from model_build.__main__ import main
from model_build.commands.fetch import ARCHIVE
from tests.support.trees import tree
from tests.support.webserver import Site, serving

NAMES = [f"Actor_{actor:02}/03-01-{emotion:02}-01-01-01-{actor:02}.wav" for actor in (1, 2) for emotion in (1, 3, 5)]


def record(site: Site, data: bytes, md5: str) -> None:
    """Describe the archive as Zenodo's interface does, among others."""
    entries = [
        {"key": "Audio_Song_Actors_01-24.zip", "size": 1, "checksum": "md5:" + "0" * 32, "links": {"self": ""}},
        {
            "key": ARCHIVE,
            "size": len(data),
            "checksum": f"md5:{md5}",
            "links": {"self": f"{site.url}/files/{ARCHIVE}/content"},
        },
    ]
    site.files["/record"] = json.dumps({"id": 1188976, "files": entries}).encode()
    site.files[f"/files/{ARCHIVE}/content"] = data


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    folder = tree(tmp_path / "made", NAMES)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name in NAMES:
            archive.write(folder / name, name)
    with serving(Site()) as own:
        record(own, packed.getvalue(), hashlib.md5(packed.getvalue()).hexdigest())
        yield own


def fetch(site: Site, data: Path, *more: str) -> int:
    return main(["fetch", "ravdess", "--data", str(data), "--record", f"{site.url}/record", *more])


def test_the_corpus_is_there_afterwards_and_what_is_missing_is_named(
    site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "corpora"
    assert fetch(site, data) == 1  # six files are not the whole corpus
    shown = capsys.readouterr()
    assert "6 recordings; RAVDESS is under CC BY-NC-SA 4.0" in shown.out
    assert "6 recordings, 1440 stated" in shown.out
    assert f"{ARCHIVE}: 0 of 0 MB" in shown.err
    assert [path.name for path in data.iterdir()] == [Path(ARCHIVE).stem]
    assert main(["corpora", "ravdess-speech", "--data", str(data)]) == 1
    assert "6 recordings of 1440 stated, 2 speakers" in capsys.readouterr().out


def test_an_archive_that_is_already_there_is_not_fetched_again(site: Site, tmp_path: Path) -> None:
    fetch(site, tmp_path / "corpora", "--keep")
    assert (tmp_path / "corpora" / ARCHIVE).is_file()
    fetch(site, tmp_path / "corpora")
    assert [path for path, _ in site.asked].count(f"/files/{ARCHIVE}/content") == 1
    assert not (tmp_path / "corpora" / ARCHIVE).exists()


def test_a_wrong_checksum_leaves_no_corpus(site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record(site, site.files[f"/files/{ARCHIVE}/content"], "1" * 32)
    assert fetch(site, tmp_path / "corpora") == 2
    (line,) = [line for line in capsys.readouterr().err.splitlines() if line.startswith("model_build")]
    assert f"published is {'1' * 32}" in line
    assert list((tmp_path / "corpora").iterdir()) == []


def test_what_is_no_archive_leaves_no_corpus(site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record(site, b"not a zip", hashlib.md5(b"not a zip").hexdigest())
    assert fetch(site, tmp_path / "corpora") == 2
    assert "no zip archive" in capsys.readouterr().err
    assert not (tmp_path / "corpora" / Path(ARCHIVE).stem).exists()


def test_another_record_is_refused(site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    site.files["/record"] = b'{"files": []}'
    assert fetch(site, tmp_path / "corpora") == 2
    assert f"does not describe {ARCHIVE}" in capsys.readouterr().err
    site.files["/record"] = b"<html>"
    assert fetch(site, tmp_path / "corpora") == 2


def test_a_folder_that_cannot_be_made_is_one_line(
    site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    assert fetch(site, tmp_path / "file" / "corpora") == 2
    assert "--data names a folder that can be written to" in capsys.readouterr().err
