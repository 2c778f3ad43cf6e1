"""What all tests share: the corpora, the sound server, and the command as a user types it."""

from __future__ import annotations

import contextlib
import importlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
pytest_plugins = ["tests.support.soundserver", "tests.support.pipewire"]
# TensorFlow exports an SQLite of its own to the whole process: SQLCipher is itself only where it comes first.
with contextlib.suppress(ImportError):
    importlib.import_module("sqlcipher3.dbapi2")
# Most tests are about anything but the emotion network: commands that they run ask for one that is soon done, and
# those about the default take this out.
os.environ.setdefault("SERD_MODEL", "serd-small")
# Tests compile many programs that run for a moment: XLA is sooner done where it need not make them fast.
os.environ.setdefault("XLA_FLAGS", "--xla_backend_optimization_level=1 --xla_cpu_multi_thread_eigen=false")


@pytest.fixture(scope="session")
def corpora() -> Path:
    """Folder of the speech corpora; a user's machine has none."""
    folder = ROOT.parent / "shared" / "corpora"
    if not (folder / "ravdess-speech").is_dir():
        pytest.skip("no corpora beside the checkout (../shared/corpora)")
    return folder


@pytest.fixture(scope="session")
def serd() -> str:
    """Path of the installed `serd` command."""
    beside = Path(sys.executable).with_name("serd")
    found = str(beside) if beside.is_file() else shutil.which("serd")
    if not found:
        pytest.fail("serd is not installed here; script/test does that")
    return found


@pytest.fixture
def run(serd: str, tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run `serd` with arguments in an empty directory, with no configuration of this account."""

    def call(*arguments: str | Path, timeout: float = 60, **options: object) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "XDG_CONFIG_HOME": str(tmp_path / "config")}
        environment |= options.pop("env", {})  # type: ignore[arg-type]
        return subprocess.run(
            [serd, *map(str, arguments)],
            capture_output=True,
            text=options.pop("text", True),
            timeout=timeout,
            cwd=tmp_path,
            env=environment,
            check=False,
            **options,
        )

    return call


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Name a failure as it happens: a run that is cut off prints no summary, and one that is tried again no cause."""
    if (report.failed or report.outcome == "rerun") and "PYTEST_XDIST_WORKER" not in os.environ:
        cause = str(getattr(report.longrepr, "reprcrash", "")).partition("\n")[0]
        print(f"\n{report.outcome.upper()} {report.nodeid} ({report.when}): {cause[-300:]}", flush=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that are asked for by a marker take their time."""
    for item in items:
        if item.get_closest_marker("long") or item.get_closest_marker("homeassistant"):
            item.add_marker(pytest.mark.timeout(3600))


def pytest_configure() -> None:
    """A shell's background jobs ignore Ctrl-C, and what they start does too: then no test could send one."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
