"""A received CDA document given back with its summary as one more section, for Epic NoteReader.

The body stays as it was received, comments included. Of the header only what would be untrue of the new
document changes: it has its own id and time, a device as a further author, the received document as the
one it was made from, and nobody's signature.
"""

from copy import deepcopy
from datetime import datetime
from typing import cast

from lxml import etree

from gateway.clinical import Labels, strictest
from gateway.summary import Answer
from translators.cda.evidence import sources_of
from translators.cda.reader import parse_document
from translators.cda.summary_section import add_author, summary_section, timestamp
from translators.cda.tags import (
    CODE,
    COMPONENT,
    CONFIDENTIALITY_CODE,
    EFFECTIVE_TIME,
    ENTRY,
    ID,
    NON_XML_BODY,
    OBSERVATION_MEDIA,
    PARENT_DOCUMENT,
    RELATED_DOCUMENT,
    RENDER_MULTIMEDIA,
    SECTION,
    SET_ID,
    STRUCTURED_BODY,
    TEMPLATE_ID,
    TEXT,
    TITLE,
    VALUE,
    VERSION_NUMBER,
    Element,
    child,
    v3,
)

_CONFIDENTIALITY_OID = "2.16.840.1.113883.5.25"
_UNSTRUCTURED_DOCUMENT = "2.16.840.1.113883.10.20.22.1.10"

# CDA.xsd, POCD_MT000040.ClinicalDocument
_HEADER_ORDER = tuple(
    v3(name)
    for name in (
        "realmCode typeId templateId id code title effectiveTime confidentialityCode languageCode setId"
        " versionNumber copyTime recordTarget author dataEnterer informant custodian informationRecipient"
        " legalAuthenticator authenticator participant inFulfillmentOf documentationOf relatedDocument"
        " authorization componentOf component"
    ).split()
)
_IDENTIFIERS = etree.XPath("//@ID", smart_strings=False)
_RANK = {name: rank for rank, name in enumerate(_HEADER_ORDER)}

# Signatures are of the received document; its place in a series and its own parents are not the copy's.
_NOT_COPIED = (v3("legalAuthenticator"), v3("authenticator"), RELATED_DOCUMENT, SET_ID, VERSION_NUMBER)


def add_summary(document: bytes, answer: Answer, now: datetime, document_id: str) -> bytes:
    """The document with the summary as its last section, UTF-8.

    `document_id` is a UUID or OID of its own; `now` is UTC. A nonXMLBody, beside which CDA allows no
    section, becomes an observationMedia entry of a second section with the same content, so that the
    reader of the summary still has the original. Raises `GatewayError` as `read_cda` does.
    """
    origins = [origin for statement in answer.summary.statements for origin in statement.evidence]
    root = parse_document(document, verbatim=True)
    sources = sources_of(root, origins)
    identifier = _unused_identifier(root, f"summary-{document_id}")
    _rewrite_header(root, answer, now, document_id)
    body = _structured_body(root, identifier)
    summary_section(etree.SubElement(body, COMPONENT), answer, sources, identifier)
    written: bytes = etree.tostring(root.getroottree(), xml_declaration=True, encoding="UTF-8")
    return written


def _unused_identifier(root: Element, wished: str) -> str:
    """An xs:ID that no element of the document has, nor begins with."""
    wished = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in wished)
    taken = cast(list[str], _IDENTIFIERS(root))
    while any(value.startswith(wished) for value in taken):
        wished += "-"
    return wished


def _rewrite_header(root: Element, answer: Answer, now: datetime, document_id: str) -> None:
    parent = _parent_document(root)
    for name in _NOT_COPIED:
        for each in list(root.iterchildren(name)):
            root.remove(each)
    _replace(root, ID, {"root": document_id})
    _replace(root, EFFECTIVE_TIME, {"value": timestamp(now)})
    _label(root, answer.request.labels)
    author = add_author(root, answer)
    _put_in_order(root, author)
    related = etree.SubElement(root, RELATED_DOCUMENT, {"typeCode": "XFRM"})
    related.append(parent)
    _put_in_order(root, related)


def _parent_document(root: Element) -> Element:
    """The received document, as the one that this was transformed from."""
    parent = etree.Element(PARENT_DOCUMENT)
    for name in (ID, CODE, SET_ID, VERSION_NUMBER):
        found = child(root, name)
        if found is not None:
            copied = deepcopy(found)
            copied.tail = None
            parent.append(copied)
        elif name == ID:
            etree.SubElement(parent, ID, {"nullFlavor": "NI"})
    return parent


def _label(root: Element, labels: Labels) -> None:
    """The strictest confidentiality of the document, its sections, and what the summary was made from."""
    current = child(root, CONFIDENTIALITY_CODE)
    said = (current.get("code") or "").strip() if current is not None else ""
    if said not in ("", "U", "L", "M", "N", "R", "V"):
        return  # a code of the older table, which has no order
    strict = strictest((labels, Labels(confidentiality=said))).confidentiality
    if strict and strict != said:
        _replace(root, CONFIDENTIALITY_CODE, {"code": strict, "codeSystem": _CONFIDENTIALITY_OID})


def _replace(root: Element, name: str, attributes: dict[str, str]) -> None:
    """In the place of the first by that name, or where the schema has it."""
    new = etree.Element(name, attributes)
    old = child(root, name)
    if old is None:
        root.append(new)
        _put_in_order(root, new)
        return
    new.tail = old.tail
    root.replace(old, new)


def _put_in_order(root: Element, element: Element) -> None:
    """Behind the last header element that the schema has before or beside it."""
    rank = _RANK[str(element.tag)]
    before = [each for each in root if each is not element and _RANK.get(str(each.tag), len(_RANK)) <= rank]
    if before:
        before[-1].addnext(element)
    else:
        root.insert(0, element)


def _structured_body(root: Element, identifier: str) -> Element:
    component = child(root, COMPONENT)
    if component is None:
        component = etree.SubElement(root, COMPONENT)
    body = child(component, STRUCTURED_BODY)
    if body is not None:
        return body
    body = etree.SubElement(component, STRUCTURED_BODY)
    carried = child(component, NON_XML_BODY)
    if carried is not None:
        component.remove(carried)
        _carry_original(root, body, carried, identifier)
    return body


def _carry_original(root: Element, body: Element, carried: Element, identifier: str) -> None:
    for template in list(root.iterchildren(TEMPLATE_ID)):
        if template.get("root") == _UNSTRUCTURED_DOCUMENT:
            root.remove(template)  # it has a structured body now
    section = etree.SubElement(etree.SubElement(body, COMPONENT), SECTION)
    code = child(root, CODE)
    if code is not None:
        section.append(deepcopy(code))
    etree.SubElement(section, TITLE).text = "Document as received"
    text = etree.SubElement(section, TEXT)
    media = f"{identifier}-received"
    etree.SubElement(text, v3("paragraph")).text = "The document as it was received, unchanged:"
    etree.SubElement(text, RENDER_MULTIMEDIA, {"referencedObject": media})
    entry = etree.SubElement(section, ENTRY)
    held = etree.SubElement(entry, OBSERVATION_MEDIA, {"classCode": "OBS", "moodCode": "EVN", "ID": media})
    content = child(carried, TEXT)
    if content is not None:
        content.tag = VALUE  # ED in both places: representation, media type and compression stay
        held.append(content)
