"""`serd tail`: events as JSON lines."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import wire
from tests.support.wire import PATIENCE

TAIL = [sys.executable, "-m", "serd", "tail"]
FOLLOW = """
import sys, threading, logging
sys.path.insert(0, ".")
from tests.support import wire
from serd.cli.tail import follow
from serd.events.publisher import Publisher

logging.basicConfig(format="%(message)s")
publisher, over = Publisher(["inproc://inside"], "mic", "s1"), threading.Event()
thread = threading.Thread(target=follow, args=("inproc://inside", over), daemon=True)
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


def test_a_signal_ends_it_while_it_waits_for_a_serd_that_is_not_there(tmp_path: Path) -> None:
    with subprocess.Popen([*TAIL, f"ipc://{tmp_path}/none"], stderr=subprocess.PIPE, env=wire.ENVIRONMENT) as it:
        with pytest.raises(subprocess.TimeoutExpired):
            it.wait(1.0)
        it.send_signal(signal.SIGTERM)
        assert it.communicate(timeout=PATIENCE)[1] == b""
    assert it.returncode == 0


def test_it_leaves_quietly_when_its_reader_has_gone() -> None:
    with wire.publishing() as (endpoint, _):
        command = f"'{sys.executable}' -m serd tail {endpoint} | head -n 2; echo ${{PIPESTATUS[0]}}"
        done = subprocess.run(["bash", "-c", command], env=wire.ENVIRONMENT, capture_output=True, text=True,
                              timeout=PATIENCE, check=False)  # fmt: skip
    *lines, code = done.stdout.splitlines()
    assert (len(lines), code, done.stderr) == (2, "0", "")


def test_a_full_disk_is_one_line_and_exit_2() -> None:
    with wire.publishing() as (endpoint, _), Path("/dev/full").open("w") as full:
        done = tail(endpoint, capture_output=False, stdout=full, stderr=subprocess.PIPE)
    assert done.returncode == 2
    assert done.stderr.splitlines()[0].startswith("serd: standard output: cannot be written (No space left on device)")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "remedy"),
    [
        (["127.0.0.1:5556"], "give tcp://ADDRESS:PORT"),
        (["--count", "-1"], "give 0 or more"),
        (["--timeout", "-1"], "give seconds"),
        (["--source", "Küche"], "give 1 to 64"),
    ],
)
def test_what_it_cannot_do_is_one_line_and_exit_2(arguments: list[str], remedy: str) -> None:
    done = tail(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert remedy in done.stderr
    assert done.stderr.count("\n") == 1


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
