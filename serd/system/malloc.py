"""The allocator's arenas: glibc gives threads heaps of their own, up to eight a core, and each fills by itself.

Threads that come and go (one for each call into PortAudio) would fill them one after the other: a megabyte or two
over dozens of mutes, for nothing. serd's threads allocate little at a time, so one heap does for all.
"""

from __future__ import annotations

import ctypes

M_ARENA_MAX = -8
"""From glibc's malloc.h."""


def limit(count: int = 1) -> bool:
    """At most so many arenas from here on; whether this allocator knows of such a limit. To be called early."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    return mallopt is not None and mallopt(M_ARENA_MAX, count) == 1
