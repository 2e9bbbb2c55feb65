"""From the origins of a summary's statements back to the entries of the document that they came from."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from translators.cda.body import Section, sections_of
from translators.cda.narrative import Anchors
from translators.cda.tags import (
    COMPONENT,
    ENTRY,
    ENTRY_RELATIONSHIP,
    ID,
    REFERENCE,
    STATEMENTS,
    STRUCTURED_BODY,
    TEXT,
    Element,
    child,
)

_STEP = re.compile(r"(entry|component|entryRelationship)\[([1-9]\d{0,5})\]")
_STEP_TAGS = {"entry": ENTRY, "component": COMPONENT, "entryRelationship": ENTRY_RELATIONSHIP}


@dataclass(frozen=True, slots=True)
class Source:
    """Where a statement of the summary stands in the document it is about."""

    root: str = ""
    """The entry's own id, by which a CDA entry refers to another; empty when it has none."""
    extension: str = ""
    anchor: str = ""
    """ID of the narrative element that the entry points to."""


def sources_of(document: Element, origins: Iterable[str]) -> dict[str, Source]:
    """Of each origin that is an entry of this document. `document` is parsed without comments."""
    body = child(document, COMPONENT, STRUCTURED_BODY)
    if body is None:
        return {}
    sections = {section.origin: section for section in sections_of(body)}
    anchors = Anchors(body)
    found = {}
    for origin in origins:
        statement = _statement(sections, origin)
        if statement is not None:
            found[origin] = _source(statement, anchors)
    return found


def _statement(sections: dict[str, Section], origin: str) -> Element | None:
    """What stands at `section[48765-2]/entry[1]`, whatever path to the document comes before it."""
    path, separator, steps = origin[max(origin.find("section["), 0) :].partition("/entry[")
    section = sections.get(path)
    if section is None or not separator:
        return None
    found: Element | None = section.element
    for step, position in _STEP.findall("entry[" + steps):
        found = _nth(found, _STEP_TAGS[step], int(position)) if found is not None else None
    return found


def _nth(parent: Element, tag: str, position: int) -> Element | None:
    for number, each in enumerate(parent.iterchildren(tag), 1):
        if number == position:
            return next((inner for inner in each if inner.tag in STATEMENTS), None)
    return None


def _source(statement: Element, anchors: Anchors) -> Source:
    identifier = next((each for each in statement.iterchildren(ID) if each.get("root")), None)
    reference = child(statement, TEXT, REFERENCE)
    pointed = (reference.get("value") or "").strip() if reference is not None else ""
    anchor = pointed[1:] if pointed.startswith("#") else ""
    if identifier is None:
        return Source(anchor=_standing(anchor, anchors))
    return Source(
        root=identifier.get("root") or "",
        extension=identifier.get("extension") or "",
        anchor=_standing(anchor, anchors),
    )


def _standing(anchor: str, anchors: Anchors) -> str:
    return anchor if anchor and anchors.find(anchor) is not None else ""
