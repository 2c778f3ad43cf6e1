"""serd.cli.models: what is installed, as text and as JSON."""

import json

from serd.inference.model import installed_models


def test_each_model_has_its_line(run):
    done = run("models")
    assert done.returncode == 0
    for path in installed_models():
        assert path.stem in done.stdout
    assert done.stdout.count("loads here  yes, ") == len(installed_models())


def test_without_an_interpreter_they_are_listed_all_the_same(run):
    done = run("models", env={"SERD_RUNTIME": "tflite-runtime"})
    assert done.returncode == 0
    assert done.stdout.count("loads here  no: no TFLite interpreter") == len(installed_models())


def test_json_carries_the_contracts(run):
    contracts = json.loads(run("models", "--json").stdout)
    assert [made["name"] for made in contracts] == [path.stem for path in installed_models()]
    for made in contracts:
        assert made["licence"] == "CC-BY-NC-SA-4.0"
        assert made["trained_on"]
