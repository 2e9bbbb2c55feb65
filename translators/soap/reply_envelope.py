"""Answers in an envelope of the version that asked, with WS-Addressing headers when the request had them."""

import re
from collections.abc import Iterable
from uuid import NAMESPACE_URL, uuid5

from lxml import etree

from gateway.messages import InboundMessage
from translators.soap import names
from translators.soap.addressing import ANONYMOUS
from translators.soap.terms import ReplyTerms

_UNSPECIFIED = {
    names.WSA_2005: f"{names.WSA_2005}/unspecified",
    names.WSA_2004: f"{names.WSA_2004}/id/unspecified",
}
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def enveloped(
    message: InboundMessage,
    terms: ReplyTerms,
    content: etree._Element,
    action: str,
    more_headers: Iterable[etree._Element] = (),
    *,
    is_fault: bool = False,
) -> bytes:
    """The whole response body, UTF-8. `content` becomes the one child of the Body.

    A carriage return is written as `&#13;`, so that HL7 v2 text comes out of any XML reader unharmed.
    """
    soap = terms.version.namespace
    envelope = etree.Element(f"{{{soap}}}Envelope", nsmap={"soap": soap})
    headers = [*_addressing_headers(message, terms, action, is_fault), *more_headers]
    if headers:
        etree.SubElement(envelope, f"{{{soap}}}Header").extend(headers)
    etree.SubElement(envelope, f"{{{soap}}}Body").append(content)
    return etree.tostring(envelope, encoding="UTF-8", xml_declaration=True)


def element(namespace: str, name: str) -> etree._Element:
    """The root of a body or header, its namespace the default one."""
    return etree.Element(f"{{{namespace}}}{name}", nsmap={None: namespace})  # type: ignore[dict-item]  # the stubs know no default namespace


def add(parent: etree._Element, name: str, text: str | None = None, **attributes: str) -> etree._Element:
    """A child in its parent's namespace. Empty attributes are left out."""
    child = etree.SubElement(parent, f"{{{etree.QName(parent).namespace}}}{name}")
    if text is not None:
        child.text = xml_text(text)
    for attribute, value in attributes.items():
        if value:
            child.set(attribute, xml_text(value))
    return child


def xml_text(text: str) -> str:
    """Characters that XML 1.0 cannot hold become U+FFFD."""
    return _NOT_XML.sub("\ufffd", text)


def _addressing_headers(
    message: InboundMessage, terms: ReplyTerms, action: str, is_fault: bool
) -> list[etree._Element]:
    correlation = terms.correlation
    if correlation is None:
        return []
    namespace = correlation.namespace
    texts = {
        "Action": action,
        "MessageID": f"urn:uuid:{uuid5(NAMESPACE_URL, f'urn:ehr-gateway:reply:{message.id}')}",
        "RelatesTo": correlation.message_id or _UNSPECIFIED[namespace],
        "To": ANONYMOUS[namespace],
    }
    headers = []
    for name, text in texts.items():
        header = etree.Element(f"{{{namespace}}}{name}", nsmap={"wsa": namespace})
        header.text = xml_text(text)
        headers.append(header)
    for written in correlation.fault_parameters if is_fault else correlation.reply_parameters:
        parameter = etree.fromstring(written, etree.XMLParser(resolve_entities=False, no_network=True))
        if namespace == names.WSA_2005:
            parameter.set(f"{{{namespace}}}IsReferenceParameter", "true")
        headers.append(parameter)
    return headers
