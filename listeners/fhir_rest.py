"""The URL tree of FHIR R4: `$summarize` to the pipeline, descriptions at once, everything else refused.

What a body says is not known here, nor what a description holds: it is asked for.
"""

import re
from collections.abc import Callable
from urllib.parse import unquote

from gateway.errors import ErrorKind, GatewayError
from gateway.messages import InboundMessage, Protocol, Reply
from listeners.http_exchange import CappedRequest, ProtocolResource, write_reply
from listeners.reception import Reception

BASE = "/fhir/R4"

Describer = Callable[[InboundMessage], Reply]
"""The description that a path names; raises `GatewayError` when it names none."""

_SUMMARIZE = re.compile(r"(Patient/([^/]+/)?)?\$summarize")
_DESCRIBED = re.compile(
    r"metadata|OperationDefinition/Summarize([-|][A-Za-z0-9.-]+)?|\$versions|\.well-known/smart-configuration"
)

_METHODS = {  # of the operation, and of what is described
    True: ("POST", "GET", "HEAD", "OPTIONS"),
    False: ("GET", "HEAD", "OPTIONS"),
}

_READABLE_HEADERS = (
    "Content-Location",
    "Location",
    "ETag",
    "X-Request-Id",
    "X-Correlation-Id",
    "Retry-After",
    "Preference-Applied",
    "WWW-Authenticate",
    "Deprecation",
    "Sunset",
    "Link",
    "X-Policy-Revision",
)
_CORS = (
    ("Access-Control-Allow-Origin", "*"),  # callers prove themselves by a key, never by a cookie
    (
        "Access-Control-Expose-Headers",
        ", ".join(_READABLE_HEADERS),
    ),
)
_PREFLIGHT = (
    (
        "Access-Control-Allow-Headers",
        "Accept, Accept-Language, Authorization, Content-Type, Prefer, X-API-Key, X-Request-Id",
    ),
    ("Access-Control-Max-Age", "86400"),
)


class FhirRest(ProtocolResource):
    """Everything below `/fhir`."""

    def __init__(self, reception: Reception, describe: Describer) -> None:
        super().__init__(reception, Protocol.FHIR, BASE)
        self._describe = describe

    def respond(self, request: CappedRequest, message: InboundMessage) -> None:
        try:
            is_operation = _is_operation(request, message)
            if message.method not in _METHODS[is_operation]:
                raise GatewayError(ErrorKind.WRONG_METHOD)
            _allow_other_origins(request)
            if message.method == "OPTIONS":
                write_reply(request, _preflight(is_operation))
            elif is_operation:
                self.pass_on(request, message)
            else:
                write_reply(request, self._describe(message))
        except GatewayError as error:
            self.refuse(request, message, error)

    def refuse(self, request: CappedRequest, message: InboundMessage, error: GatewayError) -> None:
        _allow_other_origins(request)
        super().refuse(request, message, error)


def _is_operation(request: CappedRequest, message: InboundMessage) -> bool:
    """Whether the path is that of `$summarize`, not of a description. Raises `GatewayError` otherwise."""
    path = unquote(request.path.decode("latin-1"))
    if not path.startswith(f"{BASE}/"):
        public = f"FHIR R4 is served at {BASE}, and no other version"
        raise GatewayError(ErrorKind.UNKNOWN_OPERATION, public=public)
    if _DESCRIBED.fullmatch(message.target):
        return False
    if not _SUMMARIZE.fullmatch(message.target):
        raise GatewayError(ErrorKind.UNKNOWN_OPERATION)
    return True


def _allow_other_origins(request: CappedRequest) -> None:
    for name, value in _CORS:
        request.setHeader(name, value)


def _preflight(is_operation: bool) -> Reply:
    allowed = ", ".join(_METHODS[is_operation])
    headers = (("Allow", allowed), ("Access-Control-Allow-Methods", allowed), *_PREFLIGHT)
    return Reply(b"", status=204, headers=headers, positive=False, code="204")
