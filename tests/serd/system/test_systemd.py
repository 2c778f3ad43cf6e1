"""serd/system/systemd.py over real notification sockets, and the units under systemd's own checks."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from serd.system.systemd import LONGEST_STATUS, Notifier

ROOT = Path(__file__).resolve().parents[3]
UNITS = ROOT / "systemd"


class Manager:
    """The service manager's end of the line."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind("\0" + address[1:] if address.startswith("@") else address)
        self._socket.setblocking(False)

    def heard(self) -> list[str]:
        messages = []
        while True:
            try:
                messages.append(self._socket.recv(4096).decode())
            except BlockingIOError:
                return messages

    def close(self) -> None:
        self._socket.close()


@pytest.fixture(params=["path", "abstract"])
def manager(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Manager]:
    address = str(tmp_path / "notify") if request.param == "path" else f"@serd-test-{os.getpid()}"
    manager = Manager(address)
    yield manager
    manager.close()


def notifier(manager: Manager, **variables: str) -> Notifier:
    return Notifier({"NOTIFY_SOCKET": manager.address, **variables})


def test_readiness_is_told_once(manager: Manager) -> None:
    service = notifier(manager)
    service.ready("listening")
    service.ready("listening")
    assert manager.heard() == ["READY=1", "STATUS=listening"]


def test_a_start_that_takes_long_asks_for_more_time_and_pings_nobody(manager: Manager) -> None:
    service = notifier(manager, WATCHDOG_USEC="20000")
    service.watchdog()
    service.watchdog()
    assert manager.heard() == ["EXTEND_TIMEOUT_USEC=30000000"]


def test_the_watchdog_is_pinged_at_least_every_half_of_its_interval(manager: Manager) -> None:
    service = notifier(manager, WATCHDOG_USEC="400000", WATCHDOG_PID=str(os.getpid()))
    assert service.interval == pytest.approx(0.1)
    service.ready()
    asked, pings = [], []
    while not asked or asked[-1] - asked[0] < 0.6:
        asked.append(time.monotonic())
        service.watchdog()
        pings += [asked[-1]] * manager.heard().count("WATCHDOG=1")
        time.sleep(0.01)
    # Against the calls, not the wall clock: between a ping and the next, no call came a quarter interval later.
    for ping, following in zip(pings, [*pings[1:], asked[-1]], strict=True):
        assert all(moment - ping < 0.101 for moment in asked if ping < moment < following)
    assert 2 <= len(pings) <= 8, "and the loop's every turn is not a ping"


@pytest.mark.parametrize("variables", [{}, {"WATCHDOG_USEC": "1000", "WATCHDOG_PID": "1"}, {"WATCHDOG_USEC": "soon"}])
def test_nobody_is_pinged_who_does_not_watch_this_process(manager: Manager, variables: dict[str, str]) -> None:
    service = notifier(manager, **variables)
    service.ready()
    service.watchdog()
    assert service.interval is None
    assert manager.heard() == ["READY=1"]


def test_a_status_is_one_short_line_sent_when_it_changes(manager: Manager) -> None:
    service = notifier(manager)
    for text in ("two\nlines", "two lines", "x" * 1000):
        service.status(text)
    assert manager.heard() == ["STATUS=two lines", "STATUS=" + "x" * LONGEST_STATUS]


def test_stopping_is_told_with_a_last_status(manager: Manager) -> None:
    service = notifier(manager)
    service.stopping("flushing")
    service.close()
    service.status("after the end")
    assert manager.heard() == ["STOPPING=1", "STATUS=flushing"]


def test_a_manager_that_does_not_read_stops_nothing_and_is_told_later(manager: Manager) -> None:
    service = notifier(manager)
    statuses = [f"status {k}" for k in range(2000)]
    for text in statuses:
        service.status(text)
    service.ready()
    assert "READY=1" not in manager.heard(), "its queue must have been full for this test to show anything"
    service.watchdog()
    assert manager.heard()[:2] == ["READY=1", f"STATUS={statuses[-1]}"]


def test_a_manager_that_restarts_is_found_again(tmp_path: Path) -> None:
    address = tmp_path / "notify"
    first = Manager(str(address))
    service = notifier(first)
    first.close()
    address.unlink()
    service.status("while it is away")
    second = Manager(str(address))
    service.watchdog()
    assert "STATUS=while it is away" in second.heard()
    second.close()


@pytest.mark.parametrize("address", ["", "vsock:2:1", "relative", "/nonexistent/notify", "/" + "x" * 200, "@\0"])
def test_without_a_manager_nothing_happens(address: str) -> None:
    service = Notifier({"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "1000"})
    service.watchdog()
    service.ready("listening")
    service.stopping()
    service.close()


# The units. `verify` wants the command they start to exist, so a copy points to one that does.


def analyze(*arguments: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd-analyze is not installed; script/test does that")
    return subprocess.run(
        ["systemd-analyze", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
        env={**os.environ, **variables},
    )


@pytest.fixture
def system_unit(tmp_path: Path) -> Path:
    copy = tmp_path / "serd.service"
    text = (UNITS / "serd.service").read_text()
    assert text.count("ExecStart=/opt/serd/bin/serd ") == 1
    copy.write_text(text.replace("/opt/serd/bin/serd", "/bin/true"))
    return copy


@pytest.fixture
def user_unit(tmp_path: Path) -> Path:
    copy = tmp_path / "user" / "serd.service"
    copy.parent.mkdir()
    text = (UNITS / "user" / "serd.service").read_text()
    assert text.count("ExecStart=%h/.local/bin/serd ") == 1
    copy.write_text(text.replace("%h/.local/bin/serd", "/bin/true"))
    return copy


def test_systemd_has_nothing_to_say_about_the_system_unit(system_unit: Path) -> None:
    done = analyze("verify", "--man=no", system_unit)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_systemd_has_nothing_to_say_about_the_user_unit(user_unit: Path, tmp_path: Path) -> None:
    done = analyze("verify", "--man=no", "--user", user_unit, XDG_RUNTIME_DIR=str(tmp_path))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("drop_in", ["network.conf", "person.conf"])
def test_systemd_has_nothing_to_say_about_a_drop_in(system_unit: Path, drop_in: str) -> None:
    folder = system_unit.with_name("serd.service.d")
    folder.mkdir()
    shutil.copy(UNITS / "serd.service.d" / f"{drop_in}.example", folder / drop_in)
    done = analyze("verify", "--man=no", system_unit)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_verify_would_have_spoken(system_unit: Path) -> None:
    """systemd-analyze exits with 0 over unknown keys: what counts is that it prints nothing."""
    system_unit.write_text(system_unit.read_text().replace("WatchdogSec", "WatchdogSecs"))
    assert "WatchdogSecs" in analyze("verify", "--man=no", system_unit).stderr


def test_the_system_unit_is_exposed_to_at_most_1_6(system_unit: Path) -> None:
    done = analyze("security", "--offline=true", "--threshold=16", "--no-pager", system_unit)
    assert done.returncode == 0, done.stdout.splitlines()[-1:] + done.stderr.splitlines()


@pytest.mark.parametrize("unit", ["serd.service", "user/serd.service"])
def test_the_units_agree_with_the_exit_codes(unit: str) -> None:
    from serd import errors

    lines = (UNITS / unit).read_text().splitlines()
    assert f"RestartPreventExitStatus={errors.USAGE} {errors.CONFIG}" in lines
    assert "Restart=always" in lines, "a clean exit (0) is started anew, too: a stray SIGHUP must not leave it down"
    assert "Type=notify" in lines
    assert any(line.startswith("WatchdogSec=") for line in lines)


WITHOUT_WRITABLE_CODE = """
import ctypes, sys
PR_SET_MDWE = 65
if ctypes.CDLL(None).prctl(PR_SET_MDWE, 1, 0, 0, 0) != 0:
    sys.exit("no PR_SET_MDWE")
import cffi
cffi.FFI().callback("void(void)", lambda: None)
"""


@pytest.mark.parametrize("unit", ["serd.service", "user/serd.service"])
def test_the_units_forbid_writable_code_only_if_callbacks_can_live_without(unit: str) -> None:
    """PortAudio's callback is a cffi closure. The kernel's own form of MemoryDenyWriteExecute tells."""
    done = subprocess.run([sys.executable, "-c", WITHOUT_WRITABLE_CODE], capture_output=True, text=True, check=False)
    if "no PR_SET_MDWE" in done.stderr:
        pytest.skip("this kernel is older than 6.3")
    if done.returncode != 0:
        assert "MemoryError" in done.stderr
        assert "MemoryDenyWriteExecute=no" in (UNITS / unit).read_text().splitlines()


def calls_of(group: str) -> set[str]:
    """System calls that systemd's group means, groups inside it included."""
    words = [line.strip() for line in analyze("syscall-filter", group).stdout.splitlines()[1:]]
    named = {word for word in words if word and not word.startswith("#")}
    return {word for word in named if not word.startswith("@")}.union(
        *(calls_of(word) for word in named if word.startswith("@"))
    )


@pytest.mark.parametrize("unit", ["serd.service", "user/serd.service"])
def test_serd_works_with_the_system_calls_that_the_unit_leaves_it(unit: str, serd: str, tmp_path: Path) -> None:
    """strace lists what a run uses; a second run is refused, by the kernel, what the filter would refuse."""
    if not shutil.which("strace"):
        pytest.skip("strace is not installed; script/test does that")
    allowed = calls_of("@default")
    for line in (UNITS / unit).read_text().splitlines():
        name, _, value = line.partition("=")
        if name == "SystemCallFilter":
            named = set().union(*(calls_of(word) if word[0] == "@" else {word} for word in value.lstrip("~").split()))
            allowed = allowed - named if value.startswith("~") else allowed | named
    assert len(allowed) > 200
    listen = [serd, "--input", str(ROOT / "tests" / "data" / "voices.flac"), "--fast", "--headless"]
    listen += ["--publish", f"ipc://{tmp_path}/events"]

    def trace(*options: str) -> subprocess.CompletedProcess[str]:
        command = ["strace", "-f", "-qq", *options, *listen]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)

    first = trace("-c", "-S", "name", "-U", "name", "-o", str(tmp_path / "used"))
    assert first.returncode == 0, first.stderr
    used = set((tmp_path / "used").read_text().split())
    refused = sorted(call for call in used - allowed if call.isidentifier() and call not in ("syscall", "total"))
    injections = [option for call in refused for option in ("-e", f"inject={call}:error=EPERM")]
    if not refused:
        return
    second = trace("-e", f"trace={','.join(refused)}", *injections, "-o", str(tmp_path / "refused"))
    assert second.returncode == 0, f"without {refused}: {second.stderr}"
    assert len(second.stdout.splitlines()) == len(first.stdout.splitlines())
