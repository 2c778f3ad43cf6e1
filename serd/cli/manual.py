"""Shell completion and man pages, made from the parser when a wheel is built."""

from __future__ import annotations

import re
from pathlib import Path

from serd.cli.main import program
from serd.cli.parser import PROGRAM, Parser

COMPLETIONS = {
    "bash": Path("bash-completion", "completions", PROGRAM),
    "zsh": Path("zsh", "site-functions", f"_{PROGRAM}"),
}
"""Shell -> where it looks for a program's completion below `share`."""


def write_manual(share: Path) -> list[Path]:
    """Write a completion for each shell, a page for serd and one for each of its commands; what was written."""
    import shtab
    from argparse_manpage.manpage import Manpage

    parser = program()
    parser.fill_all()
    texts = {share / path: shtab.complete(parser, shell) for shell, path in COMPLETIONS.items()}
    pages: dict[str, Parser] = {PROGRAM: parser} | {f"{PROGRAM}-{name}": one for name, one in parser.commands.items()}
    for name, one in pages.items():
        one.man_short_description = (one.description or "").rstrip(".")  # type: ignore[attr-defined]
        one.epilog = one.epilog or f"See serd(1); `{one.prog} --help` prints this."
        page = str(Manpage(one, format="pretty"))
        title = f'.TH {name.upper()} "1" "" "{PROGRAM}" "User Commands"'  # of its own it would be SERD(KEYS)
        texts[share / "man" / "man1" / f"{name}.1"] = re.sub(r"(?m)^\.TH .*$", title, page, count=1)
    for path, text in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return list(texts)
