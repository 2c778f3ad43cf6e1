"""serd/config/layers.py: which value wins, where it came from, and what is said when one is wrong."""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serd.cli import config as command
from serd.config.file import LARGEST
from serd.config.layers import Resolved, load
from serd.config.settings import Settings, known_settings
from serd.defaults import MODEL
from serd.errors import ConfigError, SerdError, UsageError
from serd.inference.contract import read_model
from serd.inference.decision import Rules
from serd.inference.model import installed_models

RULES = [field.name for field in fields(Rules)]


class Layers:
    """The places where settings come from, empty to begin with."""

    def __init__(self, folder: Path) -> None:
        self.system = folder / "etc" / "serd.toml"
        self.user = folder / "home" / ".config" / "serd" / "serd.toml"
        self.named = folder / "named.toml"
        self.environ = {"HOME": str(folder / "home"), "PATH": "/bin"}
        self.flags: dict[str, Any] = {}

    def write(self, path: Path, text: str | bytes) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())

    def load(self) -> Resolved:
        named = self.named if os.path.lexists(self.named) else None
        return load(self.flags, self.environ, named, RULES, self.system)

    def fault(self, kind: type[SerdError] = ConfigError) -> str:
        with pytest.raises(kind) as caught:
            self.load()
        text = str(caught.value)
        assert len(text.splitlines()) == 1
        assert text.isprintable()
        return text


@pytest.fixture
def layers(tmp_path: Path) -> Layers:
    return Layers(tmp_path)


def test_nothing_set_gives_the_defaults(layers: Layers) -> None:
    resolved = layers.load()
    assert resolved.settings == Settings()
    assert set(resolved.origins.values()) == {"default"}
    assert resolved.settings.publish.endpoints == ("tcp://127.0.0.1:5556",), "loopback unless someone says otherwise"


def test_each_layer_overrides_the_one_below_and_is_named_as_the_origin(layers: Layers) -> None:
    steps: list[tuple[str, Callable[[], None]]] = [
        (str(layers.system), lambda: layers.write(layers.system, "publish.source = 'a'")),
        (str(layers.user), lambda: layers.write(layers.user, "publish.source = 'b'")),
        (str(layers.named), lambda: layers.write(layers.named, "publish.source = 'c'")),
        ("SERD_SOURCE", lambda: layers.environ.update(SERD_SOURCE="d")),
        ("--source", lambda: layers.flags.update({"publish.source": "e"})),
    ]
    for (origin, set_it), expected in zip(steps, "abcde", strict=True):
        set_it()
        resolved = layers.load()
        assert resolved.settings.publish.source == expected
        assert resolved.origins["publish.source"] == origin


def test_layers_are_merged_key_by_key(layers: Layers) -> None:
    layers.write(layers.system, "[capture]\nbuffer_s = 20\nchannel = 2\n[decision]\nmargin = 0.2\ndwell_s = 1")
    layers.write(layers.user, "[capture]\nchannel = 'mix'\n[decision]\nmargin = 0.3")
    layers.flags = {"decision.smoothing_s": "1.5", "capture.device": None}
    settings = layers.load().settings
    assert (settings.capture.buffer_s, settings.capture.channel) == (20.0, "mix")
    assert settings.decision == {"margin": 0.3, "dwell_s": 1.0, "smoothing_s": 1.5}


def test_every_setting_can_be_given_as_a_variable(layers: Layers) -> None:
    layers.environ |= {
        "SERD_CHANNEL": "2",
        "SERD_CROSSTALK": "drop",
        "SERD_INPUT": "-",
        "SERD_RATE": "48000",
        "SERD_CHANNELS": "2",
        "SERD_FORMAT": "f32le",
        "SERD_FAST": "yes",
        "SERD_BUFFER": "30",
        "SERD_MODEL": "other",
        "SERD_STRIDE": "0.5",
        "SERD_PUBLISH": "tcp://127.0.0.1:6000, ipc:///run/serd/events",
        "SERD_PERSON": "anna",
        "SERD_SOURCE": "kitchen",
        "SERD_SESSION": "today",
        "SERD_HIGH_WATER_MARK": "10",
        "SERD_SECURE": "on",
        "SERD_KEYS": "/etc/serd/keys",
        "SERD_CONTROL": "tcp://127.0.0.1:5557",
        "SERD_HEADLESS": "1",
        "SERD_LOG_LEVEL": "debug",
    } | {f"SERD_{rule.upper()}": "-50" if rule.endswith("_db") else "0.5" for rule in RULES}
    resolved = layers.load()
    defaults = {key: value for key, value, _ in Resolved(Settings(), {}).values()}
    untouched = [key for key, value, _ in resolved.values() if key in defaults and value == defaults[key]]
    assert untouched == ["capture.device", "capture.voices", "model.no_reference"], "which exclude others, tested below"
    assert set(resolved.settings.decision) == set(RULES)
    assert resolved.settings.publish.endpoints == ("tcp://127.0.0.1:6000", "ipc:///run/serd/events")


def test_voices_override_a_channel_of_a_weaker_layer_and_are_overridden_by_one_of_a_stronger(layers: Layers) -> None:
    layers.environ |= {"SERD_VOICE": "client=1, companion=2@USB"}
    capture = layers.load().settings.capture
    assert [(one.name, one.channel, one.device) for one in capture.split] == [
        ("client", 1, None),
        ("companion", 2, "USB"),
    ]
    layers.write(layers.system, "[capture]\nchannel = 2")
    capture = layers.load().settings.capture
    assert (capture.channel, len(capture.voices)) == ("mix", 2)
    layers.flags = {"capture.channel": "1"}
    capture = layers.load().settings.capture
    assert (capture.channel, capture.voices) == (1, ())


def test_an_empty_variable_is_an_unset_one(layers: Layers) -> None:
    layers.environ |= {"SERD_DEVICE": "", "SERD_TYPO": ""}
    assert layers.load().settings == Settings()


def test_variables_of_the_tests_and_of_the_interpreter_are_no_settings(layers: Layers) -> None:
    layers.environ |= {"SERD_TEST_SLOW": "1", "SERD_RUNTIME": "tflite-runtime"}
    assert layers.load().settings == Settings()


def test_a_variable_can_name_the_file(layers: Layers) -> None:
    layers.write(layers.user.with_name("other.toml"), "model.name = 'x'")
    layers.environ["SERD_CONFIG"] = str(layers.user.with_name("other.toml"))
    assert layers.load().settings.model.name == "x"


def test_the_users_file_follows_xdg(layers: Layers, tmp_path: Path) -> None:
    layers.write(layers.user, "model.name = 'home'")
    layers.write(tmp_path / "xdg" / "serd" / "serd.toml", "model.name = 'xdg'")
    layers.environ["XDG_CONFIG_HOME"] = str(tmp_path / "xdg")
    assert layers.load().settings.model.name == "xdg"
    layers.environ["XDG_CONFIG_HOME"] = "relative"
    assert layers.load().settings.model.name == "home"


def test_a_device_may_be_an_index_or_a_name(layers: Layers) -> None:
    layers.write(layers.user, "capture.device = 0")
    assert layers.load().settings.capture.device == "0"
    layers.flags["capture.device"] = "USB"
    assert layers.load().settings.capture.device == "USB"


# A device and a recording exclude each other.


def test_a_recording_asked_for_wins_over_a_device_configured(layers: Layers) -> None:
    layers.write(layers.user, "capture.device = 'USB'")
    layers.flags["capture.input"] = "speech.wav"
    resolved = layers.load()
    assert (resolved.settings.capture.input, resolved.settings.capture.device) == ("speech.wav", None)
    assert resolved.origins["capture.device"] == "default"


def test_a_device_asked_for_wins_over_a_recording_configured(layers: Layers) -> None:
    layers.environ["SERD_INPUT"] = "speech.wav"
    layers.flags["capture.device"] = "0"
    assert layers.load().settings.capture.input is None


def test_both_in_one_breath_are_a_contradiction(layers: Layers) -> None:
    layers.flags = {"capture.device": "0", "capture.input": "speech.wav"}
    assert "--device and --input" in layers.fault(UsageError)
    layers.flags = {}
    layers.environ |= {"SERD_DEVICE": "0", "SERD_INPUT": "speech.wav"}
    assert "SERD_DEVICE and SERD_INPUT" in layers.fault()


def test_a_person_asked_for_wins_over_no_reference_configured_and_the_other_way_round(layers: Layers) -> None:
    layers.write(layers.user, "model.no_reference = true")
    layers.flags["model.person"] = "anna"
    resolved = layers.load().settings.model
    assert (resolved.person, resolved.no_reference) == ("anna", False)
    layers.write(layers.user, "model.person = 'anna'")
    layers.flags = {"model.no_reference": True}
    resolved = layers.load().settings.model
    assert (resolved.person, resolved.no_reference) == (None, True)
    layers.environ["SERD_NO_REFERENCE"] = "off"
    layers.flags = {}
    assert layers.load().settings.model.person == "anna", "no reference is not wanted"


def test_a_person_and_no_reference_in_one_breath_are_a_contradiction(layers: Layers) -> None:
    layers.flags = {"model.person": "anna", "model.no_reference": True}
    assert "--person and --no-reference" in layers.fault(UsageError)


def test_fast_wants_a_recording(layers: Layers) -> None:
    layers.flags = {"capture.fast": True}
    assert "--fast" in layers.fault(UsageError)
    layers.flags["capture.input"] = "speech.wav"
    assert layers.load().settings.capture.fast


# What is wrong is named, with the remedy.


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("capture.devise = 1", "capture.device"),
        ("[capure]\ndevice = 1", "capture.device"),
        ("device = 1", "capture.device"),
        ("[capture]\nsource = 'x'", "publish.source"),
        ("decision.speach_on = 0.5", "decision.speech_on"),
    ],
)
def test_an_unknown_key_is_refused_with_what_was_meant(layers: Layers, text: str, meant: str) -> None:
    layers.write(layers.user, text)
    fault = layers.fault()
    assert fault.startswith(f"configuration {layers.user}: unknown key ")
    assert fault.endswith(f"did you mean {meant}?")


def test_an_unknown_key_like_no_other_points_to_the_list(layers: Layers) -> None:
    layers.write(layers.user, "[zzz]")
    assert layers.fault().endswith("unknown key zzz; `serd config` prints all there are")


def test_an_unknown_variable_is_refused_with_what_was_meant(layers: Layers) -> None:
    layers.environ["SERD_DEVCE"] = "0"
    assert layers.fault() == "variable SERD_DEVCE: unknown; did you mean SERD_DEVICE?"


def test_an_unknown_rule_on_the_command_line_is_a_fault_of_usage(layers: Layers) -> None:
    layers.flags = {"decision.smoothing": "1"}
    assert layers.fault(UsageError) == "--set smoothing: no rule of the decision; did you mean smoothing_s?"


def test_a_wrong_value_of_a_rule_names_what_was_typed(layers: Layers) -> None:
    must = "must be a number in 0..1"
    layers.write(layers.named, "[decision]\nemotion_on = 9")
    assert layers.fault() == f"configuration {layers.named}: decision.emotion_on = 9: {must}"
    layers.named.unlink()
    layers.environ["SERD_EMOTION_ON"] = "9"
    assert layers.fault() == f"variable SERD_EMOTION_ON = '9': {must}"
    del layers.environ["SERD_EMOTION_ON"]
    layers.flags = {"decision.emotion_on": "9"}
    assert layers.fault(UsageError) == f"--set emotion_on = '9': {must}"


WRONG = [
    ("capture.device", ["", -1, True, 1.5, "x" * 300, "a\0b"]),
    ("capture.channel", ["left", 0, 257, True, 1.0]),
    ("capture.voices", [5, [5], {}]),
    ("capture.crosstalk", ["", "mute", 1]),
    ("capture.input", ["", 3]),
    ("capture.rate", [999, 768_001, 16000.0, True]),
    ("capture.channels", [0, 257, "two", 1.0]),
    ("capture.format", ["", "s16", "S16_LE", 16]),
    ("capture.fast", ["perhaps", 1]),
    ("capture.buffer_s", [0.5, 121, float("nan"), float("inf"), True, [1]]),
    ("model.name", ["", 1]),
    ("model.stride_s", [0, -0.25, 5.1, float("nan"), {}]),
    ("model.person", ["", "list", "forget", "../x", ".x", "x" * 65, 5]),
    ("model.no_reference", ["perhaps", 2]),
    ("publish.source", ["", "Kitchen", "a.b", "x" * 65, 5]),
    ("publish.session", ["a b", "x" * 65, 5]),
    ("publish.high_water_mark", [0, -1, 100_001, 10.0, True]),
    (
        "publish.endpoints",
        [
            *([], 5, "5556", [5], ["http://x"], ["inproc://x"], ["ipc://" + "x" * 108]),
            *(["tcp://127.0.0.1"], ["tcp://127.0.0.1:65536"], ["tcp://h:1", "tcp://h:1"]),
            [f"tcp://h:{k}" for k in range(17)],
        ],
    ),
    ("publish.secure", ["perhaps", 2]),
    ("publish.keys", ["", 5, "a\0b"]),
    ("control.endpoint", ["", 5, "5557", ["tcp://127.0.0.1:5557"], "ipc://" + "x" * 108, "tcp://127.0.0.1:65536"]),
    ("view.headless", ["", 2]),
    ("log.level", ["loud", 1]),
    ("decision.speech_on", [-0.1, 1.1, float("nan"), "high", True]),
    ("decision.dwell_s", [-1, 61]),
    ("decision.evidence", [-1, 16.5]),
    ("decision.silence_db", [1, -141]),
]


@pytest.mark.parametrize(("key", "values"), WRONG, ids=[key for key, _ in WRONG])
def test_an_impossible_value_is_refused_with_its_key_and_what_it_must_be(
    layers: Layers, key: str, values: list[Any]
) -> None:
    spec = known_settings(RULES)[key]
    for value in values:
        layers.flags = {key: value}
        fault = layers.fault(UsageError)
        assert fault.startswith(spec.flag + " = "), value
        assert fault.endswith("must be " + spec.must), value


@pytest.mark.parametrize("path", installed_models(), ids=lambda path: path.stem)
def test_what_an_installed_model_asks_for_can_be_set(layers: Layers, path: Path) -> None:
    asked = read_model(path)[1].thresholds
    layers.flags = {f"decision.{rule}": value for rule, value in asked.items()}
    assert layers.load().settings.decision == asked


def test_every_setting_has_its_impossible_values_tested() -> None:
    assert {key for key, _ in WRONG} >= set(known_settings())


def test_a_wrong_value_in_a_file_names_file_key_and_value(layers: Layers) -> None:
    layers.write(layers.named, "[model]\nstride_s = 100")
    assert layers.fault() == f"configuration {layers.named}: model.stride_s = 100: must be seconds in 0.05..5"


def test_a_string_in_the_place_of_a_number_is_refused_in_a_file(layers: Layers) -> None:
    layers.write(layers.named, "[model]\nstride_s = '0.25'")
    assert "not a string" in layers.fault()


def test_a_wrong_variable_is_a_fault_of_configuration(layers: Layers) -> None:
    layers.environ["SERD_STRIDE"] = "soon"
    assert layers.fault() == "variable SERD_STRIDE = 'soon': must be seconds in 0.05..5"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"[capture", "not valid TOML"),
        (b"a = 1\na = 2", "not valid TOML"),
        (b"x = " + b"[" * 20_000, "not valid TOML"),
        (b"x = " + b"9" * 5_000, "not valid TOML"),
        (b"\xff\xfe", "not UTF-8"),
        (b"#" * (LARGEST + 1), f"larger than {LARGEST} bytes"),
        (b'"new\\nline" = 1', "unknown key new\\nline"),
    ],
    ids=["syntax", "twice", "nested", "digits", "bytes", "size", "newline"],
)
def test_a_broken_file_is_one_line(layers: Layers, content: bytes, said: str) -> None:
    layers.write(layers.named, content)
    fault = layers.fault()
    assert fault.startswith(f"configuration {layers.named}: ")
    assert said in fault


def test_a_named_file_must_exist_and_the_others_need_not(layers: Layers) -> None:
    layers.environ["SERD_CONFIG"] = str(layers.named)
    assert "there is no such file" in layers.fault()


def test_a_folder_or_a_pipe_is_no_configuration(layers: Layers) -> None:
    layers.named.mkdir()
    assert "not a regular file" in layers.fault()
    layers.named.rmdir()
    os.mkfifo(layers.named)
    assert "not a regular file" in layers.fault(), "and nothing hangs"


def test_a_file_that_may_not_be_read_is_one_line(
    layers: Layers, run_as_nobody: Callable[[Callable[[], str]], str]
) -> None:
    layers.write(layers.named, "model.name = 'x'")
    layers.named.chmod(0)
    assert "cannot be read (Permission denied)" in run_as_nobody(layers.fault)


@pytest.fixture
def run_as_nobody(tmp_path: Path) -> Callable[[Callable[[], str]], str]:
    """Root reads everything: call in a child that is not root."""

    def call(what: Callable[[], str]) -> str:
        if os.geteuid() != 0:
            return what()
        for folder in (tmp_path, *tmp_path.parents):
            if folder.stat().st_uid == 0 and folder.is_relative_to("/tmp") and folder != Path("/tmp"):
                folder.chmod(0o755)
        reader, writer = os.pipe()
        if (child := os.fork()) == 0:
            os.setuid(65534)
            os.write(writer, what().encode())
            os._exit(0)
        os.waitpid(child, 0)
        os.close(writer)
        with os.fdopen(reader) as answer:
            return answer.read()

    return call


# Properties.

TEXTS = st.text(max_size=20)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=5,
)


NOWHERE = Path(__file__) / "none"
"""Under a file nothing can be, whatever this machine has."""


def taken_or_refused(kind: type[SerdError], flags: dict[str, Any], path: Path | None) -> bool:
    try:
        load(flags, {}, path, RULES, NOWHERE)
    except kind as error:
        return str(error).isprintable()
    return True


@given(flags=st.dictionaries(st.sampled_from(sorted(known_settings(RULES))) | TEXTS, VALUES, max_size=4))
def test_whatever_is_given_is_taken_or_refused_in_one_line(flags: dict[str, Any]) -> None:
    assert taken_or_refused(UsageError, flags, None)


@given(content=st.binary(max_size=200) | st.text(alphabet="[]{}\"'=.,#\n abz019-_", max_size=80).map(str.encode))
def test_whatever_a_file_holds_is_taken_or_refused_in_one_line(content: bytes, tmp_path_factory: Any) -> None:
    path = tmp_path_factory.getbasetemp() / "fuzzed.toml"
    path.write_bytes(content)
    assert taken_or_refused(ConfigError, {}, path)


SETTABLE = st.fixed_dictionaries(
    {},
    optional={
        "capture.device": st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1),
        "capture.channel": st.just("mix") | st.integers(1, 256),
        "capture.buffer_s": st.floats(1, 120),
        "model.name": st.sampled_from(["thesis-cnn", '/a "quoted"\\ path\x7f\n', "é🎙"]),
        "model.stride_s": st.floats(0.05, 5),
        "publish.endpoints": st.lists(st.integers(1, 65535).map("tcp://[::1]:{}".format), min_size=1, unique=True),
        "publish.session": st.from_regex(r"[A-Za-z0-9._-]{0,64}", fullmatch=True),
        "view.headless": st.booleans(),
        "decision.margin": st.floats(0, 1),
        "decision.silence_db": st.floats(-140, 0),
    },
)


@given(flags=SETTABLE)
def test_what_serd_config_prints_gives_the_same_settings_when_saved(
    flags: dict[str, Any], tmp_path_factory: Any
) -> None:
    if len(flags.get("publish.endpoints", [])) > 16:
        del flags["publish.endpoints"]
    resolved = load(flags, {}, None, RULES, NOWHERE)
    path = tmp_path_factory.getbasetemp() / "saved.toml"
    path.write_text(command.to_toml(resolved), encoding="utf-8")
    assert load({}, {}, path, RULES, NOWHERE).settings == resolved.settings


# The command.


def test_serd_config_tells_where_each_value_came_from(layers: Layers, capsys: pytest.CaptureFixture[str]) -> None:
    layers.write(layers.user, "model.stride_s = 0.5")
    layers.environ["SERD_MARGIN"] = "0.2"
    assert command.run(layers.load(), thresholds={"margin": 0.1, "dwell_s": 0.75}) == 0
    printed = capsys.readouterr().out
    assert f"stride_s = 0.5  # {layers.user}" in printed
    assert "margin = 0.2  # SERD_MARGIN" in printed
    assert "# dwell_s = 0.75  # the model's" in printed
    assert f'name = "{MODEL}"  # default' in printed
    assert tomllib.loads(printed)["decision"] == {"margin": 0.2}, "the model's own stay the model's"


def test_serd_config_says_above_each_setting_what_it_is_for(layers: Layers) -> None:
    told = " ".join(line.lstrip("# ") for line in command.to_toml(layers.load(), dict.fromkeys(RULES, 0.5)).split("\n"))
    told = " ".join(told.split())
    for key, spec in known_settings(RULES).items():
        assert spec.help, key
        what = " ".join(
            f"{spec.help[1:]}. {spec.must[:1].upper()}{spec.must[1:]}; {spec.flag}, {spec.variable}.".split()
        )
        assert re.search(re.escape(what) + f" {key.rpartition('.')[2]} (=|is not set)", told), key


def test_serd_config_speaks_json_too(layers: Layers, capsys: pytest.CaptureFixture[str]) -> None:
    layers.flags["capture.device"] = "USB"
    command.run(layers.load(), json=True, thresholds={"margin": 0.1})
    shown = json.loads(capsys.readouterr().out)
    assert shown["capture.device"] == {"value": "USB", "origin": "--device"}
    assert shown["capture.input"] == {"value": None, "origin": "default"}
    assert shown["decision.margin"] == {"value": 0.1, "origin": "model"}
