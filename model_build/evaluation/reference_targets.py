"""The targets of a head that knows a reference, by what the reference is made of.

Shares are of 1, points are hundredths of a share. What is gained is held against the same model without a reference.
"""

from __future__ import annotations

GAINED_POINTS = {"neutral": 2.0, "mixed": 5.0}
"""Points of UAR gained on RAVDESS' eight emotions, at least."""
GAINED_POINTS_4 = {"neutral": 4.0, "mixed": 8.0}
"""Points of UAR gained, four classes, the mean over corpora never heard, at least."""
LOST_POINTS = 5.0
"""Points of UAR lost with a reference that does not fit, at most."""
GENDER_POINTS = 7.0
"""The gap between women's UAR and men's with a reference of any emotion, at most, either way."""
CALIBRATION_ERROR = {"none": 0.05, "neutral": 0.06, "mixed": 0.06}
"""Expected calibration error by clip, at most."""
PLAIN_NEUTRAL = 0.88
"""Share of plain speech called neutral or calm with the reader's own other speech as the reference, at least."""
PLAIN_ANNOUNCED = 0.08
"""Share of it announced as anything else, at most."""
