"""The targets of serd-base, where they are not those of the other default models (`model_build.evaluation.targets`).

Shares are of 1, points are hundredths of a share. What is asked of a model is asked on voices it has not heard.
"""

from __future__ import annotations

UAR_8 = 0.78
"""Unweighted average recall of RAVDESS' eight emotions, at least."""
UAR_4 = 0.63
"""The mean over the corpora never heard of the UAR of four classes, at least."""
GENDER_POINTS = 9.0
"""The gap between women's UAR and men's, at most, either way."""
UAR_LOST = {"noise 20 dB": 2.0, "noise 10 dB": 5.0, "noise 5 dB": 7.0, "room": 4.0, "telephone": 3.0}
"""Points of UAR lost, at most, by the condition's name."""
CROSS_CORPUS_CALIBRATION_ERROR = 0.15
"""The mean over the corpora never heard of the expected calibration error of clips, at most."""
ACTIVATION_AUC = 0.96
"""Area under the ROC curve of activation on RAVDESS, at least."""
CROSS_CORPUS_ACTIVATION_AUC = 0.93
"""The mean over the corpora never heard of the same, at least."""
ACTIVATION_CALIBRATION_ERROR = 0.06
"""Expected calibration error of activation on RAVDESS, at most."""
ACTIVATION_RIGHT = 0.90
"""Share of the clips with a sure activation where it is right, at least."""
PLAIN_ANNOUNCED = 0.18
"""Share of clips of plain speech announced as other than neutral or calm, at most."""
UNSURE = 0.20
"""Share of the frames about speech of which neither the emotion nor the activation is known, at most."""
NOISE_ALARMS_PER_HOUR = 1.5
"""Emotions announced in an hour of recorded noise, at most."""
