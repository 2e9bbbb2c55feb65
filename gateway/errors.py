"""What can go wrong with a message, in words that hold for every protocol.

HTTP statuses, acknowledgment codes and fault codes are not here: each translator has one table
from `ErrorKind` to its own form on the wire.
"""

from enum import StrEnum
from pathlib import PurePath
from traceback import extract_tb


class ErrorKind(StrEnum):
    """Why a message was not answered as its sender wished."""

    MALFORMED = "malformed"
    """The bytes do not follow the protocol's syntax."""
    REQUIRED_MISSING = "required-missing"
    INVALID_VALUE = "invalid-value"
    UNKNOWN_CODE = "unknown-code"
    UNKNOWN_PARAMETER = "unknown-parameter"
    UNSUPPORTED_TYPE = "unsupported-type"
    """A message type, resource type or body element that this gateway does not read."""
    UNSUPPORTED_EVENT = "unsupported-event"
    UNSUPPORTED_VERSION = "unsupported-version"
    VERSION_ENDED = "version-ended"
    """A version of the operation or of a model whose last day is past; what is told names its successor."""
    UNSUPPORTED_PROCESSING_ID = "unsupported-processing-id"
    UNSUPPORTED_ENCODING = "unsupported-encoding"
    """A character set or transfer encoding that is unknown, or that the bytes do not fit."""
    UNSUPPORTED_MEDIA_TYPE = "unsupported-media-type"
    NOT_ACCEPTABLE = "not-acceptable"
    WRONG_METHOD = "wrong-method"
    UNKNOWN_OPERATION = "unknown-operation"
    TOO_LARGE = "too-large"
    NO_CLINICAL_CONTENT = "no-clinical-content"
    SEVERAL_PATIENTS = "several-patients"
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not-found"
    THROTTLED = "throttled"
    QUOTA_EXCEEDED = "quota-exceeded"
    CONTEXT_EXCEEDED = "context-exceeded"
    """More content than any permitted model accepts."""
    BACKEND_REFUSED = "backend-refused"
    BACKEND_UNAVAILABLE = "backend-unavailable"
    BACKEND_TIMEOUT = "backend-timeout"
    STORE_UNAVAILABLE = "store-unavailable"
    OVERLOADED = "overloaded"
    INTERNAL = "internal"

    @property
    def passes_with_time(self) -> bool:
        """The same message, unchanged, may succeed later: nothing is wrong with it."""
        return self in _TRANSIENT

    @property
    def is_too_much(self) -> bool:
        """By our own limits and quotas: the sender asks more often, or for more, than it may."""
        return self in _TOO_MUCH


_TOO_MUCH = frozenset({ErrorKind.THROTTLED, ErrorKind.QUOTA_EXCEEDED})
_TRANSIENT = _TOO_MUCH | frozenset(
    {
        ErrorKind.BACKEND_UNAVAILABLE,
        ErrorKind.BACKEND_TIMEOUT,
        ErrorKind.STORE_UNAVAILABLE,
        ErrorKind.OVERLOADED,
        ErrorKind.INTERNAL,
    }
)


class Denial(StrEnum):
    """Why proof of identity did not do, where a protocol has a word for it that its sender may hear."""

    INVALID_TOKEN = "invalid_token"  # noqa: S105
    """A key or token was shown and is not, or no longer, good: never which of these (RFC 6750)."""
    INSUFFICIENT_SCOPE = "insufficient_scope"
    REPLAYED = "replayed"
    """A good proof, used before."""


class GatewayError(Exception):
    """A message cannot be answered as wished.

    `kind` travels to the wire. `detail` is for the encrypted store only and may quote the message.
    `location` is the place in the sender's terms (`PID[1]-3`, `Bundle.entry[2].resource`,
    `/Envelope/Body/summarize/document`) and carries no value from the message.
    `public` is a sentence that may be shown to anybody: it never quotes the message.
    `wire_code` is the protocol's own code where the operator chose it (`hl7v2.transient_failure: AE`).
    `scope` are the scopes that a token would need; `limit` is the id of the limit or quota that stopped it.
    """

    def __init__(
        self,
        kind: ErrorKind,
        detail: str = "",
        *,
        location: str = "",
        public: str = "",
        retry_after_s: int | None = None,
        wire_code: str = "",
        denial: Denial | None = None,
        scope: str = "",
        limit: str = "",
    ) -> None:
        super().__init__(kind.value)  # an exception's text reaches logs, so it holds no detail
        self.kind = kind
        self.detail = detail
        self.location = location
        self.public = public or PUBLIC_TEXT[kind]
        self.retry_after_s = retry_after_s
        self.wire_code = wire_code
        self.denial = denial
        self.scope = scope
        self.limit = limit


PUBLIC_TEXT: dict[ErrorKind, str] = {
    ErrorKind.MALFORMED: "The message does not follow the syntax of its protocol",
    ErrorKind.REQUIRED_MISSING: "A required element is missing",
    ErrorKind.INVALID_VALUE: "An element has a value that is not valid",
    ErrorKind.UNKNOWN_CODE: "A coded element has a code that is not in its table",
    ErrorKind.UNKNOWN_PARAMETER: "A parameter is not known to this operation",
    ErrorKind.UNSUPPORTED_TYPE: "This type of message or resource is not supported",
    ErrorKind.UNSUPPORTED_EVENT: "This event is not supported",
    ErrorKind.UNSUPPORTED_VERSION: "This version of the standard is not supported",
    ErrorKind.VERSION_ENDED: "The version that was asked for has ended",
    ErrorKind.UNSUPPORTED_PROCESSING_ID: "This processing id is not supported",
    ErrorKind.UNSUPPORTED_ENCODING: "The character set is unknown, or the bytes are not in the one declared",
    ErrorKind.UNSUPPORTED_MEDIA_TYPE: "This content type cannot be read",
    ErrorKind.NOT_ACCEPTABLE: "The answer cannot be given in a format that the request accepts",
    ErrorKind.WRONG_METHOD: "This method is not allowed here",
    ErrorKind.UNKNOWN_OPERATION: "There is no such operation or path",
    ErrorKind.TOO_LARGE: "The message is larger than this gateway accepts",
    ErrorKind.NO_CLINICAL_CONTENT: "Nothing in the message can be summarized",
    ErrorKind.SEVERAL_PATIENTS: "The message speaks of more than one patient",
    ErrorKind.UNAUTHENTICATED: "The sender is not known here, or could not prove who it is",
    ErrorKind.FORBIDDEN: "The policy of this gateway does not permit this",
    ErrorKind.NOT_FOUND: "There is nothing here for what was asked",
    ErrorKind.THROTTLED: "Too many requests",
    ErrorKind.QUOTA_EXCEEDED: "The quota is used up",
    ErrorKind.CONTEXT_EXCEEDED: "The content is larger than any permitted model accepts",
    ErrorKind.BACKEND_REFUSED: "The model declined to summarize this content",
    ErrorKind.BACKEND_UNAVAILABLE: "No summarization model is available at present",
    ErrorKind.BACKEND_TIMEOUT: "The summarization model did not answer in time",
    ErrorKind.STORE_UNAVAILABLE: "The message could not be stored safely",
    ErrorKind.OVERLOADED: "The gateway is working at its limit",
    ErrorKind.INTERNAL: "The gateway failed to process the message",
}


def place_of(error: BaseException) -> str:
    """Where an exception was raised, for the log: its type and frames, never its text, which may quote
    a message."""
    frames = extract_tb(error.__traceback__)[-4:]
    places = [f"{PurePath(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]
    return f"{type(error).__name__} in {' < '.join(reversed(places))}"
