"""A backend under more callers than it has places, some of whom go away."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import replace
from time import monotonic

import pytest
from structlog.testing import capture_logs

from gateway.attempts.asked import Asked
from gateway.attempts.guard import Guard
from gateway.attempts.limits import BackendLimits, BreakerLimits
from gateway.attempts.priority import Urgency
from gateway.attempts.watch import NoWatch
from gateway.backends.failure import BackendFailure, Cause
from gateway.errors import ErrorKind, GatewayError
from gateway.summary import Summary
from tests.gateway.attempts.scripted import Clock, Scripted
from tests.on_reactor import on_reactor

SUMMARY = Summary(statements=(), text="", backend="a", model_asked="m", model_served="m")


def guard(**limits: object) -> Guard:
    return Guard(Scripted("a", Clock(), []), BackendLimits(**limits), monotonic, NoWatch())  # type: ignore[arg-type]


def asked(call: Callable[..., Awaitable[Summary]], deadline_s: float = 30, **more: object) -> Asked:
    return Asked("1", ["a"], call, monotonic() + deadline_s, deadline_s, **more)  # type: ignore[arg-type]


@on_reactor
async def test_callers_who_come_fail_and_go_leave_nothing_behind() -> None:
    guarded, chance, most = guard(concurrency=5, queue=40), random.Random(7), 0

    async def call(*_: object) -> Summary:
        nonlocal most
        most = max(most, guarded.gate.in_flight)
        await asyncio.sleep(chance.uniform(0, 0.003))
        if chance.random() < 0.2:
            raise BackendFailure(Cause.EMPTY)
        if chance.random() < 0.1:
            raise ZeroDivisionError
        return SUMMARY

    async def caller(number: int) -> None:
        await asyncio.sleep(chance.uniform(0, 0.05))
        wanted = asked(call, urgency=Urgency(number % 3), is_background=number % 2 == 0)
        async with asyncio.timeout(chance.choice([0.001, 0.004, 0.01, 5])):
            await guarded.call(wanted, chance.choice([0.002, 5]))

    with capture_logs():
        ended = await asyncio.gather(*(caller(number) for number in range(400)), return_exceptions=True)
    kinds = {type(each) for each in ended}
    assert kinds == {type(None), BackendFailure, TimeoutError}
    assert most == 5
    assert (guarded.gate.in_flight, guarded.gate.queued, guarded._turns) == (0, 0, {})


@on_reactor
async def test_who_waits_longer_than_he_may_is_told_that_there_is_no_room() -> None:
    guarded = guard(concurrency=1)
    running = asyncio.ensure_future(guarded.call(asked(lambda *_: asyncio.sleep(5)), 30))
    await asyncio.sleep(0)
    with pytest.raises(BackendFailure) as raised:
        await guarded.call(asked(lambda *_: asyncio.sleep(0)), 0.02)
    assert (raised.value.cause, raised.value.kind) == (Cause.NO_ROOM, ErrorKind.OVERLOADED)
    running.cancel()
    await asyncio.wait([running])
    assert guarded.gate.in_flight == 0


@on_reactor
async def test_time_spent_waiting_is_no_part_of_the_call_and_of_no_deadline_in_the_background() -> None:
    guarded, given = guard(concurrency=1), []

    async def call(_: object, given_s: float) -> Summary:
        given.append(given_s)
        await asyncio.sleep(0.05)
        return SUMMARY

    caller, event = asked(call, 1), asked(call, 1, is_background=True)
    before = event.ends_at
    await asyncio.gather(*(guarded.call(each, 1) for each in (asked(call), caller, event)))
    assert given[0] == given[2] == 1
    assert 0.9 < given[1] < 0.96
    assert 0.09 < event.ends_at - before < 0.2


@on_reactor
async def test_a_turn_that_comes_too_late_for_an_answer_is_not_taken() -> None:
    guarded, calls = guard(concurrency=1), []

    async def call(*_: object) -> Summary:
        calls.append(1)
        await asyncio.sleep(0.15)
        return SUMMARY

    first = asyncio.ensure_future(guarded.call(asked(call), 30))
    await asyncio.sleep(0)
    second = asyncio.ensure_future(guarded.call(asked(call), 0.17))
    await first
    with pytest.raises(BackendFailure) as raised:
        await second
    assert (raised.value.cause, len(calls)) == (Cause.NO_ROOM, 1)


@on_reactor
async def test_when_the_breaker_opens_those_who_wait_are_told_and_do_not_call() -> None:
    guarded, calls = guard(concurrency=1, breaker=BreakerLimits(failures=1, open_s=60)), []

    async def call(*_: object) -> Summary:
        calls.append(1)
        await asyncio.sleep(0.01)
        raise BackendFailure(Cause.SERVER_ERROR)

    with capture_logs() as logs:
        ended = await asyncio.gather(
            *(guarded.call(asked(call), 30) for _ in range(5)), return_exceptions=True
        )
    causes = [each.cause for each in ended if isinstance(each, BackendFailure)]
    assert (len(calls), causes) == (1, [Cause.SERVER_ERROR, *[Cause.BREAKER_OPEN] * 4])
    [event] = logs
    assert (event["event"], event["backend"], event["cause"]) == ("breaker_open", "a", "server-error")


@on_reactor
async def test_what_must_be_on_disk_before_a_paid_call_is_and_without_it_there_is_no_call() -> None:
    order: list[str] = []

    async def call(*_: object) -> Summary:
        order.append("call")
        return SUMMARY

    async def written() -> None:
        order.append("disk")

    async def full() -> None:
        raise GatewayError(ErrorKind.STORE_UNAVAILABLE)

    guarded = guard()
    wanted = asked(call, before_paid_call=written)
    await guarded.call(wanted, 1)
    await guarded.call(wanted, 1)
    assert order == ["disk", "call", "call"]
    with pytest.raises(GatewayError):
        await guarded.call(asked(call, before_paid_call=full), 1)
    assert order == ["disk", "call", "call"]
    assert guarded.gate.in_flight == 0


@on_reactor
async def test_a_probe_whose_caller_goes_leaves_the_breaker_ready_for_another() -> None:
    clock = Clock()
    guarded = Guard(
        Scripted("a", clock, []), BackendLimits(breaker=BreakerLimits(failures=1)), clock, NoWatch()
    )

    async def failing(*_: object) -> Summary:
        raise BackendFailure(Cause.SERVER_ERROR)

    with pytest.raises(BackendFailure):
        await guarded.call(asked(failing), 1)
    clock.now += 5
    probe = asyncio.ensure_future(guarded.call(asked(lambda *_: asyncio.sleep(5)), 30))
    await asyncio.sleep(0)
    with pytest.raises(BackendFailure):
        await guarded.call(asked(failing), 1)
    probe.cancel()
    await asyncio.wait([probe])

    async def well(*_: object) -> Summary:
        return SUMMARY

    with capture_logs() as logs:
        assert await guarded.call(asked(well), 1) is SUMMARY
    assert [each["event"] for each in logs] == ["breaker_closed"]


@on_reactor
async def test_a_probe_that_could_not_be_announced_leaves_the_breaker_ready_for_another() -> None:
    clock = Clock()
    guarded = Guard(
        Scripted("a", clock, []), BackendLimits(breaker=BreakerLimits(failures=1)), clock, NoWatch()
    )

    async def failing(*_: object) -> Summary:
        raise BackendFailure(Cause.SERVER_ERROR)

    async def full() -> None:
        raise GatewayError(ErrorKind.STORE_UNAVAILABLE)

    with pytest.raises(BackendFailure):
        await guarded.call(asked(failing), 1)
    clock.now += 5
    with pytest.raises(GatewayError):
        await guarded.call(asked(failing, before_paid_call=full), 1)
    assert guarded.breaker.enter(clock()) is not None


@pytest.mark.parametrize(("took_s", "load_s", "expected_s"), [(92.0, 90.0, 2.0), (2.0, 90.0, 0.0)])
@on_reactor
async def test_the_time_that_a_model_was_loaded_is_not_expected_of_the_next_call(
    took_s: float, load_s: float, expected_s: float
) -> None:
    clock = Clock()
    guarded = Guard(Scripted("a", clock, []), BackendLimits(), clock, NoWatch())

    async def call(*_: object) -> Summary:
        clock.now += took_s
        return replace(SUMMARY, load_s=load_s)

    await guarded.call(asked(call), 30)
    assert guarded.gate.typical_s == expected_s
