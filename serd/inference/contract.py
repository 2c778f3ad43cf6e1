"""The contract a model file carries: what its network wants to be fed and what its outputs mean.

The file is a plain `.tflite` with one associated file appended as a zip archive, TFLite's own metadata
convention: any interpreter loads it as it is, and `unzip -p model.tflite serd.json` shows the contract.
"""

from __future__ import annotations

import dataclasses
import hashlib
import io
import json
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from types import UnionType
from typing import Any, Literal, get_args, get_origin, get_type_hints

from serd.errors import ConfigError
from serd.inference.frontend import FrontEnd
from serd.inference.pitch import HIGHEST_HZ
from serd.inference.reference import ReferenceHead

FORMAT = 1
"""Version of the contract's form. A reader refuses any other."""

MEMBER = "serd.json"
MAX_FILE = 64 << 20
MAX_CONTRACT = 256 << 10


@dataclass(frozen=True)
class Quantization:
    """How a real number becomes an int8 at the network's edge: q = round(x / scale) + zero_point."""

    scale: float
    zero_point: int


@dataclass(frozen=True)
class Contract:
    """Everything but the weights."""

    format: int
    name: str
    version: str
    task: Literal["emotion", "speech"]
    front_end: FrontEnd
    labels: tuple[str, ...]
    input: Quantization | None
    """None: the network takes real numbers."""
    output: Quantization | None
    """None: it gives real numbers."""
    temperature: float
    """Logits are divided by it before the softmax (Guo et al. 2017, "On calibration of modern neural networks")."""
    thresholds: dict[str, float]
    """Defaults for the decision's rules, by their names in `serd.inference.decision.Rules`."""
    trained_on: dict[str, tuple[str, ...]]
    """Corpus -> speakers (or folds) whose recordings shaped the weights, validation included."""
    licence: str
    sha256: str = ""
    """Checksum of the `.tflite` without its contract, in hexadecimal."""
    notes: dict[str, str] = field(default_factory=dict)
    activation: float | None = None
    """Temperature of the log-odds of high activation, which the network gives after the labels' logits; None where it
    gives none."""
    reference: ReferenceHead | None = None
    """Of the head that knows a reference of the person; None where the network has none. A reader that knows no such
    field refuses the file."""

    @property
    def outputs(self) -> int:
        """Numbers that a head gives for a window."""
        return len(self.labels) + (self.activation is not None)


def read_model(path: Path) -> tuple[bytes, Contract]:
    """The network's bytes and its checked contract. Raises ConfigError naming file, fault and remedy."""
    try:
        size = path.stat().st_size
        data = path.read_bytes() if size <= MAX_FILE else b""
    except OSError as error:
        raise ConfigError(
            f"model {path}: cannot be read ({error.strerror}); `serd models` lists what is installed"
        ) from None
    if size > MAX_FILE:
        raise ConfigError(f"model {path}: {size} bytes is more than {MAX_FILE}; this is not a model made for serd")
    if data[4:8] != b"TFL3":
        raise ConfigError(f"model {path}: not a TFLite file; give a .tflite made by `python -m model_build`")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if archive.getinfo(MEMBER).file_size > MAX_CONTRACT:
                raise ConfigError(f"model {path}: its contract is larger than {MAX_CONTRACT} bytes; export it anew")
            first = min(info.header_offset for info in archive.infolist())
            text = archive.read(MEMBER)
    except ConfigError:
        raise
    except Exception:  # zipfile lets through whatever its parts raise at a damaged archive
        raise ConfigError(
            f"model {path}: carries no readable contract ({MEMBER}); export it with `python -m model_build`"
        ) from None
    network = data[:first]
    try:
        contract = parse(json.loads(text))
    except (ValueError, TypeError, RecursionError) as error:
        raise ConfigError(f"model {path}: its contract is wrong: {error}; export it anew") from None
    if hashlib.sha256(network).hexdigest() != contract.sha256:
        raise ConfigError(f"model {path}: damaged, its weights do not match their checksum; fetch it again")
    return network, contract


def write_model(path: Path, network: bytes, contract: Contract) -> Contract:
    """Write network and contract as one file; returns the contract with the checksum filled in."""
    contract = dataclasses.replace(contract, sha256=hashlib.sha256(network).hexdigest())
    buffer = io.BytesIO(network)
    with zipfile.ZipFile(buffer, "a") as archive:  # a fixed date: the same weights give the same file
        text = json.dumps(_told(contract), indent=1, sort_keys=True)
        archive.writestr(zipfile.ZipInfo(MEMBER, (1980, 1, 1, 0, 0, 0)), text)
    path.write_bytes(buffer.getvalue())
    return contract


def parse(data: Any) -> Contract:
    """A contract from its JSON object. Raises ValueError that says which field is wrong."""
    if not isinstance(data, dict):
        raise ValueError("it is not a JSON object")
    if data.get("format") != FORMAT:
        raise ValueError(f"its format is {data.get('format')!r}, this serd reads {FORMAT}")
    contract: Contract = _build(Contract, data, "")
    edges, known = (contract.input, contract.output), contract.reference
    front_end, stft, bands = contract.front_end, contract.front_end.stft, contract.front_end.bands
    pitch, lowest = front_end.pitch, 2 * stft.sample_rate / max(1, stft.n_fft - 8)
    for good, what in (
        (8000 <= stft.sample_rate <= 48000, "front_end.stft.sample_rate must lie in 8000..48000"),
        (16 <= stft.n_fft <= 8192, "front_end.stft.n_fft must lie in 16..8192"),
        (1 <= stft.hop <= stft.n_fft, "front_end.stft.hop must lie in 1..n_fft"),
        (1 <= bands.count <= stft.n_fft // 2, "front_end.bands.count must lie in 1..n_fft/2"),
        (1 <= bands.pool <= 64, "front_end.bands.pool must lie in 1..64"),
        (0 <= bands.low_hz < bands.high_hz <= stft.sample_rate / 2, "front_end.bands must lie below half the rate"),
        (pitch is None or 2 <= pitch.count <= 64, "front_end.pitch.count must lie in 2..64"),
        (pitch is None or lowest <= pitch.low_hz, f"front_end.pitch.low_hz must not lie below {lowest:g}"),
        (
            pitch is None or pitch.low_hz < pitch.high_hz <= HIGHEST_HZ,
            f"front_end.pitch must lie below {HIGHEST_HZ:g} Hz",
        ),
        (1 <= front_end.rows <= 4096, "front_end.rows must lie in 1..4096"),
        (0 < front_end.top_db <= 140, "front_end.top_db must lie in 0..140"),
        (-140 <= front_end.quiet_db <= 0, "front_end.quiet_db must lie in -140..0"),
        (contract.temperature > 0, "temperature must be positive"),
        (all(edge is None or edge.scale > 0 for edge in edges), "quantization scales must be positive"),
        (contract.activation is None or contract.activation > 0, "activation must be positive"),
        (known is None or 2 <= known.width <= 1 << 16, "reference.width must lie in 2..65536"),
        (known is None or known.blend_s >= 0, "reference.blend_s must not be negative"),
        (known is None or known.temperature > 0, "reference.temperature must be positive"),
        (
            known is None or (known.activation is None) == (contract.activation is None),
            "reference.activation must stand where activation does",
        ),
        (known is None or known.activation is None or known.activation > 0, "reference.activation must be positive"),
        (
            known is None or not (contract.input or contract.output),
            "a network with a reference has real edges",
        ),
        (2 <= len(contract.labels) <= 64, "labels must be 2 to 64"),
        (len(set(contract.labels)) == len(contract.labels), "labels must differ"),
    ):
        if not good:
            raise ValueError(what)
    return contract


def _told(contract: Contract) -> dict[str, Any]:
    """The contract as JSON has it. A field that came later is left out where it says nothing."""
    document = dataclasses.asdict(contract)
    later = ("activation", "reference")
    if contract.front_end.pitch is None:
        del document["front_end"]["pitch"]
    return {name: value for name, value in document.items() if name not in later or value is not None}


def _field(kind: Any, data: Any, where: str) -> Any:
    """Build one field; where the type is `X | None`, null is None."""
    if get_origin(kind) is not UnionType:
        return _build(kind, data, where)
    return None if data is None else _build(get_args(kind)[0], data, where)


def _build(kind: Any, data: Any, where: str) -> Any:
    """`data` as a value of the annotated type `kind`; no type is taken for another."""
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        if not isinstance(data, dict):
            raise ValueError(f"{where[1:]} must be an object")
        hints = get_type_hints(kind)
        known = {f.name: f for f in dataclasses.fields(kind)}
        # An unknown field is a thing this version cannot honour: better refused than ignored.
        for name in data.keys() - known.keys():
            raise ValueError(f"{where[1:]}{'.' if where else ''}{name} is unknown to this version")
        for name, f in known.items():
            if name not in data and f.default is dataclasses.MISSING and f.default_factory is dataclasses.MISSING:
                raise ValueError(f"{f'{where}.{name}'[1:]} is missing")
        return kind(**{name: _field(hints[name], value, f"{where}.{name}") for name, value in data.items()})
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is tuple and isinstance(data, list):
        return tuple(_build(arguments[0], item, f"{where}[{k}]") for k, item in enumerate(data))
    if origin is dict and isinstance(data, dict):
        return {key: _build(arguments[1], value, f"{where}.{key}") for key, value in data.items()}
    if origin is Literal:
        if data in arguments:
            return data
        raise ValueError(f"{where[1:]} must be one of {', '.join(map(str, arguments))}")
    if kind is float and isinstance(data, int | float) and not isinstance(data, bool) and abs(data) < 1e12:
        return float(data)
    if kind in (int, str) and type(data) is kind:
        return data
    raise ValueError(f"{where[1:]} must be {getattr(kind, '__name__', kind)}")
