"""A text to read while a voice is enrolled: everyday English of about a minute, or one that the reader brings."""

from __future__ import annotations

from pathlib import Path

from serd.errors import UsageError, escaped
from serd.system.nearest import near_file
from serd.system.paths import at_home

ENGLISH = """\
The ferry leaves the north shore at a quarter past seven. Most of the people who take it have done so for years, and
they know where the wind comes from and which bench stays dry. A man with a blue bag reads the paper from back to front.
Two girls share a box of dates and count the boats in the harbour. Nobody hurries, for the crossing takes as long as it
takes.

On the other side there is a market. Under the first roof they sell bread, eggs and jars of honey; under the second,
tools, rope and paint. The woman at the corner stall weighs everything twice, writes the price on a brown paper bag, and
asks each customer whether they would like some parsley with it. Usually they would.

When the bell rings at noon the stalls are folded away. The square is swept, the pigeons look for what is left, and the
last cart rattles down the hill. By two o'clock you would not think that anything had been there at all, but for a smell
of oranges and a few green leaves between the stones."""
"""Words without a mood: it is the everyday voice that is wanted."""

LARGEST = 64 << 10


def reading_text(path: str | None) -> str:
    """The text of a file, or the English one. Raises UsageError for a file that is no text."""
    if path is None:
        return ENGLISH
    name = f"--text {escaped(path)}"
    try:
        with Path(at_home(path)).open("rb") as file:
            data = file.read(LARGEST + 1)
        text = data.decode("utf-8-sig").strip()
    except FileNotFoundError:
        remedy = near_file(Path(at_home(path)), "give a text file, or leave it out for an English text")
        raise UsageError(f"{name}: there is no such file; {remedy}") from None
    except OSError as error:
        raise UsageError(f"{name}: cannot be read ({error.strerror}); give a text file") from None
    except UnicodeDecodeError:
        raise UsageError(f"{name}: not UTF-8 text; save it as UTF-8") from None
    if len(data) > LARGEST or not text:
        raise UsageError(f"{name}: {'empty' if not text else f'larger than {LARGEST} bytes'}; a page is enough")
    return "\n".join(escaped(line) for line in text.splitlines())
