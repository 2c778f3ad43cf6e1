"""Row 40: `~` in paths and endpoints, where no shell has replaced it; a byte-order mark before a configuration."""

from __future__ import annotations

import codecs
import json
import shutil
from pathlib import Path

import pytest

from serd.events.subscribe import subscribe
from serd.inference.model import FOLDER
from tests.support.speech import DEMO

PATHS = {
    "capture.input": ("--input", "SERD_INPUT"),
    "model.name": ("--model", "SERD_MODEL"),
    "publish.keys": ("--keys", "SERD_KEYS"),
}
ENDPOINTS = {"publish.endpoints": ("--publish", "SERD_PUBLISH"), "control.endpoint": ("--control", "SERD_CONTROL")}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("SERD_MODEL", raising=False)  # it comes before a file's
    folder = tmp_path / "home"
    folder.mkdir()
    shutil.copy(DEMO, folder / "x")
    shutil.copy(FOLDER / "serd-tiny.tflite", folder / "m.tflite")
    return folder


def in_force(run, home: Path, *arguments: str, **variables: str) -> dict[str, object]:
    done = run("config", "--json", *arguments, env={"HOME": str(home), "XDG_CONFIG_HOME": str(home), **variables})
    assert done.returncode == 0, done.stderr
    return {key: item["value"] for key, item in json.loads(done.stdout).items()}


@pytest.mark.parametrize("way", ["flags", "variables", "a file", "a file named by a variable"])
def test_it_is_the_home_from_flags_variables_and_files(run, home: Path, way: str):
    names = dict.fromkeys(PATHS, "x") | {key: key.replace(".", "-") for key in ENDPOINTS} | {"model.name": "m.tflite"}
    given, wanted = {}, {}
    for key, name in names.items():
        scheme = "ipc://" if key in ENDPOINTS else ""
        given[key], wanted[key] = f"{scheme}~/{name}", f"{scheme}{home}/{name}"
    known = {**PATHS, **ENDPOINTS}
    if way == "flags":
        found = in_force(run, home, *(f"{known[key][0]}={value}" for key, value in given.items()))
    elif way == "variables":
        found = in_force(run, home, **{known[key][1]: value for key, value in given.items()})
    else:
        lines = []
        for key, value in given.items():
            lines.append(f"{key} = {json.dumps([value] if key == 'publish.endpoints' else value)}\n")
        (home / "it.toml").write_text("".join(lines))
        if way == "a file":
            found = in_force(run, home, "--config=~/it.toml")
        else:
            found = in_force(run, home, SERD_CONFIG="~/it.toml")
    assert {key: found[key] for key in wanted} == wanted | {"publish.endpoints": [wanted["publish.endpoints"]]}


def test_serd_and_its_readers_meet_there_and_no_folder_is_called_so(run, home: Path, tmp_path: Path, monkeypatch):
    monkeypatch.setenv("HOME", str(home))
    with subscribe("ipc://~/events", kinds=["status"], timeout=30) as events:
        done = run(
            *("--headless", "--fast", "--input=~/x", "--model=~/m.tflite", "--publish=ipc://~/events"),
            *("--wait-subscribers", "1"),
            env={"HOME": str(home), "XDG_STATE_HOME": str(home)},
        )
        assert done.returncode == 0, done.stderr
        assert next(events)["data"]["model"].startswith("serd-tiny")
    keys = run("keys", "--keys=~/keys", "new", env={"HOME": str(home)})
    assert keys.returncode == 0
    assert (home / "keys" / "server.key").is_file()
    assert not list(tmp_path.glob("~*"))


@pytest.mark.parametrize("flag", ["--input=~nobody-here/x", "--keys=~nobody-here/x", "--publish=ipc://~nobody-here/x",
                                  "--config=~nobody-here/x"])  # fmt: skip
def test_the_home_of_nobody_is_refused_by_name(run, flag: str):
    done = run("config", flag)
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert f"{flag.partition('=')[0]}: path ~nobody-here/x: there is no such home" in line


def test_a_journal_is_kept_at_home(run, home: Path, tmp_path: Path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    agreed = ("--purpose=x", "--until=2099-01-01", "--by=self", "--yes")
    for arguments in (
        ("consent", "P-1", *agreed, "--store=~/journal", "--store-keys=~/keys"),
        ("export", "P-1", "--format=json", "--out=~/it.json", "--store=~/journal", "--store-keys=~/keys"),
    ):
        done = run("journal", *arguments, env={"HOME": str(home)})
        assert done.returncode == 0, done.stderr
    assert (home / "journal" / "journal.json").is_file()
    assert list((home / "keys").glob("*.key"))
    assert (home / "it.json").is_file()
    assert not list(tmp_path.glob("~*"))


def test_a_byte_order_mark_is_no_statement(run, home: Path):
    (home / "serd").mkdir()
    (home / "serd" / "serd.toml").write_bytes(codecs.BOM_UTF8 + b'[publish]\nsource = "kitchen"\n')
    assert in_force(run, home)["publish.source"] == "kitchen"


def test_a_byte_order_mark_before_a_key_is_no_damage(run, home: Path):
    assert run("keys", "--keys", home, "new").returncode == 0
    for name in ("server.key", "server.key_secret"):
        key = [line for line in (home / name).read_text().splitlines() if "-key" in line]
        (home / name).write_bytes(codecs.BOM_UTF8 + "\n".join(key).encode())
    assert run("keys", "--keys", home, "allow", "bom", home / "server.key").returncode == 0
    listed = json.loads(run("keys", "--keys", home, "list", "--json").stdout)
    assert listed["allowed"]["bom"] == listed["server"]
