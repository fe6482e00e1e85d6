"""What the panel asks of the system and of Python before it serves many streams."""

import gc
import resource

FILES = 65_536
"""Open files that are enough: each stream is one."""


def allow_many_files() -> None:
    """Have as many files open as the system allows, up to FILES; processes begin with 1,024."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def spare_the_collector() -> None:
    """Let it never again look through what was imported: that holds up everybody for 0.1 s."""
    gc.collect()
    gc.freeze()
