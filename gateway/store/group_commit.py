"""Group commit: writes that arrive while one commit is under way go together into the next.

The rows are written on the event loop's thread, where a row costs microseconds; only the wait for the
disk is on another. Writing rows on that other thread would hand the interpreter lock back and forth at
every statement (measured: half the throughput at 16 connections).
"""

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Generic, TypeVar

from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

from gateway.errors import ErrorKind, GatewayError

Item = TypeVar("Item")
Result = TypeVar("Result")


class GroupCommit(Generic[Item, Result]):
    """Applies items in the order in which they came and resolves each once it is on disk.

    `apply` writes a batch and gives one result an item; `size_of` is an item's bytes.
    """

    def __init__(
        self,
        connection: Connection,
        apply: Callable[[Connection, Sequence[Item]], Sequence[Result]],
        size_of: Callable[[Item], int],
        *,
        max_batch: int = 256,
        max_inline_bytes: int = 1024 * 1024,
    ) -> None:
        self._connection = connection
        self._apply = apply
        self._size_of = size_of
        self._max_batch = max_batch
        self._max_inline_bytes = max_inline_bytes
        self._waiting: list[tuple[Item, asyncio.Future[Result]]] = []
        self._busy = False
        self._idle = asyncio.Event()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="commit")

    def submit(self, item: Item) -> "asyncio.Future[Result]":
        """Resolves when the item is on disk; fails with `STORE_UNAVAILABLE` when it is not."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[Result] = loop.create_future()
        self._waiting.append((item, done))
        if not self._busy:
            self._busy = True
            self._idle.clear()
            loop.call_soon(self._next)  # after everything that this turn of the loop brings
        return done

    async def close(self) -> None:
        """Wait for what was submitted."""
        if self._busy:
            await self._idle.wait()
        self._thread.shutdown()

    def _next(self) -> None:
        batch, self._waiting = self._waiting[: self._max_batch], self._waiting[self._max_batch :]
        if not batch:
            self._busy = False
            self._idle.set()
            return
        asyncio.ensure_future(self._commit(batch)).add_done_callback(lambda _: self._next())

    async def _commit(self, batch: Sequence[tuple[Item, "asyncio.Future[Result]"]]) -> None:
        loop = asyncio.get_running_loop()
        items = [item for item, _ in batch]
        try:
            self._connection.begin()
            if sum(map(self._size_of, items)) > self._max_inline_bytes:
                results = await loop.run_in_executor(self._thread, self._apply, self._connection, items)
            else:
                results = self._apply(self._connection, items)
            await loop.run_in_executor(self._thread, self._connection.commit)
        except Exception as error:
            self._connection.rollback()
            await self._isolate(batch, error)
            return
        for (_, done), result in zip(batch, results, strict=True):
            if not done.done():
                done.set_result(result)

    async def _isolate(
        self, batch: Sequence[tuple[Item, "asyncio.Future[Result]"]], error: Exception
    ) -> None:
        """One item must not take its neighbours with it: each gets a transaction of its own."""
        if len(batch) > 1:
            for each in batch:
                await self._commit([each])
            return
        [(_, done)] = batch
        if not done.done():
            done.set_exception(_mapped(error))


def _mapped(error: Exception) -> Exception:
    if isinstance(error, GatewayError):
        return error
    if isinstance(error, SQLAlchemyError | sqlite3.Error):
        # Its text may quote parameters; they are sealed, but for ids.
        mapped = GatewayError(ErrorKind.STORE_UNAVAILABLE, type(error).__name__)
        mapped.__cause__ = error
        return mapped
    return error
