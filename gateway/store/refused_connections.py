"""Connections that ended before any message, because TLS had it so: counted into the audit.

Strangers cause them, so they are gathered: one entry for each peer and reason every few seconds at most.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence

import structlog

from gateway.audit.entries import Entry, of_connections
from gateway.tasks import cancelled

log = structlog.get_logger("connections")

_MOST_KINDS = 200
_OTHERS = "others"


class RefusedConnections:
    def __init__(self, write: Callable[[Sequence[Entry]], None], every_s: float = 2.0) -> None:
        """`write` blocks, on a thread of its own, and may raise."""
        self._write = write
        self._every_s = every_s
        self._gathered: Counter[tuple[str, str, str]] = Counter()
        self._task: asyncio.Task[None] | None = None

    def note(self, listener: str, peer: str, why: str) -> None:
        """`why` in OpenSSL's words."""
        log.info("connection_refused", listener=listener, peer=peer, why=why)
        key = (listener, peer, why)
        if len(self._gathered) >= _MOST_KINDS and key not in self._gathered:
            key = (listener, _OTHERS, why)
        self._gathered[key] += 1
        if self._task is None:
            self._task = asyncio.ensure_future(self._later())

    async def stop(self) -> None:
        await cancelled(self._task)
        self._put(self._taken())

    async def _later(self) -> None:
        await asyncio.sleep(self._every_s)
        writing = asyncio.ensure_future(asyncio.to_thread(self._put, self._taken()))
        try:
            await asyncio.shield(writing)
        except asyncio.CancelledError:
            await writing
            raise
        finally:
            self._task = None
        if self._gathered:  # meanwhile
            self._task = asyncio.ensure_future(self._later())

    def _taken(self) -> Counter[tuple[str, str, str]]:
        gathered, self._gathered = self._gathered, Counter()
        return gathered

    def _put(self, gathered: Counter[tuple[str, str, str]]) -> None:
        if not gathered:
            return
        try:
            self._write([of_connections(*key, count) for key, count in gathered.items()])
        except Exception as error:  # the store says so itself for messages; a connection is over already
            log.error("refused_connections_not_audited", error=type(error).__name__)
