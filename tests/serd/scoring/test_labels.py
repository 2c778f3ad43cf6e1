"""serd.scoring.labels: what is written is what the programs that own the formats read."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import parselmouth
import pytest
import srt as subrip
import tgt
from hypothesis import given, settings
from hypothesis import strategies as st

from serd.scoring import labels
from serd.scoring.labels import Stretch

WORDS = st.text("abc é\"'\\ 喜び", min_size=1, max_size=12).map(lambda text: " ".join(text.split()) or "x")


@st.composite
def recordings(draw: st.DrawFn) -> tuple[list[Stretch], float]:
    """Stretches in their order, some of which touch, and the recording's length."""
    ticks = sorted(draw(st.sets(st.integers(0, 400_000), min_size=2, max_size=12)))
    ticks = ticks[: len(ticks) // 2 * 2]
    found = []
    for start, end in zip(ticks[::2], ticks[1::2], strict=True):
        begin = found[-1].end_s if found and draw(st.booleans()) else start / 100
        found.append(Stretch(begin, end / 100, draw(WORDS), draw(st.integers(0, 10_000)) / 10_000))
    return found, found[-1].end_s + draw(st.sampled_from((0.0, 0.25)))


def audacity(text: str) -> list[tuple[float, float, str]]:
    """As Audacity imports labels: a line each, tabs between, two numbers first, the title last."""
    read = []
    for line in text.splitlines():
        fields = line.split("\t")
        assert len(fields) == 3, "without a second tab the end would be part of the title"
        assert all(re.fullmatch(r"\d+\.\d+", field) for field in fields[:2])
        assert not line.startswith("\\"), "such a line gives the frequencies of the one before"
        read.append((float(fields[0]), float(fields[1]), fields[2]))
    return read


@given(recordings())
def test_audacity_reads_its_labels(recording: tuple[list[Stretch], float]):
    found, _ = recording
    assert audacity(labels.audacity(found)) == [(one.start_s, one.end_s, one.label) for one in found]


@settings(deadline=None, max_examples=40)
@given(recordings())
def test_praat_reads_the_textgrid(tmp_path_factory: pytest.TempPathFactory, recording: tuple[list[Stretch], float]):
    found, duration_s = recording
    path = tmp_path_factory.mktemp("praat") / "x.TextGrid"
    path.write_text(labels.textgrid(found, duration_s), encoding="utf-8")
    grid = parselmouth.read(str(path))
    assert isinstance(grid, parselmouth.TextGrid)
    assert (grid.xmin, grid.xmax) == (0, duration_s)
    (tier,) = grid.to_tgt(include_empty_intervals=True).tiers
    assert tier.name == labels.TIER
    ends = [(one.start_time, one.end_time) for one in tier.intervals]
    assert [end for _, end in ends[:-1]] == [start for start, _ in ends[1:]], "they leave no hole"
    assert [_of(one) for one in tier.intervals if one.text] == [(one.start_s, one.end_s, one.label) for one in found]
    mine = tgt.io.read_textgrid(str(path)).get_tier_by_name(labels.TIER)
    assert [_of(one) for one in mine.intervals] == [_of(one) for one in tier.intervals if one.text]


def _of(interval: Any) -> tuple[float, float, str]:
    return interval.start_time, interval.end_time, interval.text


@given(recordings())
def test_subtitles_are_read_back(recording: tuple[list[Stretch], float]):
    found, _ = recording
    read = list(subrip.parse(labels.srt(found)))
    assert [one.index for one in read] == list(range(1, len(found) + 1))
    assert [(one.start.total_seconds(), one.end.total_seconds(), one.content) for one in read] == [
        (one.start_s, one.end_s, one.label) for one in found
    ]


@given(recordings(), WORDS)
def test_rttm_has_ten_fields_a_line(recording: tuple[list[Stretch], float], name: str):
    found, _ = recording
    lines = labels.rttm(found, name).splitlines()
    assert len(lines) == len(found)
    for line, one in zip(lines, found, strict=True):
        kind, file, channel, start, length, spelling, subtype, speaker, confidence, look_ahead = line.split(" ")
        assert (kind, file, channel) == ("SPEAKER", "_".join(name.split()), "1")
        assert (spelling, subtype, look_ahead) == ("<NA>",) * 3
        assert float(start) == one.start_s
        assert float(length) == pytest.approx(one.end_s - one.start_s, abs=1e-4)
        assert speaker == "_".join(one.label.split())
        assert float(confidence) == one.confidence


def segment(start_s: float, end_s: float) -> dict[str, Any]:
    return {"window": {"start_s": start_s, "end_s": end_s}, "label": "very\thappy\n", "confidence": 0.5}


def test_a_stretch_ends_with_its_recording():
    found = labels.stretches([segment(0, 1), segment(7.5, 8.25), segment(8.25, 9)], 8.0)
    assert [(one.start_s, one.end_s) for one in found] == [(0, 1), (7.5, 8.0)]
    assert {one.label for one in found} == {"very happy"}


def test_nothing_found_is_an_empty_file_or_an_empty_tier(tmp_path: Path):
    assert [labels.written(form, [], 2.0, "x") for form in ("audacity", "srt", "rttm")] == [""] * 3
    (tmp_path / "x.TextGrid").write_text(labels.written("textgrid", [], 2.0, "x"))
    (tier,) = parselmouth.read(str(tmp_path / "x.TextGrid")).to_tgt(include_empty_intervals=True).tiers
    assert [_of(one) for one in tier.intervals] == [(0, 2.0, "")]
