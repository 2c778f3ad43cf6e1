"""Make serd/data/demo.opus, the recording of `serd --demo`; or count what serd hears in it; or look for prosodies.

script/make-demo [FILE]            makes it anew, from the prosodies in tools/demo/prosodies.json
script/make-demo --plain [FILE]    makes tests/data/voices.flac, which the tests hear
script/make-demo --count [FILE]    what serd-base and serd-small hear in it, and when
script/make-demo --search [LINE]   looks for the prosodies again, seeded, a minute or two a line: only where the
                                   network or the lines have changed
"""

from __future__ import annotations

import argparse
from pathlib import Path

from tools.checkout import DEMO, VOICES

MODELS = ("serd-base", "serd-small")


def main() -> None:
    """Do one of the four."""
    parser = argparse.ArgumentParser(
        prog="script/make-demo", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    what = parser.add_mutually_exclusive_group()
    for flag in ("--plain", "--count", "--search"):
        what.add_argument(flag, action="store_true")
    parser.add_argument("names", nargs="*", metavar="FILE|LINE")
    given = parser.parse_args()
    if given.search:
        from tools.demo.search import run

        run(given.names)
        return
    target = Path(given.names[0]) if given.names else VOICES if given.plain else DEMO
    if given.count:
        tell(target)
    else:
        make(target, given.plain)


def make(target: Path, plain: bool) -> None:
    """Write the recording."""
    from tools.demo.voices import RATE

    if plain:
        from tools.demo.plain import packed, recording
    else:
        from tools.demo.programme import packed, recording
    samples = recording()
    file = packed(samples)
    target.write_bytes(file)
    print(f"{target}: {len(samples) / RATE:.1f} s, {len(file) / 1000:.0f} kB")


def tell(recording: Path) -> None:
    """Print what each model hears."""
    from tools.demo.count import count, course, frames

    for model in MODELS:
        heard = frames(recording, model)
        print(count(heard, model), course(heard), sep="\n", flush=True)


if __name__ == "__main__":
    main()
