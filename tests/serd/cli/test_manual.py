"""serd.cli.manual: completion that a shell takes, and pages that groff sets without a complaint."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from serd.cli.commands import COMMANDS
from serd.cli.manual import write_manual


@pytest.fixture(scope="module")
def share(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("share")
    assert all(path.is_relative_to(folder) for path in write_manual(folder))
    return folder


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("serd ta", {"tail"}),
        ("serd keys al", {"allow"}),
        ("serd tail --ti", {"--timeout"}),
        ("serd --dev", {"--device"}),
    ],
)
def test_bash_completes_commands_and_flags(share: Path, words: str, offered: set[str]) -> None:
    script = f"""
        source {share}/bash-completion/completions/serd
        COMP_WORDS=({words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
        $(complete -p serd | sed "s/.*-F \\([^ ]*\\).*/\\1/")
        echo "${{COMPREPLY[@]}}"
    """
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)
    assert set(done.stdout.split()) == offered, done.stderr


def test_there_is_a_page_for_each_command_and_groff_does_not_complain(share: Path) -> None:
    pages = sorted((share / "man" / "man1").iterdir())
    assert {page.stem for page in pages} == {"serd", *(f"serd-{name}" for name in COMMANDS)}
    if not shutil.which("groff"):
        pytest.skip("no groff here")
    for page in pages:
        done = subprocess.run(["groff", "-man", "-Tutf8", "-ww", page], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, ""), page
        assert f"{page.stem.upper()}(1)" in done.stdout
