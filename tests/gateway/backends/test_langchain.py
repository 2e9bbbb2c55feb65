"""Runnables of LangChain in this process."""

import asyncio
import logging
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import httpx
import pytest

pytest.importorskip("langchain_core")

from langchain_core.exceptions import ContextOverflowError, OutputParserException
from langchain_core.language_models import FakeListChatModel
from langchain_core.messages import AIMessage
from langchain_core.runnables import RunnableGenerator, RunnableLambda
from langsmith.utils import tracing_is_enabled

from gateway.backends.answered import Configured
from gateway.backends.failure import BackendFailure, Cause
from gateway.backends.http import Deadlines
from gateway.backends.langchain import LangChainBackend, Runnable, load_runnable
from gateway.backends.runnables import InputForm
from gateway.summary import Summary
from tests.gateway.backends.asking import GOOD_ANSWER, REQUEST
from tests.on_reactor import on_reactor

LONG = Deadlines(first_byte_s=5, idle_s=5, total_s=5)
HERE = "tests.gateway.backends.a_chain"


async def summary_by(
    runnable: object,
    *,
    deadlines: Deadlines = LONG,
    form: InputForm = InputForm.MESSAGES,
    streams: bool = True,
    timeout_s: float = 5,
) -> Summary:
    backend = LangChainBackend(runnable, Configured("chain", "m"), deadlines, form, streams)  # type: ignore[arg-type]
    try:
        return await backend.summarize(REQUEST, "clinical@1", timeout_s)
    finally:
        await backend.close()


async def failure_of(runnable: object, **more: object) -> BackendFailure:
    with pytest.raises(BackendFailure) as raised:
        await summary_by(runnable, **more)  # type: ignore[arg-type]
    return raised.value


@contextmanager
def environment(**variables: str) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@pytest.mark.parametrize("streams", [True, False])
@pytest.mark.parametrize("form", InputForm)
@on_reactor
async def test_each_kind_of_runnable_gives_a_summary(streams: bool, form: InputForm) -> None:
    runnables = [
        RunnableLambda(lambda asked: GOOD_ANSWER),
        RunnableLambda(lambda asked: AIMessage(content=[{"type": "text", "text": GOOD_ANSWER}])),
    ]
    if form is not InputForm.FIELDS:
        runnables.append(FakeListChatModel(responses=[GOOD_ANSWER]))  # type: ignore[arg-type]
    for runnable in runnables:
        summary = await summary_by(runnable, streams=streams, form=form)
        assert [each.text for each in summary.statements] == ["No known food allergies"]


@on_reactor
async def test_what_a_message_tells_of_its_making_is_in_the_summary() -> None:
    message = AIMessage(
        content=GOOD_ANSWER,
        usage_metadata={"input_tokens": 7, "output_tokens": 3, "total_tokens": 10},
        response_metadata={"stop_reason": "end_turn", "model_name": "m-2026"},
    )
    summary = await summary_by(RunnableLambda(lambda asked: message))
    assert (summary.model_served, summary.usage.input_tokens, summary.usage.output_tokens) == ("m-2026", 7, 3)


@on_reactor
async def test_a_blocking_runnable_holds_up_nobody_else() -> None:
    entered, leave = threading.Event(), threading.Event()
    told: list[bool] = []

    async def blocking(asked: object) -> str:
        entered.set()
        told.append(leave.wait(1))  # a mistake that is easily made in a coroutine
        return GOOD_ANSWER

    asking = asyncio.ensure_future(summary_by(RunnableLambda(blocking)))
    while not entered.is_set():
        await asyncio.sleep(0.001)
    leave.set()
    assert (await asking).statements
    assert told == [True]


@pytest.mark.parametrize("streams", [True, False])
@on_reactor
async def test_the_total_deadline_ends_it(streams: bool) -> None:
    async def never(asked: object) -> str:
        await asyncio.sleep(10)
        return ""

    assert (
        await failure_of(RunnableLambda(never), timeout_s=0.03, streams=streams)
    ).cause is Cause.OUT_OF_TIME


@on_reactor
async def test_the_first_piece_and_the_next_have_deadlines_of_their_own() -> None:
    async def stalling(asked: object) -> object:
        async for _ in asked:  # type: ignore[attr-defined]
            yield "ha"
            await asyncio.sleep(10)

    async def late(asked: object) -> str:
        await asyncio.sleep(10)
        return ""

    stalled = await failure_of(RunnableGenerator(stalling), deadlines=replace(LONG, idle_s=0.03))  # type: ignore[arg-type]
    assert stalled.cause is Cause.STALLED
    silent = await failure_of(RunnableLambda(late), deadlines=replace(LONG, first_byte_s=0.03))
    assert silent.cause is Cause.NO_ANSWER


@on_reactor
async def test_when_the_caller_goes_the_runnable_is_stopped() -> None:
    begun, stopped = threading.Event(), threading.Event()

    async def working(asked: object) -> str:
        begun.set()
        try:
            await asyncio.sleep(10)
        finally:
            stopped.set()
        return ""

    asking = asyncio.ensure_future(summary_by(RunnableLambda(working)))
    while not begun.is_set():
        await asyncio.sleep(0.001)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert await asyncio.to_thread(stopped.wait, 1)


class RateLimited(Exception):
    status_code = 429
    response = httpx.Response(429, headers={"Retry-After": "7"})


class Filtered(Exception):
    status_code = 400
    code = "content_filter"


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (ValueError("Jane Doe"), Cause.SERVER_ERROR),
        (RateLimited("Jane Doe"), Cause.RATE_LIMITED),
        (Filtered("Jane Doe"), Cause.REFUSED),
        (ContextOverflowError("Jane Doe"), Cause.CONTEXT_EXCEEDED),
        (OutputParserException("Jane Doe"), Cause.UNREADABLE),
        (TimeoutError("Jane Doe"), Cause.NO_ANSWER),
    ],
)
@pytest.mark.parametrize("streams", [True, False])
@on_reactor
async def test_an_error_is_told_without_its_text(error: Exception, cause: Cause, streams: bool) -> None:
    def failing(asked: object) -> str:
        raise error

    failure = await failure_of(RunnableLambda(failing), streams=streams)
    assert failure.cause is cause
    assert "Jane" not in f"{failure} {failure.detail}"


@on_reactor
async def test_the_wait_that_a_provider_asks_for_is_passed_on() -> None:
    def limited(asked: object) -> str:
        raise RateLimited

    assert (await failure_of(RunnableLambda(limited))).provider_retry_after_s == 7


@on_reactor
async def test_an_object_of_no_known_form_is_no_answer() -> None:
    assert (await failure_of(RunnableLambda(lambda asked: 7))).cause is Cause.GARBLED


@pytest.mark.parametrize("name", ["LANGSMITH_TRACING", "LANGCHAIN_TRACING_V2"])
@on_reactor
async def test_nothing_is_traced_whatever_the_environment_says(name: str) -> None:
    seen: list[object] = []

    def looking(asked: object) -> str:
        seen.append(tracing_is_enabled())
        return GOOD_ANSWER

    with environment(**{name: "true", "LANGSMITH_API_KEY": "s3cr3t"}):
        load_runnable(f"{HERE}:chain")
        assert "LANGSMITH_API_KEY" not in os.environ
        assert tracing_is_enabled() is False
        os.environ[name] = "true"  # as a module of the operator might, when it is called
        await summary_by(RunnableLambda(looking))
    assert seen == [False]


def test_a_runnable_is_found_by_its_path() -> None:
    with environment(LANGSMITH_TRACING="true"):
        found: Runnable = load_runnable(f"{HERE}:plain")
        assert found is not None
        from tests.gateway.backends import a_chain

        assert a_chain.SEEN_AT_IMPORT.get("LANGSMITH_TRACING") != "true"


@pytest.mark.parametrize("path", [f"{HERE}:nothing", f"{HERE}:no_runnable", "no.such.module:chain"])
def test_a_path_that_leads_to_no_runnable_is_named(path: str) -> None:
    with pytest.raises(ValueError, match=path.replace(".", r"\.")):
        load_runnable(path)


@on_reactor
async def test_nothing_of_the_record_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    def failing(asked: object) -> str:
        raise ValueError(f"cannot read {asked}")

    with caplog.at_level(logging.DEBUG):
        await failure_of(RunnableLambda(failing))
    assert "Potassium" not in caplog.text
