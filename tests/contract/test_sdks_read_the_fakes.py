"""The providers' own clients talk to the fakes, so that a fake cannot drift from the truth.

LangServe's client is not among them: it stands in the archived package `langserve`.
"""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import anthropic
import google.auth.credentials
import google.genai
import ollama
import openai
import pytest
from google.genai import errors as google_errors
from google.genai import types as google_types

from tests.fakes.anthropic import Anthropic
from tests.fakes.formats import Format
from tests.fakes.ollama import Ollama
from tests.fakes.openai import OpenAi
from tests.fakes.provider import Fake
from tests.fakes.script import (
    CONTEXT_EXCEEDED,
    CUT_EARLY,
    OVERLOADED,
    SERVER_ERROR,
    Behaviour,
    Fails,
    Says,
)
from tests.fakes.vertex import ClaudeOnVertex, Vertex
from tests.on_reactor import on_reactor

KEY = "sk-test-0123456789"
SYSTEM = "Summarize."
USER = "F1 allergy: penicillin\nN1 note Course <<<\nquiet night, café\n>>> N1"


class Answered:
    """What an SDK made of an answer."""

    def __init__(self, text: str, model: str | None, finish: str | None, tokens: tuple[int, int]) -> None:
        self.text, self.model, self.finish, self.tokens = text, model, finish, tokens


async def by_openai(url: str, stream: bool) -> Answered:
    async with openai.AsyncOpenAI(base_url=f"{url}/v1", api_key=KEY, max_retries=0) as client:
        return await _chat(client, stream)


async def by_azure(url: str, stream: bool) -> Answered:
    client = openai.AsyncAzureOpenAI(
        azure_endpoint=url, azure_deployment="ward", api_key=KEY, api_version="2026-08-01", max_retries=0
    )
    async with client:
        return await _chat(client, stream)


async def _chat(client: openai.AsyncOpenAI, stream: bool) -> Answered:
    asked: dict[str, Any] = {
        "model": "m",
        "messages": [{"role": "system", "content": SYSTEM}, {"role": "user", "content": USER}],
        "max_completion_tokens": 100,
    }
    if not stream:
        whole = await client.chat.completions.create(**asked)
        choice = whole.choices[0]
        text = choice.message.content or choice.message.refusal or ""
        assert whole.usage is not None
        tokens = (whole.usage.prompt_tokens, whole.usage.completion_tokens)
        return Answered(text, whole.model, choice.finish_reason, tokens)
    answered = Answered("", None, None, (0, 0))
    events = await client.chat.completions.create(
        **asked, stream=True, stream_options={"include_usage": True}
    )
    async for event in events:
        answered.model = event.model
        for part in event.choices:
            answered.text += part.delta.content or part.delta.refusal or ""
            answered.finish = part.finish_reason or answered.finish
        if event.usage:
            answered.tokens = (event.usage.prompt_tokens, event.usage.completion_tokens)
    return answered


async def by_anthropic(url: str, stream: bool) -> Answered:
    async with anthropic.AsyncAnthropic(base_url=url, api_key=KEY, max_retries=0) as client:
        return await _messages(client, stream)


async def by_anthropic_on_vertex(url: str, stream: bool) -> Answered:
    client = anthropic.AsyncAnthropicVertex(
        base_url=f"{url}/v1", region="us-east5", project_id="p", access_token=KEY, max_retries=0
    )
    async with client:
        return await _messages(client, stream)


async def _messages(client: Any, stream: bool) -> Answered:
    asked = {
        "model": "claude-sonnet-5-5",
        "max_tokens": 100,
        "system": SYSTEM,
        "messages": [{"role": "user", "content": USER}],
    }
    if stream:
        async with client.messages.stream(**asked) as events:
            message = await events.get_final_message()
    else:
        message = await client.messages.create(**asked)
    text = "".join(block.text for block in message.content if block.type == "text")
    tokens = (message.usage.input_tokens, message.usage.output_tokens)
    return Answered(text, message.model, message.stop_reason, tokens)


async def by_google(url: str, stream: bool) -> Answered:
    client = google.genai.Client(
        vertexai=True,
        project="p",
        location="us-central1",
        credentials=_Token(),
        http_options=google_types.HttpOptions(base_url=url),
    )
    config = google_types.GenerateContentConfig(system_instruction=SYSTEM, max_output_tokens=100)
    asked: dict[str, Any] = {"model": "gemini-2.5-pro", "contents": USER, "config": config}
    try:
        if stream:
            chunks = [each async for each in await client.aio.models.generate_content_stream(**asked)]
        else:
            chunks = [await client.aio.models.generate_content(**asked)]
    finally:
        await client.aio.aclose()
    last = chunks[-1]
    used = last.usage_metadata
    assert used is not None
    finish = last.candidates[0].finish_reason if last.candidates else None
    text = "".join(chunk.text or "" for chunk in chunks)
    tokens = (used.prompt_token_count or 0, used.candidates_token_count or 0)
    return Answered(text, last.model_version, finish.value if finish else None, tokens)


class _Token(google.auth.credentials.Credentials):  # type: ignore[misc]
    """A token that never needs a refresh."""

    def __init__(self) -> None:
        super().__init__()
        self.token = KEY

    def refresh(self, request: object) -> None:
        raise AssertionError


async def by_ollama(url: str, stream: bool) -> Answered:
    client = ollama.AsyncClient(host=url, headers={"Authorization": f"Bearer {KEY}"})
    messages = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": USER}]
    if stream:
        parts = [each async for each in await client.chat(model="m", messages=messages, stream=True)]
    else:
        parts = [await client.chat(model="m", messages=messages)]
    last = parts[-1]
    text = "".join(part.message.content or "" for part in parts)
    return Answered(text, last.model, last.done_reason, (last.prompt_eval_count or 0, last.eval_count or 0))


Sdk = Callable[[str, bool], Awaitable[Answered]]
SDKS: dict[str, tuple[Callable[[], Format], Sdk, str, type[Exception]]] = {
    "openai": (OpenAi, by_openai, "stop", openai.APIStatusError),
    "azure": (OpenAi, by_azure, "stop", openai.APIStatusError),
    "anthropic": (Anthropic, by_anthropic, "end_turn", anthropic.APIStatusError),
    "claude-on-vertex": (ClaudeOnVertex, by_anthropic_on_vertex, "end_turn", anthropic.APIStatusError),
    "gemini-on-vertex": (Vertex, by_google, "STOP", google_errors.APIError),
    "ollama": (Ollama, by_ollama, "stop", ollama.ResponseError),
}
STREAMS = pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])


@asynccontextmanager
async def fake(sdk: str, *calls: Behaviour) -> AsyncIterator[tuple[Fake, Sdk]]:
    make, ask, _, _ = SDKS[sdk]
    async with Fake(make(), calls, key=KEY) as made:
        yield made, ask


@STREAMS
@pytest.mark.parametrize("sdk", SDKS)
@on_reactor
async def test_a_good_answer_is_read_whole(sdk: str, stream: bool) -> None:
    async with fake(sdk) as (provider, ask):
        answered = await ask(provider.url, stream)
    statements = json.loads(answered.text)["statements"]
    assert [each["evidence"] for each in statements] == [["F1"], ["N1"]]
    assert answered.finish == SDKS[sdk][2]
    assert answered.model
    assert answered.tokens == provider.tokens_billed
    assert [call.ask.prompt for call in provider.asked] == [USER]
    assert not provider.refused


@pytest.mark.parametrize("chunk_bytes", [2, 11])
@pytest.mark.parametrize("sdk", SDKS)
@on_reactor
async def test_where_the_bytes_are_cut_does_not_matter(sdk: str, chunk_bytes: int) -> None:
    async with fake(sdk, Behaviour(chunk_bytes=chunk_bytes)) as (provider, ask):
        answered = await ask(provider.url, True)
    assert json.loads(answered.text)["statements"]


@pytest.mark.parametrize(
    "behaviour",
    [
        Behaviour(fails=Fails.RATE_LIMITED, retry_after_s=2),
        SERVER_ERROR,
        OVERLOADED,
        CONTEXT_EXCEEDED,
        Behaviour(fails=Fails.SPEND_LIMIT),
        Behaviour(fails=Fails.UNKNOWN_MODEL),
    ],
    ids=lambda behaviour: f"{behaviour.fails.name}-{behaviour.retry_after_s}",
)
@pytest.mark.parametrize("sdk", SDKS)
@on_reactor
async def test_errors_have_the_form_that_the_client_knows(sdk: str, behaviour: Behaviour) -> None:
    async with fake(sdk, behaviour) as (provider, ask):
        with pytest.raises(SDKS[sdk][3]) as raised:
            await ask(provider.url, True)
    error: Any = raised.value
    status = getattr(error, "status_code", None) or error.code
    assert status == provider.asked[0].status
    assert status >= 400
    if behaviour.retry_after_s and hasattr(error, "response") and hasattr(error.response, "headers"):
        assert error.response.headers["retry-after"] == "2"


@pytest.mark.parametrize("sdk", SDKS)
@on_reactor
async def test_a_wrong_key_is_refused(sdk: str) -> None:
    make, ask, _, raised = SDKS[sdk]
    async with Fake(make(), key="another") as provider:
        with pytest.raises(raised):
            await ask(provider.url, False)
    assert provider.refused[0].status == 401
    assert not provider.asked


@pytest.mark.parametrize("sdk", SDKS)
@on_reactor
async def test_a_cut_stream_breaks_the_connection(sdk: str) -> None:
    """Each client's own exception differs, and some are those of httpx."""
    async with fake(sdk, CUT_EARLY) as (provider, ask):
        with pytest.raises(Exception) as raised:
            await ask(provider.url, True)
    assert not isinstance(raised.value, AssertionError)
    assert not provider.asked[0].whole


@pytest.mark.parametrize(
    ("sdk", "says", "finish"),
    [
        ("openai", Says.REFUSAL, "stop"),
        ("openai", Says.AT_LIMIT, "length"),
        ("azure", Says.FILTERED, "content_filter"),
        ("azure", Says.FILTER_OUTAGE, "stop"),
        ("anthropic", Says.REFUSAL, "refusal"),
        ("anthropic", Says.AT_LIMIT, "max_tokens"),
        ("anthropic", Says.CONTEXT_FULL, "model_context_window_exceeded"),
        ("anthropic", Says.ONLY_THOUGHTS, "max_tokens"),
        ("anthropic", Says.THOUGHTS_FIRST, "end_turn"),
        ("claude-on-vertex", Says.REFUSAL, "refusal"),
        ("gemini-on-vertex", Says.AT_LIMIT, "MAX_TOKENS"),
        ("gemini-on-vertex", Says.ONLY_THOUGHTS, "MAX_TOKENS"),
        ("gemini-on-vertex", Says.THOUGHTS_FIRST, "STOP"),
        ("gemini-on-vertex", Says.SPII, "SPII"),
        ("gemini-on-vertex", Says.FILTERED, "PROHIBITED_CONTENT"),
        ("gemini-on-vertex", Says.BLOCKED_PROMPT, None),
        ("ollama", Says.AT_LIMIT, "length"),
        ("ollama", Says.ONLY_THOUGHTS, "length"),
        ("ollama", Says.THOUGHTS_FIRST, "stop"),
        ("ollama", Says.INPUT_CUT, "stop"),
        ("ollama", Says.REMOTE, "stop"),
    ],
)
@STREAMS
@on_reactor
async def test_answers_that_are_none_keep_their_form(
    sdk: str, says: Says, finish: str | None, stream: bool
) -> None:
    async with fake(sdk, Behaviour(says=says)) as (provider, ask):
        answered = await ask(provider.url, stream)
    assert answered.finish == finish
    assert "The record says" not in answered.text


@pytest.mark.parametrize("sdk", [name for name in SDKS if name != "azure"])
@on_reactor
async def test_an_error_inside_the_stream_reaches_the_client(sdk: str) -> None:
    async with fake(sdk, Behaviour(says=Says.ERROR_INSIDE)) as (provider, ask):
        with pytest.raises((SDKS[sdk][3], openai.APIError, anthropic.APIError)):
            await ask(provider.url, True)
    assert provider.asked[0].status == 200


@on_reactor
async def test_ollama_describes_its_models() -> None:
    async with Fake(Ollama(remote_host="https://ollama.com:443")) as provider:
        client = ollama.AsyncClient(host=provider.url)
        tags, shown = await client.list(), await client.show("m")
    assert tags.models[0].model == "m"
    assert shown.modelinfo is not None
    assert shown.modelinfo["llama.context_length"] == 131072
    assert not provider.asked


@on_reactor
async def test_anthropic_counts_tokens_and_caches_what_it_was_told_to() -> None:
    system: Any = [{"type": "text", "text": SYSTEM, "cache_control": {"type": "ephemeral"}}]
    asked: Any = {"model": "m", "messages": [{"role": "user", "content": USER}]}
    async with (
        Fake(Anthropic(), key=KEY) as provider,
        anthropic.AsyncAnthropic(base_url=provider.url, api_key=KEY, max_retries=0) as client,
    ):
        counted = await client.messages.count_tokens(**asked)
        first = await client.messages.create(system=system, max_tokens=9, **asked)
        second = await client.messages.create(system=system, max_tokens=9, **asked)
    assert counted.input_tokens == -(-len(USER) // 4)
    assert first.usage.cache_creation_input_tokens == second.usage.cache_read_input_tokens == 3
    assert first.usage.input_tokens == second.usage.input_tokens
