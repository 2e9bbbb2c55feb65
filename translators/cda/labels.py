"""Security labels of a CDA document: its confidentiality, that of its sections, and DS4P's sensitivities."""

from collections.abc import Iterator, Mapping

from gateway.clinical import LabelledPart, Labels, strictest
from translators.cda.body import Section, sections_of
from translators.cda.datatypes import code_of
from translators.cda.tags import (
    CODE,
    COMPONENT,
    CONFIDENTIALITY_CODE,
    ENTRY,
    ENTRY_RELATIONSHIP,
    OBSERVATION,
    SECTION,
    STRUCTURED_BODY,
    VALUE,
    Element,
    child,
    template_roots,
)

_CONFIDENTIALITY = frozenset({"U", "L", "M", "N", "R", "V"})
_ACT_REASON = "2.16.840.1.113883.5.8"  # a purpose of use, which is no sensitivity
_MARKINGS = "57017-6"
_MARKINGS_TEMPLATE = "2.16.840.1.113883.3.3251.1.5"
"""DS4P's section of privacy markings: they are of the whole document."""
_SECURITY_OBSERVATIONS = frozenset({"SECCLASSOBS", "SECCATOBS", "SECCONOBS"})


def read_labels(document: Element) -> Labels:
    """The strictest confidentiality and every sensitivity, wherever in the document they stand.

    A confidentiality code outside U to V (the HL7 codes before 2010, such as ETH or HIV) is a sensitivity.
    """
    return strictest(tuple(label for label, _ in _labels(document)))


def labelled_parts(document: Element, prefix: str) -> list[LabelledPart]:
    """What each sensitivity covers: the entry that it annotates, else its section, else the document."""
    found = [(label, place) for label, place in _labels(document) if label.sensitivity]
    if not found:
        return []
    body = child(document, COMPONENT, STRUCTURED_BODY)
    sections = {each.element: each for each in sections_of(body)} if body is not None else {}
    whole = prefix.removesuffix("/")
    return [
        LabelledPart(sensitivity=label.sensitivity, origins=(_origin(place, sections, prefix) or whole,))
        for label, place in found
    ]


def _origin(place: Element, sections: Mapping[Element, Section], prefix: str) -> str:
    """Empty for the whole document."""
    is_within_statement, entry = False, None
    for around in place.iterancestors():
        if around.tag == ENTRY_RELATIONSHIP:
            is_within_statement = True
        elif around.tag == ENTRY:
            entry = around
        elif around.tag == SECTION:
            section = sections.get(around)
            if section is None or section.code == _MARKINGS or _MARKINGS_TEMPLATE in template_roots(around):
                return ""
            if entry is None or not is_within_statement:
                return prefix + section.origin
            number = 1 + sum(1 for _ in entry.itersiblings(ENTRY, preceding=True))
            return f"{prefix}{section.origin}/entry[{number}]"
    return ""


def _labels(document: Element) -> Iterator[tuple[Labels, Element]]:
    for each in document.iter(CONFIDENTIALITY_CODE):
        yield _label(code_of(each)), each
    for each in document.iter(CODE):
        if each.get("code") not in _SECURITY_OBSERVATIONS:
            continue
        observation = each.getparent()
        if observation is None or observation.tag != OBSERVATION:
            continue
        value = child(observation, VALUE)
        if value is not None and value.get("codeSystem") != _ACT_REASON:
            yield _label(code_of(value)), observation


def _label(code: str) -> Labels:
    if code in _CONFIDENTIALITY:
        return Labels(confidentiality=code)
    return Labels(sensitivity=(code,) if code else ())
