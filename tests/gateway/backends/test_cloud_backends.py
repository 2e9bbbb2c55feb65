"""Backends as an operator configures them, over real connections to fakes of their providers."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from gateway.backend_table import backends_of
from gateway.backends.failure import BackendFailure, Cause
from tests.fakes.formats import Format
from tests.fakes.http_server import Exchange, HttpServer, Response
from tests.fakes.provider import Fake
from tests.fakes.routes import FIRST_KEY, KINDS, PATIENT_WORDS, REQUEST, route, settings_of
from tests.fakes.script import Behaviour, Fails, Says
from tests.fakes.vertex import ClaudeOnVertex, Vertex
from tests.gateway.backends.reading import everything_said
from tests.gateway.backends.test_google_credentials import TokenServer, account_file
from tests.on_reactor import on_reactor

CLOUDS = ("anthropic", "gemini", "claude-on-vertex", "ollama")


@pytest.fixture
def logged() -> Iterator[list[Any]]:
    with structlog.testing.capture_logs() as events:
        yield events


@pytest.mark.parametrize("kind", CLOUDS)
@on_reactor
async def test_a_summary_comes_back_with_what_is_known_of_it(kind: str) -> None:
    async with route(kind) as made:
        summary = (await made.ask()).summary
        (asked,) = made.first.asked
    assert summary.backend == "first"
    assert {statement.evidence for statement in summary.statements} >= {("AL1[1]",), ("OBX[1]-5",)}
    assert summary.model_served == asked.ask.model
    assert (summary.usage.input_tokens, summary.usage.output_tokens) == made.first.tokens_billed
    assert not summary.warnings


@pytest.mark.parametrize("kind", CLOUDS)
@pytest.mark.parametrize("fails", [Fails.BAD_KEY, Fails.BAD_REQUEST, Fails.SERVER_ERROR])
@on_reactor
async def test_neither_key_nor_record_is_in_anything_that_a_failure_says(
    kind: str, fails: Fails, logged: list[Any]
) -> None:
    """The fakes echo what they were sent, as providers do."""
    limits = {"retries": 0}
    async with Fake(KINDS[kind].make(), [Behaviour(fails=fails)], key=FIRST_KEY) as fake:
        backend = only_backend({**KINDS[kind].settings(fake.url, FIRST_KEY), **limits})
        with pytest.raises(BackendFailure) as failed:
            await backend.summarize(REQUEST, "clinical@1", 5)
        await backend.close()
    said = everything_said(failed.value) + json.dumps(logged, default=str) + repr(backend)
    assert not [word for word in (FIRST_KEY, *PATIENT_WORDS) if word in said]


@pytest.mark.parametrize("kind", [kind for kind in CLOUDS if kind != "ollama"])  # it has no field for it
@on_reactor
async def test_a_refusal_does_not_reach_the_other_provider(kind: str) -> None:
    async with route(kind, [Behaviour(says=Says.REFUSAL)]) as made:
        with pytest.raises(BackendFailure) as failed:
            await made.ask()
        assert not made.second.asked
    assert failed.value.cause is Cause.REFUSED


@pytest.mark.parametrize(
    ("wire", "model"), [(Vertex(), "gemini-2.5-flash"), (ClaudeOnVertex(), "claude-sonnet-5-5")]
)
@on_reactor
async def test_vertex_is_asked_with_a_token_that_its_service_account_was_given(
    wire: Format, model: str, tmp_path: Path
) -> None:
    tokens = TokenServer()
    async with HttpServer(tokens) as server, Fake(wire, key="ya29.1") as fake:
        backend = on_vertex(tmp_path, server.url, fake.url, model)
        for _ in range(3):
            assert (await backend.summarize(REQUEST, "clinical@1", 5)).statements
        await backend.close()
    assert len(tokens.asked) == 1


@on_reactor
async def test_after_a_token_was_refused_the_next_call_has_another(tmp_path: Path) -> None:
    """As when the machine slept past the token's end."""
    async with HttpServer(TokenServer()) as server, Fake(Vertex(), key="ya29.2") as fake:
        backend = on_vertex(tmp_path, server.url, fake.url, "gemini-2.5-flash")
        with pytest.raises(BackendFailure) as failed:
            await backend.summarize(REQUEST, "clinical@1", 5)
        assert failed.value.cause is Cause.CREDENTIALS
        assert (await backend.summarize(REQUEST, "clinical@1", 5)).statements
        await backend.close()


@on_reactor
async def test_the_time_that_a_model_took_to_load_is_told_apart(logged: list[Any]) -> None:
    async def answer(exchange: Exchange) -> None:
        said = {"statements": [{"section": "allergies", "text": "penicillin", "evidence": ["F1"]}]}
        line = {
            "message": {"content": json.dumps(said)},
            "done": True,
            "done_reason": "stop",
            "load_duration": 95_400_000_000,
        }
        exchange.respond(Response(200, json.dumps(line).encode(), "application/x-ndjson"))

    async with HttpServer(answer) as server:
        backend = only_backend(KINDS["ollama"].settings(server.url, FIRST_KEY))
        summary = await backend.summarize(REQUEST, "clinical@1", 5)
        await backend.close()
    assert summary.load_s == 95.4
    assert {"backend": "only", "load_s": 95.4, "event": "model_loaded", "log_level": "info"} in logged


@on_reactor
async def test_a_record_that_ollama_cannot_hold_is_not_sent() -> None:
    async with Fake(KINDS["ollama"].make(), key=FIRST_KEY) as fake:
        room = {"min_context": 1024, "max_context": 1100, "max_tokens": 500}
        backend = only_backend({**KINDS["ollama"].settings(fake.url, FIRST_KEY), **room})
        with pytest.raises(BackendFailure) as failed:
            await backend.summarize(REQUEST, "clinical@1", 5)
        await backend.close()
        assert not fake.asked
    assert failed.value.cause is Cause.CONTEXT_EXCEEDED


def only_backend(settings: dict[str, Any]) -> Any:
    return backends_of(settings_of({"only": settings}, 5))["only"]


def on_vertex(folder: Path, tokens_url: str, url: str, model: str) -> Any:
    return only_backend(
        {
            "type": "vertex",
            "model": model,
            "project": "p",
            "location": "europe-west4",
            "base_url": url,
            "credentials_file": str(account_file(folder, f"{tokens_url}/token")),
        }
    )
