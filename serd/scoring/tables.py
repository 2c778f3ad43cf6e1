"""The tables of an archive as Arrow schemas: what `serd score --json` says, typed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from serd.errors import UsageError, brings
from serd.inference.contract import Contract

if TYPE_CHECKING:
    import pyarrow as pa

Table = Literal["files", "segments", "windows"]


def require_pyarrow() -> None:
    """Raises UsageError where it is not installed."""
    try:
        import pyarrow  # noqa: F401
    except ImportError:
        raise UsageError(f"archive: Parquet needs pyarrow; {brings('archive')}") from None


def schemas(contract: Contract, *, windows: bool) -> dict[Table, pa.Schema]:
    """A schema a table, in the order in which a batch's parts are put in their places: `files` last."""
    import pyarrow as pa

    text, real, whole = pa.string(), pa.float64(), pa.int32()
    channels = [("heard", whole), ("agreement", real)]
    judged = [
        ("state", text),
        ("reason", text),
        ("label", text),
        ("confidence", real),
        ("probabilities", pa.struct([(label, real) for label in contract.labels])),
        ("speech", real),
    ]
    activation = ("activation", pa.struct([("value", real), ("confidence", real)]))
    reference = ("reference", pa.struct([("kind", text), ("seconds", real)]))
    files = [
        *judged,
        activation,
        reference,
        ("duration_s", real),
        ("channels", pa.struct([*channels, ("share", real)])),
        ("band_limited", pa.bool_()),
        ("model", text),
        ("version", text),
    ]
    if contract.activation is not None:
        judged.append(activation)
    if contract.reference is not None:
        judged.append(reference)
    quality = pa.struct(
        [
            ("level", real),
            ("bands", pa.list_(real)),
            ("clipping", real),
            ("status", text),
            ("overflows", whole),
            ("channels", pa.struct(channels)),
        ]
    )
    extent = ("window", pa.struct([("start_s", real), ("end_s", real)]))
    last = [("quality", quality), ("gap", pa.bool_()), ("model", text)]
    segments = [("segment", text), ("phase", text), *judged, extent, ("duration_s", real), ("ended_by", text), *last]
    columns: dict[Table, list[tuple[str, pa.DataType]]] = {"segments": segments}
    if windows:
        columns["windows"] = [*judged, extent, ("raw", pa.list_(real)), *last]
    columns["files"] = files
    return {table: pa.schema([("file", text), *chosen]) for table, chosen in columns.items()}


def inline(contract: Contract, *, windows: bool) -> pa.Schema:
    """A file's row with its segments, and windows if asked for, in lists of its own, and `error`."""
    import pyarrow as pa

    made = schemas(contract, windows=windows)
    lists = [
        pa.field(table, pa.list_(pa.struct([field for field in made[table] if field.name != "file"])))
        for table in made
        if table != "files"
    ]
    return pa.schema([*made["files"], *lists, ("error", pa.string())])
