"""Figures of others, each with its protocol. They stand beside ours, not in a ranking."""

from __future__ import annotations

from dataclasses import dataclass

from model_build.report.formatting import table

THESIS_CNN, THESIS_DNN = 0.5444, 0.5583
"""Accuracy of the thesis' networks on its 360 test clips (arXiv 2406.10741)."""
HUMAN_FEMALE, HUMAN_MALE = 0.661, 0.586
"""How often listeners are right about female and male actors of RAVDESS (Livingstone & Russo 2018)."""


@dataclass(frozen=True)
class Reference:
    """A published figure."""

    system: str
    size: str
    protocol: str
    heard: bool
    """Whether the test speakers were heard in training, or the test part chose something."""
    result: str

    @property
    def random(self) -> bool:
        """Whether clips were split at random, so that every speaker is on both sides."""
        return "random" in self.protocol

    @property
    def human(self) -> bool:
        """Whether people listened."""
        return self.system.startswith("human")


SPEECH = (
    Reference("the thesis: CNN", "not stated", "75/25 random split", True, "54.4 accuracy"),
    Reference("the thesis: DNN", "not stated", "75/25 random split", True, "55.8 accuracy"),
    Reference("human listeners (Livingstone & Russo 2018)", "", "7 options, all clips", False, "62.4 accuracy"),
    Reference("eGeMAPS + logistic regression", "tiny", "random 5 folds", True, "60.3 UAR"),
    Reference("eGeMAPS + logistic regression", "tiny", "leave one actor out", False, "53.1 UAR"),
    Reference("ComParE 6373 + logistic regression", "", "leave one actor out", False, "63.6 UAR"),
    Reference("ResLSTM-SA", "46.8 k", "Luna 5 folds, tuned on the test folds", True, "62.3 ± 1.2 UAR"),
    Reference("CNN14 (AudioSet), fine-tuned", "81 M", "Luna 5 folds", False, "76.6 UAR"),
    Reference("wav2vec2-base, frozen", "95 M", "EmoBox 6 folds", False, "54.3 UAR"),
    Reference("HuBERT-base, frozen", "95 M", "EmoBox 6 folds", False, "65.4 UAR"),
    Reference("xlsr-53, fine-tuned (Luna-Jimenez)", "317 M", "Luna 5 folds", False, "81.8 ± 2.0 accuracy"),
    Reference("XLS-R-300M, best layer probed", "300 M", "leave one actor out, nested", False, "81.9 UAR"),
    Reference("TIM-Net", "0.4 MB", "random 10 folds", True, "91.9 UAR"),
)
"""RAVDESS speech, 8 classes."""

CROSS = (
    Reference("wav2vec2-base", "95 M", "12 pairs of corpora, 4 classes", False, "27.7 accuracy"),
    Reference("TIM-Net", "0.4 MB", "12 pairs of corpora, 4 classes", False, "32.8 accuracy"),
    Reference("SETEAB", "not stated", "12 pairs of corpora, 4 classes", False, "37.5 ± 8.2 accuracy"),
    Reference("DistilHuBERT int8", "23 MB", "IEMOCAP + CREMA-D to RAVDESS, 4 classes", False, "46.6 accuracy"),
)


def reference_table(references: tuple[Reference, ...]) -> list[str]:
    """Markdown lines."""
    rows = [
        (reference.system, reference.size, reference.protocol, "yes" if reference.heard else "no", reference.result)
        for reference in references
    ]
    return table(("published elsewhere", "size", "protocol", "test heard before", "result"), rows)
