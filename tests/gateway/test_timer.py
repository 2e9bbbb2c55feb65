"""The timeout of a block: it rings once, at the latest end that it was given, and leaves nothing behind."""

import asyncio

import pytest

from gateway.timer import Timer
from tests.on_reactor import on_reactor


def now() -> float:
    return asyncio.get_running_loop().time()


@on_reactor
async def test_a_block_that_takes_too_long_is_ended() -> None:
    began = now()
    with pytest.raises(TimeoutError), Timer(now() + 0.02) as timer:
        await asyncio.sleep(5)
    assert 0.02 <= now() - began < 1
    assert timer.has_expired


@on_reactor
async def test_a_block_that_ends_in_time_is_left_alone_afterwards() -> None:
    with Timer(now() + 0.01) as timer:
        pass
    await asyncio.sleep(0.03)
    assert not timer.has_expired


@pytest.mark.parametrize("first_s", [0.01, 5])
@on_reactor
async def test_the_end_may_be_moved_either_way(first_s: float) -> None:
    began = now()
    with pytest.raises(TimeoutError), Timer(began + first_s) as timer:
        timer.move(began + 0.05)
        await asyncio.sleep(5)
    assert 0.05 <= now() - began < 1


@on_reactor
async def test_who_cancels_the_block_is_not_taken_for_the_timer() -> None:
    async def waiting() -> None:
        with Timer(now() + 5):
            await asyncio.sleep(5)

    task = asyncio.ensure_future(waiting())
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@on_reactor
async def test_a_failure_within_the_block_is_passed_on() -> None:
    with pytest.raises(ValueError, match="ours"), Timer(now() + 5):
        raise ValueError("ours")


@on_reactor
async def test_the_outer_of_two_ends_the_inner() -> None:
    with pytest.raises(TimeoutError), Timer(now() + 0.01) as outer, Timer(now() + 5) as inner:
        await asyncio.sleep(5)
    assert outer.has_expired
    assert not inner.has_expired
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0
