"""serd.events.activation, and activation on its way: decision, segments, events, scores, the view."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

import serd
import serd.events.event
from serd.block import Block
from serd.events.activation import SURE, Activation, log_odds, pool, probability
from serd.events.event import Event, schema
from serd.inference.decision import Decider, Rules, evidence
from serd.inference.model import SPEECH, load
from serd.inference.pipeline import Pipeline
from serd.inference.reporter import Reporter
from serd.inference.step import Step
from serd.scoring.score import make_pipeline, score_blocks
from serd.view.view import View
from tests.support.activated import LABELS, activated
from tests.support.envelopes import START, frame, status
from tests.support.speech import DEMO, read

EAGER = {"emotion_on": 0.3, "emotion_off": 0.2, "margin": 0.0, "dwell_s": 0.25}
FIRST = Path(__file__).parents[2] / "data" / "serd.v1-0.1.0.schema.json"
"""The events' schema before it told activation."""

shares = st.floats(0, 1)


@pytest.fixture(scope="module")
def model() -> str:
    return str(activated())


@pytest.fixture(scope="module")
def told(model: str) -> tuple[Pipeline, list[tuple[Step, list[Event]]]]:
    """The steps of 24 s of the synthetic recording, and their events."""
    pipeline = Pipeline.assemble(load(model), load(SPEECH, "speech"), 0.25, EAGER)
    reporter = Reporter(pipeline.emotion, 16000)
    steps = [*pipeline.push(Block(read(DEMO)[: 24 * 16000], 0, False, 0.0)), *pipeline.finish()]
    return pipeline, [(step, list(reporter.step(step))) for step in steps]


def events(told: tuple[Pipeline, list[tuple[Step, list[Event]]]], kind: str) -> list[Mapping[str, Any]]:
    return [event.data for _, said in told[1] for event in said if event.kind == kind]


@given(shares)
def test_what_is_published_is_rounded_and_its_own_confidence(share: float):
    made = Activation.of(share)
    assert made.value == round(share, 4)
    assert made.confidence == round(max(made.value, 1 - made.value), 4) >= 0.5
    assert bool(made.words) == (made.confidence >= SURE)


@pytest.mark.parametrize(
    ("share", "words"), [(0.88, "activated 88 %"), (0.15, "not activated 85 %"), (0.79, ""), (0.5, ""), (0.21, "")]
)
def test_it_is_named_where_it_is_sure(share: float, words: str):
    assert Activation.of(share).words == words


@given(st.floats(1e-4, 1 - 1e-4))
def test_log_odds_and_back(share: float):
    assert probability(log_odds(share)) == pytest.approx(share, rel=1e-9)


@given(st.lists(st.tuples(shares, st.floats(0.01, 100)), min_size=1, max_size=8), st.floats(0.1, 10))
def test_the_pool_lies_among_its_windows_and_only_the_weights_ratios_count(
    windows: list[tuple[float, float]], factor: float
):
    one = pool(windows)
    held = [min(max(share, 1e-4), 1 - 1e-4) for share, _ in windows]
    assert one is not None
    assert min(held) - 1e-9 <= one <= max(held) + 1e-9
    assert pool([(share, weight * factor) for share, weight in windows]) == pytest.approx(one)
    opposite = pool([(1 - share, weight) for share, weight in windows])
    assert opposite == pytest.approx(1 - one, abs=1e-9)


def test_no_window_no_pool():
    assert pool([]) is None


@given(st.lists(st.tuples(shares, st.floats(0.25, 3)), min_size=1, max_size=12))
def test_a_decision_smooths_log_odds_as_it_smooths_the_emotions(windows: list[tuple[float, float]]):
    rules = Rules(smoothing_s=1.0, evidence=4.0)
    decider = Decider(rules, 0.25)
    chances = np.array([0.5, 0.3, 0.2])
    decisions = [decider.step(chances, heard_s, share) for share, heard_s in windows]
    keep = np.exp(-0.25 / 1.0)
    weights = [evidence(heard_s, rules) * keep ** (len(windows) - 1 - k) for k, (_, heard_s) in enumerate(windows)]
    assert decisions[-1].activation == pytest.approx(pool(zip([share for share, _ in windows], weights, strict=True)))
    assert decider.silent(-30.0).activation is None
    assert decider.unheard().activation is None
    assert decider.step(chances, 1.0, 0.9).activation == pytest.approx(0.9)  # nothing of before is left


def test_activation_changes_neither_state_nor_label():
    with_it, without = Decider(Rules(), 0.25), Decider(Rules(), 0.25)
    rng = np.random.default_rng(0)
    for chances in rng.dirichlet(np.ones(3), 60):
        one, other = with_it.step(chances, 1.0, float(rng.random())), without.step(chances, 1.0)
        assert (one.state, one.reason, one.label, one.confidence) == (
            other.state,
            other.reason,
            other.label,
            other.confidence,
        )
        assert other.activation is None


def test_frames_tell_it_wherever_the_network_was_asked(told):
    frames = events(told, "frame")
    asked = [frame for frame in frames if frame["probabilities"] is not None]
    assert len(asked) > 20
    assert all((frame["activation"] is None) == (frame["probabilities"] is None) for frame in frames)
    values = [frame["activation"]["value"] for frame in asked]
    assert min(values) < 1 - SURE
    assert max(values) > SURE, "it follows the voice"
    for (step, said), _ in zip(told[1], frames, strict=True):
        if step.decision.activation is not None:
            value = round(step.decision.activation, 4)
            assert said[-1].data["activation"] == {"value": value, "confidence": round(max(value, 1 - value), 4)}
    assert any(f["state"] == "uncertain" and f["activation"]["confidence"] >= SURE for f in asked)


def test_segments_tell_the_mean_over_their_windows(told):
    ends = [segment for segment in events(told, "segment") if segment["phase"] == "end"]
    assert ends
    for end in ends:
        first, last = (round(end["window"][edge] * 16000) for edge in ("start_s", "end_s"))
        own = [step.scores.activation for step, _ in told[1] if first < step.scores.end <= last]
        assert None not in own
        assert end["activation"]["value"] == pytest.approx(float(np.mean(own)), abs=6e-5)  # type: ignore[arg-type]


def test_a_model_that_does_not_tell_it_has_no_such_field():
    pipeline = make_pipeline("serd-small")
    reporter = Reporter(pipeline.emotion, 16000)
    steps = list(pipeline.push(Block(read(DEMO)[: 8 * 16000], 0, False, 0.0)))
    assert any(step.scores.probabilities is not None for step in steps)
    assert not any("activation" in event.data for step in steps for event in reporter.step(step))


def test_the_events_fit_the_schema_and_the_one_before_it(told):
    checks = [Draft202012Validator(one) for one in (schema(), json.loads(FIRST.read_text()))]
    for k, event in enumerate(event for _, said in told[1] for event in said):
        now = {"time": datetime.now(UTC), "now": time.monotonic()}
        whole = serd.events.event.envelope(event, source="test", session="s", sequence=k, id=str(k), **now)
        for check in checks:
            check.validate(whole)


@pytest.mark.parametrize("wrong", [0.8, {"value": 0.8}, {"value": 1.2, "confidence": 0.9}, {"confidence": 0.2}])
def test_the_schema_refuses_what_is_no_activation(wrong: object):
    field = schema()["$defs"]["judgement"]["properties"]["activation"]
    assert list(Draft202012Validator(field | {"$defs": schema()["$defs"]}).iter_errors(wrong))


def test_the_schema_has_only_grown_by_optional_fields():
    assert list(differences(json.loads(FIRST.read_text()), schema(), "")) == []


def differences(old: Any, new: Any, where: str) -> Iterator[str]:
    """What a reader of the old schema would stumble over; new properties and other descriptions are none."""
    if not (isinstance(old, dict) and isinstance(new, dict)):
        if old != new:
            yield where
        return
    grows = where.endswith(("/properties", "/$defs"))
    if not grows and set(new) - set(old) - {"description"}:
        yield where
    for name, value in old.items():
        if name != "description" or grows:
            yield from differences(value, new.get(name), f"{where}/{name}")


def test_a_score_pools_its_windows_by_their_evidence(told, model: str):
    pipeline = make_pipeline(model)
    score = score_blocks(iter([Block(read(DEMO)[: 24 * 16000], 0, False, 0.0)]), pipeline)
    asked = [step.scores for step, _ in told[1] if step.scores.activation is not None]
    weights = [(own.activation, evidence(own.heard_s, pipeline.rules)) for own in asked]
    expected = pool(weights)  # type: ignore[arg-type]
    assert expected is not None
    assert score.activation == dataclasses.asdict(Activation.of(expected))
    assert any(window["activation"] for window in score.windows)
    assert serd.score(np.zeros(16000, np.float32), 16000, model=model).activation is None
    assert serd.score(read(DEMO)[: 8 * 16000], 16000, model="serd-small").activation is None


def test_a_scores_first_fields_are_those_of_ever():
    names = [field.name for field in dataclasses.fields(serd.Score)]
    assert " ".join(names[:9]) == "label state reason confidence probabilities speech duration_s segments windows"
    assert names[9:] == ["model", "channels", "activation", "reference", "band_limited"]


def test_it_is_independent_of_the_gain(model: str):
    samples = read(DEMO)[: 24 * 16000]
    scores = [serd.score(samples * np.float32(gain), 16000, model=model) for gain in (1.0, 0.2)]
    for one, other in zip(*(score.windows for score in scores), strict=True):
        if one["activation"] and other["activation"]:
            assert one["activation"]["value"] == pytest.approx(other["activation"]["value"], abs=0.02)
    assert scores[0].label == scores[1].label


# As a user types it.


def test_serd_score_shows_it_in_each_form(run, model: str):
    text = run("score", "--model", model, "--windows", DEMO).stdout
    assert ", activated 9" in text
    assert "uncertain, activated" in text
    assert "not activated" in text
    line = json.loads(run("score", "--model", model, "--json", "--windows", DEMO).stdout)
    assert set(line["activation"]) == {"value", "confidence"}
    rows = list(csv.DictReader(io.StringIO(run("score", "--model", model, "--csv", "--windows", DEMO).stdout)))
    assert list(rows[0])[-2 - len(LABELS) :] == [*LABELS, "activation", "activation_confidence"]
    for row, window in zip(rows, line["windows"], strict=True):
        value = window["activation"]["value"] if window["activation"] else None
        assert row["activation"] == ("" if value is None else str(value))


def test_csv_of_a_model_that_does_not_tell_it_ends_with_the_labels(run):
    header = run("score", "--model", "serd-small", "--csv", DEMO).stdout.splitlines()[0]
    assert header.endswith(LABELS[-1])


def test_serd_publishes_it_to_who_listens(run, model: str, tmp_path: Path):
    """The whole daemon, its events as `serd tail` prints them."""
    publish = f"ipc://{tmp_path}/events"
    done = run("--input", DEMO, "--fast", "--headless", "--model", model, "--publish", publish)
    assert done.returncode == 0, done.stderr
    said = [json.loads(line) for line in done.stdout.splitlines()]
    check = Draft202012Validator(schema())
    for event in said:
        check.validate(event)
    frames = [event["data"] for event in said if event["type"] == "serd.v1.frame"]
    assert sum(bool(frame["activation"]) for frame in frames) > 50


# The live view.


def shown(**fields: Any) -> str:
    view = View("here")
    for event in (status(0), frame(1, **fields)):
        view.take(event)
    return view.scene(START + 1).detail


def test_the_view_shows_it_beside_the_state():
    sure, unsure = {"value": 0.88, "confidence": 0.88}, {"value": 0.6, "confidence": 0.6}
    open_question = {"state": "uncertain", "reason": "low-confidence"}
    assert shown(**open_question, activation=sure).startswith("uncertain, activated 88 %: no emotion stands out")
    assert shown(**open_question, activation=unsure).startswith("uncertain: ")
    calm = {"value": 0.1, "confidence": 0.9}
    assert shown(state="emotion", reason="held", label="sad", activation=calm).startswith("sad, not activated 90 %: ")


@pytest.mark.parametrize("strange", [None, 0.9, {}, {"value": 7}, {"value": "much"}, {"value": True}, [1]])
def test_the_view_leaves_out_what_is_no_activation(strange: object):
    assert shown(state="uncertain", reason="ambiguous", activation=strange).startswith("uncertain: ")
