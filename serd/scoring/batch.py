"""A batch: many recordings through one model that is loaded once, as rows for tables.

For `serd archive`, and for whoever brings an engine of their own: make one `Batch` in each process, and ask it for a
`row` a file, or call it with a column `path` for an Arrow table, as Ray Data's `map_batches` does with a class.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from serd.audio.recording import Recording
from serd.defaults import MODEL, STRIDE_S
from serd.errors import UsageError, escaped
from serd.inference.pipeline import Pipeline
from serd.inference.profile import Profile
from serd.scoring.score import make_pipeline, score_source
from serd.scoring.scoring import ignore_window
from serd.scoring.tables import Table, inline, require_pyarrow
from serd.version import __version__

if TYPE_CHECKING:
    import pyarrow as pa

Row = dict[str, Any]
Take = Callable[[Table, Row], None]
"""Takes a row of one table as it comes."""


@dataclass(frozen=True, slots=True)
class BatchSettings:
    """How every recording of a batch is scored: what `Batch` is made with."""

    model: str = MODEL
    """A name or a path."""
    channel: int | Literal["mix"] = "mix"
    windows: bool = False
    reference: str | None = None
    """Path of the profile of who speaks in all of them."""
    stride_s: float = STRIDE_S
    rules: dict[str, float] = field(default_factory=dict)
    """Of the decision, in the place of the model's own."""


class Batch:
    """Scores one recording after the other; the rows are those of `serd score --json`, bit for bit."""

    def __init__(
        self,
        model: str | None = None,
        channel: int | Literal["mix"] = "mix",
        *,
        windows: bool = False,
        reference: str | os.PathLike[str] | None = None,
        stride_s: float = STRIDE_S,
        rules: Mapping[str, float] | None = None,
    ) -> None:
        """`model` is a name or a path, None the default; `reference` the path of the profile of who speaks in all of
        them; `rules` of the decision, by their names, in the place of the models' own.

        Raises ConfigError for a model that cannot be loaded and for a profile that is another's.
        """
        self._model, self._channel, self._windows = model, channel, windows
        self._profile = None if reference is None else Profile.read(Path(reference))
        self._stride_s, self._rules = stride_s, rules
        self.contract = self._pipeline().emotion.contract
        """What the model is and says; its networks stay loaded."""

    def hear(self, file: str, path: Path, take: Take) -> None:
        """Score one recording, which the rows call `file`; its segments and windows come first, its own row last.

        The memory needed does not depend on its length. Raises UsageError, after any number of rows, for what cannot
        be heard.
        """
        pipeline = self._pipeline()
        source = Recording(path, pipeline.sample_rate, paced=False, channel=self._channel)

        def segment(row: Row) -> None:
            take("segments", {"file": file, **row})

        def window(row: Row) -> None:
            take("windows", {"file": file, **row})

        score = score_source(source, pipeline, segments=segment, windows=window if self._windows else ignore_window)
        row = {"file": file, **vars(score), "version": __version__}
        del row["segments"], row["windows"]
        take("files", row)

    def _pipeline(self) -> Pipeline:
        return make_pipeline(self._model, self._stride_s, self._rules, profile=self._profile)

    def __call__(self, batch: Mapping[str, Sequence[Any]]) -> pa.Table:
        """Score the files of the column `path` (str or bytes): a `row` each, after the batch's other columns.

        Raises UsageError where pyarrow is not installed.
        """
        require_pyarrow()
        import pyarrow

        rows = [self.row(path) for path in batch["path"]]
        table = pyarrow.Table.from_pylist(rows, inline(self.contract, windows=self._windows))
        for name, column in batch.items():
            if name not in table.column_names:
                table = table.append_column(name, pyarrow.array(list(column)))
        return table

    def row(self, path: str | bytes) -> Row:
        """One file's row, with its `segments` (and `windows` if asked for) in it, and `error`: None, or the reason.

        Of a file that cannot be heard there are `file` and `error` alone.
        """
        files: list[Row] = []
        segments: list[Row] = []
        windows: list[Row] = []
        rows: dict[Table, list[Row]] = {"files": files, "segments": segments, "windows": windows}
        file = os.fsdecode(path)
        try:
            self.hear(escaped_bytes(file), Path(file), lambda table, row: rows[table].append(row))
        except UsageError as error:
            return {"file": escaped_bytes(file), "error": str(error)}
        for row in (*segments, *windows):
            del row["file"]
        asked = {"windows": windows} if self._windows else {}
        return {**files[0], "segments": segments, **asked, "error": None}


def escaped_bytes(name: str) -> str:
    """A file's name as a table can hold it: a byte that is no UTF-8 is `\\udcXX`, spelled out."""
    return name.encode(errors="backslashreplace").decode()


def reason(error: UsageError, path: Path) -> str:
    """Why a file cannot be heard, without the path that its row names already."""
    return str(error).removeprefix(f"input {escaped(str(path))}: ")
