"""Which format a caller sends and which it wants back (FHIR R4 3.1.0.1.10-12). JSON and FHIR 4.0 only."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from gateway.errors import ErrorKind, GatewayError
from gateway.messages import InboundMessage

FHIR_VERSION = "4.0.1"
MIME_VERSION = "4.0"

_FHIR_JSON = f"application/fhir+json; fhirVersion={MIME_VERSION}; charset=utf-8"
_PLAIN_JSON = "application/json; charset=utf-8"

_JSON_TYPES: dict[str, str] = {  # as asked -> as answered
    "application/fhir+json": _FHIR_JSON,
    "application/json+fhir": _FHIR_JSON,  # DSTU2's name
    "application/json": _PLAIN_JSON,
    "text/json": _PLAIN_JSON,
    "application/*": _FHIR_JSON,
    "*/*": _FHIR_JSON,
}

_JSON_FORMATS = frozenset({"json", "application/json", "text/json", "application/fhir+json"})

_PUBLIC = (
    f"Only JSON of FHIR {MIME_VERSION} is spoken here: application/fhir+json; fhirVersion={MIME_VERSION}"
)


@dataclass(frozen=True, slots=True)
class ReplyFormat:
    content_type: str = _FHIR_JSON
    is_pretty: bool = False


@dataclass(frozen=True, slots=True)
class MediaRange:
    type: str
    parameters: Mapping[str, str]

    @property
    def is_fhir_4_0(self) -> bool:
        """No version, or ours."""
        return self.parameters.get("fhirversion", MIME_VERSION) in (MIME_VERSION, FHIR_VERSION)

    @property
    def quality(self) -> float:
        try:
            return float(self.parameters.get("q", "1"))
        except ValueError:
            return 0.0


def reply_format(message: InboundMessage) -> ReplyFormat:
    """`_format` counts more than `Accept`. Raises `GatewayError` (NOT_ACCEPTABLE) when neither is met."""
    query = dict(message.query)
    is_pretty = query.get("_pretty") == "true"
    wanted = query.get("_format", "")
    if wanted:
        return ReplyFormat(_by_format(wanted), is_pretty)
    return ReplyFormat(_by_accept(message.headers.get("accept", "")), is_pretty)


def check_content_type(message: InboundMessage) -> None:
    """Raises `GatewayError` (UNSUPPORTED_MEDIA_TYPE) unless the body is declared to be JSON of FHIR 4.0."""
    if not message.body:
        return  # several clients name a type for a body they do not send
    declared = next(media_ranges(message.headers.get("content-type", "")), None)
    if declared is None or declared.type not in _JSON_TYPES or "*" in declared.type:
        raise _unreadable("Content-Type")
    if not declared.is_fhir_4_0:
        raise _unreadable("Content-Type")
    if declared.parameters.get("charset", "utf-8").lower() not in ("utf-8", "utf8", "us-ascii"):
        raise _unreadable("Content-Type")
    if message.headers.get("content-encoding", "identity").strip().lower() not in ("identity", ""):
        raise _unreadable("Content-Encoding")


def media_ranges(header: str) -> Iterator[MediaRange]:
    """The media types of an Accept or Content-Type header, names in lower case."""
    for item in header.split(","):
        name, *rest = item.split(";")
        if name.strip():
            pairs = (each.partition("=") for each in rest)
            parameters = {key.strip().lower(): value.strip(" \"'") for key, _, value in pairs}
            # A plus sign that was not percent-encoded in a query arrives as a space.
            yield MediaRange(name.strip().lower().replace(" ", "+"), parameters)


def _by_format(wanted: str) -> str:
    asked = next(media_ranges(wanted), None)
    if asked is None or asked.type not in _JSON_FORMATS or not asked.is_fhir_4_0:
        raise GatewayError(ErrorKind.NOT_ACCEPTABLE, location="http._format", public=_PUBLIC)
    return _FHIR_JSON if asked.type == "json" else _JSON_TYPES[asked.type]


def _by_accept(header: str) -> str:
    if not header.strip():
        return _FHIR_JSON
    accepted = [each for each in media_ranges(header) if each.quality > 0 and each.is_fhir_4_0]
    refused = {each.type for each in media_ranges(header) if each.quality == 0}
    for each in sorted(accepted, key=lambda each: -each.quality):
        if each.type in _JSON_TYPES and not ("*" in each.type and "application/fhir+json" in refused):
            return _JSON_TYPES[each.type]
    raise GatewayError(ErrorKind.NOT_ACCEPTABLE, location="http.Accept", public=_PUBLIC)


def _unreadable(header: str) -> GatewayError:
    return GatewayError(ErrorKind.UNSUPPORTED_MEDIA_TYPE, location=f"http.{header}", public=_PUBLIC)
