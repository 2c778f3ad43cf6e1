"""The documentation as a site: `script/docs [--serve] [--out DIR]`; `--update` rewrites what pages say of the code.

The pages are the repository's own: README.md, what it links to, and so on, in the folders where they are, so that a
link that works in a checkout works in the site. The site asks nobody for anything when it is read: fonts are the
reader's, and mermaid, which draws the diagrams, is fetched once when the site is built.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

from tools import pages as pages_of_code
from tools.checkout import ROOT

CONFIG = ROOT / "mkdocs.yml"
SITE = ROOT / "build" / "docs"
LINK = re.compile(r"(?<!\\)\]\(<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\)|(?:src|srcset|href)=\"([^\"]+)\"")
FENCE = re.compile(r"^(```|~~~).*?^\1\s*$", re.MULTILINE | re.DOTALL)
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "serd-docs"
MERMAID = "mermaid@11"


def links(text: str) -> Iterator[str]:
    """Targets of a page's links and pictures, those in code left out."""
    for match in LINK.finditer(FENCE.sub("", text)):
        yield match[1] or match[2]


def pages(root: Path = ROOT) -> dict[Path, Path]:
    """All files of the site: where each belongs -> where it is. Raises FileNotFoundError that names a broken link."""
    found: dict[Path, Path] = {}
    waiting = [root / "README.md", *sorted((root / "docs").rglob("*.md"))]
    while waiting:
        file = waiting.pop()
        place = file.relative_to(root)
        if place in found:
            continue
        found[place] = file
        if file.suffix != ".md":
            continue
        for link in links(file.read_text(encoding="utf-8")):
            parts = urlsplit(link)
            if parts.scheme or parts.netloc or not parts.path:
                continue
            target = Path(os.path.normpath(file.parent / unquote(parts.path)))
            if target.is_dir():
                target /= "README.md"
                if not target.is_file():
                    continue  # a folder to look into; a site shows none
            if not target.is_file():
                raise FileNotFoundError(f"{place}: its link {link} leads to no file")
            waiting.append(target)
    return found


def assemble(folder: Path, root: Path = ROOT) -> None:
    """Copy the site's files below `folder`. Raises FileNotFoundError."""
    for place, file in pages(root).items():
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        if file.suffix == ".md":
            (folder / place).write_text(_without_folders(file), encoding="utf-8")
        else:
            shutil.copy2(file, folder / place)


def _without_folders(page: Path) -> str:
    """The page's text; a link to a folder leads to its README, or nowhere."""

    def replaced(match: re.Match[str]) -> str:
        target = page.parent / unquote(match[2])
        if urlsplit(match[2]).scheme or not target.is_dir():
            return match[0]
        return f"[{match[1]}]({match[2].rstrip('/')}/README.md)" if (target / "README.md").is_file() else match[1]

    return re.sub(r"\[([^]]*)\]\(([^)\s]+)\)", replaced, page.read_text(encoding="utf-8"))


def mermaid() -> Path:
    """The script that draws diagrams, fetched by npm once. Raises CalledProcessError; FileNotFoundError without npm."""
    script = CACHE / "node_modules" / "mermaid" / "dist" / "mermaid.min.js"
    if not script.is_file():
        CACHE.mkdir(parents=True, exist_ok=True)
        command = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts", MERMAID]
        subprocess.run(command, cwd=CACHE, check=True, stdin=subprocess.DEVNULL, stdout=sys.stderr)
    return script


def build(out: Path, *, serve: bool = False) -> int:
    """Build the site into a folder, or show it until Ctrl-C; mkdocs' exit code. Raises as `assemble` and `mermaid`."""
    with tempfile.TemporaryDirectory(prefix="serd-docs-") as folder:
        source = Path(folder, "pages")
        assemble(source)
        (source / "assets").mkdir()
        shutil.copy2(mermaid(), source / "assets" / "mermaid.min.js")
        config = Path(folder, "mkdocs.yml")
        config.write_text(f"INHERIT: {CONFIG}\ndocs_dir: {source}\nsite_dir: {out.absolute()}\n", encoding="utf-8")
        # Zensical's notice of mkdocs-material, which is no news of this site's.
        environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1", "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-m", "mkdocs", *(["serve"] if serve else ["build", "--strict"])]
        return subprocess.run([*command, "--config-file", str(config)], env=environment, check=False).returncode


def main() -> None:
    """Build the site, or show it."""
    parser = argparse.ArgumentParser(prog="script/docs", description="The documentation as a site.")
    parser.add_argument("--out", type=Path, default=SITE, metavar="DIR", help="where to build it (default: build/docs)")
    parser.add_argument("--serve", action="store_true", help="show it at http://127.0.0.1:8000 instead")
    parser.add_argument("--update", action="store_true", help="rewrite the generated parts of pages; build nothing")
    given = parser.parse_args()
    if given.update:
        print(*(f"docs/{name}" for name in pages_of_code.drifted(update=True)), sep="\n")
        return
    try:
        code = build(given.out, serve=given.serve)
    except (FileNotFoundError, subprocess.CalledProcessError) as error:
        sys.exit(f"docs: {error}")
    if code == 0 and not given.serve:
        print(given.out / "index.html")
    sys.exit(code)


if __name__ == "__main__":
    main()
