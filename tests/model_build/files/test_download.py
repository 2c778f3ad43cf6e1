"""Downloads from a real server: resumed, checked, and given up with one clear line."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from model_build.files.download import PublishedFile, download, get
from serd.errors import UsageError
from tests.support.webserver import Site, serving

DATA = np.random.default_rng(0).bytes(1_000_000)


@pytest.fixture
def site() -> Iterator[Site]:
    with serving(Site({"/a.zip": DATA})) as own:
        yield own


def published(site: Site, md5: str | None = None) -> PublishedFile:
    return PublishedFile("a.zip", f"{site.url}/a.zip", len(DATA), md5 or hashlib.md5(DATA).hexdigest())


def test_a_whole_download_shows_its_progress(site: Site, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    download(published(site), tmp_path / "a.zip", lambda *step: seen.append(step))
    assert (tmp_path / "a.zip").read_bytes() == DATA
    assert seen[-1] == (len(DATA), len(DATA))
    assert [there for there, _ in seen] == sorted(there for there, _ in seen)
    assert [path.name for path in tmp_path.iterdir()] == ["a.zip"]


def test_a_broken_connection_is_taken_up_where_it_broke(site: Site, tmp_path: Path) -> None:
    site.cuts = [300_000, 200_000]
    download(published(site), tmp_path / "a.zip", pauses=())
    assert (tmp_path / "a.zip").read_bytes() == DATA
    assert [wanted for _, wanted in site.asked] == [None, "bytes=300000-", "bytes=500000-"]


def test_the_next_call_goes_on_where_this_one_gave_up(site: Site, tmp_path: Path) -> None:
    site.cuts = [400_000, 0]
    with pytest.raises(UsageError, match="after 400000 of 1000000 bytes; the same command goes on from there"):
        download(published(site), tmp_path / "a.zip", pauses=())
    assert not (tmp_path / "a.zip").exists()
    download(published(site), tmp_path / "a.zip", pauses=())
    assert (tmp_path / "a.zip").read_bytes() == DATA
    assert site.asked[-1] == ("/a.zip", "bytes=400000-")


def test_a_server_without_ranges_sends_all_of_it_again(site: Site, tmp_path: Path) -> None:
    site.ranges = False
    (tmp_path / "a.zip.part").write_bytes(b"x" * 1000)
    download(published(site), tmp_path / "a.zip", pauses=())
    assert (tmp_path / "a.zip").read_bytes() == DATA


def test_a_wrong_checksum_leaves_nothing_behind(site: Site, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=f"published is {'0' * 32}; it was removed"):
        download(published(site, "0" * 32), tmp_path / "a.zip", pauses=())
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_part_is_found_out(site: Site, tmp_path: Path) -> None:
    (tmp_path / "a.zip.part").write_bytes(b"x" * 1000)
    with pytest.raises(UsageError, match="MD5"):
        download(published(site), tmp_path / "a.zip", pauses=())
    download(published(site), tmp_path / "a.zip", pauses=())
    assert (tmp_path / "a.zip").read_bytes() == DATA


def test_what_is_not_there_is_not_asked_for_again(site: Site, tmp_path: Path) -> None:
    del site.files["/a.zip"]
    with pytest.raises(UsageError, match="the server answers 404"):
        download(published(site), tmp_path / "a.zip", pauses=(60,))
    assert len(site.asked) == 1


def test_no_server_is_one_clear_line(tmp_path: Path) -> None:
    with serving(Site()) as site:
        gone = site.url
    with pytest.raises(UsageError, match="onnection refused"):
        get(f"{gone}/record")
    with pytest.raises(UsageError, match=r"onnection refused after 0 of 5 bytes"):
        download(PublishedFile("a", f"{gone}/a", 5, "0" * 32), tmp_path / "a", pauses=())
    with pytest.raises(UsageError, match="not an HTTP address"):
        get("file:///etc/hostname")
