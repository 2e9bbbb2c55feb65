"""Refusals by a limit or quota: the first is a record, those that follow soon are joined into another.

A caller who does not wait may send thousands a second: each as a record would fill the disk and take the
commits of those who are served.
"""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from gateway.errors import ErrorKind, GatewayError, place_of
from gateway.interfaces import Store
from gateway.records import Refusals
from gateway.tasks import cancelled

log = structlog.get_logger("refusals")

WINDOW_S = 10.0
"""So much of a count a crash can take with it."""
_MOST_CALLERS = 20
_OTHERS = "others"

_Key = tuple[str, str, ErrorKind]
"""Partner, id of the limit or quota, and which of the two it is."""


@dataclass(slots=True)
class _Gathered:
    """What followed the first, since that or since the last that was written."""

    count: int = 0
    break_glass: int = 0
    first_at: datetime | None = None
    last_at: datetime | None = None
    callers: Counter[str] = field(default_factory=Counter)

    def add(self, at: datetime, caller: str, *, is_break_glass: bool) -> None:
        self.count += 1
        self.break_glass += is_break_glass
        self.first_at = min(self.first_at or at, at)
        self.last_at = max(self.last_at or at, at)
        self._count_caller(caller, 1)

    def put_back(self, earlier: Refusals) -> None:
        self.count += earlier.count
        self.break_glass += earlier.break_glass
        self.first_at = earlier.first_at
        self.last_at = max(self.last_at or earlier.last_at, earlier.last_at)
        for caller, count in earlier.callers:
            self._count_caller(caller, count)

    def _count_caller(self, caller: str, count: int) -> None:
        is_known = caller in self.callers or len(self.callers) < _MOST_CALLERS
        self.callers[caller if is_known else _OTHERS] += count


class RepeatedRefusals:
    """One window for each partner and limit, open for as long as refusals come."""

    def __init__(self, store: Store, window_s: float = WINDOW_S) -> None:
        self._store = store
        self._window_s = window_s
        self._open: dict[_Key, _Gathered] = {}
        self._task: asyncio.Task[None] | None = None
        self._writing: asyncio.Future[None] | None = None

    def is_first(self, partner: str, error: GatewayError) -> bool:
        """Then it is to be recorded by itself, and those that follow are to be joined."""
        is_first = (partner, error.limit, error.kind) not in self._open
        self._window(partner, error)
        return is_first

    def join(
        self, partner: str, error: GatewayError, at: datetime, caller: str, *, is_break_glass: bool
    ) -> None:
        """`caller`: how and as whom it is known, from where, without anything of the message."""
        self._window(partner, error).add(at, caller, is_break_glass=is_break_glass)

    async def stop(self) -> None:
        """What was counted is written."""
        await cancelled(self._task)
        if self._writing is not None:
            await self._writing
        await self._write()

    def _window(self, partner: str, error: GatewayError) -> _Gathered:
        if self._task is None:
            self._task = asyncio.ensure_future(self._every_window())
        return self._open.setdefault((partner, error.limit, error.kind), _Gathered())

    async def _every_window(self) -> None:
        while True:
            await asyncio.sleep(self._window_s)
            self._writing = asyncio.ensure_future(self._write())
            await asyncio.shield(self._writing)
            if not self._open:
                self._task = None
                return

    async def _write(self) -> None:
        """One entry for each window in which something followed; one in which nothing did is closed."""
        for key, gathered in tuple(self._open.items()):
            if not gathered.count:
                del self._open[key]
                continue
            self._open[key] = _Gathered()
            refusals = _joined(key, gathered)
            try:
                await self._store.note(refusals)
            except Exception as failure:  # whatever the disk says, they are counted on
                log.error("refusals_not_stored", at=place_of(failure), partner=key[0], count=refusals.count)
                self._open.setdefault(key, _Gathered()).put_back(refusals)


def _joined(key: _Key, gathered: _Gathered) -> Refusals:
    assert gathered.first_at is not None and gathered.last_at is not None  # noqa: S101
    partner, limit, kind = key
    return Refusals(
        partner=partner,
        limit=limit,
        kind=kind,
        count=gathered.count,
        break_glass=gathered.break_glass,
        first_at=gathered.first_at,
        last_at=gathered.last_at,
        callers=tuple(gathered.callers.items()),
    )
