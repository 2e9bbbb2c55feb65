"""Group commit: everything that arrived while one commit was under way goes together into the next.

Rows are written on the event loop's thread, where a row costs microseconds; on another it would wait at
each row until the loop lets go of the interpreter. The wait for the disk is there too as long as the disk is
quick, because handing it to a thread costs more than it takes; on a slow disk a thread waits, and the loop
goes on reading. (Measured at 16 connections and 0.3 ms a commit: waiting in line gives a fifth more than a
thread for the commit, and batches three times as large.)
"""

import asyncio
import sqlite3
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Generic, Protocol, TypeVar

from sqlalchemy.exc import SQLAlchemyError

from gateway.errors import ErrorKind, GatewayError

Item = TypeVar("Item")
Result = TypeVar("Result")

Batch = Sequence[tuple[Item, asyncio.Future[Result]]]

_QUICK_COMMIT_S = 0.0015
_WEIGHT_OF_LAST = 0.2
_LARGE_BATCH_BYTES = 2 * 1024 * 1024
"""Written on the thread too: copying megabytes would delay everybody."""


class Transaction(Protocol):
    """One at a time, on the one connection that writes."""

    def would_wait(self) -> bool:
        """`begin` would not return at once: the log is being begun again."""
        ...

    def begin(self) -> None: ...

    def commit(self) -> None:
        """Returns when all of it is on disk."""
        ...

    def rollback(self) -> None: ...


class GroupCommit(Generic[Item, Result]):
    """Applies items in the order in which they came and resolves each once it is on disk.

    `apply` writes a batch and gives one result an item; `size_of` is an item's bytes.
    """

    def __init__(
        self,
        transaction: Transaction,
        apply: Callable[[Sequence[Item]], Sequence[Result]],
        size_of: Callable[[Item], int],
        *,
        max_batch: int = 256,
    ) -> None:
        self._transaction = transaction
        self._apply = apply
        self._size_of = size_of
        self._max_batch = max_batch
        self._waiting: list[tuple[Item, asyncio.Future[Result]]] = []
        self._busy = False
        self._idle = asyncio.Event()
        self._usual_commit_s = 0.0
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
        elif self._bytes_in(batch) >= _LARGE_BATCH_BYTES or self._transaction.would_wait():
            self._on_thread(batch, partial(self._write, self._items(batch)))
        elif self._usual_commit_s >= _QUICK_COMMIT_S:
            self._commit_on_thread(batch)
        else:
            self._finish(batch, partial(self._write, self._items(batch)))
            asyncio.get_running_loop().call_soon(self._next)

    def _commit_on_thread(self, batch: Batch[Item, Result]) -> None:
        try:
            results = self._write_rows(self._items(batch))
        except Exception as error:
            self._isolate(batch, error)
            asyncio.get_running_loop().call_soon(self._next)
            return

        def commit() -> Sequence[Result]:
            self._commit()
            return results

        self._on_thread(batch, commit)

    def _on_thread(self, batch: Batch[Item, Result], work: Callable[[], Sequence[Result]]) -> None:
        """Without a task and the loop's own executor, which take twice as long to hand it over and back."""
        loop = asyncio.get_running_loop()
        done = self._thread.submit(work)
        done.add_done_callback(lambda done: loop.call_soon_threadsafe(self._ended_on_thread, batch, done))

    def _ended_on_thread(self, batch: Batch[Item, Result], done: "Future[Sequence[Result]]") -> None:
        self._finish(batch, done.result)
        self._next()

    def _write(self, items: Sequence[Item]) -> Sequence[Result]:
        results = self._write_rows(items)
        self._commit()
        return results

    def _write_rows(self, items: Sequence[Item]) -> Sequence[Result]:
        self._transaction.begin()
        try:
            return self._apply(items)
        except BaseException:
            self._transaction.rollback()
            raise

    def _commit(self) -> None:
        started = time.perf_counter()
        try:
            self._transaction.commit()
        except BaseException:
            self._transaction.rollback()
            raise
        took_s = time.perf_counter() - started
        self._usual_commit_s += _WEIGHT_OF_LAST * (took_s - self._usual_commit_s)

    def _finish(self, batch: Batch[Item, Result], results_of: Callable[[], Sequence[Result]]) -> None:
        try:
            results = results_of()
        except Exception as error:
            self._isolate(batch, error)
            return
        for (_, done), result in zip(batch, results, strict=True):
            if not done.done():
                done.set_result(result)

    def _isolate(self, batch: Batch[Item, Result], error: Exception) -> None:
        """One item must not take its neighbours with it: each gets a transaction of its own."""
        if len(batch) > 1:
            for each in batch:
                self._finish([each], partial(self._write, self._items([each])))
            return
        [(_, done)] = batch
        if not done.done():
            done.set_exception(_mapped(error))

    def _items(self, batch: Batch[Item, Result]) -> list[Item]:
        return [item for item, _ in batch]

    def _bytes_in(self, batch: Batch[Item, Result]) -> int:
        return sum([self._size_of(item) for item, _ in batch])


def _mapped(error: Exception) -> Exception:
    if isinstance(error, GatewayError):
        return error
    if isinstance(error, SQLAlchemyError | sqlite3.Error | OSError):  # OSError: of the checkpoints' file
        # Its text may quote parameters; they are sealed, but for ids.
        mapped = GatewayError(ErrorKind.STORE_UNAVAILABLE, type(error).__name__)
        mapped.__cause__ = error
        return mapped
    return error
