"""`serd tail`: events as JSON lines."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support import wire
from tests.support.rooms import listening
from tests.support.wire import PATIENCE

TAIL = [sys.executable, "-m", "serd", "tail"]
FOLLOW = """
import sys, threading, logging
sys.path.insert(0, ".")
from tests.support import wire
from serd.view.lines import follow
from serd.errors import OutputError
from serd.events.publisher import Publisher

def body():
    try:
        follow("inproc://inside", over)
    except OutputError as error:
        print(error, file=sys.stderr)

logging.basicConfig(format="%(message)s")
publisher, over = Publisher(["inproc://inside"], "mic", "s1"), threading.Event()
thread = threading.Thread(target=body, daemon=True)
thread.start()
assert publisher.wait_subscribers(1, 20)
for k in range(int(sys.argv[1])):
    publisher.publish(wire.frame(k))
over.set()
thread.join(float(sys.argv[2]))
publisher.close()
sys.stdout.flush()
"""


def tail(*arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*TAIL, *arguments], env=wire.ENVIRONMENT, text=True, timeout=PATIENCE, check=False,
                          **{"capture_output": True, **options})  # type: ignore[call-overload,no-any-return]  # fmt: skip


def follow(events: int, join: float, **options: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", FOLLOW, str(events), str(join)]
    return subprocess.run(command, env=wire.ENVIRONMENT, text=True, timeout=PATIENCE, check=False, cwd=wire.ROOT,
                          **{"capture_output": True, **options})  # type: ignore[call-overload,no-any-return]  # fmt: skip


def test_it_prints_one_event_a_line_and_leaves_after_the_count() -> None:
    with wire.publishing() as (endpoint, _):
        done = tail(endpoint, "--count", "20")
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert len(lines) == 20
    assert len({wire.valid(json.loads(line))["id"] for line in lines}) == 20


def test_it_prints_only_what_was_asked_for() -> None:
    with wire.publishing() as (endpoint, _):
        done = tail(endpoint, "--kind", "status", "--kind", "segment", "--source", "test", "-n", "10")
        none = tail(endpoint, "--source", "other", "--timeout", "0.3")
    assert {json.loads(line)["type"] for line in done.stdout.splitlines()} == {"serd.v1.status", "serd.v1.segment"}
    assert (none.returncode, none.stdout, none.stderr) == (0, "", "")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_with_0_and_lines_come_out_as_they_happen(number: signal.Signals) -> None:
    with (
        wire.publishing() as (endpoint, _),
        subprocess.Popen(  # unbuffered: communicate() would pass over what readline() has read ahead
            [*TAIL, endpoint], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=wire.ENVIRONMENT, bufsize=0
        ) as it,
    ):
        assert it.stdout is not None
        wire.valid(json.loads(it.stdout.readline()))  # though the pipe is far from full
        it.send_signal(number)
        rest, errors = it.communicate(timeout=PATIENCE)
    assert (it.returncode, errors) == (0, b"")
    assert all(wire.valid(json.loads(line)) for line in rest.splitlines())


def _catches(pid: int, number: signal.Signals) -> bool:
    """Whether the process has a handler for it, as the kernel tells."""
    status = Path(f"/proc/{pid}/status").read_text()
    caught = next(line.split()[1] for line in status.splitlines() if line.startswith("SigCgt"))
    return bool(int(caught, 16) >> (number - 1) & 1)


def test_a_signal_ends_it_while_it_waits_for_a_serd_that_is_not_there(tmp_path: Path) -> None:
    with subprocess.Popen([*TAIL, f"ipc://{tmp_path}/none"], stderr=subprocess.PIPE, env=wire.ENVIRONMENT) as it:
        while not _catches(it.pid, signal.SIGTERM):
            time.sleep(0.01)
        it.send_signal(signal.SIGTERM)
        assert it.communicate(timeout=PATIENCE)[1] == b""
    assert it.returncode == 0


def test_a_count_that_was_not_reached_is_not_done() -> None:
    with (
        wire.publishing() as (endpoint, _),
        subprocess.Popen(
            [*TAIL, endpoint, "-n", "1000000"], stdout=subprocess.PIPE, env=wire.ENVIRONMENT, bufsize=0
        ) as it,
    ):
        assert it.stdout is not None
        it.stdout.readline()
        it.send_signal(signal.SIGINT)
        it.communicate(timeout=PATIENCE)
    assert it.returncode == 130


def test_it_leaves_quietly_when_its_reader_has_gone() -> None:
    with wire.publishing() as (endpoint, _):
        command = f"'{sys.executable}' -m serd tail {endpoint} | head -n 2; echo ${{PIPESTATUS[0]}}"
        done = subprocess.run(["bash", "-c", command], env=wire.ENVIRONMENT, capture_output=True, text=True,
                              timeout=PATIENCE, check=False)  # fmt: skip
    *lines, code = done.stdout.splitlines()
    assert (len(lines), code, done.stderr) == (2, "0", "")


def test_a_full_disk_is_one_line_and_exit_74() -> None:
    with wire.publishing() as (endpoint, _), Path("/dev/full").open("w") as full:
        done = tail(endpoint, capture_output=False, stdout=full, stderr=subprocess.PIPE)
    assert done.returncode == 74
    assert done.stderr.splitlines()[0].startswith("serd: standard output: cannot be written (No space left on device)")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "remedy"),
    [
        (["127.0.0.1:5556"], "give tcp://ADDRESS:PORT"),
        (["--count", "-1"], "give 0 or more"),
        (["tcp://127.0.0.1:5556", "nats://127.0.0.1"], "leave the others out"),
        (["tcp://127.0.0.1:5556", "127.0.0.1:5557"], "give tcp://ADDRESS:PORT"),
        (["--timeout", "-1"], "give seconds"),
        (["--source", "Küche"], "give 1 to 64"),
    ],
)
def test_what_it_cannot_do_is_one_line_and_exit_2(arguments: list[str], remedy: str) -> None:
    done = tail(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert remedy in done.stderr
    assert done.stderr.count("\n") == 1


def test_the_events_of_two_serds_come_as_one_stream_of_lines(tmp_path: Path) -> None:
    with listening(tmp_path, ["kitchen", "hall"]) as endpoints:
        done = tail(*endpoints, "--count", "60")
        one = tail(*endpoints, "--source", "hall", "--count", "5")
    assert (done.returncode, done.stderr) == (0, "")
    sources = [wire.valid(json.loads(line))["source"] for line in done.stdout.splitlines()]
    assert len(sources) == 60
    assert min(sources.count("kitchen"), sources.count("hall")) > 10
    assert {json.loads(line)["source"] for line in one.stdout.splitlines()} == {"hall"}


def test_of_several_endpoints_each_that_is_silent_is_named(tmp_path: Path) -> None:
    absent = [f"ipc://{tmp_path}/cellar", f"ipc://{tmp_path}/attic"]
    with wire.publishing() as (endpoint, _):
        done = tail(absent[0], endpoint, absent[1], "--count", "500")
        quiet = tail(endpoint, absent[0], "--source", "other", "--timeout", "4")
    told = done.stderr.splitlines()
    assert (done.returncode, len(done.stdout.splitlines()), len(told)) == (0, 500, 2)
    for line, name in zip(told, absent, strict=True):
        assert f"{name}: nothing heard for 3 s" in line
    assert f"{endpoint}: is there, but has sent nothing of what was asked for" in quiet.stderr
    assert f"{absent[0]}: nothing heard for 3 s" in quiet.stderr


def test_the_daemons_own_lines_are_all_there_at_its_end() -> None:
    done = follow(500, 20)
    assert done.stderr == ""
    ends = [wire.valid(json.loads(line))["data"]["sequence"] for line in done.stdout.splitlines()]
    assert ends == list(range(500))


def test_the_daemon_ends_though_nobody_reads_its_lines() -> None:
    command = [sys.executable, "-c", FOLLOW, "1000", "0.5"]  # 1 MB, more than a pipe holds
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=wire.ENVIRONMENT,
                          cwd=wire.ROOT) as it:  # fmt: skip
        assert it.wait(PATIENCE) == 0
        assert it.stderr is not None
        assert it.stderr.read() == b""


@pytest.mark.parametrize("sink", ["closed pipe", "full disk"])
def test_the_daemon_goes_on_when_its_lines_cannot_be_written(sink: str) -> None:
    command = f"'{sys.executable}' -c '{FOLLOW}' 1000 20 {'| true' if sink == 'closed pipe' else '>/dev/full'}"
    done = subprocess.run(["bash", "-c", f"{command}; exit ${{PIPESTATUS[0]}}"], env=wire.ENVIRONMENT, cwd=wire.ROOT,
                          capture_output=True, text=True, timeout=PATIENCE, check=False)  # fmt: skip
    assert done.returncode == 0
    assert ("No space left on device" in done.stderr) == (sink == "full disk")
    assert "Traceback" not in done.stderr
