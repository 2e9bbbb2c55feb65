"""The envelope of a request: its version, its header blocks and the one element of its body.

What that element means is not known here. An envelope is never mended: what is not SOAP 1.1 or 1.2 as
the standards have it is refused by name.
"""

import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from lxml import etree

from gateway.errors import ErrorKind, GatewayError
from gateway.messages import Claims, InboundMessage
from translators.soap import addressing, names, security
from translators.soap.faults import FaultCode, SoapError
from translators.soap.services import Operation, Service
from translators.soap.terms import VERSION_OF_NAMESPACE, Correlation, ReplyTerms, SoapVersion
from translators.xml_guard import XmlLimits, parse_xml

MAX_XML_BYTES = 10_000_000
"""libxml2 ends a text node at 10 MB, so a longer document could not be carried inline anyway."""

_LIMITS = XmlLimits(elements=50_000)  # an envelope with a CDA document as XML holds 12,505 at most

_XML_TYPES = ("text/xml", "application/xml", "application/soap+xml", "application/soap")
_CHARSETS = frozenset("utf-8 utf8 us-ascii ascii iso-8859-1 windows-1252 utf-16 utf-16le utf-16be".split())
_BOMS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_XML_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_DECLARED_OTHERWISE = re.compile(
    rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["'](?!utf-?8["'])""", re.IGNORECASE
)

_ROLES = {  # absent or empty: the ultimate receiver, which is us
    SoapVersion.V11: ("actor", frozenset({"", "http://schemas.xmlsoap.org/soap/actor/next"})),
    SoapVersion.V12: (
        "role",
        frozenset({"", f"{names.SOAP_12}/role/next", f"{names.SOAP_12}/role/ultimateReceiver"}),
    ),
}
_MUST_UNDERSTAND = {"1": True, "true": True, "0": False, "false": False, "": False}
_ENCODINGS = {  # of literal content; SOAP 1.1's own encoding is named by senders that do not use it
    SoapVersion.V11: frozenset({"", "http://schemas.xmlsoap.org/soap/encoding/"}),
    SoapVersion.V12: frozenset({names.ENCODING_NONE_12}),
}


@dataclass(frozen=True, slots=True)
class Envelope:
    terms: ReplyTerms
    operation: Operation
    claims: Claims
    """Of the UsernameToken, else of the HTTP headers."""
    element: etree._Element = field(repr=False)
    """The one child of the body."""


def read_envelope(message: InboundMessage, service: Service, max_bytes: int = MAX_XML_BYTES) -> Envelope:
    """In the order: media type, size, XML, envelope, mustUnderstand, security, addressing, action.

    Raises `GatewayError`; a `SoapError` with the terms once the envelope's version is known.
    """
    root = parse_xml(_xml_bytes(message, max_bytes), _LIMITS)
    terms = ReplyTerms(_version(root, message))
    try:
        header, element = _parts(root, terms.version)
        blocks = [block for block in header if _is_for_us(block, terms.version)]
        correlation = addressing.correlation_of(blocks)
        terms = ReplyTerms(terms.version, correlation)
        _check_understood(blocks, terms.version, service)
        claims = None
        if service.accepts_username_token:
            claims = security.token_claims(blocks, message.received_at)
        action = ""
        if correlation is not None:
            correlation, action = addressing.checked(correlation, blocks)
            terms = ReplyTerms(terms.version, correlation)
        operation = service.operation_of(element.tag)
        _check_action(http_action(message), action, operation, correlation)
        return Envelope(terms, operation, claims or security.http_claims(message.headers), element)
    except GatewayError as error:
        raise SoapError.on_terms(terms, error) from error


def assumed_terms(message: InboundMessage) -> ReplyTerms:
    """The likeliest version of a message whose envelope could not be read."""
    if message.body.find(names.SOAP_12.encode(), 0, 4096) >= 0:
        return ReplyTerms(SoapVersion.V12)
    if message.body.find(names.SOAP_11.encode(), 0, 4096) >= 0:
        return ReplyTerms(SoapVersion.V11)
    stated, _ = _content_type(message)
    return ReplyTerms(SoapVersion.V12 if stated.startswith("application/soap") else SoapVersion.V11)


def http_action(message: InboundMessage) -> str:
    """The `action` parameter of SOAP 1.2 or the `SOAPAction` of 1.1, without the quotes round it."""
    _, parameters = _content_type(message)
    action = parameters.get("action") or message.headers.get("soapaction", "")
    return action.strip().replace("\\", "").strip("\"' ")


def _xml_bytes(message: InboundMessage, max_bytes: int) -> bytes:
    media_type, parameters = _content_type(message)
    if media_type.startswith("multipart/"):
        raise GatewayError(
            ErrorKind.UNSUPPORTED_MEDIA_TYPE,
            location="Content-Type",
            public="MTOM and other multipart messages cannot be read: send base64 in the body",
        )
    if media_type not in _XML_TYPES and not media_type.endswith("+xml"):
        raise GatewayError(
            ErrorKind.UNSUPPORTED_MEDIA_TYPE,
            location="Content-Type",
            public="Send text/xml for SOAP 1.1 or application/soap+xml for SOAP 1.2",
        )
    body = _decompressed(message, max_bytes)
    if len(body) > max_bytes:
        raise GatewayError(ErrorKind.TOO_LARGE, public=f"The body is larger than {max_bytes} bytes")
    if not body.strip():
        raise GatewayError(ErrorKind.MALFORMED, public="The request has no body")
    return _in_utf8(body, parameters.get("charset", "").lower())


def _content_type(message: InboundMessage) -> tuple[str, dict[str, str]]:
    stated, *parts = message.headers.get("content-type", "").split(";")
    parameters = {}
    for part in parts:
        name, _, value = part.partition("=")
        parameters[name.strip().lower()] = value.strip().strip("\"'")
    return stated.strip().lower(), parameters


def _decompressed(message: InboundMessage, max_bytes: int) -> bytes:
    coding = message.headers.get("content-encoding", "identity").strip().lower()
    if coding == "identity":
        return message.body
    if coding not in ("gzip", "x-gzip"):
        raise GatewayError(
            ErrorKind.UNSUPPORTED_MEDIA_TYPE,
            location="Content-Encoding",
            public="Only gzip is understood as a content encoding",
        )
    inflater = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
    try:
        body = inflater.decompress(message.body, max_bytes + 1)
    except zlib.error as error:
        raise GatewayError(
            ErrorKind.MALFORMED, str(error), location="Content-Encoding", public="The body is not gzip"
        ) from error
    if not inflater.eof and len(body) <= max_bytes:
        raise GatewayError(
            ErrorKind.MALFORMED, location="Content-Encoding", public="The gzip body is not complete"
        )
    return body


def _in_utf8(body: bytes, charset: str) -> bytes:
    """The body as the parser is to read it: a charset parameter outranks the XML declaration (RFC 7303)."""
    if not charset or body.startswith(_BOMS):
        return body
    if charset not in _CHARSETS:
        raise GatewayError(
            ErrorKind.UNSUPPORTED_ENCODING,
            location="Content-Type",
            public="The charset of the content type is not supported",
        )
    if charset in ("utf-8", "utf8") and not _DECLARED_OTHERWISE.match(body):
        return body
    try:
        text = body.decode(charset)
    except UnicodeDecodeError as error:
        raise GatewayError(ErrorKind.UNSUPPORTED_ENCODING, str(error), location="Content-Type") from error
    return _XML_DECLARATION.sub("", text).encode()


def _version(root: etree._Element, message: InboundMessage) -> SoapVersion:
    name = etree.QName(root)
    version = VERSION_OF_NAMESPACE.get(name.namespace or "")
    if version is None:
        # What the sender expected to speak is only in its content type; with none, 1.1 as other stacks do.
        assumed = assumed_terms(message)
        raise SoapError(
            ErrorKind.UNSUPPORTED_VERSION,
            location="/",
            public="The root element is not an Envelope of SOAP 1.1 or SOAP 1.2",
            code=FaultCode.VERSION_MISMATCH,
            terms=assumed,
        )
    if name.localname != "Envelope":
        raise SoapError(
            ErrorKind.MALFORMED,
            location="/",
            public="The root element is not an Envelope",
            terms=ReplyTerms(version),
        )
    return version


def _parts(root: etree._Element, version: SoapVersion) -> tuple[list[etree._Element], etree._Element]:
    """The header blocks and the body's element. Only direct children count: a Header in the body is none."""
    namespace = version.namespace
    header_tag, body_tag = f"{{{namespace}}}Header", f"{{{namespace}}}Body"
    children = [child.tag for child in root]
    if children not in ([body_tag], [header_tag, body_tag]):
        raise GatewayError(
            ErrorKind.MALFORMED,
            location="/Envelope",
            public="An Envelope holds at most one Header and then exactly one Body, and nothing else",
        )
    body = root[-1]
    if len(body) != 1:
        raise GatewayError(
            ErrorKind.MALFORMED, location="/Envelope/Body", public="The Body must hold exactly one element"
        )
    _check_encoding_style(root, body, version)
    return list(root[0]) if len(children) == 2 else [], body[0]


def _check_encoding_style(root: etree._Element, body: etree._Element, version: SoapVersion) -> None:
    attribute = f"{{{version.namespace}}}encodingStyle"
    if version is SoapVersion.V12 and any(element.get(attribute) for element in (root, *root)):
        raise GatewayError(  # SOAP 1.2 section 5.1.1
            ErrorKind.MALFORMED,
            location="/Envelope/@encodingStyle",
            public="encodingStyle is not allowed on Envelope, Header or Body",
        )
    for element in (root, body, body[0]):
        styles = element.get(attribute)
        if styles is not None and not _ENCODINGS[version].issuperset(styles.split()):
            raise SoapError(
                ErrorKind.INVALID_VALUE,
                location="/Envelope/Body/@encodingStyle",
                public="The encodingStyle is not known: the services here are document/literal",
                code=FaultCode.DATA_ENCODING_UNKNOWN,
            )


def _is_for_us(block: etree._Element, version: SoapVersion) -> bool:
    attribute, ours = _ROLES[version]
    return block.get(f"{{{version.namespace}}}{attribute}", "").strip() in ours


def _check_understood(blocks: Sequence[etree._Element], version: SoapVersion, service: Service) -> None:
    attribute = f"{{{version.namespace}}}mustUnderstand"
    missed = []
    for block in blocks:
        stated = _MUST_UNDERSTAND.get(block.get(attribute, "").strip())
        if stated is None:
            raise GatewayError(
                ErrorKind.INVALID_VALUE,
                location="/Envelope/Header/*/@mustUnderstand",
                public="mustUnderstand must be true or false",
            )
        if stated and not _is_understood(block, service):
            missed.append(block.tag)
    if missed:
        raise SoapError(
            ErrorKind.UNKNOWN_PARAMETER,
            location="/Envelope/Header",
            public="A header that must be understood is not understood here",
            code=FaultCode.MUST_UNDERSTAND,
            not_understood=tuple(missed),
        )


def _is_understood(block: etree._Element, service: Service) -> bool:
    if block.tag == security.SECURITY:
        return service.accepts_username_token and security.is_understood(block)
    return block.tag in addressing.HEADERS


def _check_action(http: str, addressed: str, operation: Operation, correlation: Correlation | None) -> None:
    """The action must agree with the body where one is given: dispatch by one and policy by the other is
    how SOAPAction spoofing works."""
    if correlation is not None:
        if http and http != addressed:
            raise addressing.action_mismatch(correlation.namespace)
        if not operation.is_meant_by(addressed):
            raise addressing.action_not_supported(correlation.namespace)
    elif http and not operation.is_meant_by(http):
        raise GatewayError(
            ErrorKind.INVALID_VALUE,
            location="SOAPAction",
            public="The SOAPAction or action parameter does not name the operation of the body",
        )
