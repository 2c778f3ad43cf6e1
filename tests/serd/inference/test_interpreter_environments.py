"""The same networks on the same input in both interpreters' environments: the same int8 outputs, to the step.

A network with weights in int8 and real numbers between them (dynamic range) loads in ai-edge-litert alone: where
tflite-runtime is all there is and such a one is the default, an int8 network takes its place.

With TFLite's reference kernels they are identical. As serd runs them, ai-edge-litert hands the network to XNNPACK,
which rounds otherwise: each layer may add a step, most outputs differ by none or one.

Each runs in a process of its own: tensorflow, ai-edge-litert and tflite-runtime do not share one.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile as sf

from serd.inference.contract import read_model
from serd.inference.model import FOLDER
from tests.support.activated import activated
from tests.support.environments import CLEAN, ROOT, call

MODELS = sorted(path.stem for path in FOLDER.glob("*.tflite") if read_model(path)[1].input is not None)
"""The int8 networks, which both load."""
Outputs = np.ndarray[Any, np.dtype[np.int64]]
TFLITE = ROOT / ".venv-tflite" / "bin" / "python"

CHILD = """
import importlib, json, sys
from pathlib import Path
import numpy as np
from serd.inference.contract import read_model
from serd.inference.interpreter import RUNTIMES, make_interpreter, runtime
network, contract = read_model(Path(sys.argv[1]))
if sys.argv[3] == "reference":
    module = importlib.import_module(RUNTIMES[runtime()])
    kernels = module.OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
    interpreter = module.Interpreter(model_content=network, num_threads=1, experimental_op_resolver_type=kernels)
    interpreter.allocate_tensors()
else:
    interpreter = make_interpreter(network)
source, sink = interpreter.get_input_details()[0], interpreter.get_output_details()[0]
outputs = []
for window in np.load(sys.argv[2]):
    interpreter.set_tensor(source["index"], window.reshape(source["shape"]))
    interpreter.invoke()
    outputs.append(interpreter.get_tensor(sink["index"])[0].tolist())
print(json.dumps({"runtime": runtime(), "numpy": np.__version__, "type": str(sink["dtype"]), "outputs": outputs}))
"""


def windows(model: str) -> np.ndarray[Any, np.dtype[np.int8]]:
    """Inputs as the network meets them: windows of the demo, every 2 s."""
    _, contract = read_model(FOLDER / f"{model}.tflite")
    samples, rate = sf.read(ROOT / "tests" / "data" / "voices.flac", dtype="float32")
    front_end = contract.front_end
    assert rate == front_end.stft.sample_rate
    cuts = [samples[at : at + front_end.window] for at in range(0, len(samples) - front_end.window, 2 * rate)]
    scaled = np.stack([front_end.scale(front_end.log_rows(cut)) for cut in cuts])
    quantized = np.rint(scaled / contract.input.scale) + contract.input.zero_point
    return np.clip(quantized, -128, 127).astype(np.int8)


def outputs(python: Path | str, runtime: str, model: str, folder: Path, kernels: str) -> dict[str, Any]:
    np.save(folder / "windows.npy", windows(model))
    done = call(
        *(python, "-c", CHILD, FOLDER / f"{model}.tflite", folder / "windows.npy", kernels),
        env={**CLEAN, "SERD_RUNTIME": runtime, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    assert answer["runtime"] == runtime
    return answer


@pytest.fixture(params=MODELS)
def both(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[str], tuple[Outputs, Outputs]]:
    """Outputs of one model in both environments, with the kernels asked for."""
    if not TFLITE.is_file():
        pytest.skip("no .venv-tflite: script/test makes it where there is a Python 3.11")

    def run(kernels: str) -> tuple[Outputs, Outputs]:
        litert = outputs(sys.executable, "ai-edge-litert", request.param, tmp_path, kernels)
        tflite = outputs(TFLITE, "tflite-runtime", request.param, tmp_path, kernels)
        assert tflite["numpy"].startswith("1."), "the environment is the old one, or this shows nothing"
        first, second = np.array(litert["outputs"]), np.array(tflite["outputs"])
        assert len(np.unique(first, axis=0)) > 5, "the inputs make a difference"
        return first, second

    return run


def test_with_reference_kernels_the_outputs_are_identical(both: Callable[[str], tuple[Outputs, Outputs]]) -> None:
    first, second = both("reference")
    assert np.array_equal(first, second)


def test_as_serd_runs_them_the_outputs_differ_by_a_step_and_rarely_by_more(
    both: Callable[[str], tuple[Outputs, Outputs]],
) -> None:
    first, second = both("default")
    steps = np.abs(first - second)
    assert steps.max() <= 5  # of 256: XNNPACK rounds otherwise than the reference, layer after layer
    assert (steps > 1).mean() <= 0.1


def test_there_are_models_to_compare() -> None:
    assert {"serd-small", "serd-tiny", "thesis-cnn", "speech"} <= set(MODELS)


def test_serd_scores_a_recording_with_tflite_runtime() -> None:
    if not TFLITE.is_file():
        pytest.skip("no .venv-tflite: script/test makes it where there is a Python 3.11")
    done = call(
        *(TFLITE, "-m", "serd", "score", "--json", ROOT / "tests" / "data" / "voices.flac"),
        env={**CLEAN, "SERD_RUNTIME": "tflite-runtime"},
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["probabilities"]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A serd whose default is a network of dynamic range: a copy of the package, for PYTHONPATH."""
    if not TFLITE.is_file():
        pytest.skip("no .venv-tflite: script/test makes it where there is a Python 3.11")
    folder = tmp_path_factory.mktemp("installed")
    shutil.copytree(ROOT / "serd", folder / "serd", ignore=shutil.ignore_patterns("__pycache__"))
    settings = folder / "serd" / "defaults.py"
    text = settings.read_text()
    settings.write_text(re.sub(r"^MODEL = .*", 'MODEL = "activated"', text, count=1, flags=re.MULTILINE))
    shutil.copy(activated(), folder / "serd" / "models" / "activated.tflite")
    return folder


def ask(installed: Path, runtime: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    python = TFLITE if runtime == "tflite-runtime" else sys.executable
    alone = {"PYTHONPATH": str(installed), "XDG_CONFIG_HOME": str(installed)}
    env = CLEAN | alone | ({"SERD_RUNTIME": runtime} if runtime == "ai-edge-litert" else {})
    return call(python, "-m", "serd", *arguments, env=env)


DEMO = ROOT / "tests" / "data" / "voices.flac"
REAL_EDGES = ("activated", "serd-base")
"""Models of dynamic range, by their names."""
LITTLE = "serd-small is used instead of activated: tflite-runtime cannot load it"


@pytest.mark.parametrize(
    "arguments",
    [("score", "--json", DEMO), ("--demo", "--fast", "--headless", "--publish", "ipc://{}/events"), ("config",)],
)
def test_where_only_tflite_runtime_is_the_default_is_one_that_it_loads_and_that_is_said_in_a_line(
    installed: Path, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    done = ask(installed, "tflite-runtime", *(str(part).format(tmp_path) for part in arguments))
    assert done.returncode == 0, done.stderr
    said = [line for line in done.stderr.splitlines() if "instead of" in line]
    assert len(said) == 1
    assert LITTLE in said[0]
    assert "serd-small" in done.stdout
    assert "activated/" not in done.stdout


def test_a_model_that_is_named_is_never_replaced(installed: Path) -> None:
    done = ask(installed, "tflite-runtime", "score", "--model", "activated", DEMO)
    assert done.returncode == 78
    (line,) = done.stderr.splitlines()
    assert "tflite-runtime cannot load it" in line
    assert "serd models" in line
    named = ask(installed, "tflite-runtime", "score", "--model", "serd-tiny", DEMO)
    assert (named.returncode, named.stderr) == (0, "")


def test_ai_edge_litert_loads_every_model_and_says_nothing(installed: Path) -> None:
    done = ask(installed, "ai-edge-litert", "score", "--json", DEMO)
    assert (done.returncode, done.stderr) == (0, "")
    told = json.loads(done.stdout)
    assert told["model"] == "activated/1"
    assert told["activation"]


def test_serd_models_says_which_load_here(installed: Path) -> None:
    def loaded(runtime: str) -> dict[str, str]:
        lines = ask(installed, runtime, "models").stdout.splitlines()
        names = [line.split()[0] for line in lines if line and not line.startswith(" ")]
        return dict(zip(names, [line.split(maxsplit=2)[2] for line in lines if "loads here" in line], strict=True))

    assert set(loaded("ai-edge-litert").values()) == {"yes, ai-edge-litert"}
    old = loaded("tflite-runtime")
    for name in REAL_EDGES:
        assert old.pop(name).startswith("no: tflite-runtime cannot load it")
    assert set(old.values()) == {"yes, tflite-runtime"}
    assert set(old) == set(MODELS) - set(REAL_EDGES)


def test_the_doctor_takes_what_does_not_load_for_a_note(installed: Path, tmp_path: Path) -> None:
    done = ask(installed, "tflite-runtime", "doctor", "--json", "--publish", f"ipc://{tmp_path}/events")
    found = [one for one in json.loads(done.stdout)["findings"] if one["check"] == "models"]
    assert [one["level"] for one in found] == ["note", "note", "ok"]
    for name, one in zip(REAL_EDGES, found, strict=False):
        assert f"{name} cannot be used here" in one["text"]
    assert "serd-small" in found[2]["text"]


def test_a_runtime_that_is_not_there_is_one_line_with_the_remedy() -> None:
    done = call(
        *(sys.executable, "-m", "serd", "score", ROOT / "tests" / "data" / "voices.flac"),
        env={**CLEAN, "SERD_RUNTIME": "tflite-runtime", "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 78
    assert done.stderr.startswith("serd: no TFLite interpreter (tflite-runtime)")
    assert len(done.stderr.splitlines()) == 1
