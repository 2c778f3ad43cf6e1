"""`python -m model_build fetch whisper-tiny.en`, from a server, out of a checkpoint as PyTorch writes them."""

from __future__ import annotations

import hashlib
import io
import pickle
import zipfile
from collections import OrderedDict
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

from model_build.__main__ import main
from model_build.files.pytorch import read
from model_build.networks.encoder import Encoder, shapes
from tests.support.webserver import Site, serving


class Named:
    """What a pickle calls by module and name, without the module being there."""

    def __init__(self, module: str, name: str) -> None:
        self.module, self.name = module, name


class Tensor:
    """An array that is pickled as PyTorch pickles tensors."""

    def __init__(self, array: np.ndarray, key: int) -> None:
        self.array, self.key = array, key


class Writer(pickle._Pickler):
    """Writes protocol 2 with the names that PyTorch uses; storages are told by persistent ids."""

    def persistent_id(self, obj: Any) -> Any:
        return obj[1:] if isinstance(obj, tuple) and obj[:1] == ("persist",) else None

    def save_named(self, obj: Named) -> None:
        self.write(pickle.GLOBAL + f"{obj.module}\n{obj.name}\n".encode())

    def save_tensor(self, obj: Tensor) -> None:
        strides = tuple(step // obj.array.itemsize for step in obj.array.strides)
        storage = ("persist", "storage", Named("torch", "HalfStorage"), str(obj.key), "cpu", obj.array.size)
        self.save(Named("torch._utils", "_rebuild_tensor_v2"))
        self.save((storage, 0, obj.array.shape, strides, False, OrderedDict()))
        self.write(pickle.REDUCE)

    dispatch: ClassVar[dict] = {**pickle._Pickler.dispatch, Named: save_named, Tensor: save_tensor}


def checkpoint(weights: dict[str, np.ndarray], rest: object = None) -> bytes:
    """A checkpoint of OpenAI's kind that holds an encoder with these weights, and something of a decoder."""
    state = OrderedDict((f"encoder.{name}", Tensor(own, k)) for k, (name, own) in enumerate(weights.items()))
    state["decoder.ln.weight"] = Tensor(np.ones(4, np.float16), len(weights))
    written, packed = io.BytesIO(), io.BytesIO()
    Writer(written, 2).dump({"dims": {"n_mels": 80}, "model_state_dict": state, "rest": rest})
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("tiny.en/data.pkl", written.getvalue())
        for own in state.values():
            archive.writestr(f"tiny.en/data/{own.key}", own.array.tobytes())
    return packed.getvalue()


@pytest.fixture(scope="module")
def weights() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    found = {name: rng.standard_normal(shape, np.float32).astype(np.float16) for name, shape in shapes().items()}
    found["positional_embedding"] = rng.standard_normal((1500, 384), np.float32).astype(np.float16)
    return found


def fetched(data: bytes, folder: Path) -> int:
    """The exit code of fetching this checkpoint."""
    path = f"/models/{hashlib.sha256(data).hexdigest()}/tiny.en.pt"
    with serving(Site(files={path: data})) as site:
        return main(["fetch", "whisper-tiny.en", "--data", str(folder), "--checkpoint", f"{site.url}{path}"])


def test_the_encoder_is_there_afterwards_with_the_weights_that_were_published(
    weights: dict[str, np.ndarray], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert fetched(checkpoint(weights), tmp_path) == 0
    assert "MIT licence; cite Radford et al. 2022" in capsys.readouterr().out
    assert [path.name for path in (tmp_path / "whisper-tiny.en").iterdir()] == ["encoder.npz"]
    found = Encoder.read(tmp_path / "whisper-tiny.en" / "encoder.npz").weights
    assert set(found) == set(weights)
    for name, own in weights.items():
        np.testing.assert_array_equal(found[name], own.astype(np.float32))


def test_a_checkpoint_that_is_not_the_published_one_is_removed(
    weights: dict[str, np.ndarray], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = checkpoint(weights)
    path = f"/models/{'0' * 64}/tiny.en.pt"
    with serving(Site(files={path: data})) as site:
        address = f"{site.url}{path}"
        assert main(["fetch", "whisper-tiny.en", "--data", str(tmp_path), "--checkpoint", address]) == 2
    assert f"published is {'0' * 64}" in capsys.readouterr().err
    assert list((tmp_path / "whisper-tiny.en").iterdir()) == []


def test_another_networks_checkpoint_is_refused(
    weights: dict[str, np.ndarray], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wide = weights | {"conv1.bias": np.zeros(512, np.float16), "conv1.weight": np.zeros((384, 128, 3), np.float16)}
    assert fetched(checkpoint(wide), tmp_path) == 2
    assert "conv1.weight has the shape (384, 128, 3), wanted (384, 80, 3)" in capsys.readouterr().err
    assert not (tmp_path / "whisper-tiny.en" / "encoder.npz").exists()


def test_a_pickle_that_would_run_something_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "tiny.en.pt"
    file.write_bytes(checkpoint({}, Named("os", "system")))
    with pytest.raises(ValueError, match=r"it asks for os\.system"):
        read(file)


def test_an_address_without_a_checksum_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fetch", "whisper-tiny.en", "--data", str(tmp_path), "--checkpoint", "http://x/tiny.en.pt"]) == 2
    assert "no SHA-256 in the address" in capsys.readouterr().err
