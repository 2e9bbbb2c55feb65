"""The faults of Failover Bench and its rules, in seconds of ours (github.com/failoverbench/failoverbench,
methodology v0.1).

What the caller gets and what the provider sees decide together:

- pass: the whole right answer (S13: a clear refusal), and every check holds;
- partial: the right answer, and an advisory check does not hold; or S13 was answered by another backend;
- safe: no answer, but a clear error in time, and every required check holds;
- fail: no end in time, a part of an answer given as a whole one, or a required check does not hold.

Two checks are ours and required in every scenario: what the gateway says the calls cost is what the provider
billed, and a healthy call right afterwards is answered.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from gateway.attempts.account import Account
from gateway.errors import ErrorKind, GatewayError
from gateway.messages import Answer, Statement, Usage
from tests.fakes.provider import Asked, Fake
from tests.fakes.routes import KINDS, Limits, Route, route
from tests.fakes.script import (
    CONTEXT_EXCEEDED,
    CUT_CLEANLY,
    CUT_EARLY,
    CUT_LATE,
    GOOD,
    MALFORMED,
    NO_END_MARKER,
    OVERLOADED,
    RATE_LIMITED,
    RESET,
    SERVER_ERROR,
    SILENT,
    STALLED,
    Behaviour,
    Fails,
    Says,
)

QUICKER = 20
"""A second of Failover Bench is a twentieth of one here."""

BASELINE = Limits(
    backend={
        "timeout_s": 30 / QUICKER,
        "connect_s": 10 / QUICKER,
        "first_byte_s": 8 / QUICKER,
        "idle_s": 8 / QUICKER,
        "retries": {"most": 2, "first_wait_s": 0.5 / QUICKER, "longest_wait_s": 8 / QUICKER},
        "breaker": {"open_s": 5 / QUICKER, "longest_open_s": 20 / QUICKER, "window_s": 30 / QUICKER},
    },
    deadline_s=100 / QUICKER,
)
"""Two retries, 30 s a call, one fallback, as every system there is given; the gateway's defaults else."""


class Verdict(StrEnum):
    """The worst last."""

    PASS = "pass"
    PARTIAL = "partial"
    SAFE = "safe"
    FAIL = "fail"


@dataclass
class Measured:
    """One call, or in S15 one of several, by both views."""

    answers: list[Answer] = field(default_factory=list)
    errors: list[GatewayError] = field(default_factory=list)
    hung: bool = False
    elapsed_s: float = 0.0
    first: list[Asked] = field(default_factory=list)
    second: list[Asked] = field(default_factory=list)
    usage: Usage = field(default_factory=lambda: Usage(calls=0))
    alive_after: bool = False
    whole_answer: tuple[Statement, ...] = ()
    """What a healthy backend of this format says."""
    outage_s: float = 0.0
    first_asked_again_s: float | None = None
    """From the outage's end to the primary's next answer."""

    @property
    def is_complete(self) -> bool:
        return bool(self.answers) and all(
            each.summary.statements == self.whole_answer for each in self.answers
        )


@dataclass(frozen=True)
class Check:
    name: str
    holds: Callable[[Measured], bool]
    advisory: bool = False


@dataclass(frozen=True)
class Scenario:
    id: str
    title: str
    variants: tuple[tuple[tuple[Behaviour, ...], Behaviour], ...]
    """Each: the first calls of the primary, and what it does afterwards. The worst verdict counts."""
    checks: tuple[Check, ...] = ()
    longest_s: float = 40 / QUICKER
    """Of one call; longer is a hang."""
    is_refusal: bool = False
    """The right outcome is a clear error."""
    requests: int = 1
    of_format: dict[str, tuple[Behaviour, ...]] = field(default_factory=dict)
    """Where a format says the fault in words of its own; empty: it has no such fault."""


def _at_most(most: int) -> Check:
    return Check(f"at most {most} calls of the primary", lambda seen: len(seen.first) <= most)


def _within(seconds: float, *, advisory: bool = False) -> Check:
    limit_s = seconds / QUICKER
    return Check(f"ended within {limit_s} s", lambda seen: seen.elapsed_s <= limit_s, advisory)


def _calls_within(seconds: float, most: int) -> Check:
    def holds(seen: Measured) -> bool:
        times = [each.at_s for each in seen.first]
        return sum(1 for at_s in times if at_s - times[0] < seconds / QUICKER) <= most

    return Check(f"at most {most} calls in the first {seconds / QUICKER} s", holds)


def _waited(seen: Measured) -> bool:
    return len(seen.first) > 1 and seen.first[1].at_s - seen.first[0].at_s >= 1.8 / QUICKER


_RETRIED = Check("the primary was asked again", lambda seen: len(seen.first) >= 2, advisory=True)
_ONCE = Check("the primary was asked once", lambda seen: len(seen.first) == 1)
_USAGE = Check("usage is told", lambda seen: seen.usage.input_tokens > 0 and seen.usage.output_tokens > 0)

S08 = (CUT_EARLY, Behaviour(cut_at=0.67), CUT_LATE, CUT_CLEANLY, Behaviour(cut_at=1.0, end_marker=False))
_NO_SUCH_FAULT: tuple[Behaviour, ...] = ()
_DECLINES = {
    "openai": (
        Behaviour(fails=Fails.FILTERED),
        Behaviour(says=Says.FILTERED),
        Behaviour(says=Says.REFUSAL),
    ),
    "azure": (
        Behaviour(fails=Fails.FILTERED),
        Behaviour(says=Says.FILTERED),
        Behaviour(says=Says.REFUSAL),
    ),
    "anthropic": (Behaviour(fails=Fails.FILTERED), Behaviour(says=Says.REFUSAL)),
    "claude-on-vertex": (Behaviour(fails=Fails.FILTERED), Behaviour(says=Says.REFUSAL)),
    "gemini": tuple(
        Behaviour(says=each) for each in (Says.BLOCKED_PROMPT, Says.REFUSAL, Says.FILTERED, Says.SPII)
    ),
    # It has no filter: the model declines in its own words.
    "ollama": (Behaviour(says=Says.REFUSAL),),
    "langserve": (Behaviour(says=Says.REFUSAL),),
}


def _always(*behaviours: Behaviour) -> tuple[tuple[tuple[Behaviour, ...], Behaviour], ...]:
    return tuple(((), each) for each in behaviours)


def _once(behaviour: Behaviour) -> tuple[tuple[tuple[Behaviour, ...], Behaviour], ...]:
    return (((behaviour,), GOOD),)


CATALOGUE = (
    Scenario(
        "S01",
        "429 with Retry-After",
        _once(Behaviour(fails=Fails.RATE_LIMITED, retry_after_s=2 / QUICKER)),
        (_RETRIED, Check("Retry-After was kept", _waited, advisory=True), _calls_within(1.5, 2)),
        longest_s=20 / QUICKER,
    ),
    Scenario("S02", "429, persistent", _always(RATE_LIMITED), (_calls_within(3, 4), _at_most(6))),
    Scenario("S03", "one 500", _once(SERVER_ERROR), (_RETRIED,), longest_s=20 / QUICKER),
    Scenario("S04", "503, persistent", _always(OVERLOADED), (_at_most(6),)),
    Scenario("S05", "connection reset", _once(RESET), longest_s=20 / QUICKER),
    Scenario(
        "S06",
        "no answer",
        _always(SILENT),
        (
            _within(100),
            Check("silence was not asked again", lambda seen: len(seen.first) <= 1, advisory=True),
        ),
        longest_s=130 / QUICKER,
    ),
    Scenario(
        "S07",
        "slow first token",
        _always(Behaviour(first_token_after_s=20 / QUICKER)),
        (_within(15, advisory=True),),
        longest_s=60 / QUICKER,
    ),
    Scenario("S08", "stream cut, early and late", _always(*S08)),
    Scenario("S09", "stream stalls", _always(STALLED), (_within(45),), longest_s=70 / QUICKER),
    Scenario("S10", "malformed chunk", _always(MALFORMED), longest_s=30 / QUICKER),
    Scenario("S11", "end marker missing", _always(NO_END_MARKER), (_within(8), _USAGE)),
    Scenario(
        "S12",
        "context length exceeded",
        _always(CONTEXT_EXCEEDED),
        (_ONCE,),
        longest_s=20 / QUICKER,
        of_format={"langserve": _NO_SUCH_FAULT},
    ),
    Scenario(
        "S13",
        "content filter",
        (),
        (
            _ONCE,
            Check("no other backend was asked", lambda seen: not seen.second),
            Check(
                "told as a refusal",
                lambda seen: all(each.kind is ErrorKind.BACKEND_REFUSED for each in seen.errors),
            ),
        ),
        longest_s=20 / QUICKER,
        is_refusal=True,
        of_format=_DECLINES,
    ),
    Scenario("S14", "cut, and the fallback takes no prefill", _always(Behaviour(cut_at=0.67))),
    Scenario(
        "S15",
        "down for a minute, then healthy",
        (),
        (
            Check("all were answered", lambda seen: not seen.errors),
            Check(
                "the primary answers soon after",
                lambda seen: (
                    seen.first_asked_again_s is not None and seen.first_asked_again_s <= 30 / QUICKER
                ),
            ),
            Check("the breaker kept calls away", lambda seen: len(_in_outage(seen)) <= 15, advisory=True),
        ),
        longest_s=30 / QUICKER,
        requests=20,
    ),
    Scenario(
        "S16",
        "accounting of a fallback",
        _always(OVERLOADED),
        (
            Check(
                "the fallback is named",
                lambda seen: all(each.summary.backend == "second" for each in seen.answers),
            ),
            _USAGE,
            _at_most(6),
        ),
    ),
)
_OUTAGE_S = 60 / QUICKER
_BETWEEN_REQUESTS_S = 4 / QUICKER


def _in_outage(seen: Measured) -> list[Asked]:
    return [each for each in seen.first if each.behaviour is OVERLOADED]


_ALWAYS_CHECKED = (
    Check("the cost is what was billed", lambda seen: _accounts(seen)),
    Check("a healthy call is answered afterwards", lambda seen: seen.alive_after),
)


def _accounts(seen: Measured) -> bool:
    """Every call that may have cost something is counted, and tokens as far as the gateway can know them.

    A provider bills what it wrote before a cut too, and tells it only at the end of a stream.
    """
    asked = [*seen.first, *seen.second]
    reached = [each for each in asked if each.status in (0, 200, 500) or _is_filtered(each)]
    whole = [each for each in reached if each.whole and each.status == 200]
    told = seen.usage
    return (
        told.calls == len(reached)
        and told.calls_possibly_paid <= len(reached) - len(whole) + len(_unread(whole))
        and _sum_in(_read(whole)) <= told.input_tokens <= _sum_in(asked)
        and _sum_out(_read(whole)) <= told.output_tokens <= _sum_out(asked) + len(reached)
    )


def _is_filtered(asked: Asked) -> bool:
    """The filter has read the prompt, and Azure bills that although it answers 400."""
    return asked.behaviour.fails is Fails.FILTERED


def _read(whole: list[Asked]) -> list[Asked]:
    """Those whose last event, which counts the tokens, the gateway could read."""
    return [each for each in whole if each not in _unread(whole)]


def _unread(whole: list[Asked]) -> list[Asked]:
    return [
        each
        for each in whole
        if each.behaviour.malformed_at is not None
        or not each.behaviour.end_marker
        or each.behaviour.says is not Says.GOOD
    ]


def _sum_in(asked: list[Asked]) -> int:
    return sum(each.input_billed for each in asked)


def _sum_out(asked: list[Asked]) -> int:
    return sum(each.output_billed for each in asked)


def verdict_of(scenario: Scenario, seen: Measured) -> tuple[Verdict, list[str]]:
    """The verdict and the checks that do not hold."""
    broken = [check for check in (*scenario.checks, *_ALWAYS_CHECKED) if not check.holds(seen)]
    names = [check.name for check in broken]
    if seen.hung:
        return Verdict.FAIL, ["no end in time", *names]
    if seen.answers and not seen.is_complete and not scenario.is_refusal:
        return Verdict.FAIL, ["a part was given as the whole answer", *names]
    if any(not check.advisory for check in broken):
        return Verdict.FAIL, names
    if scenario.is_refusal and seen.answers:
        return Verdict.PARTIAL, ["routed around the refusal", *names]
    if not scenario.is_refusal and seen.errors:
        return Verdict.SAFE, [*(each.kind.value for each in seen.errors), *names]
    return (Verdict.PARTIAL, names) if broken else (Verdict.PASS, [])


async def measure(kind: str, scenario: Scenario) -> tuple[Verdict, list[str]] | None:
    """The worst of the scenario's variants; None where the format has no such fault."""
    variants = scenario.variants
    if kind in scenario.of_format:
        variants = _always(*scenario.of_format[kind])
    if scenario.requests > 1:
        return verdict_of(scenario, await _flap(kind, scenario))
    if not variants:
        return None
    verdicts = [
        verdict_of(scenario, await _call(kind, scenario, calls, otherwise)) for calls, otherwise in variants
    ]
    return max(verdicts, key=lambda each: list(Verdict).index(each[0]))


async def _call(
    kind: str, scenario: Scenario, calls: tuple[Behaviour, ...], otherwise: Behaviour
) -> Measured:
    async with route(kind, calls, otherwise, limits=BASELINE) as asked:
        seen = Measured(whole_answer=await _whole_answer(kind))
        await _ask(asked, seen, scenario.longest_s)
        seen.first, seen.second = list(asked.first.asked), list(asked.second.asked)
        assert_understood(asked.first, asked.second)
        await _probe(asked, seen)
        return seen


async def _flap(kind: str, scenario: Scenario) -> Measured:
    """Requests at a steady pace while the primary is down and after it is back."""
    async with route(kind, (), OVERLOADED, limits=BASELINE) as asked:
        seen = Measured(whole_answer=await _whole_answer(kind), outage_s=_OUTAGE_S)
        begun = time.monotonic()
        asyncio.get_running_loop().call_later(
            _OUTAGE_S, lambda: setattr(asked.first.script, "otherwise", GOOD)
        )
        waiting = []
        for number in range(scenario.requests):
            await asyncio.sleep(max(0.0, begun + number * _BETWEEN_REQUESTS_S - time.monotonic()))
            waiting.append(asyncio.ensure_future(_ask(asked, seen, scenario.longest_s)))
        await asyncio.gather(*waiting)
        seen.first, seen.second = list(asked.first.asked), list(asked.second.asked)
        back = [each.at_s for each in seen.first if each.behaviour is GOOD]
        seen.first_asked_again_s = min(back) - begun - _OUTAGE_S if back else None
        await _probe(asked, seen)
        return seen


async def _ask(asked: Route, seen: Measured, longest_s: float) -> None:
    account = Account()
    begun = time.monotonic()
    usage = None
    try:
        async with asyncio.timeout(longest_s + 1 / QUICKER):
            answer = await asked.ask(account)
        seen.answers.append(answer)
        usage = answer.summary.usage
    except TimeoutError:
        seen.hung = True
    except GatewayError as error:
        seen.errors.append(error)
    seen.elapsed_s = max(seen.elapsed_s, time.monotonic() - begun)
    seen.usage = _sum(seen.usage, usage or account.usage)


async def _probe(asked: Route, seen: Measured) -> None:
    asked.first.script.otherwise = GOOD
    try:
        async with asyncio.timeout(10 / QUICKER):
            answer = await asked.ask()
        seen.alive_after = answer.summary.statements == seen.whole_answer
    except (GatewayError, TimeoutError):
        seen.alive_after = False


_whole_answers: dict[str, tuple[Statement, ...]] = {}


async def _whole_answer(kind: str) -> tuple[Statement, ...]:
    if kind not in _whole_answers:
        async with route(kind) as healthy:
            _whole_answers[kind] = (await healthy.ask()).summary.statements
            assert_understood(healthy.first)
    return _whole_answers[kind]


def assert_understood(*fakes: Fake) -> None:
    """Nothing that the gateway sent was outside the provider's format."""
    for fake in fakes:
        assert not fake.refused, [each.body for each in fake.refused]


def _sum(one: Usage, other: Usage) -> Usage:
    return Usage(
        input_tokens=one.input_tokens + other.input_tokens,
        output_tokens=one.output_tokens + other.output_tokens,
        calls=one.calls + other.calls,
        calls_possibly_paid=one.calls_possibly_paid + other.calls_possibly_paid,
    )


Scorecard = dict[str, dict[str, tuple[Verdict, list[str]] | None]]


async def scorecard(kinds: list[str] | None = None, at_once: int = 10) -> Scorecard:
    """Scenario -> format -> verdict. Most of the time is waiting, so they run side by side."""
    kinds = kinds or list(KINDS)
    for kind in kinds:
        await _whole_answer(kind)
    room = asyncio.Semaphore(at_once)

    async def one(kind: str, scenario: Scenario) -> tuple[Verdict, list[str]] | None:
        if scenario.requests > 1:
            return await measure(kind, scenario)
        async with room:
            return await measure(kind, scenario)

    cells = [
        (scenario, kind) for scenario in sorted(CATALOGUE, key=lambda each: -each.requests) for kind in kinds
    ]
    verdicts = await asyncio.gather(*(one(kind, scenario) for scenario, kind in cells))
    made: Scorecard = {scenario.id: {} for scenario in CATALOGUE}
    for (scenario, kind), verdict in zip(cells, verdicts, strict=True):
        made[scenario.id][kind] = verdict
    return made
