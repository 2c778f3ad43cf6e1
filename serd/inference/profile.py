"""A voice profile: a person's reference as numbers, and which model's it is. It is personal data, see PRIVACY.md."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from serd.defaults import MODEL
from serd.errors import ConfigError, escaped
from serd.events.checked import CheckedObject
from serd.inference.contract import Contract
from serd.inference.reference import Reference
from serd.system.nearest import near_file

FORMAT = 1
"""Version of the file's form. A reader refuses any other."""
LARGEST = 1 << 20
"""Bytes of a profile; those of serd-base have some 30 000."""
LONGEST_S = 1e6


@dataclass(frozen=True, eq=False)
class Profile:
    """Means over what a person has said, and nothing from which that could be heard again."""

    reference: Reference
    model: str
    """Name and version of the model whose statistics these are."""
    checksum: str
    """SHA-256 of its network."""
    made: str
    """Date, UTC."""
    origin: str = "profile"
    """What errors call it: its path, where it was read from a file."""

    @classmethod
    def of(cls, reference: Reference, contract: Contract) -> Profile:
        """The profile of a person whom this model has heard, made today."""
        today = datetime.now(UTC).date().isoformat()
        return cls(reference, f"{contract.name}/{contract.version}", contract.sha256, today)

    @classmethod
    def read(cls, path: Path) -> Profile:
        """The profile in a file. Raises ConfigError."""
        origin = f"profile {escaped(str(path))}"
        try:
            if path.stat().st_size > LARGEST:
                raise ConfigError(f"{origin}: larger than {LARGEST} bytes; give one that `serd enrol` made")
            text = path.read_bytes()
        except FileNotFoundError:
            remedy = near_file(path, "`serd enrol list` names those that are kept")
            raise ConfigError(f"{origin}: there is no such file; {remedy}") from None
        except OSError as error:
            raise ConfigError(f"{origin}: cannot be read ({error.strerror}); make it readable for serd") from None
        try:
            return _parsed(json.loads(text), origin)
        except (ValueError, RecursionError) as error:
            fault = "not JSON" if isinstance(error, json.JSONDecodeError | UnicodeDecodeError) else str(error)
            raise ConfigError(f"{origin}: damaged ({fault}); enrol the person anew with `serd enrol`") from None

    def document(self) -> bytes:
        """The file's content."""
        fields = {
            "format": FORMAT,
            "model": self.model,
            "sha256": self.checksum,
            "made": self.made,
            "seconds": round(self.reference.seconds, 2),
            "mean": [float(f"{number:.7g}") for number in self.reference.mean.tolist()],
        }
        return json.dumps(fields).encode() + b"\n"

    def reference_for(self, contract: Contract) -> Reference:
        """The reference, for the model that it is of. Raises ConfigError for another, and for one that knows none."""
        title = f"{contract.name}/{contract.version}"
        if contract.reference is None:
            raise ConfigError(f"model {title}: knows no reference of a person; give --model {MODEL}")
        if self.checksum != contract.sha256 or self.reference.mean.shape != (contract.reference.width,):
            raise ConfigError(
                f"{self.origin}: made with {self.model}, this is {title}{' of other weights' * (title == self.model)};"
                " enrol the person anew with `serd enrol`"
            )
        return self.reference


def _parsed(document: Any, origin: str) -> Profile:
    """Raises ValueError."""
    fields = CheckedObject(document, "")
    if fields.count("format") != FORMAT:
        raise ValueError(f"its format is not {FORMAT}, which this serd reads")
    mean = np.array(document.get("mean"), np.float32)
    if mean.ndim != 1 or not len(mean) or not np.isfinite(mean).all():
        raise ValueError("mean is wrong")
    reference = Reference(mean, fields.number("seconds", 1e-3, LONGEST_S))
    return Profile(reference, fields.text("model", 128), fields.text("sha256", 64), fields.text("made", 32), origin)
