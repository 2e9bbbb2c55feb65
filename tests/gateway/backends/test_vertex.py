"""Gemini on Vertex AI: format both ways, and all the ways in which an answer is none."""

import json
from typing import Any

import pytest

from gateway.backends.failure import BackendFailure, Cause
from gateway.backends.google_endpoint import GoogleEndpoint
from gateway.backends.vertex import VertexModel, VertexReader, VertexWire
from gateway.backends.wire import StreamEvent
from gateway.summary import Usage
from tests.gateway.backends.reading import PROMPT, completed, everything_said, failed

ENDPOINT = GoogleEndpoint("p", "europe-west4")
MODEL = VertexModel(ENDPOINT, "gemini-2.5-flash")
USAGE = {
    "promptTokenCount": 120,
    "cachedContentTokenCount": 100,
    "candidatesTokenCount": 9,
    "thoughtsTokenCount": 5,
    "totalTokenCount": 134,
}
COUNTED = Usage(input_tokens=120, output_tokens=14, cache_read_tokens=100)


def sent(model: VertexModel) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(VertexWire("gemini", model).to_http(PROMPT).body)
    return body


def reader() -> VertexReader:
    return VertexReader("gemini")


def chunk(*parts: dict[str, object], finish: str | None = None, **more: object) -> dict[str, object]:
    candidate: dict[str, object] = {"index": 0, "content": {"role": "model", "parts": list(parts)}}
    if finish:
        candidate["finishReason"] = finish
    return {"candidates": [candidate], "modelVersion": "gemini-2.5-flash-001", **more}


WHOLE = [
    chunk({"text": "No known "}, usageMetadata={"promptTokenCount": 120}),
    chunk({"text": "allergies"}),
    chunk(finish="STOP", usageMetadata=USAGE),
]


@pytest.mark.parametrize(
    ("location", "host"),
    [
        ("us-central1", "us-central1-aiplatform.googleapis.com"),
        ("us", "aiplatform.us.rep.googleapis.com"),
        ("eu", "aiplatform.eu.rep.googleapis.com"),
        ("global", "aiplatform.googleapis.com"),
    ],
)
def test_the_host_follows_from_the_location(location: str, host: str) -> None:
    url = GoogleEndpoint("p", location).url("google", "m", "streamGenerateContent")
    path = f"/v1/projects/p/locations/{location}/publishers/google/models/m:streamGenerateContent"
    assert url == f"https://{host}{path}"


def test_a_private_endpoint_and_another_version_are_a_choice() -> None:
    endpoint = GoogleEndpoint("p", "eu", "http://127.0.0.1:1/", "v1beta1")
    assert endpoint.url("google", "m", "x").startswith("http://127.0.0.1:1/v1beta1/projects/p/locations/eu/")


def test_a_call_has_the_form_of_the_api() -> None:
    model = VertexModel(ENDPOINT, "gemini-2.5-flash", access_token="s3cr3t", quota_project="q")
    call = VertexWire("gemini", model).to_http(PROMPT)
    assert call.url.endswith("/models/gemini-2.5-flash:streamGenerateContent?alt=sse")
    assert call.headers == {
        "accept": "text/event-stream",
        "authorization": "Bearer s3cr3t",
        "x-goog-user-project": "q",
    }
    assert json.loads(call.body) == {
        "systemInstruction": {"role": "user", "parts": [{"text": "the fixed part"}]},
        "contents": [{"role": "user", "parts": [{"text": "F1 allergy: NOT known food allergies"}]}],
        "safetySettings": [
            {"category": f"HARM_CATEGORY_{harm}", "threshold": "OFF"}
            for harm in ("HARASSMENT", "HATE_SPEECH", "SEXUALLY_EXPLICIT", "DANGEROUS_CONTENT")
        ],
        "generationConfig": {
            "candidateCount": 1,
            "maxOutputTokens": 1500,
            "thinkingConfig": {"thinkingBudget": 0, "includeThoughts": False},
            "responseMimeType": "application/json",
            "responseJsonSchema": PROMPT.schema,
        },
    }


def test_a_token_that_is_fetched_is_not_the_wires_to_add() -> None:
    assert set(VertexWire("gemini", MODEL).to_http(PROMPT).headers) == {"accept"}


def test_the_filters_strength_is_what_the_operator_says() -> None:
    settings = sent(VertexModel(ENDPOINT, "m", safety_threshold="BLOCK_ONLY_HIGH"))["safetySettings"]
    assert {each["threshold"] for each in settings} == {"BLOCK_ONLY_HIGH"}


@pytest.mark.parametrize(
    ("model", "thinking", "config", "room"),
    [
        ("gemini-2.5-flash", "least", {"thinkingBudget": 0}, 1500),
        ("gemini-2.5-pro", "least", {"thinkingBudget": 128}, 1628),
        ("gemini-3-pro", "least", {"thinkingLevel": "low"}, 1500),
        ("gemini-2.5-flash", 1024, {"thinkingBudget": 1024}, 2524),
        ("gemini-3-flash", "minimal", {"thinkingLevel": "minimal"}, 1500),
    ],
)
def test_thoughts_are_few_and_have_room_beside_the_answer(
    model: str, thinking: int | str, config: dict[str, object], room: int
) -> None:
    generation = sent(VertexModel(ENDPOINT, model, thinking=thinking))["generationConfig"]
    assert generation["thinkingConfig"] == config | {"includeThoughts": False}
    assert generation["maxOutputTokens"] == room


def test_what_is_not_wanted_is_not_sent_as_null() -> None:
    generation = sent(VertexModel(ENDPOINT, "m", thinking="model", structured_output=False))
    assert generation["generationConfig"] == {"candidateCount": 1, "maxOutputTokens": 1500}


def test_a_whole_answer_with_its_usage() -> None:
    completion = completed(reader(), WHOLE)
    assert completion.text == "No known allergies"
    assert completion.model == "gemini-2.5-flash-001"
    assert completion.usage == COUNTED


def test_a_server_that_does_not_stream_is_understood() -> None:
    assert completed(reader(), [chunk({"text": "x"}, finish="STOP")]).text == "x"
    assert completed(reader(), [WHOLE]).text == "No known allergies"  # the array without `alt=sse`
    assert completed(reader(), [WHOLE]).usage == COUNTED


def test_thoughts_are_not_the_answer() -> None:
    events = [
        chunk({"text": "hm", "thought": True}),
        chunk({"text": "No known ", "thought": False}, {"text": "allergies", "thoughtSignature": "c2ln"}),
        chunk({"inlineData": {"data": "QQ=="}}, finish="STOP"),
    ]
    assert completed(reader(), events).text == "No known allergies"


def test_only_the_first_candidate_is_read() -> None:
    first, second = chunk({"text": "first"}, finish="STOP"), chunk({"text": "second"}, finish="STOP")
    both = {"candidates": [*first["candidates"], *second["candidates"]]}  # type: ignore[misc]
    assert completed(reader(), [both]).text == "first"


@pytest.mark.parametrize(
    ("reason", "cause"),
    [
        ("MAX_TOKENS", Cause.TRUNCATED),
        ("CONTINUATION", Cause.TRUNCATED),
        ("SAFETY", Cause.REFUSED),
        ("RECITATION", Cause.REFUSED),
        ("BLOCKLIST", Cause.REFUSED),
        ("PROHIBITED_CONTENT", Cause.REFUSED),
        ("SPII", Cause.REFUSED),
        ("MODEL_ARMOR", Cause.REFUSED),
        ("ESCALATION", Cause.REFUSED),
        ("OTHER", Cause.REFUSED),
        ("IMAGE_SAFETY", Cause.REFUSED),
        ("LANGUAGE", Cause.BAD_REQUEST),
        ("PUP_LIMITED_DISABLED", Cause.CREDENTIALS),
        ("MALFORMED_RESPONSE", Cause.GARBLED),
        ("MALFORMED_FUNCTION_CALL", Cause.GARBLED),
        ("UNEXPECTED_TOOL_CALL", Cause.GARBLED),
        ("FINISH_REASON_UNSPECIFIED", Cause.GARBLED),
        ("A_REASON_OF_NEXT_YEAR", Cause.GARBLED),
    ],
)
def test_only_stop_is_a_whole_answer(reason: str, cause: Cause) -> None:
    failure = failed(reader(), [*WHOLE[:2], chunk(finish=reason, usageMetadata=USAGE)])
    assert failure.cause is cause
    assert reason in failure.detail
    assert failure.usage == COUNTED


def test_an_answer_to_be_continued_says_what_is_missing() -> None:
    failure = failed(reader(), [chunk({"text": "No kn"}, finish="CONTINUATION", continuationToken="dG9r")])
    assert failure.detail == "gemini: CONTINUATION: the rest needs another request, which is not made"


@pytest.mark.parametrize(
    "reason", ["SAFETY", "OTHER", "BLOCKLIST", "PROHIBITED_CONTENT", "MODEL_ARMOR", "JAILBREAK"]
)
def test_a_blocked_prompt_is_a_refusal_although_its_status_is_200(reason: str) -> None:
    feedback = {"blockReason": reason, "blockReasonMessage": "Mr. Doe", "safetyRatings": []}
    failure = failed(reader(), [{"promptFeedback": feedback, "usageMetadata": {"promptTokenCount": 120}}])
    assert (failure.cause, failure.detail) == (Cause.REFUSED, f"gemini: the prompt is blocked: {reason}")
    assert failure.usage == Usage(input_tokens=120)
    assert "Doe" not in everything_said(failure)


def test_thoughts_that_ate_the_answer_are_named() -> None:
    """As seen: MAX_TOKENS, and a content without parts."""
    usage = {"promptTokenCount": 120, "thoughtsTokenCount": 2999}
    last = {
        "candidates": [{"content": {"role": "model"}, "finishReason": "MAX_TOKENS"}],
        "usageMetadata": usage,
    }
    failure = failed(reader(), [last])
    assert (failure.cause, failure.detail) == (
        Cause.TRUNCATED,
        "gemini: MAX_TOKENS, 2999 tokens of thoughts",
    )
    assert failure.usage == Usage(input_tokens=120, output_tokens=2999)


@pytest.mark.parametrize(
    "candidate",
    [
        {"finishReason": "STOP"},
        {"finishReason": "STOP", "content": {"role": "model"}},
        {"finishReason": "STOP", "content": {"parts": []}},
        {"finishReason": "STOP", "content": {"parts": [{"text": " "}]}},
        {"finishReason": "STOP", "content": {"parts": [{"text": "hm", "thought": True}]}},
    ],
)
def test_stop_without_text_is_empty(candidate: dict[str, object]) -> None:
    assert failed(reader(), [{"candidates": [candidate]}]).cause is Cause.EMPTY


@pytest.mark.parametrize("events", [[], WHOLE[:1], WHOLE[:2], [{"candidates": []}], [{}]])
def test_without_a_finish_reason_an_answer_is_cut(events: list[object]) -> None:
    failure = failed(reader(), events)
    assert failure.cause is Cause.CUT
    assert failure.may_have_been_paid


@pytest.mark.parametrize("garbage", [b'{"candidates": [', b"3", b"[3]", b"hello"])
def test_an_event_that_cannot_be_read_fails_the_answer(garbage: bytes) -> None:
    assert failed(reader(), [WHOLE[0], garbage]).cause is Cause.GARBLED


QUOTA = {"error": {"code": 429, "message": "Mr. Doe", "status": "RESOURCE_EXHAUSTED"}}


@pytest.mark.parametrize("data", [json.dumps(QUOTA), json.dumps([QUOTA]), json.dumps(QUOTA, indent=2)])
@pytest.mark.parametrize("is_stray", [False, True])
def test_an_error_within_the_stream_is_one_in_each_of_its_forms(data: str, is_stray: bool) -> None:
    """An event, a list of one, and pretty-printed lines without `data:`."""
    broken = reader()
    broken.feed(StreamEvent("", json.dumps(WHOLE[0]).encode()))
    with pytest.raises(BackendFailure) as raised:
        broken.feed(StreamEvent("", data.encode(), is_stray))
    assert raised.value.cause is Cause.RATE_LIMITED
    assert raised.value.detail == "gemini: in the stream RESOURCE_EXHAUSTED"
    assert raised.value.usage == Usage(input_tokens=120)
    assert "Doe" not in everything_said(raised.value)


def failure(
    status: int, error: object, headers: dict[str, str] | None = None, *, as_list: bool = False
) -> BackendFailure:
    body = [{"error": error}] if as_list else {"error": error}
    return VertexWire("gemini", MODEL).failure(status, headers or {}, json.dumps(body).encode())


RPC = "type.googleapis.com/google.rpc."


@pytest.mark.parametrize("as_list", [False, True])
@pytest.mark.parametrize(
    ("status", "code", "cause"),
    [
        (400, "INVALID_ARGUMENT", Cause.BAD_REQUEST),
        (400, "FAILED_PRECONDITION", Cause.BAD_REQUEST),
        (401, "UNAUTHENTICATED", Cause.CREDENTIALS),
        (403, "PERMISSION_DENIED", Cause.CREDENTIALS),
        (404, "NOT_FOUND", Cause.UNKNOWN_MODEL),
        (429, "RESOURCE_EXHAUSTED", Cause.RATE_LIMITED),
        (499, "CANCELLED", Cause.SERVER_ERROR),
        (500, "INTERNAL", Cause.SERVER_ERROR),
        (503, "UNAVAILABLE", Cause.OVERLOADED),
        (503, "unavailable", Cause.OVERLOADED),
        (504, "DEADLINE_EXCEEDED", Cause.SERVER_ERROR),
        (429, "", Cause.RATE_LIMITED),
        (413, "", Cause.CONTEXT_EXCEEDED),
    ],
)
def test_errors_are_told_apart_by_googles_codes(status: int, code: str, cause: Cause, as_list: bool) -> None:
    told = failure(status, {"code": status, "message": "Mr. Doe", "status": code}, as_list=as_list)
    assert told.cause is cause
    assert told.detail == f"gemini: HTTP {status} {code.upper()}".strip()
    assert "Doe" not in everything_said(told)


def test_a_prompt_that_is_too_long_is_told_from_a_wrong_one() -> None:
    message = "The input token count (1048600) exceeds the maximum number of tokens allowed (1048576)."
    told = failure(400, {"code": 400, "message": message, "status": "INVALID_ARGUMENT"})
    assert told.cause is Cause.CONTEXT_EXCEEDED
    assert not told.may_have_been_paid


@pytest.mark.parametrize("body", [b"", b"<html>502</html>", b"[]", b"null", b'{"error": "text"}'])
def test_a_proxy_that_answers_in_its_own_words_is_told_by_its_status(body: bytes) -> None:
    told = VertexWire("gemini", MODEL).failure(502, {}, body)
    assert (told.cause, told.detail) == (Cause.SERVER_ERROR, "gemini: HTTP 502")


def test_the_wait_is_in_the_body_or_else_in_the_header() -> None:
    error: dict[str, object] = {"code": 429, "status": "RESOURCE_EXHAUSTED"}
    retry_info = [{"@type": f"{RPC}Help"}, {"@type": f"{RPC}RetryInfo", "retryDelay": "17.250s"}]
    assert failure(429, error | {"details": retry_info}).provider_retry_after_s == 17.25
    assert failure(429, error, {"retry-after": "3"}).provider_retry_after_s == 3
    assert failure(429, error).provider_retry_after_s is None


@pytest.mark.parametrize(
    "detail",
    [
        {"@type": f"{RPC}QuotaFailure", "violations": [{"quotaId": "GenerateRequestsPerDayPerProject"}]},
        {"@type": f"{RPC}ErrorInfo", "metadata": {"quota_limit": "RequestsPerDay"}},
    ],
)
def test_a_quota_of_a_day_is_not_back_in_a_minute(detail: dict[str, object]) -> None:
    told = failure(429, {"code": 429, "status": "RESOURCE_EXHAUSTED", "details": [detail]})
    assert (told.cause, told.may_retry) == (Cause.SPEND_LIMIT, False)


def test_a_quota_of_a_minute_is() -> None:
    detail = {"@type": f"{RPC}QuotaFailure", "violations": [{"quotaId": "GenerateRequestsPerMinute"}]}
    told = failure(429, {"code": 429, "status": "RESOURCE_EXHAUSTED", "details": [detail]})
    assert told.cause is Cause.RATE_LIMITED


def test_a_project_that_does_not_pay_has_spent_its_money() -> None:
    detail = {"@type": f"{RPC}ErrorInfo", "reason": "BILLING_DISABLED", "domain": "googleapis.com"}
    told = failure(403, {"code": 403, "status": "PERMISSION_DENIED", "details": [detail]})
    assert told.cause is Cause.SPEND_LIMIT
    assert told.detail == "gemini: HTTP 403 PERMISSION_DENIED BILLING_DISABLED"


def test_the_token_is_in_nothing_that_is_printed() -> None:
    model = VertexModel(ENDPOINT, "m", access_token="s3cr3t")
    wire = VertexWire("gemini", model)
    assert "s3cr3t" not in repr(model) + repr(wire) + repr(wire.to_http(PROMPT))
