"""The plug of a provider that is reached over HTTP: its format both ways, pure.

What is the same for all (sending, deadlines, reading the stream, prompt and summary) is `http_backend`.
"""

from collections.abc import Mapping
from dataclasses import field
from enum import Enum
from typing import Protocol

from gateway.backends.failure import BackendFailure
from gateway.prompt.prompt import Prompt
from gateway.summary import Usage
from gateway.values import carrier


class Framing(Enum):
    """How a provider cuts its answer into events."""

    SSE = "sse"
    NDJSON = "ndjson"
    WHOLE = "whole"
    """The body is one event."""


@carrier
class Call:
    """One request, ready to send. Its headers hold the key and its body a patient's record."""

    url: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    method: str = "POST"


@carrier
class StreamEvent:
    name: str
    """Of an SSE event; empty where there is none."""
    data: bytes = field(repr=False)
    is_stray: bool = False
    """Lines between SSE events that are none, one run of them: an error as plain JSON, or nothing known."""


@carrier
class Completion:
    """A whole answer."""

    text: str = field(repr=False)
    model: str
    """As the provider names what answered; empty when it does not."""
    usage: Usage
    region: str = ""
    """Where it was computed, where the provider says so."""
    load_s: float = 0.0
    """Of the time it took: for loading the model, where the provider says so."""


class AnswerReader(Protocol):
    """Reads one answer, event by event."""

    def feed(self, event: StreamEvent) -> None:
        """Raises `BackendFailure`: for an error inside the stream, or an event that cannot be read."""
        ...

    def finish(self) -> Completion:
        """After the last byte. Raises `BackendFailure` unless the provider said that this was all."""
        ...


class Wire(Protocol):
    """One provider's format. No I/O, no clock."""

    provider: str
    """`anthropic`, `vertex` ...: rows of the table of retries."""
    framing: Framing

    def to_http(self, prompt: Prompt) -> Call:
        """Without credentials that have to be fetched first: `http_backend` adds those."""
        ...

    def from_http(self, prompt: Prompt) -> AnswerReader:
        """A reader for the answer to `prompt`."""
        ...

    def failure(self, status: int, headers: Mapping[str, str], body: bytes) -> BackendFailure:
        """What an answer with another status than 200 means. `headers` have lower-case names."""
        ...
