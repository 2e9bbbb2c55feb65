"""The end of a task that runs beside others for as long as its owner does."""

import asyncio
import contextlib


async def cancelled(task: "asyncio.Task[None] | None") -> None:
    """Returns when it has ended; at once where there is none."""
    if task is not None:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
