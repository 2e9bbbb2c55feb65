"""The faults of Failover Bench and its rules, in its own seconds (github.com/failoverbench/failoverbench,
methodology v0.1). They are run by `failover_runs`, which lets the clock go quicker.

What the caller gets and what the provider sees decide together:

- pass: the whole right answer (S13: a clear refusal), and every check holds;
- partial: the right answer, and an advisory check does not hold; or S13 was answered by another backend;
- safe: no answer, but a clear error in time, and every required check holds;
- fail: no end in time, a part of an answer given as a whole one, or a required check does not hold.

Two checks are ours and required in every scenario: what the gateway says the calls cost is what the provider
billed, and a healthy call right afterwards is answered.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from gateway.errors import ErrorKind, GatewayError
from gateway.summary import Answer, Statement, Usage
from tests.fakes.provider import Asked
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
    quicker: float = 1.0
    """So many of the bench's seconds pass in one of ours."""
    elapsed_s: float = 0.0
    """Of the bench's seconds, as the others here."""
    first: list[Asked] = field(default_factory=list)
    second: list[Asked] = field(default_factory=list)
    usage: Usage = field(default_factory=lambda: Usage(calls=0))
    alive_after: bool = False
    whole_answer: tuple[Statement, ...] = ()
    """What a healthy backend of this format says."""
    first_asked_again_s: float | None = None
    """From the outage's end to the primary's next answer."""

    @property
    def first_at_s(self) -> list[float]:
        """When the primary was asked, from its first call."""
        return [(each.at_s - self.first[0].at_s) * self.quicker for each in self.first]

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
    longest_s: float = 40
    """Of one call; longer is a hang."""
    is_refusal: bool = False
    """The right outcome is a clear error."""
    requests: int = 1
    of_format: dict[str, tuple[Behaviour, ...]] = field(default_factory=dict)
    """Where a format says the fault in words of its own; empty: it has no such fault."""


def _at_most(most: int) -> Check:
    return Check(f"at most {most} calls of the primary", lambda seen: len(seen.first) <= most)


def _within(seconds: float, *, advisory: bool = False) -> Check:
    return Check(f"ended within {seconds} s", lambda seen: seen.elapsed_s <= seconds, advisory)


def _calls_within(seconds: float, most: int) -> Check:
    return Check(
        f"at most {most} calls in the first {seconds} s",
        lambda seen: sum(1 for at_s in seen.first_at_s if at_s < seconds) <= most,
    )


def _waited(seen: Measured) -> bool:
    return len(seen.first) > 1 and seen.first_at_s[1] >= 1.8


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


def always(*behaviours: Behaviour) -> tuple[tuple[tuple[Behaviour, ...], Behaviour], ...]:
    return tuple(((), each) for each in behaviours)


def _once(behaviour: Behaviour) -> tuple[tuple[tuple[Behaviour, ...], Behaviour], ...]:
    return (((behaviour,), GOOD),)


CATALOGUE = (
    Scenario(
        "S01",
        "429 with Retry-After",
        _once(Behaviour(fails=Fails.RATE_LIMITED, retry_after_s=2)),
        (_RETRIED, Check("Retry-After was kept", _waited, advisory=True), _calls_within(1.5, 2)),
        longest_s=20,
    ),
    Scenario("S02", "429, persistent", always(RATE_LIMITED), (_calls_within(3, 4), _at_most(6))),
    Scenario("S03", "one 500", _once(SERVER_ERROR), (_RETRIED,), longest_s=20),
    Scenario("S04", "503, persistent", always(OVERLOADED), (_at_most(6),)),
    Scenario("S05", "connection reset", _once(RESET), longest_s=20),
    Scenario(
        "S06",
        "no answer",
        always(SILENT),
        (
            _within(100),
            Check("silence was not asked again", lambda seen: len(seen.first) <= 1, advisory=True),
        ),
        longest_s=130,
    ),
    Scenario(
        "S07",
        "slow first token",
        always(Behaviour(first_token_after_s=20), Behaviour(first_token_after_s=20, heartbeat_s=2)),
        (_within(15, advisory=True),),
        longest_s=60,
    ),
    Scenario("S08", "stream cut, early and late", always(*S08)),
    Scenario(
        "S09",
        "stream stalls",
        always(STALLED, Behaviour(stall_at=0.33, heartbeat_s=2)),
        (_within(45),),
        longest_s=70,
    ),
    Scenario("S10", "malformed chunk", always(MALFORMED), longest_s=30),
    Scenario("S11", "end marker missing", always(NO_END_MARKER), (_within(8), _USAGE)),
    Scenario(
        "S12",
        "context length exceeded",
        always(CONTEXT_EXCEEDED),
        (_ONCE,),
        longest_s=20,
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
        longest_s=20,
        is_refusal=True,
        of_format=_DECLINES,
    ),
    Scenario("S14", "cut, and the fallback takes no prefill", always(Behaviour(cut_at=0.67))),
    Scenario(
        "S15",
        "down for a minute, then healthy",
        (),
        (
            Check("all were answered", lambda seen: not seen.errors),
            Check(
                "the primary answers soon after",
                lambda seen: seen.first_asked_again_s is not None and seen.first_asked_again_s <= 30,
            ),
            Check("the breaker kept calls away", lambda seen: len(_in_outage(seen)) <= 15, advisory=True),
        ),
        longest_s=30,
        # Three more than there, so that the 30 s in which the primary must be asked again are seen.
        requests=23,
    ),
    Scenario(
        "S16",
        "accounting of a fallback",
        always(OVERLOADED),
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
OUTAGE_S = 60
BETWEEN_REQUESTS_S = 4


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
