"""Asterisk's core sounds: prompts of a telephone exchange, read by a professional in each language.

Files are LANGUAGE/VOICE/.../NAME.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from model_build.corpora.corpus import Corpus, sounds
from model_build.corpora.utterance import Fault, Gender, Utterance

GENDERS: dict[str, Gender] = {"f": "female", "m": "male"}
"""Names of voices: `en_US_f_Allison`."""


def read(folder: Path) -> Iterator[Utterance | Fault]:
    """All recordings below the folder."""
    for path in sounds(folder):
        language, *voice = path.relative_to(folder).parts[:-1]
        if not voice or len(language) != 2:
            yield Fault(str(path), "unknown", "not a prompt of Asterisk (en/en_US_f_Allison/hello); not used")
            continue
        parts = voice[0].split("_")
        yield Utterance(
            path=path,
            name=path.relative_to(folder).with_suffix("").as_posix(),
            corpus="asterisk-prompts",
            speaker=voice[0],
            gender=GENDERS.get(parts[2]) if len(parts) > 2 else None,
            language=language,
        )


ASTERISK = Corpus(name="asterisk-prompts", title="Asterisk prompts", read=read, folders=("asterisk-core-sounds",))
"""Any part of it will do."""
