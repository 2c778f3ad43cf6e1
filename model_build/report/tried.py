"""What was tried for the targets that the default models miss, and what limits them.

Without figures: those of levers are in RESULTS.md, and what was screened by scripts that are not kept has none.
"""

from __future__ import annotations

from collections.abc import Iterable

TRIED: dict[tuple[str, ...], str] = {
    ("UAR, 8 classes",): (
        "twice the epochs, other shares of nEMO, songs, more men than women, 64 bands, a longer FFT, bands levelled to "
        "their peaks, rougher channels, voices stretched further, no mixup, one wide network in the place of three, "
        "and soft labels, of more networks of its own kind and of one that knows AudioSet. None was better beyond "
        "chance. The network that knows AudioSet is better where it is averaged with these: what is missing is "
        "knowledge that RAVDESS and nEMO do not hold. Rows of 16 ms in the place of 31, at twice the cost, were "
        "better in every screening, though not beyond chance on the two splits in RESULTS.md; no network of them has "
        "been through the protocols yet"
    ),
    ("UAR lost, noise",): "more and louder noise in the training's channels: less is lost in noise, and more in quiet",
    ("UAR lost, telephone",): (
        "more telephones in the training's channels, and lines that fall by slopes in the place of a straight cut. "
        "With slopes less is lost; the recipe that had them was no better elsewhere, and worse abroad, where plain "
        "reading had taught it too much"
    ),
    ("streaming: delay", "streaming: segment recall", "streaming: uncertain"): (
        "all rules of the decision, on conversations of inner test actors. Lower thresholds announce sooner and more, "
        "and change their mind oftener than the target allows; no set of rules reaches these targets. In the first "
        "half second of a voice the network is seldom right, and its confidence says so"
    ),
    ("UAR, women minus men",): (
        "more men than women in the training, voices stretched further, and an FFT that resolves a man's pitch: the "
        "gap stayed. Listeners find the women of RAVDESS clearer, too"
    ),
    ("UAR, 4 classes, mean",): (
        "plain reading, songs and other shares of nEMO in the training. The terms of two emotional corpora allow "
        "shipping what they taught; nEMO was what helped most, and it is hard: the thesis' network, trained on it, "
        "is not much better on nEMO's own unheard speakers (RESULTS.md)"
    ),
    ("neutral speech",): (
        "plain reading in the training. Taken for neutral it meets this target, and makes nearly all of nEMO, left "
        "out, neutral or calm: another microphone is taken for calm. Taken for any "
        "label alike it spares nEMO and does not meet the target"
    ),
    ("speech missed",): "nothing here: the speech detector decides it (docs/speech-detection.md)",
}
"""What was tried, by the beginnings of the measures' names."""


def tried(missed: Iterable[str]) -> list[str]:
    """A line of Markdown for each thing tried, in the order above, for measures that were missed."""
    names = list(missed)
    lines = []
    for begun, text in TRIED.items():
        of_kind = [name for name in names if name.startswith(begun)]
        if of_kind:
            lines.append(f"- **{'; '.join(of_kind)}**: {text}.")
    return lines
