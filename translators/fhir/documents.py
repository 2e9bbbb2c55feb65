"""Composition and DocumentReference: the documents of a message, section by section or as attachments."""

from collections.abc import Iterator

from gateway.clinical import ClinicalFact, FactKind, FactStatus, UnreadReason
from gateway.errors import GatewayError
from translators.attachments import CDA, ER7, html_to_text
from translators.fhir.attached import read_attachment
from translators.fhir.bundle import Entry, Graph
from translators.fhir.elements import child, children, codes_in, concept, concepts, string, words
from translators.fhir.json_guard import Element
from translators.fhir.reports import loinc_of
from translators.fhir.scope import Scope
from translators.terminology.absence import NONE_OF_KIND

_DOCUMENT_STATUS = {  # composition-status; DocumentReference.docStatus has the same codes
    "preliminary": FactStatus.PRELIMINARY,
    "final": FactStatus.FINAL,
    "amended": FactStatus.CORRECTED,
}

_KIND_OF_SECTION = {
    "48765-2": FactKind.ALLERGY,
    "11450-4": FactKind.CONDITION,
    "10160-0": FactKind.MEDICATION,
    "47519-4": FactKind.PROCEDURE,
    "11369-6": FactKind.IMMUNIZATION,
    "46264-8": FactKind.DEVICE,
}

_ADVANCE_DIRECTIVES = "42348-3"

_NOT_A_FACT = frozenset({"Binary", "Media", "Composition"})


def is_entered_in_error(entry: Entry) -> bool:
    return entry.resource.get("status") == "entered-in-error"


def sections_of(graph: Graph) -> dict[str, str]:
    """The LOINC code of the section that refers to each entry, by the entry's origin."""
    found: dict[str, str] = {}
    for entry in graph.entries:
        if entry.type != "Composition":
            continue
        try:
            for _, section in _walk(entry.resource, entry.origin):
                code = loinc_of(concept(section, "code"))
                for reference in children(section, "entry"):
                    target = graph.resolve(reference, entry)
                    if target and code:
                        found.setdefault(target.origin, code)
        except GatewayError:
            continue  # its own reader says what is wrong with it
    return found


def _walk(holder: Element, origin: str) -> Iterator[tuple[str, Element]]:
    """Every section with its place, nested ones after the one that holds them."""
    for index, section in enumerate(children(holder, "section")):
        place = f"{origin}.section[{index}]"
        yield place, section
        yield from _walk(section, place)


def read_composition(entry: Entry, scope: Scope) -> None:
    resource = entry.resource
    if is_entered_in_error(entry):
        return scope.withdrawn(entry, "status=entered-in-error", concept(resource, "type").text)
    status = _DOCUMENT_STATUS.get(string(resource, "status"), FactStatus.UNKNOWN)
    time = scope.date(entry, resource, "date")
    for place, section in _walk(resource, entry.origin):
        _read_section(entry, scope, place, section, status, time)
    return scope.narrative(entry, status)


def _read_section(
    entry: Entry, scope: Scope, place: str, section: Element, status: FactStatus, time: str
) -> None:
    code = concept(section, "code")
    loinc = loinc_of(code)
    entries = children(section, "entry")
    found = [scope.graph.resolve(each, entry) for each in entries]
    text = child(section, "text") or {}
    # A narrative that its author calls additional holds more than the entries do.
    repeats = any(each and each.type not in _NOT_A_FACT for each in found)
    scope.note(
        entry,
        place,
        html_to_text(string(text, "div")),
        status,
        title=words(section, "title") or code.text,
        section=loinc,
        time=time,
        repeats_facts=repeats and string(text, "status") != "additional",
    )
    title = code.text or "a section"
    scope.say_missing(entry, entries, f"entries of {title}")
    for reason in codes_in(section, "emptyReason"):
        kind = _KIND_OF_SECTION.get(loinc)
        if reason == "nilknown" and kind:
            scope.add(ClinicalFact(kind=kind, text=NONE_OF_KIND[kind], negated=True, time=time, origin=place))
        elif reason != "nilknown":
            hidden = UnreadReason.MASKED if reason == "withheld" else UnreadReason.NO_INFORMATION
            scope.leave_out(place, hidden, f"{title}: {reason}")


def read_document_reference(entry: Entry, scope: Scope) -> None:
    resource = entry.resource
    kind = concept(resource, "type")
    if not kind.text:
        kind = next((each for each in concepts(resource, "category") if each.text), kind)
    for name in ("status", "docStatus"):
        if string(resource, name) in ("entered-in-error", "superseded"):
            return scope.withdrawn(entry, f"{name}={string(resource, name)}", kind.text)
    sent = string(resource, "docStatus")
    status = _DOCUMENT_STATUS.get(sent, FactStatus.UNKNOWN)
    time = scope.date(entry, resource, "date")
    if _ADVANCE_DIRECTIVES in codes_in(resource, "category") and kind.text:
        scope.add(
            ClinicalFact(
                kind=FactKind.DIRECTIVE,
                text=kind.text,
                codes=kind.codes,
                time=time,
                status=status,
                status_sent=f"docStatus={sent}" if sent else "",
                category="document",
                origin=entry.origin,
            )
        )
    described = words(resource, "description")
    if described.lower() != kind.text.lower():
        scope.note(entry, f"{entry.origin}.description", described, status, title=kind.text, time=time)
    scope.narrative(entry, status)
    _read_content(entry, scope, kind.text, loinc_of(kind), status, time)
    return None


def _read_content(
    entry: Entry, scope: Scope, title: str, section: str, status: FactStatus, time: str
) -> None:
    """Several contents are one document in several formats (R4 10.5.4): the most telling one is read."""
    attachments = [
        (f"{entry.origin}.content[{index}].attachment", child(content, "attachment") or {})
        for index, content in enumerate(children(entry.resource, "content"))
    ]
    first = len(scope.reading.unread), len(scope.graph.unread)
    for place, attachment in sorted(attachments, key=_preference):
        here = len(scope.reading.unread), len(scope.graph.unread)
        if read_attachment(
            entry, scope, attachment, place, title=title, section=section, status=status, time=time
        ):
            # What another format could not give needs no mention once this one was read.
            del scope.reading.unread[first[0] : here[0]], scope.graph.unread[first[1] : here[1]]
            return


_PREFERRED = (CDA, ER7, "application/hl7-v2+er7", "text/xml", "application/xml", "text/plain", "text/html")


def _preference(attachment: tuple[str, Element]) -> int:
    declared = string(attachment[1], "contentType").partition(";")[0].strip().lower()
    return _PREFERRED.index(declared) if declared in _PREFERRED else len(_PREFERRED)
