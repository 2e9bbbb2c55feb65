"""A bound that policy sets on what a model may write reaches every provider in its own key."""

import json
from dataclasses import replace

import pytest

from gateway.backends.anthropic import AnthropicModel, AnthropicWire
from gateway.backends.google_endpoint import GoogleEndpoint
from gateway.backends.ollama import OllamaModel, OllamaWire
from gateway.backends.openai import OpenAiModel, OpenAiWire
from gateway.backends.vertex import VertexModel, VertexWire
from gateway.backends.vertex_claude import VertexClaudeModel, VertexClaudeWire
from gateway.backends.wire import Wire
from gateway.prompt.prompt import build_prompt
from tests.gateway.backends.asking import REQUEST

GOOGLE = GoogleEndpoint("p", "europe-west4")
WIRES: dict[str, Wire] = {
    "max_tokens": OpenAiWire("b", OpenAiModel("http://127.0.0.1:1/v1", "m", extra_body={"max_tokens": 9000})),
    "max_completion_tokens": OpenAiWire("b", OpenAiModel("https://api.openai.com/v1", "m")),
    "anthropic": AnthropicWire("b", AnthropicModel("claude")),
    "maxOutputTokens": VertexWire("b", VertexModel(GOOGLE, "gemini-2.0-flash")),
    "vertex": VertexClaudeWire("b", VertexClaudeModel(GOOGLE, AnthropicModel("claude"))),
    "num_predict": OllamaWire("b", OllamaModel("m")),
}


@pytest.mark.parametrize("key", WIRES)
def test_a_bound_is_told_and_never_widens_the_backends_own(key: str) -> None:
    for bound, told in ((300, 300), (9_000_000, 1500)):
        prompt = build_prompt(replace(REQUEST, task=replace(REQUEST.task, max_tokens=bound)))
        body = json.loads(WIRES[key].to_http(prompt).body)
        places = body | body.get("generationConfig", {}) | body.get("options", {})
        name = "max_tokens" if key in ("anthropic", "vertex") else key
        if key != "max_tokens" or bound == 300:
            assert places[name] == told
