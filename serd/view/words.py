"""Words of the live view: for states, for reasons, and for what a frame tells besides."""

from __future__ import annotations

from serd.events.activation import Activation
from serd.events.payload import Payload
from serd.view.scene import percent

DEVICE = {
    "waiting": "the source is not open yet",
    "stalled": "no audio arrives",
    "silent": "the source delivers nothing but zeros",
    "lost": "the source is gone",
    "muted": "serd does not listen",
    "failed": "serd cannot go on",
    "stopped": "serd has ended",
}
"""States of the source in which there is nothing to say about a voice."""

REASON = {
    "warming-up": "the first window is filling",
    "little-speech": "too little speech so far",
    "low-confidence": "no emotion stands out",
    "ambiguous": "two emotions are close",
    "settling": "waiting for it to last",
    "confident": "clear",
    "held": "holding through a doubt",
}
"""Why a frame says what it says."""


def activated(frame: Payload) -> str:
    """`, activated 88 %` where the frame is sure of it."""
    value = frame.part("activation").number("value")
    words = Activation.of(value).words if value is not None and 0 <= value <= 1 else ""
    return words and f", {words}"


def foreign(frame: Payload) -> str:
    """` · companion is louder (94 %)` where what is heard is another voice."""
    other = frame.part("other_voice")
    name, likelihood = other.text("name"), other.number("likelihood")
    return f" · {name} is louder ({percent(likelihood)})" if name and likelihood is not None else ""


def labelled(frame: Payload) -> str:
    """` · labelled angry (03a01Wa.wav)` where a corpus plays."""
    annotation = frame.part("annotation")
    label, recording = annotation.text("label"), annotation.text("recording")
    return f" · labelled {label} ({recording})" if label and recording else ""


def reference(data: Payload) -> str | None:
    """`running 34 s` or the like: what the voice is compared with; None where the model cannot, or nobody has said."""
    part = data.part("reference")
    kind, seconds = part.text("kind"), part.number("seconds")
    if kind is None or seconds is None:
        return None
    return "none" if kind == "none" else f"{kind} {seconds:.0f} s"
