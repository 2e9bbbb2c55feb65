"""Claude on Vertex AI: Anthropic's body and events at Google's address, with Google's credentials."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import orjson

from gateway.backends.answer_json import json_or_none, text_at
from gateway.backends.anthropic import AnthropicModel, AnthropicReader, anthropic_failure, messages_body
from gateway.backends.failure import BackendFailure
from gateway.backends.google_endpoint import GoogleEndpoint
from gateway.backends.google_errors import google_error, google_failure
from gateway.backends.vertex import google_headers
from gateway.backends.wire import Call, Completion, Framing, StreamEvent
from gateway.prompt.prompt import Prompt


@dataclass(frozen=True, slots=True)
class VertexClaudeModel:
    endpoint: GoogleEndpoint
    claude: AnthropicModel
    """Of which what says where and as whom it is called has no effect here."""
    quota_project: str = ""
    access_token: str | None = field(default=None, repr=False)


class VertexClaudeWire:
    provider = "vertex"
    framing = Framing.SSE

    def __init__(self, backend: str, model: VertexClaudeModel) -> None:
        """`backend` as failures name it."""
        self._backend = backend
        self._model = model

    def to_http(self, prompt: Prompt) -> Call:
        claude = self._model.claude
        body = {"anthropic_version": claude.version, **messages_body(claude, prompt)}
        return Call(
            self._model.endpoint.url("anthropic", claude.model, "streamRawPredict"),
            google_headers(self._model.access_token, self._model.quota_project),
            orjson.dumps(body),
        )

    def from_http(self, prompt: Prompt) -> "VertexClaudeReader":
        return VertexClaudeReader(self._backend, self._model.endpoint.location)

    def failure(self, status: int, headers: Mapping[str, str], body: bytes) -> BackendFailure:
        answer = json_or_none(body)
        # Google refuses before Claude is asked, Anthropic after; each in its own form.
        if _is_googles(answer):
            return google_failure(self._backend, status, headers, google_error(answer))
        return anthropic_failure(self._backend, status, headers, answer)


class VertexClaudeReader(AnthropicReader):
    """An error inside the stream may be Google's too, and the region is named as Anthropic does."""

    def __init__(self, backend: str, location: str) -> None:
        super().__init__(backend)
        self._location = location

    def feed(self, event: StreamEvent) -> None:
        answer = json_or_none(event.data)
        if _is_googles(answer):
            raise google_failure(self._backend, 200, {}, google_error(answer))
        super().feed(event)

    def finish(self) -> Completion:
        """`us` is no other region than `us-central1`: said only where it contradicts the location."""
        completion = super().finish()
        is_within = self._location.startswith(completion.region)
        return replace(completion, region="") if is_within else completion


def _is_googles(answer: object) -> bool:
    return isinstance(answer, list) or text_at(google_error(answer), "status") != ""
