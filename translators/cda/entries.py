"""The entries of a section as facts: each statement read in its own guarded step, wrappers walked through."""

from collections.abc import Callable, Iterator

from gateway.clinical import ClinicalFact, ClinicalNote, Detail, Unread, UnreadReason
from gateway.errors import GatewayError
from translators.cda.datatypes import MASKED, concept
from translators.cda.details import nested_details
from translators.cda.embedded import holds_content, read_embedded
from translators.cda.entries_allergies import allergy, manifestations
from translators.cda.entries_events import (
    appointment,
    concern,
    device,
    encounter,
    goal,
    instruction,
    order,
    procedure,
)
from translators.cda.entries_medications import immunization, medication, supply
from translators.cda.entries_observations import (
    assessment,
    directive,
    family,
    functional,
    relationship,
    result,
    social,
    specimen,
)
from translators.cda.entries_problems import problem
from translators.cda.naming import UnreadableEntry
from translators.cda.roles import AT_RISK, Role
from translators.cda.sections import SectionKind
from translators.cda.statement import Around, Place, Statement
from translators.cda.statement_kinds import KNOWN_MOODS, StatementKind, kind_of, stands_alone
from translators.cda.status import WITHDRAWN
from translators.cda.tags import (
    CODE,
    COMPONENT,
    CONSUMABLE,
    ENTRY_RELATIONSHIP,
    EXTERNAL_DOCUMENT,
    ID,
    OBSERVATION,
    ORGANIZER,
    PARTICIPANT,
    PROCEDURE,
    PRODUCT,
    REFERENCE,
    STATEMENTS,
    TEMPLATE_ID,
    TEXT,
    VALUE,
    Element,
    child,
    local_name,
    template_roots,
    v3,
)

_K = StatementKind
_READERS: dict[StatementKind, Callable[[Statement, Around], Iterator[ClinicalFact]]] = {
    _K.ALLERGY: allergy,
    _K.PROBLEM: problem,
    _K.MEDICATION: medication,
    _K.IMMUNIZATION: immunization,
    _K.DISPENSE: supply,
    _K.RESULT: result,
    _K.SOCIAL: social,
    _K.FAMILY: family,
    _K.FUNCTIONAL: functional,
    _K.ASSESSMENT: assessment,
    _K.DIRECTIVE: directive,
    _K.PROCEDURE: procedure,
    _K.DEVICE: device,
    _K.ENCOUNTER: encounter,
    _K.APPOINTMENT: appointment,
    _K.ORDER: order,
    _K.GOAL: goal,
    _K.INSTRUCTION: instruction,
}
_DIAGNOSIS_ACTS = {  # C-CDA templates of the act around a diagnosis, which tell when it was made
    "2.16.840.1.113883.10.20.22.4.80": "encounter-diagnosis",
    "2.16.840.1.113883.10.20.22.4.33": "discharge-diagnosis",
    "2.16.840.1.113883.10.20.22.4.34": "admission-diagnosis",
    "2.16.840.1.113883.10.20.22.4.65": "preoperative-diagnosis",
    "2.16.840.1.113883.10.20.22.4.51": "postprocedure-diagnosis",
}
_BESIDE_STATEMENTS = frozenset({v3("realmCode"), v3("typeId"), TEMPLATE_ID})
# What a reader may run into in a tree whose shape no schema has checked: it costs the entry only.
_READER_FAULTS = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, GatewayError)


def read_entry(entry: Element, place: Place, origin: str) -> None:
    """Add what an entry says to `place.reading`; never raises."""
    found = False
    for each in entry:
        if each.tag in STATEMENTS:
            found = True
            _read(Statement(each, origin, place), Around())
    if not found:
        place.complete = False
        strange = next((local_name(each) for each in entry if each.tag not in _BESIDE_STATEMENTS), "")
        reason = UnreadReason.UNSUPPORTED if strange else UnreadReason.INVALID
        place.reading.unread.append(Unread(origin=origin, reason=reason, what=strange[:60] or "empty entry"))


def _read(statement: Statement, around: Around) -> None:
    reading = statement.place.reading
    facts: list[ClinicalFact] = []
    try:
        _check(statement)
        kind = _kind(statement, around)
        facts.extend(_facts(statement, kind, around))
    except UnreadableEntry as unreadable:
        reading.facts += facts  # a procedure stands though its device has no name
        _list_unread(statement, unreadable.reason, unreadable.what)
    except _READER_FAULTS:
        _list_unread(statement, UnreadReason.INVALID, local_name(statement.element))
    else:
        reading.facts += facts
        _read_within(statement, kind, facts, around)


def _kind(statement: Statement, around: Around) -> StatementKind:
    kind = kind_of(statement)
    if kind in (_K.WRAPPER, _K.ASIDE) or not (around.of_relative or statement.is_about_a_relative()):
        return kind
    return _K.FAMILY if statement.element.tag == OBSERVATION else _K.UNSUPPORTED


def _check(statement: Statement) -> None:
    """Raises `UnreadableEntry` for what is withdrawn, null as a whole, or in a mood that states nothing."""
    code = statement.status_code
    if code in WITHDRAWN:
        raise UnreadableEntry(UnreadReason.WITHDRAWN, f"statusCode={code} {_name(statement)}".strip())
    null = statement.element.get("nullFlavor")
    if null:
        reason = UnreadReason.MASKED if null == MASKED else UnreadReason.NO_INFORMATION
        raise UnreadableEntry(reason, f"{local_name(statement.element)}, nullFlavor {null}")
    if not statement.negation_is_readable:
        raise UnreadableEntry(UnreadReason.INVALID, "negationInd is neither true nor false")
    if statement.mood not in KNOWN_MOODS:
        raise UnreadableEntry(UnreadReason.UNSUPPORTED, f"{local_name(statement.element)} in this mood")


def _facts(statement: Statement, kind: StatementKind, around: Around) -> Iterator[ClinicalFact]:
    reader = _READERS.get(kind)
    if reader is not None:
        yield from reader(statement, around)
    elif kind is _K.NOTE:
        _read_note(statement)
    elif kind is _K.MEDIA:
        _read_media(statement)
    elif kind is _K.WRAPPER:
        yield from _read_wrapper(statement, around)
    elif kind is _K.IMAGE_POINTER:
        raise UnreadableEntry(UnreadReason.EXTERNAL, "reference to images")
    elif kind is _K.UNSUPPORTED:
        raise UnreadableEntry(UnreadReason.UNSUPPORTED, _name(statement) or local_name(statement.element))


def _read_wrapper(statement: Statement, around: Around) -> Iterator[ClinicalFact]:
    if statement.element.tag == ORGANIZER:
        _read_organizer(statement, around)
        return
    for role, each in statement.nested():
        if role is Role.NOTE:
            _read_note(each)
    inner = [
        each for role, each in statement.nested() if role in (Role.OTHER, Role.PART) and not _is_pointer(each)
    ]
    if not inner:
        yield from _read_bare_act(statement, around)
        return
    if statement.negated:
        # CDA does not conduct negation: whether what is inside is denied with it cannot be told
        raise UnreadableEntry(UnreadReason.INVALID, "a negated act around other statements")
    within = _around(statement, around)
    for each in inner:
        if len(inner) == 1:
            each.origin = statement.origin
        _read(each, within)


def _around(statement: Statement, outer: Around) -> Around:
    category = next(
        (_DIAGNOSIS_ACTS[root] for root in template_roots(statement.element) if root in _DIAGNOSIS_ACTS), ""
    )
    details: list[Detail] = nested_details(statement, remarks=frozenset())
    if statement.place.kind is SectionKind.ALLERGIES:
        details = manifestations(statement) + details
    group = statement.concept().text if statement.code == AT_RISK else ""
    return Around(
        concern=statement.status_code,
        category=category or outer.category,
        group=group,
        of_relative=outer.of_relative or statement.is_about_a_relative(),
        details=(*relationship(statement), *details, *outer.details),
    )


def _read_organizer(statement: Statement, around: Around) -> None:
    panel = Around(
        category=around.category,
        group=statement.concept().text,
        when=statement.period(),
        of_relative=around.of_relative or statement.is_about_a_relative(),
        details=(*specimen(statement), *relationship(statement), *around.details),
    )
    empty = True
    for number, component in enumerate(statement.each(COMPONENT), 1):
        for each in component:
            if each.tag not in STATEMENTS:
                continue
            inner = Statement(each, f"{statement.origin}/component[{number}]", statement.place)
            if _is_pointer(inner):
                continue
            empty = False
            if each.tag != PROCEDURE or not panel.group or inner.concept().text != panel.group:
                _read(inner, panel)  # a procedure of the panel's name is the taking of its specimen
    if empty:
        raise UnreadableEntry(UnreadReason.NO_INFORMATION, f"{panel.group or 'panel'} without results")


def _read_bare_act(statement: Statement, around: Around) -> Iterator[ClinicalFact]:
    """An act that was to hold statements and holds none says what its own code or text says."""
    if _list_pointers(statement) or _is_pointer(statement):
        return
    if statement.place.kind in (SectionKind.ALLERGIES, SectionKind.PROBLEMS, SectionKind.ENCOUNTERS):
        raise UnreadableEntry(UnreadReason.INVALID, "a concern without an observation")
    reader = order if statement.mood != "EVN" else concern
    yield from reader(statement, around)


def _read_within(
    statement: Statement, kind: StatementKind, facts: list[ClinicalFact], around: Around
) -> None:
    """What is nested in a statement that was read, and is a statement of its own."""
    if kind is _K.WRAPPER:
        return
    _list_pointers(statement)
    if not statement.nested():
        return
    beside = Around(category=around.category, of_relative=around.of_relative)
    part = beside._replace(group=facts[0].text if facts else statement.concept().text)
    for role, inner in statement.nested():
        if role is Role.NOTE:
            _read_note(inner)
        elif role in (Role.OTHER, Role.PART) and stands_alone(inner, role, kind):
            _read(inner, part if role is Role.PART else beside)


def _read_note(statement: Statement) -> None:
    """A Note Activity. What its narrative says is in the section's note already; what it carries is not."""
    text = statement.parts.get(TEXT)
    if text is None:
        return
    reading = statement.place.reading
    code = statement.concept()
    title = code.codes[-1].display if code.codes else code.text
    when = statement.period()
    if holds_content(text):
        carried = read_embedded(text, statement.origin, title=title, time=when.start)
        reading.unread += carried.unread
        said = statement.place.narrative_words()
        reading.notes += [note for note in carried.notes if " ".join(note.text.split()) not in said]
        return
    reference = child(text, REFERENCE)
    pointed = statement.place.narrative.find(reference.get("value") or "") if reference is not None else None
    written = statement.written()
    if pointed is None and written:
        note = ClinicalNote(text=written, title=title, time=when.start, origin=statement.origin)
        reading.notes.append(note)
    elif not written:
        _list_unread(statement, UnreadReason.INVALID, "note without text")


def _read_media(statement: Statement) -> None:
    value = statement.parts.get(VALUE)
    if value is None:
        raise UnreadableEntry(UnreadReason.INVALID, "media without content")
    carried = read_embedded(value, statement.origin)
    statement.place.reading.notes += carried.notes
    statement.place.reading.unread += carried.unread


def _list_pointers(statement: Statement) -> bool:
    """Documents outside this one that it points to, which are never fetched."""
    found = False
    for reference in statement.each(REFERENCE):
        document = child(reference, EXTERNAL_DOCUMENT)
        if document is not None:
            found = True
            kind = concept(child(document, CODE), statement.place.narrative).text
            what = f"document elsewhere{': ' + kind if kind else ''}"
            _list_unread(statement, UnreadReason.EXTERNAL, what)
    return found


_MEANING = (TEXT, VALUE, CONSUMABLE, PRODUCT, COMPONENT, ENTRY_RELATIONSHIP, PARTICIPANT)


def _is_pointer(statement: Statement) -> bool:
    """Nothing but an id: it stands for an entry that is read where it is written."""
    parts = statement.parts
    if statement.code or ID not in parts:
        return False
    code = parts.get(CODE)
    named = code is not None and (code.get("displayName") or len(code))
    return not named and not any(name in parts for name in _MEANING)


def _name(statement: Statement) -> str:
    """What an entry that is no fact was about."""
    value = statement.concept(VALUE)
    return value.text if statement.asserts_its_value() and value.text else statement.concept().text


def _list_unread(statement: Statement, reason: UnreadReason, what: str) -> None:
    if reason in (UnreadReason.INVALID, UnreadReason.UNSUPPORTED):
        statement.place.complete = False
    statement.place.reading.unread.append(Unread(origin=statement.origin, reason=reason, what=what))
