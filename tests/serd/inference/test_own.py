"""serd.inference.own: segments without what another voice says; nothing else is changed."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from serd.block import Block
from serd.inference.own import OwnSegments
from serd.inference.step import Step
from serd.scoring.score import make_pipeline
from tests.support.speech import DEMO, read

RULES = {"emotion_on": 0.13, "emotion_off": 0.0, "margin": 0.0, "dwell_s": 0.25, "speech_hold_s": 5.0}


def steps() -> tuple[list[Step], int]:
    pipeline = make_pipeline("serd-small", overrides=RULES)
    samples = read(DEMO)[: 20 * 16000]
    halves = (Block(samples[:160000], 0, False, 0.0), Block(samples[160000:], 165000, True, 0.0))
    return [step for block in halves for step in pipeline.push(block)], pipeline.stride


STEPS, STRIDE = steps()


def told(step: Step) -> list[tuple]:
    return [(s.number, s.label, s.start, s.end, s.ended_by, tuple(s.probabilities)) for s in step.segments]


def test_without_another_voice_the_segments_are_the_pipelines():
    own = OwnSegments(STRIDE)
    assert [told(own.step(step, False)) for step in STEPS] == [told(step) for step in STEPS]
    assert any(told(step) for step in STEPS)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.booleans(), min_size=len(STEPS), max_size=len(STEPS)))
def test_no_segment_holds_a_foreign_stride_and_each_is_closed(foreign: list[bool]):
    own, ended = OwnSegments(STRIDE), []
    for step, is_foreign in zip(STEPS, foreign, strict=True):
        mine = own.step(step, is_foreign)
        assert mine.scores is step.scores
        assert mine.decision is step.decision
        ended += [segment for segment in mine.segments if segment.ended_by]
    ended += own.close("stop")
    places = [step.scores.end for step, is_foreign in zip(STEPS, foreign, strict=True) if is_foreign]
    for segment in ended:
        assert not any(segment.start < place <= segment.end for place in places)
    assert [segment.number for segment in ended] == list(range(1, len(ended) + 1))
