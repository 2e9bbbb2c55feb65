"""A timeout of a block, for ends that are moved with each piece that comes and are seldom reached.

It is what `asyncio.timeout` is, and takes a third of its time; to move it later costs nothing.
"""

import asyncio
from types import TracebackType
from typing import Self


class Timer:
    """`with Timer(ends_at):` raises `TimeoutError` when the block, which awaits, runs until then."""

    __slots__ = ("_cancelling", "_ends_at", "_handle", "_loop", "_rings_at", "_task", "has_expired")

    def __init__(self, ends_at: float) -> None:
        """`ends_at` is on the loop's clock."""
        self._ends_at = ends_at
        self.has_expired = False

    def __enter__(self) -> Self:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101
        self._task = task
        self._cancelling = task.cancelling()
        self._loop = asyncio.get_running_loop()
        self._arm()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self._handle.cancel()
        if self.has_expired and self._task.uncancel() <= self._cancelling and kind is asyncio.CancelledError:
            raise TimeoutError from error

    def move(self, ends_at: float) -> None:
        """Within the block."""
        self._ends_at = ends_at
        if ends_at < self._rings_at:
            self._handle.cancel()
            self._arm()

    def _arm(self) -> None:
        self._rings_at = self._ends_at
        self._handle = self._loop.call_at(self._rings_at, self._ring)

    def _ring(self) -> None:
        if self._ends_at > self._rings_at:  # it was moved since
            self._arm()
        else:
            self.has_expired = True
            self._task.cancel()
