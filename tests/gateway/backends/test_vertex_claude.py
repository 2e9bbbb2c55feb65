"""Claude on Vertex AI: Anthropic's words, Google's door."""

import json

import pytest

from gateway.backends.anthropic import AnthropicModel
from gateway.backends.failure import BackendFailure, Cause
from gateway.backends.google_endpoint import GoogleEndpoint
from gateway.backends.vertex_claude import VertexClaudeModel, VertexClaudeWire
from tests.gateway.backends.reading import PROMPT, completed, everything_said, failed
from tests.gateway.backends.test_anthropic import WHOLE, start

MODEL = VertexClaudeModel(
    GoogleEndpoint("p", "eu"),
    AnthropicModel("claude-sonnet-5-5", api_key="never sent"),
    access_token="s3cr3t",
)
WIRE = VertexClaudeWire("claude", MODEL)
GOOGLES = {"error": {"code": 429, "message": "Mr. Doe", "status": "RESOURCE_EXHAUSTED"}}
ANTHROPICS = {"type": "error", "error": {"type": "overloaded_error", "message": "Mr. Doe"}}


def test_a_call_is_anthropics_without_model_and_version_header() -> None:
    call = WIRE.to_http(PROMPT)
    host = "https://aiplatform.eu.rep.googleapis.com"
    path = "/v1/projects/p/locations/eu/publishers/anthropic/models/claude-sonnet-5-5:streamRawPredict"
    assert call.url == host + path
    assert call.headers == {"accept": "text/event-stream", "authorization": "Bearer s3cr3t"}
    body = json.loads(call.body)
    assert body["anthropic_version"] == "2026-10-21"
    assert body["stream"] is True
    assert not {"model", "inference_geo", "temperature"} & body.keys()
    assert "never sent" not in call.body.decode()


def test_the_answer_is_anthropics() -> None:
    assert completed(WIRE.from_http(PROMPT), WHOLE).text == "No known allergies"
    assert failed(WIRE.from_http(PROMPT), WHOLE[:-1]).cause is Cause.CUT


@pytest.mark.parametrize(("named", "told"), [("eu", ""), ("global", "global"), ("not_available", "")])
def test_a_region_is_told_where_it_contradicts_the_location(named: str, told: str) -> None:
    events = [start(inference_geo=named), *WHOLE[1:]]
    assert completed(WIRE.from_http(PROMPT), events).region == told


@pytest.mark.parametrize(
    ("error", "cause"),
    [(GOOGLES, Cause.RATE_LIMITED), ([GOOGLES], Cause.RATE_LIMITED), (ANTHROPICS, Cause.OVERLOADED)],
)
def test_an_error_within_the_stream_may_be_of_either(error: object, cause: Cause) -> None:
    failure = failed(WIRE.from_http(PROMPT), [*WHOLE[:2], error])
    assert failure.cause is cause
    assert "Doe" not in everything_said(failure)


def failure(status: int, answer: object) -> BackendFailure:
    return WIRE.failure(status, {}, json.dumps(answer).encode())


@pytest.mark.parametrize(
    ("status", "answer", "cause"),
    [
        (429, GOOGLES, Cause.RATE_LIMITED),
        (403, [{"error": {"code": 403, "status": "PERMISSION_DENIED"}}], Cause.CREDENTIALS),
        (529, ANTHROPICS, Cause.OVERLOADED),
        (
            400,
            {"type": "error", "error": {"type": "invalid_request_error", "message": "prompt is too long"}},
            Cause.CONTEXT_EXCEEDED,
        ),
        (502, None, Cause.SERVER_ERROR),
    ],
)
def test_an_error_may_be_of_either(status: int, answer: object, cause: Cause) -> None:
    assert failure(status, answer).cause is cause


def test_the_token_is_in_nothing_that_is_printed() -> None:
    assert "s3cr3t" not in repr(MODEL) + repr(WIRE) + repr(WIRE.to_http(PROMPT))
