"""Who speaks in the corpus of noise bursts."""

TESTED = ("02", "05")
"""Of Luna's first fold."""
ACTORS = (*TESTED, "01", "03", "04", "06", "07", "08")
READERS = ("1688", "2414")
"""Of LibriSpeech; the second tests the speech detector."""
