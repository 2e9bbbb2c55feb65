"""From the origins of a summary's statements back to the entries of the document that they came from."""

import re
from collections.abc import Iterable

from gateway.values import carrier
from translators.cda.body import sections_of
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


@carrier
class Source:
    """Where a statement of the summary stands in the document it is about."""

    root: str = ""
    """The entry's own id, by which a CDA entry refers to another; empty when it has none."""
    extension: str = ""
    anchor: str = ""
    """ID of the narrative element that the entry points to."""


def sources_of(document: Element, origins: Iterable[str]) -> dict[str, Source]:
    """Of each origin that is an entry of this document."""
    body = child(document, COMPONENT, STRUCTURED_BODY)
    if body is None:
        return {}
    statements = _Statements(body)
    anchors = Anchors(body)
    found = {}
    for origin in dict.fromkeys(origins):
        statement = statements.at(origin)
        if statement is not None:
            found[origin] = _source(statement, anchors)
    return found


class _Statements:
    """The clinical statements of a document's body by their origins."""

    def __init__(self, body: Element) -> None:
        self._sections = {section.origin: section.element for section in sections_of(body)}
        self._children: dict[tuple[Element, str], list[Element]] = {}

    def at(self, origin: str) -> Element | None:
        """What stands at `section[48765-2]/entry[1]`, whatever path to the document comes before it."""
        path, separator, steps = origin[max(origin.find("section["), 0) :].partition("/entry[")
        found = self._sections.get(path)
        if not separator:
            return None
        for step, position in _STEP.findall("entry[" + steps):
            found = self._nth(found, _STEP_TAGS[step], int(position)) if found is not None else None
        return found

    def _nth(self, parent: Element, tag: str, position: int) -> Element | None:
        children = self._children.get((parent, tag))
        if children is None:
            children = self._children[parent, tag] = list(parent.iterchildren(tag))
        if position > len(children):
            return None
        for inner in children[position - 1]:
            if inner.tag in STATEMENTS:
                return inner
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
