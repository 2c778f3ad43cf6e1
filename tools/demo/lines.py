"""What is said: lines meant to be heard as one emotion each, and a minute of reading.

The reading is the beginning of Alice's Adventures in Wonderland (1865), which is in the public domain.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """Sentences, said one after the other in one voice and one prosody."""

    emotion: str
    """As which it is meant to be heard."""
    sentences: tuple[str, ...]
    voices: tuple[str, ...]
    """Of which the search chooses."""


LINES = {
    "meeting": Line("neutral", ("The meeting is on Tuesday, in the room on the second floor.",), ("espeak", "kal")),
    "hands": Line(
        "angry", ("No! I told you not to touch that!", "How often do I have to say it?"), ("awb", "slt", "espeak")
    ),
    "news": Line(
        "happy",
        (
            *("Oh, that is wonderful news!", "We did it, we really did it!"),
            *("I can hardly believe it!", "We really did it!"),
        ),
        ("slt", "awb", "hts"),
    ),
    "rain": Line("sad", ("It rained again today.", "I sat by the window, and nobody came."), ("ked", "rms", "kal")),
    "door": Line("fearful", ("Did you hear that?", "There is someone at the door!"), ("awb", "slt")),
    "already": Line("surprised", ("Oh! You are here already?", "And you came all this way?"), ("awb", "slt")),
    "breathe": Line("calm", ("Breathe in slowly, and let it go.", "There is no hurry at all."), ("hts", "slt")),
    "milk": Line("disgust", ("This milk has gone off.", "Take it away, it smells awful."), ("kal", "ked", "awb")),
    "out": Line("angry", ("Get out of my house!", "Get out, and do not come back!"), ("rms", "slt", "espeak")),
    "stairs": Line("fearful", ("Please, do not leave me here.", "I can hear it on the stairs."), ("awb", "espeak")),
    "letter": Line("sad", ("She never wrote to me again.", "I still keep all of her letters."), ("ked", "slt", "rms")),
}

READING = {
    "bank": Line(
        "neutral",
        (
            "Alice was beginning to get very tired of sitting by her sister on the bank, and of having nothing to do.",
            "Once or twice she had peeped into the book her sister was reading, but it had no pictures or "
            "conversations in it.",
            "And what is the use of a book, thought Alice, without pictures or conversations?",
            "So she was considering in her own mind, as well as she could, for the hot day made her feel very sleepy "
            "and stupid, whether the pleasure of making a daisy chain would be worth the trouble of getting up and "
            "picking the daisies, when suddenly a white rabbit with pink eyes ran close by her.",
        ),
        ("rms", "awb"),
    ),
    "rabbit": Line(
        "calm",
        (
            "There was nothing so very remarkable in that.",
            "Nor did Alice think it so very much out of the way to hear the rabbit say to itself, oh dear, oh dear, "
            "I shall be late.",
            "But when the rabbit actually took a watch out of its waistcoat pocket, and looked at it, and then "
            "hurried on, Alice started to her feet.",
            "She ran across the field after it, and was just in time to see it pop down a large rabbit hole under "
            "the hedge.",
        ),
        ("slt", "hts"),
    ),
}
