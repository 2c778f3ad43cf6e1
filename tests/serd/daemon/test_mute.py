"""serd.daemon.mute: a wish to be muted is kept, and where it cannot be, that is said."""

from __future__ import annotations

import errno
import logging
import os
import stat
from pathlib import Path

import pytest

from serd.daemon.mute import MuteFlag


def test_a_mute_is_kept_until_the_unmute(tmp_path: Path):
    flag = MuteFlag(tmp_path / "state", "kitchen")
    assert not flag.is_set()
    for wish in (True, True, False, False, True):
        assert flag.set(wish) is None
        assert MuteFlag(tmp_path / "state", "kitchen").is_set() == wish
    assert not MuteFlag(tmp_path / "state", "hall").is_set()


def test_others_cannot_read_whether_one_is_muted(tmp_path: Path):
    flag = MuteFlag(tmp_path / "state", "kitchen")
    flag.set(True)
    assert stat.S_IMODE(flag.path.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(flag.path.stat().st_mode) == 0o600


def test_where_it_cannot_be_kept_that_is_said_in_one_line(tmp_path: Path):
    (tmp_path / "file").touch()
    flag = MuteFlag(tmp_path / "file" / "state", "kitchen")
    assert not flag.is_set()
    for fault in (flag.fault(), flag.set(True)):
        assert fault
        assert str(flag.path.parent) in fault
        assert "\n" not in fault
    assert MuteFlag(tmp_path / "new" / "state", "kitchen").fault() is None, "it would be made"


def test_a_state_that_cannot_be_read_counts_as_muted(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    """A path whose lookup fails for another reason than that nothing is there: a loop of links."""
    (tmp_path / "state").symlink_to(tmp_path / "state")
    flag = MuteFlag(tmp_path / "state", "kitchen")
    with caplog.at_level(logging.ERROR, "serd"):
        assert flag.is_set()
    assert os.strerror(errno.ELOOP) in caplog.text
    assert "serd unmute" in caplog.text
