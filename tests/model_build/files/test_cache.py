"""The cache folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from model_build.files import cache


def test_the_folder_is_where_xdg_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache.folder("features") == tmp_path / "serd" / "features"
    assert cache.folder("features").is_dir()


def test_keys_tell_values_apart() -> None:
    assert cache.key(1, "a") == cache.key(1, "a")
    assert len({cache.key(1, "a"), cache.key("1", "a"), cache.key(1, "b"), cache.key((1, "a"))}) == 4


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text("old")

    def fail() -> None:
        with cache.replacing(path) as written:
            written.write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert path.read_text() == "old"
    with cache.replacing(path) as written:
        written.write_text("new")
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]
