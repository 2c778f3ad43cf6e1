"""model_build.networks.person_reference: what little speech says of a voice, and what a head is given."""

from __future__ import annotations

import numpy as np
import pytest

from model_build.networks.person_reference import beside, shrunk
from serd.inference.reference import Reference

PRIOR = np.array([1.0, -1.0], np.float32)


@pytest.mark.parametrize(("seconds", "share"), [(0.0, 0.0), (4.0, 0.5), (12.0, 0.75)])
def test_the_less_speech_the_nearer_to_the_mean_of_all(seconds: float, share: float) -> None:
    nearer = shrunk(np.array([[3.0, 3.0]], np.float32), np.array([seconds]), PRIOR, 4.0)
    np.testing.assert_allclose(nearer, [[1 + 2 * share, -1 + 4 * share]])


def test_a_head_is_given_windows_and_how_they_differ_from_the_person() -> None:
    windows = np.array([[2.0, 2.0], [1.0, -1.0]], np.float32)
    np.testing.assert_allclose(beside(windows, None, PRIOR, 4.0), [[2, 2, 1, 3], [1, -1, 0, 0]])
    known = Reference(np.array([3.0, 3.0], np.float32), 4.0)
    np.testing.assert_allclose(beside(windows, known, PRIOR, 4.0), [[2, 2, 0, 1], [1, -1, -1, -2]])
