"""Row 39: a host whose name has an IPv6 address only. In a network of the test's own, with a hosts file of its own."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

HOSTS = "127.0.0.1 both four\nfd12::1 both six\n"
PRELUDE = """
set -e
ip link set lo up
ip -6 addr add fd12::1/64 dev lo nodad
mount --bind hosts /etc/hosts
"""
PUBLISH = """
import sys, time
sys.path.insert(0, {tests!r})
from tests.support import wire
from serd.events.publisher import Publisher
from serd.events.keys import Keyring
from pathlib import Path
publisher = Publisher([sys.argv[1]], "test", "s1", keyring=Keyring(Path("keys")) if len(sys.argv) > 2 else None)
while True:
    publisher.publish(wire.status())
    time.sleep(0.1)
"""


def inside(tmp_path: Path, script: str) -> str:
    """What a shell script prints in a network and with a hosts file of its own."""
    (tmp_path / "hosts").write_text(HOSTS)
    (tmp_path / "publish.py").write_text(PUBLISH.format(tests=str(Path(__file__).parents[1])))
    probe = subprocess.run(["unshare", "-Urnm", "true"], capture_output=True, check=False)
    if probe.returncode:
        pytest.skip("this account may not make a network namespace here")
    words = {"python": sys.executable, "serd": f"'{sys.executable}' -m serd"}
    text = PRELUDE + textwrap.dedent(script).format(**words)
    done = subprocess.run(
        ["unshare", "-Urnm", "bash", "-c", text], capture_output=True, text=True, cwd=tmp_path, check=False,
        timeout=120,
        env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "XDG_CONFIG_HOME": str(tmp_path), "HOME": str(tmp_path)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    ("bound", "names"), [("[::1]", []), ("[fd12::1]", ["six", "both"]), ("127.0.0.1", ["four", "both"])]
)
def test_tail_finds_serd_by_a_name_of_either_family(tmp_path: Path, bound: str, names: list[str]):
    """Keys are wanted where other machines can reach it, and hold over either family."""
    secure = "" if bound != "[fd12::1]" else "keys"
    key = "--keys keys --server-key keys/server.key" if secure else ""
    direct = f"tcp://{bound}:5599"
    told = inside(
        tmp_path,
        f"""
        {{serd}} keys --keys keys new >/dev/null
        '{{python}}' publish.py {direct} {secure} & trap "kill $!" EXIT
        for where in {direct} {" ".join(f"tcp://{name}:5599" for name in names)}; do
            {{serd}} tail -n 1 --timeout 30 {key} $where
        done
        """,
    )
    assert [json.loads(line)["source"] for line in told.splitlines()] == ["test"] * (1 + len(names))


def test_mute_finds_serd_by_such_a_name(tmp_path: Path):
    told = inside(
        tmp_path,
        """
        {serd} keys --keys keys new >/dev/null
        mkfifo samples; sleep 100 > samples & holder=$!
        {serd} --headless --input - --keys keys --publish ipc://events --control 'tcp://[fd12::1]:5598' < samples \\
            > /dev/null & trap "kill $! $holder" EXIT
        until {serd} mute --endpoint tcp://six:5598 --keys keys --server-key keys/server.key 2>> refusals; do
            sleep 0.5; tries=$((tries + 1)); [ $tries -lt 5 ]
        done
        """,
    )
    assert "muted" in told


def test_a_reader_that_hears_nothing_says_so_once_and_goes_on(serd: str, tmp_path: Path):
    endpoint = f"ipc://{tmp_path}/events"
    command = [serd, "tail", "-n", "1", endpoint]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as reader:
        assert reader.stderr is not None
        line = reader.stderr.readline()
        assert line.startswith(f"serd: warning: {endpoint}: nothing heard for 3 s; see that serd runs there")
        script = PUBLISH.format(tests=str(Path(__file__).parents[1]))
        with subprocess.Popen([sys.executable, "-c", script, endpoint]) as publisher:
            out, rest = reader.communicate(timeout=60)
            publisher.kill()
    assert json.loads(out)["source"] == "test"
    assert (reader.returncode, rest) == (0, "")


def test_a_serd_that_is_there_and_has_nothing_to_say_is_not_called_absent(serd: str, tmp_path: Path):
    endpoint = f"ipc://{tmp_path}/events"
    script = PUBLISH.format(tests=str(Path(__file__).parents[1]))
    with subprocess.Popen([sys.executable, "-c", script, endpoint]) as publisher:
        done = subprocess.run(
            [serd, "tail", "--kind", "segment", "--source", "test", "--timeout", "8", endpoint],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        publisher.kill()
    assert "is there, but has sent nothing of what was asked for" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_the_library_stays_quiet(tmp_path: Path):
    script = f"import serd; list(serd.subscribe('ipc://{tmp_path}/none', timeout=4))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")
