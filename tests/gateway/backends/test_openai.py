"""The format of chat completions, both ways."""

import json
from contextlib import nullcontext
from typing import Any

import pytest

from gateway.backends.failure import BackendFailure, Cause
from gateway.backends.openai import Azure, OpenAiModel, OpenAiWire
from gateway.backends.wire import Completion, StreamEvent
from gateway.errors import ErrorKind
from gateway.prompt.prompt import build_prompt
from gateway.summary import Usage
from tests.gateway.backends.asking import REQUEST

PROMPT = build_prompt(REQUEST)
KEY = "s3cr3t"
LOCAL = OpenAiModel("http://127.0.0.1:8000/v1", "m", api_key=KEY)
AZURE = OpenAiModel("", "gpt", api_key=KEY, azure=Azure("https://r.openai.azure.com/", "dep", "2024-10-21"))
USAGE = {"prompt_tokens": 7, "completion_tokens": 3, "prompt_tokens_details": {"cached_tokens": 4}}
DONE = b"[DONE]"


def body_of(model: OpenAiModel) -> dict[str, Any]:
    sent: dict[str, Any] = json.loads(OpenAiWire("b", model).to_http(PROMPT).body)
    return sent


def chunk(content: object = None, finish: str | None = None, **more: object) -> dict[str, object]:
    choice = {"index": 0, "delta": {"content": content}, "finish_reason": finish}
    return {"model": "m-2026", "choices": [choice]} | more


def read(*events: object) -> Completion:
    reader = OpenAiWire("b", LOCAL).from_http(PROMPT)
    for event in events:
        data = event if isinstance(event, bytes) else json.dumps(event).encode()
        reader.feed(StreamEvent("", data, is_stray=data.startswith(b"error:")))
    return reader.finish()


def failure_of(*events: object) -> BackendFailure:
    with pytest.raises(BackendFailure) as raised:
        read(*events)
    return raised.value


def test_the_call_has_the_wire_format() -> None:
    call = OpenAiWire("b", LOCAL).to_http(PROMPT)
    sent = json.loads(call.body)
    assert call.url == "http://127.0.0.1:8000/v1/chat/completions"
    assert call.headers == {"authorization": f"Bearer {KEY}"}
    assert [message["role"] for message in sent["messages"]] == ["system", "user"]
    assert sent["response_format"]["json_schema"]["strict"] is True
    assert (sent["stream"], sent["stream_options"]) == (True, {"include_usage": True})
    assert (sent["model"], sent["max_tokens"]) == ("m", 1500)


@pytest.mark.parametrize("host", ["api.openai.com", "eu.api.openai.com"])
def test_openai_itself_is_told_to_keep_nothing(host: str) -> None:
    sent = body_of(OpenAiModel(f"https://{host}/v1", "gpt-5"))
    assert sent["store"] is False
    assert sent["max_completion_tokens"] == 1500
    assert "store" not in body_of(LOCAL)


def test_azure_is_asked_by_deployment_and_key_header() -> None:
    call = OpenAiWire("b", AZURE).to_http(PROMPT)
    assert call.url == (
        "https://r.openai.azure.com/openai/deployments/dep/chat/completions?api-version=2024-10-21"
    )
    assert call.headers == {"api-key": KEY}
    assert "model" not in body_of(AZURE)
    assert body_of(AZURE)["max_completion_tokens"] == 1500


@pytest.mark.parametrize("model", [LOCAL, AZURE, OpenAiModel("http://h/v1", "m", structured_output=False)])
def test_nothing_is_sent_as_null(model: OpenAiModel) -> None:
    call = OpenAiWire("b", model).to_http(PROMPT)
    assert b"null" not in call.body
    assert KEY not in repr(model) + repr(call)


def test_what_one_server_alone_knows_is_sent_as_it_is() -> None:
    more = {"chat_template_kwargs": {"enable_thinking": False}, "top_p": None}
    sent = body_of(OpenAiModel("http://h/v1", "m", temperature=0, extra_body=more))
    assert sent["temperature"] == 0
    assert sent["chat_template_kwargs"] == {"enable_thinking": False}
    assert "top_p" not in sent
    assert "temperature" not in body_of(LOCAL)


def test_without_structured_output_no_format_is_asked_for() -> None:
    assert "response_format" not in body_of(OpenAiModel("http://h/v1", "m", structured_output=False))


def test_a_stream_is_joined_to_its_answer() -> None:
    answer = read(
        {"choices": [], "prompt_filter_results": [{"content_filter_results": {"hate": {"filtered": False}}}]},
        chunk("one "),
        chunk(None),
        chunk("two", content_filter_results={}),
        chunk(finish="stop"),
        {"model": "m-2026", "choices": [], "usage": USAGE},
        DONE,
    )
    assert (answer.text, answer.model) == ("one two", "m-2026")
    assert answer.usage == Usage(input_tokens=7, output_tokens=3, cache_read_tokens=4)


def test_usage_that_is_repeated_counts_once() -> None:
    answer = read(chunk("a", usage=USAGE | {"completion_tokens": 1}), chunk("b", "stop", usage=USAGE), DONE)
    assert answer.usage.output_tokens == 3
    assert answer.usage.calls == 1


def test_an_end_mark_may_be_missing_if_the_answer_says_why_it_ended() -> None:
    assert read(chunk("all", "stop")).text == "all"
    assert failure_of(chunk("ha")).cause is Cause.CUT
    assert failure_of(chunk("ha"), DONE).cause is Cause.CUT
    assert failure_of().cause is Cause.CUT


def test_what_the_model_thinks_is_no_answer() -> None:
    thought = {"choices": [{"delta": {"reasoning_content": "hm", "reasoning": "hm", "content": None}}]}
    assert read(thought, chunk("said", "stop")).text == "said"
    assert failure_of(thought, chunk(None, "stop")).cause is Cause.EMPTY


def test_a_server_may_answer_whole_and_in_blocks() -> None:
    blocks = [{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": "said"}]
    whole = {"choices": [{"message": {"content": blocks}, "finish_reason": "stop"}], "usage": USAGE}
    assert read(whole).text == "said"


@pytest.mark.parametrize(
    ("events", "cause"),
    [
        ([chunk("cut", "length")], Cause.TRUNCATED),
        ([chunk("x", "content_filter")], Cause.REFUSED),
        ([{"choices": [{"delta": {"refusal": "I cannot"}, "finish_reason": "stop"}]}], Cause.REFUSED),
        ([chunk("", "stop")], Cause.EMPTY),
        ([chunk(" \n", "stop")], Cause.EMPTY),
        ([chunk(None, "tool_calls")], Cause.GARBLED),
        ([b"{"], Cause.GARBLED),
        ([b"[]"], Cause.GARBLED),
        ([{"choices": "x"}], Cause.GARBLED),
        ([{"choices": [{"delta": "x"}]}], Cause.GARBLED),
        ([{"usage": {"prompt_tokens": "x"}}], Cause.GARBLED),
        ([chunk("x"), {"error": {"message": "m", "type": "server_error"}}], Cause.SERVER_ERROR),
        ([chunk("x"), {"error": {"message": "m", "code": 429}}], Cause.RATE_LIMITED),
        ([chunk("x"), {"error": {"message": "m", "code": "content_filter"}}], Cause.REFUSED),
        ([chunk("x"), {"error": "boom"}], Cause.SERVER_ERROR),
        ([{"object": "error", "message": "m", "code": 400}], Cause.BAD_REQUEST),
        ([b'error: {"code":503,"type":"unavailable_error"}'], Cause.OVERLOADED),
    ],
)
def test_what_is_not_a_finished_answer_is_a_failure(events: list[object], cause: Cause) -> None:
    failure = failure_of(*events)
    assert failure.cause is cause
    assert "I cannot" not in failure.detail


@pytest.mark.parametrize("key", ["content_filter_results", "content_filter_result"])
@pytest.mark.parametrize(
    "result", [{"error": {"code": "content_filter_error"}}, {"hate": {"filtered": True}}]
)
def test_text_that_azure_did_not_filter_is_not_taken(key: str, result: object) -> None:
    choice = {"delta": {"content": "text"}, "finish_reason": "stop", key: result}
    assert failure_of({"choices": [choice]}).cause is Cause.REFUSED


def test_a_failure_keeps_the_usage_that_was_told() -> None:
    failure = failure_of(chunk("cut", "length"), {"choices": [], "usage": USAGE})
    assert failure.usage is not None
    assert failure.usage.output_tokens == 3
    assert not failure.may_have_been_paid


def test_lines_that_are_nothing_are_passed_over() -> None:
    assert read(b"error: no JSON", chunk("all", "stop")).text == "all"


@pytest.mark.parametrize(
    ("status", "body", "cause"),
    [
        (500, b"<html>", Cause.SERVER_ERROR),
        (500, b"[1]", Cause.SERVER_ERROR),
        (429, b'{"error":{"code":"rate_limit_exceeded"}}', Cause.RATE_LIMITED),
        (429, b'{"error":{"code":"insufficient_quota"}}', Cause.SPEND_LIMIT),
        (400, b'{"error":{"code":"context_length_exceeded"}}', Cause.CONTEXT_EXCEEDED),
        (400, b'{"error":{"code":400,"type":"exceed_context_size_error"}}', Cause.CONTEXT_EXCEEDED),
        (
            400,
            b'{"object":"error","message":"This model\'s maximum context length is 9"}',
            Cause.CONTEXT_EXCEEDED,
        ),
        (400, b'{"error":{"code":"content_filter"}}', Cause.REFUSED),
        (400, b'{"error":{"code":null,"innererror":{"code":"ResponsibleAIPolicyViolation"}}}', Cause.REFUSED),
        (400, b'{"error":{"type":"invalid_request_error"}}', Cause.BAD_REQUEST),
        (401, b'{"error":{"code":"401"}}', Cause.CREDENTIALS),
        (404, b'{"error":{"code":"DeploymentNotFound"}}', Cause.UNKNOWN_MODEL),
        (503, b'{"error":{"code":503,"type":"unavailable_error"}}', Cause.OVERLOADED),
        (503, b'{"error":{"message":"m","type":"server_error","code":"overloaded"}}', Cause.OVERLOADED),
        (400, b'{"error":"text"}', Cause.BAD_REQUEST),
    ],
)
def test_what_a_failed_call_means(status: int, body: bytes, cause: Cause) -> None:
    assert OpenAiWire("b", LOCAL).failure(status, {}, body).cause is cause


def test_a_failed_call_repeats_nothing_of_the_answer() -> None:
    body = b'{"error":{"code":"Jane Doe","message":"Jane Doe","type":"invalid_request_error"}}'
    failure = OpenAiWire("b", LOCAL).failure(400, {"retry-after": "2", "x-should-retry": "false"}, body)
    assert failure.detail == "b: HTTP 400 invalid_request_error"
    assert (failure.provider_retry_after_s, failure.may_retry) == (2, False)
    assert failure.kind is ErrorKind.BACKEND_UNAVAILABLE


def test_hundreds_of_chunks_of_one_form_and_one_of_another_among_them_are_all_read() -> None:
    said = [*(f' {number}\n"mg"' for number in range(300)), "\U0001f600"]
    chunks = [chunk(text) for text in said]
    chunks.insert(200, chunk("?", usage=USAGE))
    completion = read(*chunks, chunk(finish="stop"), DONE)
    assert completion.text == "".join([*said[:200], "?", *said[200:]])
    assert completion.usage.output_tokens == 3


def test_an_error_is_heard_behind_chunks_of_one_form() -> None:
    assert failure_of(*[chunk("a")] * 9, {"error": {"type": "server_error"}}).cause is Cause.SERVER_ERROR
    assert failure_of(*[chunk("a")] * 9, chunk("a", finish="content_filter")).cause is Cause.REFUSED
    reader = OpenAiWire("b", LOCAL).from_http(PROMPT)
    said = json.dumps(chunk("a")).encode()
    for name in ("", "", "error"):
        with pytest.raises(BackendFailure) if name else nullcontext():
            reader.feed(StreamEvent(name, said))
