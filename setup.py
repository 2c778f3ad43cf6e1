"""What the wheel holds besides the package's own files: the units of systemd/, shell completion and man pages."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).resolve().parent


class BuildPy(build_py):
    """Copies the units into the package, and writes completion and man pages from the command line's parser."""

    def run(self) -> None:
        super().run()
        if self.editable_mode:
            return
        data = Path(self.build_lib, "serd", "data")
        shutil.copytree(ROOT / "systemd", data / "systemd", dirs_exist_ok=True)
        sys.path.insert(0, str(ROOT))
        from serd.cli.manual import write_manual

        share = Path(self.build_lib, "..", "share").resolve()
        files = write_manual(share)
        self.distribution.data_files = [
            (str(Path("share", file.parent.relative_to(share))), [str(file)]) for file in files
        ]


setup(cmdclass={"build_py": BuildPy})
