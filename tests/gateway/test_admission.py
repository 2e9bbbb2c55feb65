"""Who waits and who is told to come again; room is given back on every path."""

import asyncio

import pytest

from gateway.admission import Admission
from gateway.errors import ErrorKind, GatewayError
from gateway.policy.limits import Limit, Limits, Per, Rate
from tests.on_reactor import on_reactor

EPIC = (Per.PARTNER, "epic")


class Counted:
    def __init__(self) -> None:
        self.seen: list[tuple[str, str]] = []

    def limited(self, limit: str, how: str) -> None:
        self.seen.append((limit, how))


def admission(*limits: Limit, counted: Counted | None = None) -> tuple[Admission, list[float]]:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(round(seconds, 3))

    return Admission(Limits(limits), lambda: 50.0, counted or Counted(), sleep), slept


def test_a_caller_is_told_when_to_come_again() -> None:
    counted = Counted()
    door, _ = admission(Limit("r", Per.PARTNER, rate=Rate(2, 60, 1)), counted=counted)
    door.enter(EPIC)
    with pytest.raises(GatewayError) as refused:
        door.enter(EPIC)
    assert (refused.value.kind, refused.value.retry_after_s) == (ErrorKind.THROTTLED, 30)
    assert counted.seen == [("r", "refused")]
    assert door.headers(EPIC) == (("RateLimit-Policy", '"r";q=2;w=60'), ("RateLimit", '"r";r=0;t=30'))


@on_reactor
async def test_feeds_get_their_turns_one_after_another() -> None:
    door, slept = admission(Limit("r", Per.PARTNER, rate=Rate(10, 1, 1)))
    for _ in range(3):
        await door.wait(EPIC)
    assert slept == [0.1, 0.2]


@on_reactor
async def test_room_goes_to_whoever_has_waited_longest() -> None:
    door, _ = admission(Limit("one", Per.PARTNER, concurrency=1))
    first = await door.wait(EPIC)
    came: list[str] = []

    async def come(name: str) -> None:
        entry = await door.wait(EPIC)
        came.append(name)
        await asyncio.sleep(0.01)
        entry.leave()

    others = [asyncio.ensure_future(come(name)) for name in "abc"]
    await asyncio.sleep(0.01)
    first.leave()
    first.leave()
    await asyncio.gather(*others)
    assert came == ["a", "b", "c"]
    door.enter(EPIC).leave()


@on_reactor
async def test_whoever_gives_up_waiting_keeps_no_room() -> None:
    for given_first in (False, True):
        door, _ = admission(Limit("one", Per.PARTNER, concurrency=1))
        first = await door.wait(EPIC)
        waiting = asyncio.ensure_future(door.wait(EPIC))
        await asyncio.sleep(0.01)
        if given_first:
            first.leave()
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        first.leave()
        door.enter(EPIC).leave()
