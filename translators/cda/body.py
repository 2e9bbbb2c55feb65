"""The body of a CDA document: its sections with their narrative and entries, or what a nonXMLBody carries."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from gateway.clinical import ClinicalNote, Reading, Unread, UnreadReason
from translators.cda.datatypes import MASKED, codes_of, folded
from translators.cda.embedded import read_embedded
from translators.cda.entries import read_entry
from translators.cda.narrative import Anchors, Narrative, render
from translators.cda.sections import KnownSection, SectionKind, recognise
from translators.cda.statement import Place
from translators.cda.tags import (
    CODE,
    COMPONENT,
    ENTRY,
    NON_XML_BODY,
    OBSERVATION_MEDIA,
    RELATED_SUBJECT,
    RENDER_MULTIMEDIA,
    SECTION,
    STRUCTURED_BODY,
    SUBJECT,
    TEXT,
    TITLE,
    Element,
    Parts,
    child,
    parts_of,
    template_roots,
)

_LONGEST_TITLE_IN_ORIGIN = 60


@dataclass(frozen=True, slots=True)
class Section:
    element: Element
    parts: Parts
    origin: str
    """`section[48765-2]`, `section[48765-2][2]`, `section[10164-2]/section[Findings]`."""
    title: str
    code: str
    """LOINC where it is known, even where only the title told."""
    known: KnownSection
    of_another: bool = False
    """Its subject, or that of a section around it, is a relative (CDA R2 4.4)."""


def read_body(document: Element, reading: Reading, prefix: str, time: str) -> None:
    """`prefix` stands before every origin; `time` is the document's own."""
    body = child(document, COMPONENT, STRUCTURED_BODY)
    if body is not None:
        anchors = Anchors(body)
        for section in sections_of(body):
            _read_section(section, anchors, reading, prefix, time)
        return
    text = child(document, COMPONENT, NON_XML_BODY, TEXT)
    if text is None:
        nothing = Unread(origin=f"{prefix}component", reason=UnreadReason.NO_INFORMATION, what="no body")
        reading.unread.append(nothing)
        return
    heading = child(document, TITLE)
    title = folded(heading) if heading is not None else ""
    code = next(iter(codes_of(child(document, CODE))), "")
    carried = read_embedded(text, f"{prefix}nonXMLBody", title=title, section=code, time=time)
    reading.notes += carried.notes
    reading.unread += carried.unread


def sections_of(body: Element) -> Iterator[Section]:
    """All sections in document order, nested ones after the one around them."""
    yield from _sections_below(body, "", {})


def _sections_below(
    parent: Element, above: str, counts: dict[str, int], of_another: bool = False
) -> Iterator[Section]:
    for component in parent.iterchildren(COMPONENT):
        for element in component.iterchildren(SECTION):
            section = _section(element, above, counts)
            subject = section.parts.get(SUBJECT)
            if subject is not None:
                section = replace(section, of_another=child(subject, RELATED_SUBJECT) is not None)
            elif of_another:
                section = replace(section, of_another=True)
            yield section
            yield from _sections_below(element, f"{section.origin}/", counts, section.of_another)


def _section(element: Element, above: str, counts: dict[str, int]) -> Section:
    parts = parts_of(element)
    code_element = parts.get(CODE)
    codes = codes_of(code_element)
    title = folded(parts[TITLE]) if TITLE in parts else ""
    if not title and code_element is not None:
        title = (code_element.get("displayName") or "").strip()
    code, known = recognise(codes, template_roots(element), title)
    name = codes[0] if codes else title[:_LONGEST_TITLE_IN_ORIGIN]
    path = f"{above}section[{name.translate(_NO_BRACKETS)}]"
    counts[path] = counts.get(path, 0) + 1
    if counts[path] > 1:
        path = f"{path}[{counts[path]}]"
    return Section(element, parts, path, title, code, known)


_NO_BRACKETS = str.maketrans("[]/", "()|")


def _read_section(section: Section, anchors: Anchors, reading: Reading, prefix: str, time: str) -> None:
    origin = prefix + section.origin
    element = section.element
    parts = section.parts
    null = element.get("nullFlavor")
    if null:
        reason = UnreadReason.MASKED if null == MASKED else UnreadReason.NO_INFORMATION
        reading.unread.append(Unread(origin=origin, reason=reason, what=section.title))
    text = parts.get(TEXT)
    written = render(text) if text is not None else ""
    place = Place(
        kind=section.known.kind,
        category=section.known.category,
        narrative=Narrative(text, anchors),
        reading=reading,
        narrative_text=written,
    )
    before = len(reading.facts)
    at = len(reading.notes)
    if section.of_another and section.known.kind is not SectionKind.FAMILY_HISTORY:
        what = f"{section.title}: a section about somebody else than the patient".removeprefix(": ")
        reading.unread.append(Unread(origin=origin, reason=UnreadReason.UNSUPPORTED, what=what))
        return
    _read_entries(element, section.of_another, place, origin)
    if text is not None:
        _list_media(text, anchors, reading, origin)
    if written:
        note = ClinicalNote(
            text=written,
            title=section.title,
            section=section.code,
            time=time,
            origin=origin,
            repeats_facts=len(reading.facts) > before and place.complete,
        )
        reading.notes.insert(at, note)
    elif not null and ENTRY not in parts and COMPONENT not in parts:
        nothing = Unread(origin=origin, reason=UnreadReason.NO_INFORMATION, what=f"{section.title}: empty")
        reading.unread.append(nothing)


def _read_entries(element: Element, of_another: bool, place: Place, origin: str) -> None:
    for number, entry in enumerate(element.iterchildren(ENTRY), 1):
        if of_another:
            what = "entry of a section about somebody else than the patient"
            unread = Unread(origin=f"{origin}/entry[{number}]", reason=UnreadReason.UNSUPPORTED, what=what)
            place.reading.unread.append(unread)
            continue
        read_entry(entry, place, f"{origin}/entry[{number}]")


def _list_media(text: Element, anchors: Anchors, reading: Reading, origin: str) -> None:
    """Media that no entry carries; what an entry carries is listed there."""
    for media in text.iter(RENDER_MULTIMEDIA):
        target = anchors.find(media.get("referencedObject") or "")
        if target is None or target.tag != OBSERVATION_MEDIA:
            unread = Unread(origin=origin, reason=UnreadReason.BINARY, what="media in the narrative")
            reading.unread.append(unread)
