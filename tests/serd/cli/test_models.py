"""serd.cli.models: what is installed, as text and as JSON."""

import json
import re

from serd.cli.models import CORPORA
from serd.inference.contract import read_model
from serd.inference.model import default_model, installed_models
from serd.journal.known import known_error


def test_each_model_has_its_line(run):
    done = run("models")
    assert done.returncode == 0
    for path in installed_models():
        assert path.stem in done.stdout
    assert done.stdout.count("loads here  yes, ") == len(installed_models())


def test_the_default_is_marked_and_each_says_how_good_and_how_dear_it_is(run):
    told = run("models").stdout
    assert re.findall(r"^(\S+) \S+ \(the default\): emotion", told, re.M) == [default_model()]
    assert len(re.findall(r"^  cost +\d+\.\d% of a core here", told, re.M)) == told.count(": emotion, ")
    assert max(map(len, told.splitlines())) < 80
    for path in installed_models():
        known = known_error("/".join((path.stem, read_model(path)[1].version)))
        if known is not None:
            assert f"{100 * known.recall['mean'][0]:.1f} % (" in told


def test_corpora_are_spelled_out(run):
    told = " ".join(run("models").stdout.split())
    for path in installed_models():
        for corpus, who in read_model(path)[1].trained_on.items():
            assert CORPORA[corpus].format(len(who)) in told


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
    assert [made["name"] for made in contracts if made["default"]] == [default_model()]
