"""LangServe's `/stream` and `/invoke`, both ways."""

import json

import pytest

from gateway.backends.failure import BackendFailure, Cause
from gateway.backends.langserve import LangServeRunnable, LangServeWire
from gateway.backends.runnables import InputForm
from gateway.backends.wire import Completion, Framing, StreamEvent
from gateway.prompt.prompt import build_prompt
from gateway.summary import Usage
from tests.gateway.backends.asking import REQUEST

PROMPT = build_prompt(REQUEST)
STREAM = LangServeWire("chain", LangServeRunnable("http://h/chain/"))
INVOKE = LangServeWire("chain", LangServeRunnable("http://h/chain", streams=False))
START = ("metadata", {"run_id": "1"})
END = ("end", None)


def read(*events: tuple[str, object], wire: LangServeWire = STREAM) -> Completion:
    reader = wire.from_http(PROMPT)
    for name, data in events:
        reader.feed(StreamEvent(name, b"" if data is None else json.dumps(data).encode()))
    return reader.finish()


def failure_of(*events: tuple[str, object], wire: LangServeWire = STREAM) -> BackendFailure:
    with pytest.raises(BackendFailure) as raised:
        read(*events, wire=wire)
    return raised.value


def message(content: object, **more: object) -> dict[str, object]:
    return {"content": content, "type": "AIMessageChunk"} | more


def test_the_path_says_how_the_answer_comes() -> None:
    assert STREAM.to_http(PROMPT).url == "http://h/chain/stream"
    assert STREAM.framing is Framing.SSE
    assert INVOKE.to_http(PROMPT).url == "http://h/chain/invoke"
    assert INVOKE.framing is Framing.WHOLE


@pytest.mark.parametrize(
    ("form", "asked"),
    [
        (
            InputForm.MESSAGES,
            [{"type": "system", "content": PROMPT.system}, {"type": "human", "content": PROMPT.user}],
        ),
        (InputForm.TEXT, f"{PROMPT.system}\n\n{PROMPT.user}"),
        (InputForm.FIELDS, {"system": PROMPT.system, "user": PROMPT.user}),
    ],
)
def test_a_runnable_is_given_what_it_takes(form: InputForm, asked: object) -> None:
    wire = LangServeWire("chain", LangServeRunnable("http://h", form))
    assert json.loads(wire.to_http(PROMPT).body) == {"input": asked, "config": {}}


def test_pieces_of_text_are_joined() -> None:
    assert read(START, ("data", "one "), ("data", "two"), END).text == "one two"


def test_chat_chunks_are_joined_with_what_they_count() -> None:
    answer = read(
        START,
        ("data", message("one ", usage_metadata={"input_tokens": 7, "output_tokens": 0})),
        ("data", message([{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": "two"}])),
        (
            "data",
            message(
                "",
                usage_metadata={
                    "input_tokens": 0,
                    "output_tokens": 3,
                    "input_token_details": {"cache_read": 4},
                },
                response_metadata={"finish_reason": "stop", "model_name": "m-2026"},
            ),
        ),
        END,
    )
    assert (answer.text, answer.model) == ("one two", "m-2026")
    assert answer.usage == Usage(input_tokens=7, output_tokens=3, cache_read_tokens=4)


def test_a_parser_of_json_gives_the_answer_anew_each_time() -> None:
    answer = read(START, ("data", {}), ("data", {"statements": []}), ("data", {"statements": [1]}), END)
    assert answer.text == '{"statements":[1]}'


@pytest.mark.parametrize("key", ["finish_reason", "stop_reason", "done_reason"])
@pytest.mark.parametrize(
    ("reason", "cause"),
    [
        ("length", Cause.TRUNCATED),
        ("max_tokens", Cause.TRUNCATED),
        ("refusal", Cause.REFUSED),
        ("SAFETY", Cause.REFUSED),
        ("tool_use", Cause.GARBLED),
    ],
)
def test_why_the_model_stopped_is_read_by_each_of_its_names(key: str, reason: str, cause: Cause) -> None:
    assert failure_of(("data", message("x", response_metadata={key: reason})), END).cause is cause


@pytest.mark.parametrize(
    ("events", "cause"),
    [
        ([START, ("data", "ha")], Cause.CUT),
        ([], Cause.CUT),
        ([START, END], Cause.EMPTY),
        ([("data", message([{"type": "refusal", "refusal": "no"}])), END], Cause.REFUSED),
        ([("data", 7), END], Cause.GARBLED),
        ([("data", message(7)), END], Cause.GARBLED),
        ([("data", message(["a", {}])), END], Cause.GARBLED),
        ([("data", None)], Cause.GARBLED),
        ([("data", "ha"), ("error", {"status_code": 500, "message": "Jane"})], Cause.SERVER_ERROR),
        ([("error", {"status_code": 429, "message": "Jane"})], Cause.RATE_LIMITED),
        ([("error", {"status_code": "Jane"})], Cause.SERVER_ERROR),
        ([("error", None)], Cause.SERVER_ERROR),
    ],
)
def test_what_is_no_whole_answer_is_a_failure(events: list[tuple[str, object]], cause: Cause) -> None:
    failure = failure_of(*events)
    assert failure.cause is cause
    assert "Jane" not in failure.detail


def test_an_invoked_answer_is_its_output() -> None:
    assert read(("", {"output": "all", "metadata": {}}), wire=INVOKE).text == "all"
    assert read(("", {"output": message("all")}), wire=INVOKE).text == "all"
    assert failure_of(("", {"detail": 1}), wire=INVOKE).cause is Cause.GARBLED
    assert failure_of(("", {"output": None}), wire=INVOKE).cause is Cause.EMPTY


def test_a_refused_input_is_not_repeated() -> None:
    failure = STREAM.failure(422, {}, b'{"detail":[{"input":"Jane Doe"}]}')
    assert (failure.cause, failure.detail) == (Cause.BAD_REQUEST, "chain: HTTP 422")


def test_a_key_for_what_stands_before_is_not_shown() -> None:
    runnable = LangServeRunnable("http://h", headers={"authorization": "Bearer s3cr3t"})
    assert "s3cr3t" not in repr(runnable)
    assert LangServeWire("chain", runnable).to_http(PROMPT).headers["authorization"] == "Bearer s3cr3t"
