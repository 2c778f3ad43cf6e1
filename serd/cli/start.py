"""Where the command begins. What needs no parser does not wait for one."""

import sys

from serd.version import LINE


def main() -> int:
    """Run `serd` with the process's arguments; the exit code."""
    if sys.argv[1:] == ["--version"] and sys.stdout is not None:
        try:
            print(LINE, flush=True)
        except OSError:
            pass  # said below, as of every command
        else:
            return 0
    from serd.cli.main import main as run

    return run()
