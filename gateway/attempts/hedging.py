"""A second call beside one that is slow: the first whole answer wins, the other call is ended."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

Answer = TypeVar("Answer")


async def first_of_two(
    first: Callable[[], Awaitable[Answer]],
    second: "Callable[[], asyncio.Future[Answer] | None]",
    *,
    after_s: float,
    is_final: Callable[[BaseException], bool],
) -> Answer:
    """When the first has taken `after_s`, `second` begins the other call, or gives None: there is none.

    A failure of one leaves the other running, unless it `is_final`; when both fail, the first's is raised.
    Neither runs any more when this returns.
    """
    one = asyncio.ensure_future(first())
    calls: list[asyncio.Future[Answer]] = [one]
    try:
        await asyncio.wait(calls, timeout=after_s)
        two = None if one.done() else second()
        if two is None:
            return await one
        calls.append(two)
        running = set(calls)
        while running:
            done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            for each in (call for call in calls if call in done):
                error = each.exception()
                if error is None:
                    return each.result()
                if is_final(error):
                    raise error
        return one.result()
    finally:
        for each in calls:
            each.cancel()
        await asyncio.gather(*calls, return_exceptions=True)
