"""Processor time of a piece of work, for tests that it stays linear."""

import gc
import time
from collections.abc import Callable


def cpu_seconds(work: Callable[[], object], repeats: int = 3) -> float:
    """The least of several runs, without the garbage collector, whose share depends on the tests before."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        return min(_once(work) for _ in range(repeats))
    finally:
        if was_enabled:
            gc.enable()


def _once(work: Callable[[], object]) -> float:
    begun = time.thread_time()
    work()
    return time.thread_time() - begun
