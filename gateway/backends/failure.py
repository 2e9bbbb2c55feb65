"""What became of one call of a model that gave no whole answer."""

from enum import StrEnum

from gateway.errors import ErrorKind, GatewayError
from gateway.summary import Usage


class Cause(StrEnum):
    """As far as the next step depends on it. What each provider's statuses and codes mean is its wire's."""

    NO_CONNECTION = "no-connection"
    """Nothing was asked yet."""
    NO_ANSWER = "no-answer"
    """Asked, and no first byte within its time."""
    STALLED = "stalled"
    """The stream stopped between two events for longer than the idle time."""
    OUT_OF_TIME = "out-of-time"
    """The total deadline ended it."""
    CUT = "cut"
    """The connection broke, or the stream ended before its terminal event."""
    GARBLED = "garbled"
    """What came does not follow the provider's format."""
    RATE_LIMITED = "rate-limited"
    OVERLOADED = "overloaded"
    """503, 529, `server busy`: the provider has no room now."""
    SERVER_ERROR = "server-error"
    SPEND_LIMIT = "spend-limit"
    """Money or quota is used up: waiting a minute does not help."""
    CREDENTIALS = "credentials"
    """The provider does not accept our key, or our key may not do this."""
    UNKNOWN_MODEL = "unknown-model"
    BAD_REQUEST = "bad-request"
    """The provider does not understand what we send: sent again it fails again."""
    CONTEXT_EXCEEDED = "context-exceeded"
    INPUT_CUT = "input-cut"
    """The provider silently read only a part of the prompt."""
    REFUSED = "refused"
    """The model or the provider's filter declined the content."""
    TRUNCATED = "truncated"
    """The answer reached the limit of output tokens."""
    EMPTY = "empty"
    UNREADABLE = "unreadable"
    """A whole answer, but not statements with evidence."""
    UNSUPPORTED = "unsupported"
    """The answer says what its evidence does not, and policy wants another."""
    NOT_ALLOWED = "not-allowed"
    """The provider would answer from where policy does not let content go (a cloud model behind Ollama)."""
    BREAKER_OPEN = "breaker-open"
    NO_ROOM = "no-room"
    """Too many calls are in flight or wait, or the deadline cannot be met: not asked."""


_KINDS = {
    Cause.NO_ANSWER: ErrorKind.BACKEND_TIMEOUT,
    Cause.STALLED: ErrorKind.BACKEND_TIMEOUT,
    Cause.OUT_OF_TIME: ErrorKind.BACKEND_TIMEOUT,
    Cause.CONTEXT_EXCEEDED: ErrorKind.CONTEXT_EXCEEDED,
    Cause.REFUSED: ErrorKind.BACKEND_REFUSED,
    Cause.NO_ROOM: ErrorKind.OVERLOADED,
}

_NOT_SPENT = frozenset(
    {
        Cause.NO_CONNECTION,
        Cause.RATE_LIMITED,
        Cause.OVERLOADED,
        Cause.SPEND_LIMIT,
        Cause.CREDENTIALS,
        Cause.UNKNOWN_MODEL,
        Cause.BAD_REQUEST,
        Cause.CONTEXT_EXCEEDED,
        Cause.BREAKER_OPEN,
        Cause.NO_ROOM,
    }
)


class BackendFailure(GatewayError):
    """`detail` names the backend, the status and the provider's own code, never a word of its answer:
    providers echo what they were sent."""

    def __init__(
        self,
        cause: Cause,
        detail: str = "",
        *,
        retry_after_s: float | None = None,
        may_retry: bool | None = None,
        usage: Usage | None = None,
    ) -> None:
        """`retry_after_s` and `may_retry` are what the provider said; None: it said nothing."""
        super().__init__(_KINDS.get(cause, ErrorKind.BACKEND_UNAVAILABLE), detail)
        self.cause = cause
        self.provider_retry_after_s = retry_after_s
        self.may_retry = may_retry
        self.usage = usage
        """As far as the provider told before it failed; None: unknown."""

    @property
    def may_have_been_paid(self) -> bool:
        """The call reached a model and its usage is not known."""
        return self.usage is None and self.cause not in _NOT_SPENT
