"""Refusals that follow one another soon, while the store takes nothing."""

import asyncio
from datetime import UTC, datetime
from itertools import count
from typing import cast

from gateway.errors import ErrorKind, GatewayError
from gateway.interfaces import Store
from gateway.records import Refusals
from gateway.repeated_refusals import RepeatedRefusals
from tests.on_reactor import on_reactor

NOW = datetime(2026, 11, 26, tzinfo=UTC)
THROTTLED = GatewayError(ErrorKind.THROTTLED, limit="rate")
NUMBERS = count()


class FullDisk:
    """Others go on being refused while it tries to write."""

    def __init__(self) -> None:
        self.refusals = RepeatedRefusals(cast(Store, self), window_s=0.001)
        self.is_full = True
        self.tries = 0
        self.noted: list[Refusals] = []

    async def note(self, refusals: Refusals) -> None:
        self.tries += 1
        if self.is_full:
            refuse(self.refusals, 20)
            raise GatewayError(ErrorKind.STORE_UNAVAILABLE)
        self.noted.append(refusals)


def refuse(refusals: RepeatedRefusals, times: int) -> None:
    for number in range(times):
        caller = f"nobody from {next(NUMBERS)}"
        refusals.join("portal", THROTTLED, NOW, caller, is_break_glass=number == 0)


@on_reactor
async def test_a_full_disk_loses_no_count_and_fills_no_memory() -> None:
    disk = FullDisk()
    refuse(disk.refusals, 30)
    while disk.tries < 20:
        await asyncio.sleep(0.001)
    disk.is_full = False
    await disk.refusals.stop()
    [noted] = disk.noted
    failed = disk.tries - 1
    assert noted.count == sum(dict(noted.callers).values()) == 30 + 20 * failed
    assert noted.break_glass == 1 + failed
    assert len(noted.callers) == 21
