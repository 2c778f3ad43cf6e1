"""model_build.corpora.rooms: measured rooms, and which may train."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from model_build.corpora import rooms
from serd.errors import UsageError


def test_rooms_say_whether_they_may_train(tmp_path: Path) -> None:
    folder = tmp_path / "rir"
    folder.mkdir()
    names = ("openair_Hall", "openair_Church", "webaudio_kitchen", "openair_Absent")
    (folder / "meta.json").write_text(json.dumps([{"name": name, "rt60": 0.5} for name in names]))
    (folder / "LICENCES.txt").write_text(
        "Hall: License for this content: Attribution Creative Commons license\n"
        "Church: License for this content: Attribution Share Alike Creative Commons license\n"
    )
    for name in names[:3]:
        soundfile.write(folder / f"{name}.flac", np.concatenate([np.zeros(50), [0.5, -0.2], np.zeros(50)]), 16000)
    by_name = {room.name: room for room in rooms.read(tmp_path)}
    assert {name: room.trains for name, room in by_name.items()} == {
        "openair_Hall": True,
        "openair_Church": False,
        "webaudio_kitchen": True,
    }
    np.testing.assert_allclose(by_name["openair_Hall"].response[:2], [1, -0.4], atol=1e-3)


def test_a_folder_without_rooms_is_refused_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no measured rooms"):
        rooms.read(tmp_path)
