"""Processes for work on several cores."""

from __future__ import annotations

import signal
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context


def processes(jobs: int) -> ProcessPoolExecutor:
    """A pool of so many processes, each started anew.

    They ignore an interrupt, which is this process's to heed: a worker that died of it would be reported as broken.
    """
    return ProcessPoolExecutor(jobs, get_context("spawn"), signal.signal, (signal.SIGINT, signal.SIG_IGN))
