"""The plug of one provider's wire format: what a call asks, and answers and errors in its own bytes."""

from dataclasses import dataclass, field
from typing import Any, Protocol

from tests.fakes.http_server import Request, Response
from tests.fakes.script import Fails, Says


@dataclass(frozen=True)
class Ask:
    """A call that the provider would have taken."""

    model: str
    prompt: str
    """The text of the user's side."""
    stream: bool
    system: str = ""
    body: dict[str, Any] = field(default_factory=dict)
    path: str = ""


@dataclass(frozen=True)
class Said:
    """What the model answers."""

    says: Says
    pieces: list[str]
    """The answer as its tokens come; empty where `says` leaves no text."""
    input_tokens: int
    output_tokens: int

    @property
    def text(self) -> str:
        return "".join(self.pieces)


class Format(Protocol):
    name: str
    stream_type: str
    """Content type of a stream."""
    malformed: bytes
    """An event that is none."""
    heartbeat: bytes
    """What servers of this format, or proxies before them, send while the model says nothing."""
    preamble: int
    """Events at the beginning of a stream that the server sends before the model has said anything."""

    def read(self, request: Request, key: str) -> Ask | Response:
        """The call, or at once the answer to one that the provider would refuse or that asks no model."""
        ...

    def error(self, fails: Fails, ask: Ask, retry_after_s: float | None) -> Response: ...

    def whole(self, ask: Ask, said: Said) -> Response: ...

    def events(self, ask: Ask, said: Said) -> tuple[list[bytes], bytes]:
        """The events, and the end marker that follows them."""
        ...
