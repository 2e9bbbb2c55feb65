"""What a fake provider does with a call: one language for every wire format.

A script is a list of behaviours, taken call by call, and what is done once it is used up.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum


class Fails(Enum):
    """An HTTP error in the provider's own form."""

    RATE_LIMITED = 429
    SPEND_LIMIT = "429 or 402 that no waiting helps"
    SERVER_ERROR = 500
    OVERLOADED = "503, at Anthropic 529"
    BAD_KEY = 401
    UNKNOWN_MODEL = 404
    BAD_REQUEST = 400
    CONTEXT_EXCEEDED = "400 for a prompt that is too long"
    FILTERED = "400 for a prompt that the provider's filter blocks"


class Says(Enum):
    """An answer under HTTP 200. Which of them a format knows stands in its table of finishes."""

    GOOD = "statements with evidence"
    REFUSAL = "the model declines"
    AT_LIMIT = "cut at the limit of output tokens"
    CONTEXT_FULL = "cut at the end of the context window"
    EMPTY = "finished without a word"
    ONLY_THOUGHTS = "all tokens went into thinking"
    THOUGHTS_FIRST = "thinking, then the answer"
    BLOCKED_PROMPT = "no candidates, the prompt was blocked"
    SPII = "blocked for personal information"
    CONTINUED = "more to come in a further call"
    INPUT_CUT = "the prompt was silently cut"
    FILTERED = "the output was filtered"
    FILTER_OUTAGE = "the filter did not run, the text is unfiltered"
    REMOTE = "a cloud model behind a local name answered"
    ERROR_INSIDE = "an error in the middle of the stream"


@dataclass(frozen=True)
class Behaviour:
    """Shares are of the events of the stream: 0.5 is after half of them."""

    fails: Fails | None = None
    says: Says = Says.GOOD
    retry_after_s: float | None = None
    reset: bool = False
    """The connection is reset before the first byte of an answer."""
    silent: bool = False
    """The call is taken and never answered."""
    answer_after_s: float = 0.0
    """Until the status line; 0: at once."""
    first_token_after_s: float = 0.0
    """Until the first event of the model's; headers, and what the server says by itself, come at once."""
    cut_at: float | None = None
    """The connection breaks after this share."""
    cut_cleanly: bool = False
    """With `cut_at`: HTTP ends the body in order, only the provider's format tells that it is not all."""
    stall_at: float | None = None
    """Silence after this share, the connection stays open."""
    malformed_at: float | None = None
    """An event that is no JSON stands at this share; the stream goes on."""
    end_marker: bool = True
    """Off: the body ends as HTTP wants, without the provider's own last word."""
    text: str | None = None
    """Instead of the good answer."""
    chunk_bytes: int = 0
    """Bytes a write; 0: an event a write."""
    interval_s: float = 0.0
    """Between two events."""
    heartbeat_s: float | None = None
    """While nothing comes from the model, the server says so often that the connection lives."""
    streams: bool = True
    """Off: one whole body although a stream was asked for, as some compatible servers answer."""
    close: bool = False
    """The connection is closed after the answer, without saying so before."""


GOOD = Behaviour()
RATE_LIMITED = Behaviour(fails=Fails.RATE_LIMITED)
SERVER_ERROR = Behaviour(fails=Fails.SERVER_ERROR)
OVERLOADED = Behaviour(fails=Fails.OVERLOADED)
CONTEXT_EXCEEDED = Behaviour(fails=Fails.CONTEXT_EXCEEDED)
RESET = Behaviour(reset=True)
SILENT = Behaviour(silent=True)
CUT_EARLY = Behaviour(cut_at=0.1)
CUT_LATE = Behaviour(cut_at=0.9)
CUT_CLEANLY = Behaviour(cut_at=0.5, cut_cleanly=True)
STALLED = Behaviour(stall_at=0.33)
MALFORMED = Behaviour(malformed_at=0.17)
NO_END_MARKER = Behaviour(end_marker=False)


class Script:
    def __init__(self, calls: Iterable[Behaviour] = (), otherwise: Behaviour = GOOD) -> None:
        self._calls = deque(calls)
        self.otherwise = otherwise

    def next(self) -> Behaviour:
        return self._calls.popleft() if self._calls else self.otherwise
