"""Keeping chatter in."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from model_build.files.silence import quiet


def chatter() -> None:
    with quiet():
        os.write(1, b"chatter")
        os.write(2, b"chatter")
        subprocess.run([sys.executable, "-c", "print('chatter')"], check=True)
        raise ValueError("through")


def lowest_free() -> int:
    number = os.dup(1)
    os.close(number)
    return number


def test_nothing_gets_out_and_all_is_restored(capfd: pytest.CaptureFixture[str]) -> None:
    before = lowest_free()
    with pytest.raises(ValueError, match="through"):
        chatter()
    os.write(1, b"said")
    assert capfd.readouterr() == ("said", "")
    assert lowest_free() == before
