"""systemd/serd-bridge@.service under systemd's own checks, and the bridges under what it leaves them."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from serd import errors
from serd.events.keys import Keyring
from tests.support import wire
from tests.support.bridging import PATIENCE, ROOT, Room, bridge, until

UNITS = ROOT / "systemd"
UNIT = UNITS / "serd-bridge@.service"
NAMES = ["prometheus", "lsl", "osc", "command"]


def analyze(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd-analyze is not installed; script/test does that")
    return subprocess.run(
        ["systemd-analyze", *map(str, arguments)], capture_output=True, text=True, check=False, timeout=PATIENCE
    )


@pytest.fixture
def instance(tmp_path: Path) -> Path:
    copy = tmp_path / "serd-bridge@mqtt.service"
    text = UNIT.read_text()
    assert text.count("ExecStart=/opt/serd/bin/serd bridge %i") == 1
    copy.write_text(text.replace("/opt/serd/bin/serd", "/bin/true"))
    return copy


def test_systemd_has_nothing_to_say_about_it_nor_about_its_drop_in(instance: Path) -> None:
    folder = instance.with_name("serd-bridge@mqtt.service.d")
    folder.mkdir()
    shutil.copy(UNITS / "serd-bridge@.service.d" / "secrets.conf.example", folder / "secrets.conf")
    done = analyze("verify", "--man=no", instance)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_systemd_has_nothing_to_say_about_the_daemons_control_drop_in(tmp_path: Path) -> None:
    copy = tmp_path / "serd.service"
    copy.write_text((UNITS / "serd.service").read_text().replace("/opt/serd/bin/serd", "/bin/true"))
    folder = tmp_path / "serd.service.d"
    folder.mkdir()
    shutil.copy(UNITS / "serd.service.d" / "control.conf.example", folder / "control.conf")
    done = analyze("verify", "--man=no", copy)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_it_is_exposed_to_at_most_2_0(instance: Path) -> None:
    done = analyze("security", "--offline=true", "--threshold=20", "--no-pager", instance)
    assert done.returncode == 0, done.stdout.splitlines()[-1:] + done.stderr.splitlines()


def test_it_agrees_with_the_exit_codes() -> None:
    lines = UNIT.read_text().splitlines()
    assert f"RestartForceExitStatus={errors.RESTART}" in lines
    assert f"RestartPreventExitStatus={errors.USAGE} {errors.CONFIG}" in lines
    assert {"Type=notify", "Restart=on-failure"} <= set(lines)
    assert any(line.startswith("WatchdogSec=") for line in lines)


def test_a_service_proves_itself_with_the_key_that_systemd_hands_it(tmp_path: Path) -> None:
    keys, credentials = tmp_path / "keys", tmp_path / "credentials"
    Keyring(keys).new()
    credentials.mkdir()
    shutil.copy(keys / "client.key_secret", credentials)
    (credentials / "client.key_secret").chmod(0o440)  # as systemd's access list shows
    environ = {"CREDENTIALS_DIRECTORY": str(credentials), "CONFIGURATION_DIRECTORY": str(tmp_path / "none")}
    assert Keyring.from_environment(environ).pair("client") == Keyring(keys).pair("client")


def calls_of(group: str) -> set[str]:
    """System calls that systemd's group means, groups inside it included."""
    words = [line.strip() for line in analyze("syscall-filter", group).stdout.splitlines()[1:]]
    named = {word for word in words if word and not word.startswith("#")}
    return {word for word in named if not word.startswith("@")}.union(
        *(calls_of(word) for word in named if word.startswith("@"))
    )


def allowed_calls() -> set[str]:
    allowed = calls_of("@default")
    for line in UNIT.read_text().splitlines():
        name, _, value = line.partition("=")
        if name == "SystemCallFilter":
            named = set().union(*(calls_of(word) if word[0] == "@" else {word} for word in value.lstrip("~").split()))
            allowed = allowed - named if value.startswith("~") else allowed | named
    return allowed


def hand_on(name: str, folder: Path, *before: str) -> None:
    """Run a bridge until it has handed three events on, and end it."""
    folder.mkdir()
    more = {"prometheus": ["--listen", "127.0.0.1:0"], "command": ["--", "/bin/true"]}.get(name, [])
    with (
        contextlib.closing(Room(f"ipc://{folder}/events")) as room,
        bridge(name, "--endpoint", room.endpoint, *more, folder=folder, before=before) as process,
    ):
        room.wait()
        room.send(wire.status(), wire.frame(), wire.segment())
        until(lambda: process.said("open to"))
        room.send(*(wire.frame(k) for k in range(20)))
        room.send(wire.segment(1, "change"))
        assert process.end() == 0, process.errors


@pytest.mark.parametrize("name", NAMES)
def test_a_bridge_works_with_the_system_calls_that_the_unit_leaves_it(name: str, tmp_path: Path) -> None:
    """strace lists what a run uses; a second run is refused what the filter would refuse."""
    if not shutil.which("strace"):
        pytest.skip("strace is not installed; script/test does that")
    strace = ["strace", "-D", "-f", "-qq"]  # beside the bridge, so that signals reach the bridge itself
    hand_on(name, tmp_path / "first", *strace, "-c", "-S", "name", "-U", "name", "-o", str(tmp_path / "used"))
    used = set(until((tmp_path / "used").read_text).split())
    assert "recvfrom" in used or "poll" in used, "the trace saw something"
    refused = sorted(
        call for call in used - allowed_calls() if call.isidentifier() and call not in ("syscall", "total")
    )
    if refused:
        injections = [option for call in refused for option in ("-e", f"inject={call}:error=EPERM")]
        trace = ["-e", f"trace={','.join(refused)}", *injections, "-o", str(tmp_path / "refused")]
        hand_on(name, tmp_path / "second", *strace, *trace)


WITHOUT_WRITABLE_CODE = """
import ctypes, os, sys
if ctypes.CDLL(None).prctl(65, 1, 0, 0, 0) != 0:
    sys.exit("no PR_SET_MDWE")
os.execv(sys.argv[1], sys.argv[1:])
"""


@pytest.mark.parametrize("name", NAMES)
def test_a_bridge_needs_no_writable_code(name: str, tmp_path: Path) -> None:
    """Under the kernel's own form of MemoryDenyWriteExecute=yes, which a child inherits."""
    probe = [sys.executable, "-c", WITHOUT_WRITABLE_CODE]
    if "no PR_SET_MDWE" in subprocess.run([*probe, "/bin/true"], capture_output=True, text=True, check=False).stderr:
        pytest.skip("this kernel is older than 6.3")
    hand_on(name, tmp_path / "run", *probe)
