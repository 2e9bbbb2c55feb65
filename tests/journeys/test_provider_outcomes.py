"""What each provider alone can answer, from the bytes on the wire to what follows from it."""

import asyncio

import pytest

from gateway.attempts.watch import ANSWERED
from gateway.backends.failure import Cause
from gateway.errors import ErrorKind, GatewayError
from tests.fakes.langserve import LangServe
from tests.fakes.routes import KINDS, Limits, route
from tests.fakes.script import (
    CUT_CLEANLY,
    GOOD,
    OVERLOADED,
    RATE_LIMITED,
    SERVER_ERROR,
    Behaviour,
    Fails,
    Says,
)
from tests.on_reactor import on_reactor

_QUICK = Limits(
    backend={"retries": {"first_wait_s": 0.01, "longest_wait_s": 0.05}, "first_byte_s": 0.5, "idle_s": 0.5}
)
_FOR_ALL = {
    Fails.SPEND_LIMIT: Cause.SPEND_LIMIT,
    Fails.BAD_KEY: Cause.CREDENTIALS,
    Fails.UNKNOWN_MODEL: Cause.UNKNOWN_MODEL,
    Fails.BAD_REQUEST: Cause.BAD_REQUEST,
    Fails.CONTEXT_EXCEEDED: Cause.CONTEXT_EXCEEDED,
}
_REASONLESS = "langserve"
"""Its server turns whatever its chain meets into one 500."""

NEXT = [
    *(
        (kind, Behaviour(fails=fails), cause)
        for kind in KINDS
        if kind != _REASONLESS
        for fails, cause in _FOR_ALL.items()
    ),
    *(
        (kind, Behaviour(says=says), cause)
        for kind in ("openai", "azure", "anthropic", "gemini", "claude-on-vertex", "ollama")
        for says, cause in (
            (Says.AT_LIMIT, Cause.TRUNCATED),
            (Says.ONLY_THOUGHTS, Cause.TRUNCATED),
        )
    ),
    ("anthropic", Behaviour(says=Says.CONTEXT_FULL), Cause.CONTEXT_EXCEEDED),
    ("claude-on-vertex", Behaviour(says=Says.CONTEXT_FULL), Cause.CONTEXT_EXCEEDED),
    ("anthropic", Behaviour(says=Says.EMPTY), Cause.EMPTY),
    ("ollama", Behaviour(says=Says.EMPTY), Cause.EMPTY),
    ("openai", Behaviour(says=Says.EMPTY), Cause.EMPTY),
    ("gemini", Behaviour(says=Says.CONTINUED), Cause.TRUNCATED),
    ("ollama", Behaviour(says=Says.INPUT_CUT), Cause.INPUT_CUT),
    ("ollama", Behaviour(says=Says.REMOTE), Cause.NOT_ALLOWED),
]
"""(format, what the primary does, its cause): the fallback answers, the primary is asked once."""

AGAIN = [
    ("openai", Behaviour(says=Says.ERROR_INSIDE), Cause.SERVER_ERROR),
    ("azure", Behaviour(says=Says.ERROR_INSIDE), Cause.SERVER_ERROR),
    ("anthropic", Behaviour(says=Says.ERROR_INSIDE), Cause.OVERLOADED),
    ("claude-on-vertex", Behaviour(says=Says.ERROR_INSIDE), Cause.OVERLOADED),
    ("gemini", Behaviour(says=Says.ERROR_INSIDE), Cause.OVERLOADED),
    ("ollama", Behaviour(says=Says.ERROR_INSIDE), Cause.SERVER_ERROR),
    ("gemini", Behaviour(says=Says.EMPTY), Cause.EMPTY),
    *((kind, Behaviour(text="The patient is well."), Cause.UNREADABLE) for kind in KINDS),
    *((kind, CUT_CLEANLY, Cause.CUT) for kind in KINDS),
]
"""The primary is asked again and answers."""

REFUSED = [
    ("openai", Behaviour(fails=Fails.FILTERED)),
    ("openai", Behaviour(says=Says.REFUSAL)),
    ("openai", Behaviour(says=Says.FILTERED)),
    ("azure", Behaviour(fails=Fails.FILTERED)),
    ("azure", Behaviour(says=Says.FILTERED)),
    ("azure", Behaviour(says=Says.FILTER_OUTAGE)),
    ("anthropic", Behaviour(says=Says.REFUSAL)),
    ("anthropic", Behaviour(fails=Fails.FILTERED)),
    ("claude-on-vertex", Behaviour(says=Says.REFUSAL)),
    ("gemini", Behaviour(says=Says.BLOCKED_PROMPT)),
    ("gemini", Behaviour(says=Says.SPII)),
    ("gemini", Behaviour(says=Says.FILTERED)),
    ("gemini", Behaviour(says=Says.REFUSAL)),
    ("ollama", Behaviour(says=Says.REFUSAL)),
]


def _named(given: object) -> str | None:
    if not isinstance(given, Behaviour):
        return None
    return (given.fails or given.says).name if given != CUT_CLEANLY else "CUT"


@pytest.mark.parametrize(("kind", "behaviour", "cause"), NEXT, ids=_named)
@on_reactor
async def test_the_fallback_answers_at_once(kind: str, behaviour: Behaviour, cause: Cause) -> None:
    async with route(kind, (), behaviour, limits=_QUICK) as asked:
        answer = await asked.ask()
    assert asked.asking.outcomes.seen == [("first", cause.value), ("second", ANSWERED)]
    assert answer.summary.backend == "second"
    assert [each.code for each in answer.summary.warnings] == ["backend-failed"]


@pytest.mark.parametrize(("kind", "behaviour", "cause"), AGAIN, ids=_named)
@on_reactor
async def test_the_same_backend_is_asked_again(kind: str, behaviour: Behaviour, cause: Cause) -> None:
    async with route(kind, [behaviour], limits=_QUICK) as asked:
        answer = await asked.ask()
    assert asked.asking.outcomes.seen == [("first", cause.value), ("first", ANSWERED)]
    assert answer.summary.backend == "first"


@pytest.mark.parametrize(("kind", "behaviour"), REFUSED, ids=_named)
@on_reactor
async def test_what_is_declined_goes_to_no_other_backend(kind: str, behaviour: Behaviour) -> None:
    async with route(kind, (), behaviour, limits=_QUICK) as asked:
        with pytest.raises(GatewayError) as raised:
            await asked.ask()
    assert raised.value.kind is ErrorKind.BACKEND_REFUSED
    assert asked.asking.outcomes.seen == [("first", Cause.REFUSED.value)]
    assert not asked.second.asked


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != _REASONLESS])
@on_reactor
async def test_thoughts_before_an_answer_are_left_out(kind: str) -> None:
    async with route(kind, (), Behaviour(says=Says.THOUGHTS_FIRST), limits=_QUICK) as asked:
        answer = await asked.ask()
    assert "The record says" not in answer.summary.text
    assert answer.summary.backend == "first"


@pytest.mark.parametrize("kind", KINDS)
@on_reactor
async def test_a_fallback_that_does_not_understand_hides_nothing(kind: str) -> None:
    """The caller is told of the overload, which passes, and not of the 400 that came after it."""
    failing = Behaviour(fails=Fails.BAD_REQUEST)
    async with route(kind, (), OVERLOADED, second=failing, limits=_QUICK) as asked:
        with pytest.raises(GatewayError) as raised:
            await asked.ask()
    assert raised.value.kind is ErrorKind.BACKEND_UNAVAILABLE
    assert getattr(raised.value, "cause", None) is Cause.OVERLOADED
    assert len(asked.second.asked) == 1


@pytest.mark.parametrize("chunk_bytes", [1, 13])
@pytest.mark.parametrize("kind", KINDS)
@on_reactor
async def test_where_the_bytes_are_cut_does_not_matter(kind: str, chunk_bytes: int) -> None:
    """Nor does a line separator inside a text, which is none on the wire."""
    said = '{"statements": [{"section": "allergies", "text": "penicillin\u2028rash é", "evidence": ["F1"]}]}'
    async with route(kind, (), Behaviour(text=said, chunk_bytes=chunk_bytes), limits=_QUICK) as asked:
        answer = await asked.ask()
    assert answer.summary.backend == "first"
    assert answer.summary.statements[0].text == "penicillin rash é"


@pytest.mark.parametrize("kind", ["openai", "azure", "anthropic", "gemini"])
@on_reactor
async def test_a_server_may_answer_whole_although_a_stream_was_asked_for(kind: str) -> None:
    async with route(kind, (), Behaviour(streams=False), limits=_QUICK) as asked:
        answer = await asked.ask()
    assert answer.summary.backend == "first"
    assert answer.summary.usage.output_tokens == asked.first.tokens_billed[1]


@pytest.mark.parametrize("chat", [True, False])
@pytest.mark.parametrize("mode", ["stream", "invoke"])
@pytest.mark.parametrize("form", ["messages", "text", "fields"])
@on_reactor
async def test_a_chain_is_asked_in_every_way_it_may_want(chat: bool, mode: str, form: str) -> None:
    limits = Limits(backend={**_QUICK.backend, "mode": mode, "input": form})
    async with route("langserve", limits=limits, make=lambda: LangServe(chat=chat)) as asked:
        answer = await asked.ask()
    assert answer.summary.backend == "first"
    assert [each.ask.stream for each in asked.first.asked] == [mode == "stream"]
    assert (answer.summary.usage.input_tokens > 0) is chat


@pytest.mark.parametrize("kind", KINDS)
@on_reactor
async def test_an_answer_that_drips_ends_at_the_deadline_of_a_call(kind: str) -> None:
    """Each piece comes in time, the whole would never."""
    limits = Limits(backend={**_QUICK.backend, "timeout_s": 0.4})
    async with route(kind, (), Behaviour(interval_s=0.05), limits=limits) as asked:
        answer = await asked.ask()
    assert asked.asking.outcomes.seen == [("first", Cause.OUT_OF_TIME.value), ("second", ANSWERED)]
    assert answer.summary.usage.calls_possibly_paid <= 1
    assert answer.summary.usage.calls == 2
    assert asked.first.asked[0].aborted


@pytest.mark.parametrize("behaviour", [OVERLOADED, SERVER_ERROR, RATE_LIMITED], ids=_named)
@pytest.mark.parametrize("kind", ["openai", "anthropic", "gemini", "ollama"])
@on_reactor
async def test_an_outage_under_load_becomes_no_storm(kind: str, behaviour: Behaviour) -> None:
    """Of 100 callers at once each would make three calls: the breaker and the retry budget keep them away."""
    limits = Limits(backend={**_QUICK.backend, "first_byte_s": 5, "idle_s": 5}, deadline_s=20)
    async with route(kind, (), behaviour, limits=limits) as asked:
        answers = await asyncio.gather(*(asked.ask() for _ in range(100)))
    assert {each.summary.backend for each in answers} == {"second"}
    assert len(asked.first.asked) <= 50
    assert len(asked.second.asked) == 100


@pytest.mark.parametrize("kind", KINDS)
@on_reactor
async def test_each_backend_gets_its_own_key_and_nothing_it_does_not_know(kind: str) -> None:
    async with route(kind, [OVERLOADED, OVERLOADED, OVERLOADED], GOOD, limits=_QUICK) as asked:
        await asked.ask()
    assert not asked.first.refused
    assert not asked.second.refused
    assert asked.second.asked
