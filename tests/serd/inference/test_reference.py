"""serd.inference.reference: what is known of a voice, and how much a head counts that knows it."""

from __future__ import annotations

import numpy as np

from serd.inference.reference import Reference, ReferenceHead


def test_a_reference_is_the_mean_weighed_by_seconds_and_of_nothing_there_is_none() -> None:
    own = Reference.of(np.array([[0.0, 0.0], [4.0, 8.0]], np.float16), np.array([3.0, 1.0]))
    assert own is not None
    np.testing.assert_allclose(own.mean, [1.0, 2.0])
    assert own.seconds == 4
    assert Reference.of(np.zeros((0, 2)), np.zeros(0)) is None


def test_the_more_seconds_are_known_the_more_the_head_counts_that_knows_them() -> None:
    shares = ReferenceHead(2304, 4.0, 1.0).shares(np.array([0.0, 4.0, 12.0, 1e9]))
    np.testing.assert_allclose(shares, [0, 0.5, 0.75, 1])
    np.testing.assert_array_equal(ReferenceHead(2304, 0.0, 1.0).shares(np.array([0.0, 4.0])), [0, 1])
