"""Every answer and event of the fakes has what the providers' own types require, and no field they do not know.

The SDKs read leniently, so that a client alone would not notice a field that is missing.
"""

import json
from collections.abc import Iterator
from typing import Any

import anthropic.types
import ollama
import openai.types.chat
import pytest
from google.genai import types as google_types
from pydantic import BaseModel, TypeAdapter

from tests.fakes.anthropic import Anthropic
from tests.fakes.formats import Ask, Format, Said
from tests.fakes.ollama import Ollama
from tests.fakes.openai import OpenAi
from tests.fakes.script import Says
from tests.fakes.vertex import ClaudeOnVertex, Vertex

_BODY = {"stream_options": {"include_usage": True}}
_ASK = Ask("m", "F1 allergy: nuts", stream=True, system="Summarize.", body=_BODY)
_AZURE = Ask(
    "m", "F1 allergy: nuts", stream=True, body=_BODY, path="/openai/deployments/ward/chat/completions"
)
_CLAUDE = (anthropic.types.Message, anthropic.types.RawMessageStreamEvent)
FORMATS: dict[str, tuple[Format, Ask, Any, Any]] = {
    # (format, call, type of a whole answer, type of an event)
    "openai": (OpenAi(), _ASK, openai.types.chat.ChatCompletion, openai.types.chat.ChatCompletionChunk),
    "azure": (OpenAi(), _AZURE, openai.types.chat.ChatCompletion, openai.types.chat.ChatCompletionChunk),
    "anthropic": (Anthropic(), _ASK, *_CLAUDE),
    "claude-on-vertex": (ClaudeOnVertex(), _ASK, *_CLAUDE),
    "gemini": (
        Vertex(),
        _ASK,
        google_types.GenerateContentResponse,
        google_types.GenerateContentResponse,
    ),
    "ollama": (Ollama(), _ASK, ollama.ChatResponse, ollama.ChatResponse),
}
_UNKNOWN_TO_TYPES = {
    # Servers that speak OpenAI's format, and Azure, say more than OpenAI's own types know.
    *("reasoning_content", "content_filter_results", "prompt_filter_results"),
}


def _answers(name: str) -> Iterator[tuple[Says, Said]]:
    wire, ask, _, _ = FORMATS[name]
    for says in Says:
        said = Said(says, ["one ", "two"], 20, 7)
        try:
            wire.whole(ask, said)
        except KeyError:
            continue  # the format does not know it
        if says is not Says.ERROR_INSIDE:
            yield says, said


@pytest.mark.parametrize("name", FORMATS)
def test_a_whole_answer_is_of_the_sdk_s_type(name: str) -> None:
    wire, ask, whole, _ = FORMATS[name]
    checked = [_check(whole, json.loads(wire.whole(ask, said).body)) for _, said in _answers(name)]
    assert len(checked) >= 7


@pytest.mark.parametrize("name", FORMATS)
def test_every_event_of_a_stream_is_of_the_sdk_s_type(name: str) -> None:
    wire, ask, _, event = FORMATS[name]
    for _, said in _answers(name):
        events, end_marker = wire.events(ask, said)
        for each in [*events, end_marker]:
            for given in _json_of(each):
                if given != {"type": "ping"}:  # the SDK drops it before its types
                    _check(event, given)


def _json_of(event: bytes) -> Iterator[dict[str, Any]]:
    for line in event.splitlines():
        data = line.removeprefix(b"data: ")
        if data.startswith(b"{"):
            yield json.loads(data)


def _check(kind: Any, given: dict[str, Any]) -> None:
    parsed = TypeAdapter(kind).validate_python(given, by_alias=True, by_name=False)
    unknown = set(_unknown(parsed)) - _UNKNOWN_TO_TYPES
    assert unknown == set(), f"{type(parsed).__name__} does not know {unknown}"


def _unknown(parsed: object) -> Iterator[str]:
    """Fields that the type took although it does not name them, at any depth."""
    if isinstance(parsed, BaseModel):
        yield from (parsed.model_extra or {}).keys()
        for field in type(parsed).model_fields:
            yield from _unknown(getattr(parsed, field))
    elif isinstance(parsed, list):
        for each in parsed:
            yield from _unknown(each)
