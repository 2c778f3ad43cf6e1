"""serd/bridges/prometheus.py: what is scraped, promtool's opinion of it, and readers that do not read."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from serd.bridges.exporter import READERS
from tests.support import wire
from tests.support.bridging import ROOT, Process, Room, bridge, until

EXAMPLES = ROOT / "examples"


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with contextlib.closing(Room(f"ipc://{tmp_path}/events")) as room:
        yield room


@contextlib.contextmanager
def exporter(room: Room, folder: Path, *more: str) -> Iterator[str]:
    """The URL of a bridge that has the room's events."""
    with bridge("prometheus", "--endpoint", room.endpoint, "--listen", "127.0.0.1:0", *more, folder=folder) as process:
        room.wait()
        yield until(lambda: url_of(process))


def url_of(process: Process) -> str | None:
    return next((line.split("open to ")[1].strip() for line in list(process.errors) if "open to " in line), None)


def scrape(url: str) -> str:
    with urllib.request.urlopen(url, timeout=20) as answer:
        text: str = answer.read().decode()
        return text


def value(url: str, name: str) -> float | None:
    """Of one metric, as its line begins."""
    line = next((line for line in scrape(url).splitlines() if line.startswith(name)), None)
    return float(line.rpartition(" ")[2]) if line else None


def promtool(*arguments: str | Path, text: str = "") -> subprocess.CompletedProcess[str]:
    if not shutil.which("promtool"):
        pytest.skip("promtool is not installed; script/test does that")
    return subprocess.run(
        ["promtool", *map(str, arguments)], input=text, capture_output=True, text=True, check=False, timeout=30
    )


def test_speech_states_and_losses_are_counted(room: Room, tmp_path: Path) -> None:
    with exporter(room, tmp_path) as url:
        status = wire.status()
        room.send(wire.Event("status", {**status.data, "overflows": 3, "skipped": 2}, None))
        room.send(*(wire.frame(k) for k in range(8)), *(wire.quiet() for _ in range(4)))
        until(lambda: value(url, 'serd_speech_seconds_total{source="room1"}') == 8 * 0.25)
        assert value(url, 'serd_state{serd_state="listening",source="room1"}') == 1
        assert value(url, 'serd_state{serd_state="muted",source="room1"}') == 0
        assert value(url, 'serd_overflows_total{source="room1"}') == 3
        assert value(url, 'serd_skipped_total{source="room1"}') == 2
        assert value(url, 'serd_latency_seconds_count{source="room1"}') == 12
        assert value(url, 'serd_latency_seconds_bucket{le="+Inf",source="room1"}') == 12
        assert value(url, 'serd_info{model="thesis-cnn/1",source="room1",version="0.1.0"}') == 1
        first = value(url, "serd_last_event_age_seconds")
        time.sleep(0.2)
        assert first is not None
        assert (value(url, "serd_last_event_age_seconds") or 0) > first, "it grows while nothing comes"


def test_emotions_are_told_only_where_they_are_asked_for(room: Room, tmp_path: Path) -> None:
    for more, told in (((), False), (("--emotions",), True)):
        with exporter(room, tmp_path, *more) as url:
            room.send(wire.status(), wire.frame(), wire.segment())
            until(lambda url=url: value(url, 'serd_speech_seconds_total{source="room1"}'))
            assert ("happy" in scrape(url)) == told
            assert "session" not in scrape(url)


@pytest.mark.parametrize("more", [(), ("--emotions",)])
def test_promtool_has_nothing_to_say_about_the_metrics(room: Room, tmp_path: Path, more: tuple[str, ...]) -> None:
    with exporter(room, tmp_path, *more) as url:
        room.send(wire.status(), wire.frame(), wire.quiet())
        until(lambda: value(url, 'serd_speech_seconds_total{source="room1"}'))
        text = scrape(url)
    done = promtool("check", "metrics", text=text)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    names = {re.split(r"[{ ]", line)[0] for line in text.splitlines() if line and line[0] != "#"}
    assert len(names) > 12
    assert all(name.startswith("serd_") for name in names)
    assert "is a counter" not in promtool("check", "metrics", text=text).stderr
    bad = text.replace("serd_gaps_total", "serd_gaps")  # promtool would have spoken
    assert promtool("check", "metrics", text=bad).returncode != 0


def test_the_alerts_and_the_dashboard_name_metrics_that_there_are(room: Room, tmp_path: Path) -> None:
    done = promtool("check", "rules", EXAMPLES / "serd_alerts.yml")
    assert done.returncode == 0, done.stdout + done.stderr
    with exporter(room, tmp_path, "--emotions") as url:
        room.send(wire.Event("status", {**wire.status().data, "realtime_ratio": 0.1}, None), wire.frame())
        until(lambda: value(url, 'serd_emotion_seconds_total{emotion="happy",source="room1"}'))
        until(lambda: value(url, "serd_realtime_ratio"))
        there = {re.split(r"[{ ]", line)[0] for line in scrape(url).splitlines() if line and line[0] != "#"}
    dashboard = json.loads((EXAMPLES / "serd_dashboard.json").read_text())
    expressions = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    rules = re.findall(r"expr: (.*)", (EXAMPLES / "serd_alerts.yml").read_text())
    assert len(expressions) > 10
    named = set(re.findall(r"\bserd_\w+(?![\w=])", " ".join([*expressions, *rules]))) - {"serd_state"}
    assert named - there == set()
    assert len({panel["id"] for panel in dashboard["panels"]}) == len(dashboard["panels"])


def test_the_alerts_ring_when_they_should(tmp_path: Path) -> None:
    """promtool plays an hour of metrics through the rules."""
    (tmp_path / "test.yml").write_text(
        f"""
rule_files: [{EXAMPLES / "serd_alerts.yml"}]
evaluation_interval: 30s
tests:
  - interval: 30s
    input_series:
      - series: 'serd_last_event_age_seconds{{source="a"}}'
        values: '0x9 10+30x10'
      - series: 'serd_state{{source="a", serd_state="lost"}}'
        values: '0x9 1x20'
      - series: 'serd_last_event_age_seconds{{source="b"}}'
        values: '1x40'
    alert_rule_test:
      - eval_time: 10m
        alertname: SerdDeaf
        exp_alerts:
          - exp_labels: {{severity: warning, source: a}}
            exp_annotations:
              summary: "serd a hears nothing"
              description: "Its microphone has stalled or is lost; `serd doctor` there says why."
      - eval_time: 4m
        alertname: SerdSilent
      - eval_time: 4m
        alertname: SerdDeaf
"""
    )
    done = promtool("test", "rules", tmp_path / "test.yml")
    assert done.returncode == 0, done.stdout + done.stderr


def test_readers_that_do_not_read_keep_nobody_out_for_long(room: Room, tmp_path: Path) -> None:
    with exporter(room, tmp_path) as url, contextlib.ExitStack() as stack:
        host, port = url.split("/")[2].split(":")
        peers = [stack.enter_context(socket.create_connection((host, int(port)))) for _ in range(3 * READERS)]
        for peer in peers:
            with contextlib.suppress(OSError):
                peer.sendall(b"GET /metrics HTTP/1.1\r\nHost: x")  # and never an end
        room.send(wire.status())

        def answered() -> bool:
            try:
                return value(url, 'serd_state{serd_state="listening"') == 1
            except OSError:
                return False

        until(answered)


@pytest.mark.parametrize(
    "request_line", [b"\xff" * 70_000, b"POST /metrics HTTP/1.0\r\n\r\n", b"GET /../../etc HTTP/1.0\r\n\r\n"]
)
def test_other_requests_get_nothing(room: Room, tmp_path: Path, request_line: bytes) -> None:
    with exporter(room, tmp_path) as url:
        host, port = url.split("/")[2].split(":")
        with socket.create_connection((host, int(port)), 20) as peer, contextlib.suppress(OSError):
            peer.sendall(request_line)
            peer.shutdown(socket.SHUT_WR)
            assert b"serd_" not in peer.recv(100_000)
        assert "serd_bridge_events_total" in scrape(url)
        with pytest.raises(urllib.error.HTTPError):
            scrape(url.replace("/metrics", "/"))


def test_a_port_in_use_is_one_line(run: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = run("bridge", "prometheus", "--listen", f"127.0.0.1:{taken.getsockname()[1]}")
    assert done.returncode == 2
    assert "give another HOST:PORT" in done.stderr
    assert done.stderr.count("\n") == 1
