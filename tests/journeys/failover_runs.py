"""Runs the faults of `failover_bench` through the gateway, format by format, many at once."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from gateway.attempts.account import Account, total
from gateway.errors import GatewayError
from gateway.summary import Statement
from tests.fakes.provider import Fake
from tests.fakes.routes import KINDS, Limits, Route, route
from tests.fakes.script import GOOD, OVERLOADED, Behaviour
from tests.journeys.failover_bench import (
    BETWEEN_REQUESTS_S,
    CATALOGUE,
    OUTAGE_S,
    Measured,
    Scenario,
    Verdict,
    always,
    verdict_of,
)

CLOCKS = (20.0, 10.0, 5.0, 5.0)
"""So many of the bench's seconds in one of ours. The slower ones are for what was measured while the machine
gave this process no time, which shortens every deadline that is under test."""

_STALLED_S = 0.02

Cell = tuple[Verdict, list[str]]
Scorecard = dict[str, dict[str, Cell | None]]
"""Scenario -> format -> verdict and why it is no pass; None where the format has no such fault."""


def baseline(quicker: float) -> Limits:
    """Two retries, 30 s a call, one fallback, as every system there is given; the gateway's defaults else."""
    return Limits(
        backend={
            "timeout_s": 30 / quicker,
            "connect_s": 10 / quicker,
            "first_byte_s": 8 / quicker,
            "idle_s": 8 / quicker,
            "retries": {"most": 2, "first_wait_s": 0.5 / quicker, "longest_wait_s": 8 / quicker},
            "breaker": {"open_s": 5 / quicker, "longest_open_s": 20 / quicker, "window_s": 30 / quicker},
        },
        deadline_s=100 / quicker,
    )


@dataclass
class Run:
    """Of one scorecard."""

    whole_answers: dict[str, tuple[Statement, ...]]
    """What a healthy backend of each format says."""
    lag: "Lag"
    measured_again: int = 0


async def scorecard(kinds: tuple[str, ...] = tuple(KINDS), at_once: int = 10) -> tuple[Scorecard, int]:
    """The scorecard, and how many of its cells were measured again. Most of the time is waiting, so they run
    side by side."""
    room = asyncio.Semaphore(at_once)
    card: Scorecard = {scenario.id: {} for scenario in CATALOGUE}
    async with lagging() as lag:
        run = Run({kind: await _healthy_answer(kind) for kind in kinds}, lag)

        async def one(kind: str, scenario: Scenario) -> None:
            # A sequence mostly waits for its next request.
            async with contextlib.nullcontext() if scenario.requests > 1 else room:
                card[scenario.id][kind] = await _measure(run, kind, scenario)

        longest_first = sorted(CATALOGUE, key=lambda each: -each.requests)
        await asyncio.gather(*(one(kind, scenario) for scenario in longest_first for kind in kinds))
    return card, run.measured_again


async def _measure(run: Run, kind: str, scenario: Scenario) -> Cell | None:
    """The worst of the scenario's variants."""
    variants = scenario.variants
    if kind in scenario.of_format:
        variants = always(*scenario.of_format[kind])
    if scenario.requests > 1:
        variants = always(OVERLOADED)
    if not variants:
        return None
    cells = [await _in_time(run, kind, scenario, calls, otherwise) for calls, otherwise in variants]
    return max(cells, key=lambda each: list(Verdict).index(each[0]))


async def _in_time(
    run: Run, kind: str, scenario: Scenario, calls: tuple[Behaviour, ...], otherwise: Behaviour
) -> Cell:
    """With a slower clock where the loop stood still meanwhile; what is wrong without that stays wrong."""
    for quicker in CLOCKS:
        begun = time.monotonic()
        if scenario.requests > 1:
            seen = await _flap(run, kind, scenario, quicker)
        else:
            seen = await _call(run, kind, scenario, calls, otherwise, quicker)
        cell = verdict_of(scenario, seen)
        if cell[0] is Verdict.PASS or run.lag.longest_since(begun) < _STALLED_S:
            break
        run.measured_again += 1
    return cell


async def _call(
    run: Run,
    kind: str,
    scenario: Scenario,
    calls: tuple[Behaviour, ...],
    otherwise: Behaviour,
    quicker: float,
) -> Measured:
    quick_calls = [_quickened(each, quicker) for each in calls]
    async with route(kind, quick_calls, _quickened(otherwise, quicker), limits=baseline(quicker)) as asked:
        seen = Measured(whole_answer=run.whole_answers[kind], quicker=quicker)
        await _ask(asked, seen, scenario.longest_s)
        await _look(asked, seen)
        return seen


async def _flap(run: Run, kind: str, scenario: Scenario, quicker: float) -> Measured:
    """Requests at a steady pace while the primary is down and after it is back."""
    async with route(kind, (), OVERLOADED, limits=baseline(quicker)) as asked:
        seen = Measured(whole_answer=run.whole_answers[kind], quicker=quicker)
        begun = time.monotonic()
        waiting = []
        for number in range(scenario.requests):
            at_s = number * BETWEEN_REQUESTS_S
            await asyncio.sleep(max(0.0, begun + at_s / quicker - time.monotonic()))
            if at_s >= OUTAGE_S:
                asked.first.script.otherwise = GOOD
            waiting.append(asyncio.ensure_future(_ask(asked, seen, scenario.longest_s)))
        await asyncio.gather(*waiting)
        back = [each.at_s for each in asked.first.asked if each.behaviour is GOOD]
        seen.first_asked_again_s = (min(back) - begun) * quicker - OUTAGE_S if back else None
        await _look(asked, seen)
        return seen


def _quickened(behaviour: Behaviour, quicker: float) -> Behaviour:
    if behaviour is GOOD or behaviour is OVERLOADED:
        return behaviour
    return replace(
        behaviour,
        retry_after_s=behaviour.retry_after_s and behaviour.retry_after_s / quicker,
        first_token_after_s=behaviour.first_token_after_s / quicker,
        heartbeat_s=behaviour.heartbeat_s and behaviour.heartbeat_s / quicker,
    )


async def _ask(asked: Route, seen: Measured, longest_s: float) -> None:
    account = Account()
    begun = time.monotonic()
    usage = None
    try:
        async with asyncio.timeout((longest_s + 1) / seen.quicker):
            answer = await asked.ask(account)
        seen.answers.append(answer)
        usage = answer.summary.usage
    except TimeoutError:
        seen.hung = True
    except GatewayError as error:
        seen.errors.append(error)
    seen.elapsed_s = max(seen.elapsed_s, (time.monotonic() - begun) * seen.quicker)
    seen.usage = total(seen.usage, usage or account.usage)


async def _look(asked: Route, seen: Measured) -> None:
    """What the providers saw, and whether a healthy call right afterwards is answered."""
    seen.first, seen.second = list(asked.first.asked), list(asked.second.asked)
    _assert_understood(asked.first, asked.second)
    asked.first.script.otherwise = GOOD
    try:
        async with asyncio.timeout(10 / seen.quicker):
            answer = await asked.ask()
        seen.alive_after = answer.summary.statements == seen.whole_answer
    except (GatewayError, TimeoutError):
        seen.alive_after = False


async def _healthy_answer(kind: str) -> tuple[Statement, ...]:
    async with route(kind) as healthy:
        answer = await healthy.ask()
        _assert_understood(healthy.first)
    return answer.summary.statements


def _assert_understood(*fakes: Fake) -> None:
    """Nothing that the gateway sent was outside the provider's format."""
    for fake in fakes:
        assert not fake.refused, [each.body for each in fake.refused]


class Lag:
    """How late the loop was, as a clock of its own sees it."""

    def __init__(self) -> None:
        self._late: list[tuple[float, float]] = []
        """(when, by how many seconds)"""

    async def watch(self) -> None:
        while True:
            begun = time.monotonic()
            await asyncio.sleep(0.01)
            now = time.monotonic()
            self._late.append((now, now - begun - 0.01))

    def longest_since(self, begun: float) -> float:
        return max((late for at, late in self._late if at >= begun), default=0.0)


@asynccontextmanager
async def lagging() -> AsyncIterator[Lag]:
    lag = Lag()
    watching = asyncio.ensure_future(lag.watch())
    try:
        yield lag
    finally:
        watching.cancel()
        await asyncio.wait([watching])
