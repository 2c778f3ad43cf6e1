"""serd.inference.contract: model files that describe themselves, and what is refused."""

import contextlib
import dataclasses
import json
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serd.errors import ConfigError
from serd.inference.contract import FORMAT, MEMBER, Contract, Quantization, parse, read_model, write_model
from serd.inference.frontend import Bands, FrontEnd, Stft
from serd.inference.pitch import Pitch

CONTRACT = Contract(
    format=FORMAT,
    name="tiny",
    version="1",
    task="emotion",
    front_end=FrontEnd(Stft(16000, 512, 250), Bands("linear", 64, 0, 8000, 2), 96, 60.0, -70.0),
    labels=("calm", "angry"),
    input=Quantization(1 / 255, -128),
    output=Quantization(0.1, 3),
    temperature=1.5,
    thresholds={"emotion_on": 0.5},
    trained_on={"ravdess": ("1", "2")},
    licence="CC-BY-NC-SA-4.0",
)
NETWORK = b"\x1c\x00\x00\x00TFL3" + bytes(range(256)) * 8


def plain() -> dict:
    return json.loads(json.dumps(dataclasses.asdict(CONTRACT)))


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "tiny.tflite"
    write_model(path, NETWORK, CONTRACT)
    return path


def test_what_is_written_is_read_back(model: Path):
    network, contract = read_model(model)
    assert network == NETWORK
    assert dataclasses.replace(contract, sha256="") == CONTRACT
    assert contract.sha256


def test_real_edges_and_activation_are_read_back(tmp_path: Path):
    own = dataclasses.replace(CONTRACT, input=None, output=None, activation=1.2)
    write_model(tmp_path / "real.tflite", NETWORK, own)
    assert dataclasses.replace(read_model(tmp_path / "real.tflite")[1], sha256="") == own
    assert own.outputs == 3
    assert CONTRACT.outputs == 2


def test_what_an_older_contract_does_not_know_is_not_written(model: Path):
    with zipfile.ZipFile(model) as archive:
        assert "activation" not in json.loads(archive.read(MEMBER))


def test_a_pitch_is_read_back_and_left_out_where_there_is_none(tmp_path: Path):
    own = dataclasses.replace(CONTRACT, front_end=dataclasses.replace(CONTRACT.front_end, pitch=Pitch(8)))
    for name, contract in (("with", own), ("without", CONTRACT)):
        write_model(tmp_path / name, NETWORK, contract)
        assert dataclasses.replace(read_model(tmp_path / name)[1], sha256="") == contract
        with zipfile.ZipFile(tmp_path / name) as archive:
            assert ("pitch" in json.loads(archive.read(MEMBER))["front_end"]) is (contract is own)
    assert (own.front_end.columns, CONTRACT.front_end.columns) == (72, 64)


@pytest.mark.parametrize(
    "wrong",
    [{"count": 1}, {"count": 8, "low_hz": 10.0}, {"count": 8, "low_hz": 600.0}, {"count": 8, "high_hz": 9000.0}, 8],
)
def test_an_impossible_pitch_is_refused(wrong: object):
    data = plain()
    with pytest.raises(ValueError, match=r"front_end\.pitch"):
        parse(data | {"front_end": data["front_end"] | {"pitch": wrong}})


@pytest.mark.parametrize("wrong", [0, -1.0, "hot", True])
def test_an_impossible_activation_is_refused(wrong: object):
    with pytest.raises(ValueError, match="activation"):
        parse(plain() | {"activation": wrong})


def test_the_contract_is_an_associated_file_any_unzip_shows(model: Path):
    with zipfile.ZipFile(model) as archive:
        assert json.loads(archive.read(MEMBER))["labels"] == ["calm", "angry"]


def test_the_same_weights_give_the_same_file(tmp_path: Path, model: Path):
    again = tmp_path / "again.tflite"
    write_model(again, NETWORK, CONTRACT)
    assert again.read_bytes() == model.read_bytes()


@given(st.integers(0, len(NETWORK) - 1))
def test_any_damaged_byte_of_the_weights_is_noticed(tmp_path_factory: pytest.TempPathFactory, place: int):
    path = tmp_path_factory.mktemp("damaged") / "tiny.tflite"
    write_model(path, NETWORK, CONTRACT)
    data = bytearray(path.read_bytes())
    data[place] ^= 0x55
    path.write_bytes(data)
    with pytest.raises(ConfigError, match=r"tiny\.tflite: (damaged|not a TFLite)"):
        read_model(path)


@given(st.integers(0, 5000))
def test_a_truncated_file_is_one_clear_error(tmp_path_factory: pytest.TempPathFactory, length: int):
    path = tmp_path_factory.mktemp("short") / "tiny.tflite"
    write_model(path, NETWORK, CONTRACT)
    data = path.read_bytes()
    path.write_bytes(data[: min(length, len(data) - 1)])
    with pytest.raises(ConfigError, match=r"tiny\.tflite") as caught:
        read_model(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"format": 99}, "format"),
        ({"task": "music"}, "task"),
        ({"labels": ["calm", "calm"]}, "labels"),
        ({"temperature": 0}, "temperature"),
        ({"temperature": "hot"}, "temperature"),
        ({"colour": 1}, "colour"),
        ({"input": {"scale": 1}}, "input.zero_point is missing"),
        ({"thresholds": {"emotion_on": True}}, "thresholds.emotion_on"),
    ],
)
def test_a_wrong_field_is_named(change: dict, named: str):
    with pytest.raises(ValueError, match=named):
        parse(plain() | change)


def test_an_impossible_front_end_is_named():
    for path, value in (("hop", 0), ("n_fft", 1 << 20)):
        data = plain()
        data["front_end"]["stft"][path] = value
        with pytest.raises(ValueError, match=path):
            parse(data)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from(sorted(plain())), json_values)
def test_any_json_in_any_field_is_taken_or_refused_with_a_value_error(field: str, value: object):
    with contextlib.suppress(ValueError):
        assert isinstance(parse(plain() | {field: value}), Contract)


def test_files_that_are_no_models_say_what_to_do(tmp_path: Path):
    bare = tmp_path / "bare.tflite"
    bare.write_bytes(NETWORK)
    text = tmp_path / "notes.txt"
    text.write_text("hello")
    for path, remedy in (
        (bare, "model_build"),
        (text, "not a TFLite"),
        (tmp_path / "none", "serd models"),
        (tmp_path, "cannot be read"),
    ):
        with pytest.raises(ConfigError, match=remedy) as caught:
            read_model(path)
        assert str(path) in str(caught.value)
