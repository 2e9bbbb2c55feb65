"""Thousands of calls, most faults mixed, some callers gone: memory, sockets and tasks stay what they were."""

import asyncio
import contextlib
import gc
import os
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import structlog

from gateway.errors import GatewayError
from tests.fakes.routes import KINDS, Limits, Route, route
from tests.fakes.script import (
    CUT_CLEANLY,
    CUT_EARLY,
    CUT_LATE,
    GOOD,
    MALFORMED,
    NO_END_MARKER,
    OVERLOADED,
    RATE_LIMITED,
    RESET,
    SERVER_ERROR,
    SILENT,
    STALLED,
    Behaviour,
    Says,
)
from tests.figures import report
from tests.on_reactor import on_reactor

_FAULTS = (
    *(CUT_CLEANLY, CUT_EARLY, CUT_LATE, MALFORMED, NO_END_MARKER, OVERLOADED, RATE_LIMITED, RESET),
    *(SERVER_ERROR, SILENT, STALLED, Behaviour(says=Says.EMPTY), Behaviour(says=Says.AT_LIMIT)),
    *(Behaviour(first_token_after_s=0.03), Behaviour(chunk_bytes=100), Behaviour(close=True)),
)
_LIMITS = Limits(
    backend={
        "timeout_s": 1.0,
        "first_byte_s": 0.15,
        "idle_s": 0.15,
        "retries": {"most": 2, "first_wait_s": 0.001, "longest_wait_s": 0.004, "budget": 1},
        # Open it would keep the calls away that this is about.
        "breaker": {"failures": 1_000_000, "least_calls": 1_000_000},
    },
    deadline_s=2.0,
)
_AT_ONCE = 16


@dataclass
class Counted:
    answered: int = 0
    failed: int = 0
    left: int = 0
    """The caller went away."""
    attempts: int = 0
    most_connections: int = 0


@on_reactor
async def test_nothing_is_left_behind_by_hundreds_of_calls() -> None:
    await _soak(warm_up=150, calls=300, most_growth_mb=8)


@pytest.mark.soak
@on_reactor
async def test_nothing_is_left_behind_by_twenty_thousand_calls() -> None:
    await _soak(warm_up=3_000, calls=20_000, most_growth_mb=6)


async def _soak(*, warm_up: int, calls: int, most_growth_mb: float) -> None:
    chance = random.Random(7)
    with _silent_logs(), _only_new_objects_collected():
        sockets, tasks = _sockets(), len(asyncio.all_tasks())
        async with contextlib.AsyncExitStack() as stack:
            routes = [await stack.enter_async_context(route(kind, limits=_LIMITS)) for kind in KINDS]
            await _call(routes, warm_up, chance)
            warm_mb = _memory_mb()
            begun = time.monotonic()
            counted = await _call(routes, calls, chance)
            took_s = time.monotonic() - begun
            growth_mb = _memory_mb() - warm_mb
        await asyncio.sleep(0.1)
        left = _sockets() - sockets, len(asyncio.all_tasks()) - tasks
    report(
        f"soak: {calls} calls, {counted.attempts} attempts over {len(routes)} formats in {took_s:.0f} s: "
        f"{counted.answered} answered, {counted.failed} failed, {counted.left} callers gone; "
        f"memory {growth_mb:+.1f} MB from {warm_mb:.0f}, at most {counted.most_connections} connections, "
        f"left open {left[0]} sockets and {left[1]} tasks"
    )
    assert counted.answered > calls * 0.8
    assert counted.left > 0
    assert growth_mb < most_growth_mb
    assert counted.most_connections <= 2 * len(routes) * _AT_ONCE
    assert left == (0, 0)


async def _call(routes: list[Route], calls: int, chance: random.Random) -> Counted:
    counted = Counted()
    numbers = iter(range(calls))

    async def caller() -> None:
        for number in numbers:
            asked = routes[number % len(routes)]
            asked.first.script.otherwise = GOOD if chance.random() < 0.6 else chance.choice(_FAULTS)
            await _once(asked, counted, leaves_after_s=0.002 if number % 50 == 0 else None)
            counted.most_connections = max(
                counted.most_connections,
                sum(each.first.connections_open + each.second.connections_open for each in routes),
            )
            counted.attempts += _forget(asked)

    await asyncio.gather(*(caller() for _ in range(_AT_ONCE)))
    return counted


async def _once(asked: Route, counted: Counted, leaves_after_s: float | None) -> None:
    call: asyncio.Task[Any] = asyncio.ensure_future(asked.ask())
    try:
        async with asyncio.timeout(leaves_after_s):
            await call
        counted.answered += 1
    except TimeoutError:
        counted.left += 1
    except GatewayError:
        counted.failed += 1


def _forget(asked: Route) -> int:
    """How many calls the fakes remembered until now."""
    remembered = len(asked.first.asked) + len(asked.second.asked)
    asked.first.asked.clear()
    asked.second.asked.clear()
    asked.asking.outcomes.seen.clear()
    return remembered


@contextlib.contextmanager
def _silent_logs() -> Iterator[None]:
    """What a terminal keeps of thousands of lines is not the gateway's memory."""
    before = structlog.get_config()
    structlog.configure(processors=[_drop])
    try:
        yield
    finally:
        structlog.configure(**before)


def _drop(*_: object) -> Any:
    raise structlog.DropEvent


def _sockets() -> int:
    gc.collect()
    found = 0
    for descriptor in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):
            found += str(descriptor.readlink()).startswith("socket:")
    return found


@contextlib.contextmanager
def _only_new_objects_collected() -> Iterator[None]:
    """As the gateway does once it has started: beside all tests' modules a full collection comes so seldom
    that what failed calls leave to it would pass for growth."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def _memory_mb() -> float:
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
