"""A backend over a wire: from request to summary, and what becomes of a call that fails."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import httpx
import pytest

from gateway.backends.answered import Configured
from gateway.backends.failure import BackendFailure, Cause
from gateway.backends.http import Deadlines, Sender
from gateway.backends.http_backend import Credentials, HttpBackend
from gateway.backends.openai import OpenAiModel, OpenAiWire
from gateway.summary import SummarySection
from tests.gateway.backends.asking import GOOD_ANSWER, REQUEST, statements
from tests.on_reactor import on_reactor


class Breaking(httpx.AsyncByteStream):
    """A body whose connection breaks after it."""

    def __init__(self, *chunks: bytes) -> None:
        self._chunks = chunks

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self._chunks:
            yield chunk
        raise httpx.ReadError("")


class Fetched:
    """Credentials that come late, and remember what was refused."""

    def __init__(self, after_s: float = 0) -> None:
        self.refusals: list[Mapping[str, str]] = []
        self._after_s = after_s

    async def headers(self) -> Mapping[str, str]:
        await asyncio.sleep(self._after_s)
        return {"authorization": "Bearer t0ken"}

    def refused(self, headers: Mapping[str, str]) -> None:
        self.refusals.append(headers)


def event(content: str, finish: str | None = None) -> bytes:
    choice = {"delta": {"content": content}, "finish_reason": finish}
    return b"data: " + json.dumps({"model": "m-2026", "choices": [choice]}).encode() + b"\n\n"


@asynccontextmanager
async def backend(
    response: httpx.Response | Exception, credentials: Credentials | None = None
) -> AsyncIterator[tuple[HttpBackend, list[httpx.Request]]]:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        if isinstance(response, Exception):
            raise response
        return response

    wire = OpenAiWire("vllm", OpenAiModel("http://h/v1", "m"))
    sender = Sender("vllm", Deadlines(), httpx.MockTransport(answer))
    made = HttpBackend(wire, sender, Configured("vllm", "m"), credentials)
    yield made, asked
    await made.close()


async def failure_of(response: httpx.Response | Exception) -> BackendFailure:
    async with backend(response) as (vllm, _):
        with pytest.raises(BackendFailure) as raised:
            await vllm.summarize(REQUEST, "m@1", 5)
    return raised.value


@on_reactor
async def test_statements_without_a_real_source_are_left_out_and_said() -> None:
    text = statements(
        {"section": "allergies", "text": "No known food allergies", "evidence": ["F1"]},
        {"section": "results", "text": "Invented", "evidence": ["F9"]},
        {"section": "nonsense", "text": "From a note", "evidence": ["N1", "F9"]},
        {"text": 7},
    )
    answer = httpx.Response(200, content=event(f"Here it is:\n```json\n{text}\n```", "stop"))
    async with backend(answer) as (vllm, _):
        summary = await vllm.summarize(REQUEST, "m@1", 5)
    assert [(each.section, each.evidence) for each in summary.statements] == [
        (SummarySection.ALLERGIES, ("AL1[1]",)),
        (SummarySection.NOTES, ("OBX[2]-5",)),
    ]
    assert summary.warnings[0].code == "unsupported"
    assert (summary.backend, summary.model_asked, summary.model_served) == ("vllm", "m@1", "m-2026")


@pytest.mark.parametrize(
    "text", ["no JSON", "{}", statements({"section": "notes", "text": "x", "evidence": []})]
)
@on_reactor
async def test_an_answer_without_any_sourced_statement_is_no_answer(text: str) -> None:
    failure = await failure_of(httpx.Response(200, content=event(text, "stop")))
    assert failure.cause is Cause.UNREADABLE


@on_reactor
async def test_a_body_of_json_is_read_although_a_stream_was_asked_for() -> None:
    body = {"choices": [{"message": {"content": GOOD_ANSWER}, "finish_reason": "stop"}]}
    async with backend(httpx.Response(200, json=body)) as (vllm, _):
        assert (await vllm.summarize(REQUEST, "m@1", 5)).statements


@pytest.mark.parametrize(
    ("response", "cause"),
    [
        (httpx.Response(429, json={"error": {"code": "insufficient_quota"}}), Cause.SPEND_LIMIT),
        (httpx.Response(204), Cause.BAD_REQUEST),
        (httpx.Response(503, stream=Breaking(b"{")), Cause.OVERLOADED),
        (httpx.Response(200, stream=Breaking(event("ha"))), Cause.CUT),
        (httpx.Response(200, content=event("ha") + b'data: {"choices": [{"de'), Cause.CUT),
        (httpx.Response(200, content=event("ha") + b'data: {"choices": [{"de\n\n'), Cause.GARBLED),
        (httpx.Response(200, content=b"{", headers={"content-type": "application/json"}), Cause.GARBLED),
        (httpx.Response(200, content=b"<html>\nHello"), Cause.CUT),
        (httpx.Response(200, content=b"data: " + b"x" * 2_000_000), Cause.GARBLED),
        (httpx.Response(200, content=b"x" * 9_000_000), Cause.GARBLED),
        (httpx.ConnectError(""), Cause.NO_CONNECTION),
        (httpx.ReadError(""), Cause.CUT),
        (httpx.RemoteProtocolError(""), Cause.GARBLED),
    ],
)
@on_reactor
async def test_every_way_to_give_no_whole_answer_has_its_cause(
    response: httpx.Response | Exception, cause: Cause
) -> None:
    failure = await failure_of(response)
    assert failure.cause is cause
    assert "vllm" in failure.detail


@on_reactor
async def test_a_connection_that_breaks_after_the_end_took_nothing_away() -> None:
    whole = Breaking(event(GOOD_ANSWER, "stop"), b"data: [DONE]\n\n")
    async with backend(httpx.Response(200, stream=whole)) as (vllm, _):
        assert (await vllm.summarize(REQUEST, "m@1", 5)).statements


@on_reactor
async def test_credentials_are_added_to_the_call() -> None:
    answer = httpx.Response(200, content=event(GOOD_ANSWER, "stop"))
    async with backend(answer, Fetched()) as (vllm, asked):
        await vllm.summarize(REQUEST, "m@1", 5)
    assert asked[0].headers["authorization"] == "Bearer t0ken"


@pytest.mark.parametrize(("status", "refusals"), [(401, 1), (403, 1), (429, 0), (500, 0)])
@on_reactor
async def test_credentials_learn_that_they_were_refused(status: int, refusals: int) -> None:
    credentials = Fetched()
    async with backend(httpx.Response(status), credentials) as (vllm, _):
        with pytest.raises(BackendFailure):
            await vllm.summarize(REQUEST, "m@1", 5)
    assert credentials.refusals == [{"authorization": "Bearer t0ken"}] * refusals


@on_reactor
async def test_a_refusal_stays_one_when_the_connection_breaks_after_it() -> None:
    body = Breaking(event("No", "content_filter"))
    assert (await failure_of(httpx.Response(200, stream=body))).cause is Cause.REFUSED


@on_reactor
async def test_without_credentials_in_time_nothing_is_sent() -> None:
    async with backend(httpx.Response(200), Fetched(after_s=10)) as (vllm, asked):
        with pytest.raises(BackendFailure) as raised:
            await vllm.summarize(REQUEST, "m@1", 0.01)
    assert raised.value.cause is Cause.NO_CONNECTION
    assert not asked
