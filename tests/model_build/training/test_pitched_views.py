"""Views with a pitch track: their bands are those of other views, their pitch follows the channel's voice."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from model_build.training.pitched_views import beside, draw_pitched, fitted
from model_build.training.views import Views
from serd.inference import pitch
from serd.inference.frontend import Rows
from tests.support.sounding import BANDS, BARE, FRONT_END, PLAIN, sounding

CLIPS = [sounding(label, 0) for label in range(4)]
SCHEDULE = dataclasses.replace(BARE, channel=PLAIN)
COUNT = np.array([2, 0, 1, 3])


def rising(rows: int) -> Rows:
    """A voice that rises by half an octave, voiced throughout."""
    return np.stack([np.ones(rows), np.linspace(7, 7.5, rows)], axis=1).astype(np.float32)


def drawn(bands: int, schedule=SCHEDULE) -> Views:
    tracks = [rising(len(clip.rows)) for clip in CLIPS]
    return draw_pitched(CLIPS, tracks, COUNT, noises=[], front_end=FRONT_END, schedule=schedule, bands=bands)


def test_bands_of_energy_are_those_of_any_view_and_pitch_stands_after_them() -> None:
    views, plain = drawn(8), Views.draw(CLIPS, COUNT, [], FRONT_END, SCHEDULE)
    assert views.windows.shape == (6, FRONT_END.rows, BANDS + 8)
    # A channel that changes nothing draws otherwise, but its windows are the clips' own.
    assert views.windows[..., :BANDS].max() == plain.windows[..., :BANDS].max() == 255
    heard = views.windows[..., BANDS:].astype(int)
    loud = views.windows[..., :BANDS].max(axis=2) >= 255 * pitch.LOUD
    assert np.abs(heard.sum(axis=2)[loud] - 255).max() <= 2, "voiced where it is loud"
    assert not heard[~loud].any()
    places = (heard * np.arange(8)).sum(axis=2)
    assert all(np.diff(own[on]).min() >= -3 for own, on in zip(places, loud, strict=True)), "the voice rises"


def test_the_same_view_is_drawn_again() -> None:
    rough = dataclasses.replace(SCHEDULE, channel=dataclasses.replace(PLAIN, warp=0.2, pace=0.2))
    assert np.array_equal(drawn(8, rough).windows, drawn(8, rough).windows)
    assert not np.array_equal(drawn(8, rough).windows, drawn(8).windows)


def test_a_window_with_a_short_past_has_no_pitch_in_it() -> None:
    track = fitted(rising(10), FRONT_END.rows)
    assert track.shape == (FRONT_END.rows, 2)
    assert not track[:-10].any()
    assert fitted(rising(100), FRONT_END.rows)[-1, pitch.OCTAVES] == pytest.approx(7.5)


def test_without_bands_of_pitch_a_window_is_as_it_was() -> None:
    window = np.ones((FRONT_END.rows, BANDS), np.float32)
    assert np.array_equal(beside(window, rising(FRONT_END.rows), 0), window)
