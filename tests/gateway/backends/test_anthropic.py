"""Anthropic's format both ways, with what it says besides an answer."""

import json
from typing import Any

import pytest

from gateway.backends.anthropic import AnthropicModel, AnthropicReader, AnthropicWire, Auth
from gateway.backends.failure import BackendFailure, Cause
from gateway.prompt.prompt import Prompt
from gateway.summary import Usage
from tests.gateway.backends.reading import PROMPT, completed, everything_said, failed

MODEL = AnthropicModel("claude-sonnet-5-5", api_key="s3cr3t")
START_USAGE = {"input_tokens": 20, "cache_creation_input_tokens": 300, "output_tokens": 1}


def sent(model: AnthropicModel, prompt: Prompt = PROMPT) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(AnthropicWire("claude", model).to_http(prompt).body)
    return body


def start(**usage: object) -> dict[str, object]:
    return {
        "type": "message_start",
        "message": {"model": "claude-sonnet-5-5-20261001", "content": [], "usage": START_USAGE | usage},
    }


def block(index: int, kind: str, *deltas: dict[str, object]) -> list[dict[str, object]]:
    opened = {"type": "content_block_start", "index": index, "content_block": {"type": kind, "text": ""}}
    between = [{"type": "content_block_delta", "index": index, "delta": delta} for delta in deltas]
    return [opened, *between, {"type": "content_block_stop", "index": index}]


def text(piece: str) -> dict[str, object]:
    return {"type": "text_delta", "text": piece}


def stopped(reason: str | None, details: object = None, **usage: object) -> dict[str, object]:
    return {
        "type": "message_delta",
        "delta": {"stop_reason": reason, "stop_sequence": None, "stop_details": details},
        "usage": {"output_tokens": 12} | usage,
    }


STOP = {"type": "message_stop"}
WHOLE = [start(), *block(0, "text", text("No known "), text("allergies")), stopped("end_turn"), STOP]


def reader(geo: str = "") -> AnthropicReader:
    return AnthropicReader("claude", geo)


def test_a_call_has_the_form_of_the_api() -> None:
    call = AnthropicWire("claude", MODEL).to_http(PROMPT)
    assert call.url == "https://api.anthropic.com/v1/messages"
    assert call.headers == {
        "accept": "text/event-stream",
        "anthropic-version": "2026-10-21",
        "authorization": "Bearer s3cr3t",
    }
    assert json.loads(call.body) == {
        "model": "claude-sonnet-5-5",
        "max_tokens": 1500,
        "stream": True,
        "system": [{"type": "text", "text": "the fixed part", "cache_control": {"type": "ephemeral"}}],
        "messages": [{"role": "user", "content": "F1 allergy: NOT known food allergies"}],
        "output_config": {"format": {"type": "json_schema", "schema": PROMPT.schema}},
    }


def test_the_older_version_and_the_older_key_header_are_a_choice() -> None:
    model = AnthropicModel("m", api_key="s3cr3t", version="2023-06-01", auth=Auth.API_KEY)
    headers = AnthropicWire("claude", model).to_http(PROMPT).headers
    assert headers["anthropic-version"] == "2023-06-01"
    assert headers["x-api-key"] == "s3cr3t"
    assert "authorization" not in headers


def test_a_server_without_a_key_is_sent_none() -> None:
    headers = AnthropicWire("local", AnthropicModel("m", "http://127.0.0.1:1/")).to_http(PROMPT).headers
    assert set(headers) == {"accept", "anthropic-version"}


@pytest.mark.parametrize(("version", "is_sent"), [("2026-10-21", False), ("2023-06-01", True)])
def test_sampling_parameters_are_never_sent_to_a_version_that_refuses_them(
    version: str, is_sent: bool
) -> None:
    body = sent(AnthropicModel("m", version=version, temperature=0.0))
    assert ("temperature" in body) is is_sent
    assert not {"top_p", "top_k"} & body.keys()


def test_what_is_not_wanted_is_not_sent_as_null() -> None:
    body = sent(AnthropicModel("m", structured_output=False, caches_prompt=False))
    assert set(body) == {"model", "max_tokens", "stream", "system", "messages"}
    assert body["system"] == [{"type": "text", "text": "the fixed part"}]


def test_residency_and_effort_are_asked_for_where_they_are_wanted() -> None:
    body = sent(AnthropicModel("m", inference_geo="us", effort="low"))
    assert body["inference_geo"] == "us"
    assert body["output_config"]["effort"] == "low"


def test_a_whole_answer_with_its_usage() -> None:
    completion = completed(reader(), WHOLE)
    assert completion.text == "No known allergies"
    assert completion.model == "claude-sonnet-5-5-20261001"
    assert completion.usage == Usage(input_tokens=320, output_tokens=12, cache_write_tokens=300)


def test_what_the_cache_served_counts_as_input_and_the_last_count_holds() -> None:
    events = [
        start(cache_creation_input_tokens=0, cache_read_input_tokens=300),
        *block(0, "text", text("x")),
        stopped(None, output_tokens=5),
        stopped("end_turn", output_tokens=40, input_tokens=21),
        STOP,
    ]
    usage = completed(reader(), events).usage
    assert usage == Usage(input_tokens=321, output_tokens=40, cache_read_tokens=300)


def test_only_text_blocks_are_the_answer() -> None:
    events = [
        start(),
        *block(
            0, "thinking", {"type": "thinking_delta", "thinking": "hm"}, {"type": "new_delta", "text": "new"}
        ),
        *block(1, "redacted_thinking"),
        *block(2, "text", text("No known ")),
        {"type": "ping"},
        *block(3, "text", text("allergies"), {"type": "citations_delta", "citation": {"text": "cited"}}),
        {"type": "something_new", "text": "new"},
        stopped("stop_sequence"),
        STOP,
    ]
    assert completed(reader(), events).text == "No known allergies"


def test_events_need_no_name_and_an_event_without_data_says_nothing() -> None:
    assert completed(reader(), [b"", *WHOLE]).text == "No known allergies"


@pytest.mark.parametrize(
    ("reason", "details", "cause", "detail"),
    [
        ("max_tokens", None, Cause.TRUNCATED, "claude: max_tokens"),
        (
            "model_context_window_exceeded",
            None,
            Cause.CONTEXT_EXCEEDED,
            "claude: model_context_window_exceeded",
        ),
        ("refusal", {"type": "refusal", "category": "bio"}, Cause.REFUSED, "claude: refusal (bio)"),
        ("refusal", {"category": None, "explanation": "Mr. Doe"}, Cause.REFUSED, "claude: refusal"),
        ("refusal", {"category": "the patient Doe"}, Cause.REFUSED, "claude: refusal"),
        ("pause_turn", None, Cause.TRUNCATED, "claude: pause_turn"),
        ("tool_use", None, Cause.GARBLED, "claude: stop_reason tool_use"),
        (None, None, Cause.GARBLED, "claude: stop_reason missing"),
    ],
)
def test_a_text_that_stopped_otherwise_is_not_an_answer(
    reason: str | None, details: object, cause: Cause, detail: str
) -> None:
    failure = failed(reader(), [start(), *block(0, "text", text("No kn")), stopped(reason, details), STOP])
    assert (failure.cause, failure.detail) == (cause, detail)
    assert failure.usage == Usage(input_tokens=320, output_tokens=12, cache_write_tokens=300)
    assert failure.may_retry is (False if cause is Cause.GARBLED else None)


@pytest.mark.parametrize("pieces", [(), ("",), (" \n",)])
def test_an_answer_without_text_is_empty(pieces: tuple[str, ...]) -> None:
    failure = failed(reader(), [start(), *block(0, "text", *map(text, pieces)), stopped("end_turn"), STOP])
    assert failure.cause is Cause.EMPTY


@pytest.mark.parametrize("kept", range(len(WHOLE)))
def test_without_its_message_stop_an_answer_is_cut(kept: int) -> None:
    """The official client takes such an answer for a whole one."""
    failure = failed(reader(), WHOLE[:kept])
    assert failure.cause is Cause.CUT
    assert failure.may_have_been_paid


def test_after_its_end_nothing_is_read() -> None:
    assert completed(reader(), [*WHOLE, b"garbage", b"[DONE]"]).text == "No known allergies"


@pytest.mark.parametrize("garbage", [b'{"type": "content_blo', b"[1]", b"hello", b"\xff"])
def test_an_event_that_cannot_be_read_fails_the_answer(garbage: bytes) -> None:
    failure = failed(reader(), [WHOLE[0], garbage])
    assert failure.cause is Cause.GARBLED


@pytest.mark.parametrize(
    ("kind", "cause"),
    [
        ("overloaded_error", Cause.OVERLOADED),
        ("rate_limit_error", Cause.RATE_LIMITED),
        ("api_error", Cause.SERVER_ERROR),
        ("timeout_error", Cause.SERVER_ERROR),
        ("invalid_request_error", Cause.BAD_REQUEST),
        ("an_error_of_next_year", Cause.SERVER_ERROR),
    ],
)
def test_an_error_within_the_stream_is_one_and_counts_as_possibly_paid(kind: str, cause: Cause) -> None:
    error = {"type": "error", "error": {"type": kind, "message": "Mr. Doe"}}
    failure = failed(reader(), [*WHOLE[:3], error])
    assert failure.cause is cause
    assert failure.usage is not None
    assert (failure.usage.input_tokens, failure.usage.calls_possibly_paid) == (320, 1)
    assert "Doe" not in everything_said(failure)
    assert failed(reader(), [error]).usage is None


def test_the_region_of_the_answer_is_told() -> None:
    events = [start(inference_geo="us"), *WHOLE[1:]]
    assert completed(reader(), events).region == "us"
    assert completed(reader("us"), events).region == "us"
    assert completed(reader("us"), [start(inference_geo="not_available"), *WHOLE[1:]]).region == ""


def test_an_answer_from_elsewhere_is_not_taken_where_residency_asks() -> None:
    failure = failed(reader("us"), [start(inference_geo="global")])
    assert failure.cause is Cause.NOT_ALLOWED
    assert failure.detail == "claude: answered in global, us was asked"
    assert failure.may_have_been_paid


def test_a_server_that_does_not_stream_is_understood() -> None:
    message = {
        "type": "message",
        "model": "m",
        "content": [{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": "No known allergies"}],
        "stop_reason": "end_turn",
        "usage": {"input_tokens": 3, "output_tokens": 4},
    }
    completion = completed(reader(), [message])
    assert (completion.text, completion.usage.input_tokens) == ("No known allergies", 3)
    assert failed(reader(), [message | {"stop_reason": "max_tokens"}]).cause is Cause.TRUNCATED


def failure(
    status: int, error: object, headers: dict[str, str] | None = None, body: bytes | None = None
) -> BackendFailure:
    said = json.dumps({"type": "error", "error": error, "request_id": "req_1"}).encode()
    return AnthropicWire("claude", MODEL).failure(status, headers or {}, said if body is None else body)


def coded(kind: str, code: str) -> dict[str, object]:
    return {"type": kind, "message": "Mr. Doe", "details": {"error_code": code}}


@pytest.mark.parametrize(
    ("status", "error", "cause"),
    [
        (400, {"type": "invalid_request_error"}, Cause.BAD_REQUEST),
        (
            400,
            {
                "type": "invalid_request_error",
                "message": "prompt is too long: 214332 tokens > 200000 maximum",
            },
            Cause.CONTEXT_EXCEEDED,
        ),
        (
            400,
            {
                "type": "invalid_request_error",
                "message": "input length and `max_tokens` exceed context limit: 198000 + 4096 > 200000",
            },
            Cause.CONTEXT_EXCEEDED,
        ),
        (
            400,
            {"type": "invalid_request_error", "message": "Output blocked by content filtering policy"},
            Cause.REFUSED,
        ),
        (
            400,
            {"type": "invalid_request_error", "message": "Your credit balance is too low to ..."},
            Cause.SPEND_LIMIT,
        ),
        (401, {"type": "authentication_error"}, Cause.CREDENTIALS),
        (402, {"type": "billing_error"}, Cause.SPEND_LIMIT),
        (402, coded("billing_error", "linked_organization_spend_limit_reached"), Cause.SPEND_LIMIT),
        (403, {"type": "permission_error"}, Cause.CREDENTIALS),
        (404, {"type": "not_found_error"}, Cause.UNKNOWN_MODEL),
        (409, {"type": "conflict_error"}, Cause.SERVER_ERROR),
        (413, {"type": "request_too_large"}, Cause.CONTEXT_EXCEEDED),
        (429, {"type": "rate_limit_error"}, Cause.RATE_LIMITED),
        (429, coded("rate_limit_error", "ramp_limit_exceeded"), Cause.RATE_LIMITED),
        (429, coded("rate_limit_error", "enforced_spend_limit_reached"), Cause.SPEND_LIMIT),
        (429, coded("rate_limit_error", "contract_spend_limit_reached"), Cause.SPEND_LIMIT),
        (500, {"type": "api_error"}, Cause.SERVER_ERROR),
        (503, coded("api_error", "cmek_key_unreachable"), Cause.SERVER_ERROR),
        (504, {"type": "timeout_error"}, Cause.SERVER_ERROR),
        (529, {"type": "overloaded_error"}, Cause.OVERLOADED),
        (529, coded("overloaded_error", "compaction_unavailable"), Cause.OVERLOADED),
        (418, {"type": "new_error"}, Cause.BAD_REQUEST),
    ],
)
def test_errors_are_told_apart_by_their_codes(status: int, error: dict[str, object], cause: Cause) -> None:
    assert failure(status, error).cause is cause


def test_an_error_is_told_by_its_codes_and_never_by_its_words() -> None:
    told = failure(429, coded("rate_limit_error", "ramp_limit_exceeded"))
    assert told.detail == "claude: HTTP 429 rate_limit_error ramp_limit_exceeded"
    assert "Doe" not in everything_said(told)
    assert "Doe" not in everything_said(failure(400, {"type": "Mr. Doe's", "message": "Doe"}))


@pytest.mark.parametrize("body", [b"", b"<html>413 Request Entity Too Large</html>", b"[]", b"null"])
def test_a_proxy_that_answers_in_its_own_words_is_told_by_its_status(body: bytes) -> None:
    told = failure(413, None, body=body)
    assert (told.cause, told.detail) == (Cause.CONTEXT_EXCEEDED, "claude: HTTP 413")
    assert failure(529, None, body=body).cause is Cause.OVERLOADED


def test_the_wait_that_the_provider_asks_for_is_told() -> None:
    limited = {"type": "rate_limit_error"}
    assert failure(429, limited, {"retry-after": "7"}).provider_retry_after_s == 7
    told = failure(429, limited, {"retry-after": "7", "retry-after-ms": "1500"})
    assert told.provider_retry_after_s == 1.5
    assert failure(429, limited).provider_retry_after_s is None


def test_whether_to_ask_again_is_what_the_provider_says_unless_the_money_is_spent() -> None:
    assert failure(500, {"type": "api_error"}, {"x-should-retry": "false"}).may_retry is False
    assert failure(400, {"type": "invalid_request_error"}, {"x-should-retry": "true"}).may_retry is True
    assert failure(500, {"type": "api_error"}).may_retry is None
    spent = coded("rate_limit_error", "enforced_spend_limit_reached")
    assert failure(429, spent, {"x-should-retry": "true"}).may_retry is False


def test_llama_cpp_on_the_same_path_is_understood() -> None:
    """Its error bodies have OpenAI's shape there too."""
    told = failure(
        400,
        None,
        body=b'{"error":{"code":400,"message":"the request exceeds ...","type":"exceed_context_size_error",'
        b'"n_prompt_tokens":6031,"n_ctx":2048}}',
    )
    assert told.cause is Cause.CONTEXT_EXCEEDED
    assert told.detail == "claude: HTTP 400 exceed_context_size_error"


def test_the_key_is_in_nothing_that_is_printed() -> None:
    wire = AnthropicWire("claude", MODEL)
    call = wire.to_http(PROMPT)
    told = wire.failure(401, {"x-api-key": "s3cr3t"}, b'{"error":{"type":"s3cr3t","message":"s3cr3t!"}}')
    assert "s3cr3t" not in repr(MODEL) + repr(wire) + repr(call)
    assert "s3cr3t!" not in everything_said(told)
