"""Ollama's format both ways, and the prompt that it cuts without a word."""

import json
from dataclasses import replace
from typing import Any

import pytest

from gateway.backends.failure import BackendFailure, Cause
from gateway.backends.ollama import OllamaModel, OllamaReader, OllamaWire, Sent
from gateway.prompt.prompt import Prompt
from gateway.summary import Usage
from tests.gateway.backends.reading import PROMPT, completed, everything_said, failed

MODEL = OllamaModel("llama3.1:8b")


def sent(model: OllamaModel, prompt: Prompt = PROMPT) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(OllamaWire("ward", model).to_http(prompt).body)
    return body


def reader(record_bytes: int = 0, context: int = 8192, *, allow_remote: bool = False) -> OllamaReader:
    return OllamaReader("ward", Sent(record_bytes, context), allow_remote=allow_remote)


def line(content: str, **more: object) -> dict[str, object]:
    return {
        "model": "llama3.1:8b",
        "message": {"role": "assistant", "content": content},
        "done": False,
    } | more


def last(reason: str | None = "stop", read: int = 120, **more: object) -> dict[str, object]:
    counts = {"prompt_eval_count": read, "eval_count": 9, "load_duration": 90_000_000_000}
    return line("", done=True, **({"done_reason": reason} if reason is not None else {}), **counts) | more


WHOLE = [line("No known "), line("allergies"), last()]


def test_a_call_says_all_that_would_be_silently_wrong_otherwise() -> None:
    call = OllamaWire("ward", MODEL).to_http(PROMPT)
    assert call.url == "http://127.0.0.1:11434/api/chat"
    assert call.headers == {}
    assert json.loads(call.body) == {
        "model": "llama3.1:8b",
        "messages": [
            {"role": "system", "content": "the fixed part"},
            {"role": "user", "content": "F1 allergy: NOT known food allergies"},
        ],
        "stream": True,
        "truncate": False,
        "shift": False,
        "think": False,
        "keep_alive": "30m",
        "options": {"num_ctx": 8192, "num_predict": 1500, "temperature": 0.0},
        "format": PROMPT.schema,
    }


def test_what_is_not_wanted_is_not_sent_as_null() -> None:
    body = sent(OllamaModel("m", structured_output=False, temperature=None))
    assert "format" not in body
    assert body["options"] == {"num_ctx": 8192, "num_predict": 1500}


def test_a_proxy_in_front_may_want_a_key() -> None:
    model = OllamaModel("m", "http://127.0.0.1:1/", api_key="s3cr3t")
    call = OllamaWire("ward", model).to_http(PROMPT)
    assert call.headers == {"authorization": "Bearer s3cr3t"}
    assert "s3cr3t" not in repr(model) + repr(call)


@pytest.mark.parametrize(
    ("input_tokens", "context"),
    [(10, 8192), (6436, 8192), (6437, 16384), (20_000, 32768), (31_012, 32768)],
)
def test_the_context_holds_prompt_and_answer_in_few_sizes(input_tokens: int, context: int) -> None:
    assert sent(MODEL, replace(PROMPT, input_tokens=input_tokens))["options"]["num_ctx"] == context


def test_the_largest_context_need_not_be_a_doubling() -> None:
    model = OllamaModel("m", max_context=20_000)
    assert sent(model, replace(PROMPT, input_tokens=10_000))["options"]["num_ctx"] == 16384
    assert sent(model, replace(PROMPT, input_tokens=18_000))["options"]["num_ctx"] == 20_000


def test_what_does_not_fit_is_not_sent() -> None:
    with pytest.raises(BackendFailure) as failure:
        sent(MODEL, replace(PROMPT, input_tokens=31_013))
    assert failure.value.cause is Cause.CONTEXT_EXCEEDED
    assert failure.value.detail == "ward: 32769 tokens of 32768"
    assert not failure.value.may_have_been_paid


@pytest.mark.parametrize("name", ["gpt-oss:120b-cloud", "glm-4.6:cloud"])
def test_a_model_in_the_cloud_is_not_asked_unless_allowed(name: str) -> None:
    with pytest.raises(BackendFailure) as failure:
        sent(OllamaModel(name))
    assert failure.value.cause is Cause.NOT_ALLOWED
    assert sent(OllamaModel(name, allow_remote=True))["model"] == name
    assert sent(OllamaModel("cloudy:8b"))["model"] == "cloudy:8b"


@pytest.mark.parametrize("where", [{"remote_host": "https://ollama.com:443"}, {"remote_model": "big"}])
def test_an_answer_from_elsewhere_is_not_taken_unless_allowed(where: dict[str, object]) -> None:
    events = [each | where for each in WHOLE]
    assert failed(reader(), events[:1]).cause is Cause.NOT_ALLOWED
    assert completed(reader(allow_remote=True), events).text == "No known allergies"


def test_a_whole_answer_with_its_usage() -> None:
    completion = completed(reader(), WHOLE)
    assert completion.text == "No known allergies"
    assert completion.model == "llama3.1:8b"
    assert completion.usage == Usage(input_tokens=120, output_tokens=9)
    assert completion.load_s == 90


def test_a_server_that_does_not_stream_is_understood() -> None:
    assert completed(reader(), [last() | line("x", done=True)]).text == "x"


@pytest.mark.parametrize(
    ("reason", "cause"),
    [
        ("length", Cause.TRUNCATED),
        ("load", Cause.SERVER_ERROR),
        ("unload", Cause.SERVER_ERROR),
        ("", Cause.CUT),
        (None, Cause.CUT),
        ("a reason", Cause.CUT),
        ("new", Cause.GARBLED),
    ],
)
def test_only_stop_is_a_whole_answer(reason: str | None, cause: Cause) -> None:
    failure = failed(reader(), [line("No kn"), last(reason)])
    assert failure.cause is cause
    assert failure.usage == Usage(input_tokens=120, output_tokens=9)


@pytest.mark.parametrize("kept", range(len(WHOLE)))
def test_without_its_last_line_an_answer_is_cut(kept: int) -> None:
    failure = failed(reader(), WHOLE[:kept])
    assert failure.cause is Cause.CUT
    assert failure.may_have_been_paid


@pytest.mark.parametrize("reason", ["stop", "length"])
def test_thoughts_are_not_the_answer(reason: str) -> None:
    thought = line("", message={"role": "assistant", "content": "", "thinking": "hm"})
    failure = failed(reader(), [thought, last(reason)])
    assert failure.cause is (Cause.EMPTY if reason == "stop" else Cause.TRUNCATED)
    assert "thoughts" in failure.detail
    assert completed(reader(), [thought, *WHOLE]).text == "No known allergies"


def test_an_answer_without_text_is_empty() -> None:
    assert failed(reader(), [line(" "), last()]).cause is Cause.EMPTY


@pytest.mark.parametrize("garbage", [b'{"message": {"con', b"[]", b"hello", b'"x"'])
def test_a_line_that_cannot_be_read_fails_the_answer(garbage: bytes) -> None:
    assert failed(reader(), [WHOLE[0], garbage]).cause is Cause.GARBLED


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        ("an error was encountered while running the model: Mr. Doe", Cause.SERVER_ERROR),
        ("the prompt is longer than the context length Mr. Doe", Cause.CONTEXT_EXCEEDED),
        ({"message": "Mr. Doe"}, Cause.SERVER_ERROR),
    ],
)
def test_an_error_line_within_the_stream_is_one(error: object, cause: Cause) -> None:
    failure = failed(reader(), [WHOLE[0], {"error": error}])
    assert (failure.cause, failure.detail) == (cause, "ward: an error in the stream")
    assert "Doe" not in everything_said(failure)


@pytest.mark.parametrize(
    ("record_bytes", "context", "read", "is_cut"),
    [
        (40_000, 16384, 10_000, False),  # 4 bytes a token, as usual
        (40_000, 16384, 14_000, False),  # digits and abbreviations: many tokens
        (40_000, 16384, 6_000, False),  # long plain words
        (40_000, 16384, 4_999, True),  # 8 bytes a token: no language has that
        (40_000, 16384, 8_194, True),  # half of the context and 2
        (40_000, 16384, 4_098, True),  # of a model whose own context is 8192
        (12_000, 8192, 2_050, True),
        (12_000, 8192, 2_051, False),
        (8_000, 8192, 2_050, False),  # as many as were sent
        (40_000, 16384, 0, False),  # served from the cache
        (40_000, 16384, 17, False),
    ],
)
def test_a_prompt_that_was_cut_is_noticed_by_what_was_read(
    record_bytes: int, context: int, read: int, is_cut: bool
) -> None:
    events = [WHOLE[0], last(read=read)]
    if not is_cut:
        assert completed(reader(record_bytes, context), events).text == "No known "
        return
    failure = failed(reader(record_bytes, context), events)
    assert failure.cause is Cause.INPUT_CUT
    assert failure.detail == f"ward: {read} tokens were read of {record_bytes} bytes"


def test_the_comparison_can_be_left_out() -> None:
    prompt = replace(PROMPT, user="x" * 40_000, input_tokens=10_000)
    events = [WHOLE[0], last(read=4_999)]
    assert failed(OllamaWire("ward", MODEL).from_http(prompt), events).cause is Cause.INPUT_CUT
    unchecked = OllamaWire("ward", OllamaModel("m", checks_input=False))
    assert completed(unchecked.from_http(prompt), events).text == "No known "


@pytest.mark.parametrize(
    ("status", "body", "cause"),
    [
        (400, {"error": "invalid format"}, Cause.BAD_REQUEST),
        (
            400,
            {"error": "the prompt is longer than the context length of the model"},
            Cause.CONTEXT_EXCEEDED,
        ),
        (
            400,
            {"error": {"message": "the request exceeds the available context size"}},
            Cause.CONTEXT_EXCEEDED,
        ),
        (401, {"error": "unauthorized"}, Cause.CREDENTIALS),
        (404, {"error": 'model "m" not found, try pulling it first'}, Cause.UNKNOWN_MODEL),
        (429, {"error": "too many concurrent requests"}, Cause.RATE_LIMITED),
        (429, {"error": "you have reached your weekly usage limit"}, Cause.SPEND_LIMIT),
        (500, {"error": "llama runner process has terminated"}, Cause.SERVER_ERROR),
        (502, {"error": "bad gateway"}, Cause.SERVER_ERROR),
        (
            503,
            {"error": "server busy, please try again. maximum pending requests exceeded"},
            Cause.OVERLOADED,
        ),
        (404, "404 page not found", Cause.UNKNOWN_MODEL),
    ],
)
def test_errors_are_sentences_read_by_status_and_topic(status: int, body: object, cause: Cause) -> None:
    told = OllamaWire("ward", MODEL).failure(status, {"retry-after": "2"}, json.dumps(body).encode())
    assert (told.cause, told.detail, told.provider_retry_after_s) == (cause, f"ward: HTTP {status}", 2)
