"""XML from strangers, parsed by lxml with every known trap refused.

Refused by name: document type declarations (hardened lxml would drop entities, and with them clinical
text, in silence), encodings outside a short list, documents with too many elements, too deep, or with
too many attributes. Comments and processing instructions are dropped, so that `a<!-- -->b` reads `ab`.
"""

import re
from dataclasses import dataclass
from functools import cache

from lxml import etree

from gateway.errors import ErrorKind, GatewayError


@dataclass(frozen=True, slots=True)
class XmlLimits:
    """About ten times the largest of 468 vendors' CDA documents (12,505 elements, depth 19)."""

    elements: int = 200_000
    depth: int = 100
    attributes: int = 500
    """On one element."""


_ENCODINGS = frozenset({"utf-8", "utf8", "utf-16", "us-ascii", "ascii", "iso-8859-1", "windows-1252"})
_DECLARATION = re.compile(rb"""^<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})["']""")
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


def parse_xml(
    payload: bytes,
    limits: XmlLimits | None = None,
    *,
    mend_namespaces: bool = False,
    verbatim: bool = False,
) -> etree._Element:
    """The root element. Raises `GatewayError`, whose `location` is a line and column.

    `mend_namespaces` accepts undeclared prefixes, which real CDA documents have (2 of 401 vendors'), and
    nothing else that is not well-formed. Never for an envelope. `verbatim` keeps comments and processing
    instructions, for a document that is sent on and not read.
    """
    limits = limits or XmlLimits()
    text = _checked_encoding(payload)
    if len(text) > limits.elements * len(b"<a/>") and _elements_at_most(text) > limits.elements:
        raise GatewayError(ErrorKind.TOO_LARGE, public="The XML has too many elements")
    root = _parse_mended(text, verbatim) if mend_namespaces else _parse(text, _parser(False, verbatim))
    if root.getroottree().docinfo.internalDTD is not None:
        raise GatewayError(ErrorKind.MALFORMED, public="A document type declaration is not allowed")
    _check_shape(root, limits)
    return root


def _elements_at_most(text: bytes) -> int:
    """Counted before a tree is built of them; comments count too: enough for a cap."""
    return text.count(b"<") - text.count(b"</")


def _parser(recover: bool, verbatim: bool) -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=not verbatim,
        remove_pis=not verbatim,
        recover=recover,
    )


def _checked_encoding(payload: bytes) -> bytes:
    if payload.startswith(b"\xef\xbb\xbf"):
        payload = payload[3:]
    payload = payload.lstrip(b" \t\r\n")
    if payload.startswith(_UTF16):
        try:  # once, so that the byte checks below see what the parser sees
            decoded = payload.decode("utf-16")
        except UnicodeDecodeError as error:
            raise GatewayError(ErrorKind.UNSUPPORTED_ENCODING, str(error)) from error
        return re.sub(r"^<\?xml[^>]*\?>", "", decoded).encode()
    declared = _DECLARATION.match(payload)
    if declared and declared[1].decode().lower() not in _ENCODINGS:
        raise GatewayError(ErrorKind.UNSUPPORTED_ENCODING, public="The XML's encoding is not supported")
    if b"\x00" in payload[:64]:
        raise GatewayError(ErrorKind.UNSUPPORTED_ENCODING, public="The XML's encoding is not supported")
    return payload


def _parse(payload: bytes, parser: etree.XMLParser) -> etree._Element:
    try:
        root = etree.fromstring(payload, parser)
    except etree.XMLSyntaxError as error:
        line, column = error.position
        raise GatewayError(
            ErrorKind.MALFORMED, error.msg or "", location=f"line {line}, column {column}"
        ) from error
    if root is None:
        raise GatewayError(ErrorKind.MALFORMED, "no root element")
    return root


def _parse_mended(payload: bytes, verbatim: bool) -> etree._Element:
    parser = _parser(True, verbatim)
    try:
        root = etree.fromstring(payload, parser)
    except etree.XMLSyntaxError:  # a recovering parser still refuses what holds no element at all
        root = None
    if root is None or any(entry.domain_name != "NAMESPACE" for entry in parser.error_log):
        return _parse(payload, _parser(False, verbatim))  # raises with the place of the first fatal error
    return root


# XPath runs in C: a tenth of the time of walking the tree from Python. Its limits are written into it,
# because libxml2 looks up a literal position at once, and tries every attribute against a variable.
def _check_shape(root: etree._Element, limits: XmlLimits) -> None:
    if _attribute_at(limits.attributes + 1)(root):
        raise GatewayError(ErrorKind.TOO_LARGE, public="An XML element has too many attributes")
    if _too_deep(limits.depth)(root):
        raise GatewayError(ErrorKind.TOO_LARGE, public="The XML nests too deep")


@cache
def _attribute_at(position: int) -> etree.XPath:
    return etree.XPath(f"boolean(//@*[{position}])")


@cache
def _too_deep(depth: int) -> etree.XPath:
    return etree.XPath(f"boolean({'/*' * (depth + 1)})")
