"""Observations with a value: results, vital signs, findings of all sorts, family history, directives."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from gateway.clinical import ClinicalFact, Detail, DetailName, FactKind, FactStatus, UnreadReason
from translators.cda.datatypes import (
    MASKED,
    NO_CONCEPT,
    Concept,
    bounds,
    code_of,
    concept,
    text_of,
)
from translators.cda.details import age_at_onset, detail, in_order, nested_details
from translators.cda.embedded import holds_content, read_embedded
from translators.cda.naming import UnreadableEntry, subject_of
from translators.cda.narrative import Narrative, is_broad
from translators.cda.observed import Observed, observed
from translators.cda.roles import Role
from translators.cda.sections import SectionKind
from translators.cda.statement import Around, Statement
from translators.cda.status import LASTING, RESULTS
from translators.cda.tags import (
    CODE,
    INTERPRETATION_CODE,
    METHOD_CODE,
    OBSERVATION_RANGE,
    REFERENCE,
    REFERENCE_RANGE,
    RELATED_SUBJECT,
    SPECIMEN,
    SPECIMEN_PLAYING_ENTITY,
    SPECIMEN_ROLE,
    SUBJECT,
    TARGET_SITE_CODE,
    TEXT,
    VALUE,
    Element,
    Parts,
    child,
    parts_of,
)
from translators.terminology.vital_signs import is_vital_sign


def result(statement: Statement, around: Around) -> Iterator[ClinicalFact]:
    """A vital sign where its section or its LOINC code says so."""
    yield from _observation(statement, FactKind.RESULT, around)


def social(statement: Statement, around: Around) -> Iterator[ClinicalFact]:
    yield from _observation(statement, FactKind.SOCIAL_HISTORY, around)


def functional(statement: Statement, around: Around) -> Iterator[ClinicalFact]:
    yield from _observation(statement, FactKind.FUNCTIONAL_STATUS, around)


def family(statement: Statement, around: Around) -> Iterator[ClinicalFact]:
    yield from _observation(statement, FactKind.FAMILY_HISTORY, around)


def assessment(statement: Statement, around: Around) -> Iterator[ClinicalFact]:
    """Any other finding: an exam, a scale, an outcome, a risk."""
    yield from _observation(statement, FactKind.ASSESSMENT, around)


def directive(statement: Statement, around: Around) -> Iterator[ClinicalFact]:
    standing, said = statement.standing()
    for read in _observation(statement, FactKind.DIRECTIVE, around):
        yield read if standing is None else replace(read, status=standing.status, status_sent=said)


def _observation(statement: Statement, kind: FactKind, around: Around) -> Iterator[ClinicalFact]:
    """Its fact; none of a scale that has items and no value of its own."""
    code = statement.concept()
    if kind is FactKind.RESULT and _is_vital_sign(statement, code):
        kind = FactKind.VITAL_SIGN
    values = [observed(each, statement.place.narrative) for each in statement.each(VALUE)]
    value = values[0] if values else Observed()
    if statement.asserts_its_value() and (value.concept.names or value.concept.codes):
        about, shown = value.concept, Observed()  # "asserted: pregnancy"
    elif not code.names and not code.codes and kind is not FactKind.RESULT:
        about, shown = Concept((value.text,) if value.text else ()), Observed()
    elif statement.code == "ASSERTION":
        about, shown = NO_CONCEPT, value  # it asserts nothing
    else:
        about, shown = code, value
    status, status_sent = statement.sent_status(LASTING if kind is FactKind.FAMILY_HISTORY else RESULTS)
    if kind in (FactKind.RESULT, FactKind.VITAL_SIGN):
        shown = _with_narrative(statement, about, status, shown)
    if about is code and not shown.text and not statement.negated:
        if _has_items(statement):
            return
        _check_answer(statement, kind, about, status)
    if shown.text and status is FactStatus.REGISTERED:
        status = FactStatus.PRELIMINARY
    named = about if statement.negated else _named(statement, about, value)
    subject = subject_of(kind, named, statement.negated, statement.words)
    when = statement.period()
    if not when.start and not when.end:
        when = around.when
    yield ClinicalFact(
        kind=kind,
        text=subject.text,
        codes=about.codes,
        value=shown.text or None,
        unit=shown.unit or _unit_beside(statement, shown),
        flag=_flag(statement),
        reference_range=_reference_range(statement),
        time=when.start,
        end="" if when.end == when.start else when.end,
        status=status,
        status_sent=status_sent,
        negated=subject.negated,
        group=around.group if around.group != subject.text else "",
        details=in_order((*_details(statement, values[1:]), *around.details)),
        origin=statement.origin,
    )


def _is_vital_sign(statement: Statement, code: Concept) -> bool:
    return statement.place.kind is SectionKind.VITAL_SIGNS or is_vital_sign(code.codes)


def _named(statement: Statement, about: Concept, value: Observed) -> Concept:
    """A question whose code has no name, by the text it points to, without the answer."""
    if about.names:
        return about
    cells = (cell for cell in statement.written().split(" | ") if cell and cell != value.text)
    written = " | ".join(cells)
    return about._replace(names=(written,)) if written else about


def _has_items(statement: Statement) -> bool:
    return any(role is Role.PART for role, _ in statement.nested())


def _with_narrative(statement: Statement, about: Concept, status: FactStatus, shown: Observed) -> Observed:
    """A result's value from the document it carries, or where there is none from the narrative."""
    value = statement.parts.get(VALUE)
    if value is not None and holds_content(value):
        shown = _embedded_value(statement, value)
    is_masked = value is not None and value.get("nullFlavor") == MASKED
    if shown.text or statement.negated or is_masked or status is FactStatus.REGISTERED:
        return shown
    return Observed(_written_value(statement, about))


def _check_answer(statement: Statement, kind: FactKind, about: Concept, status: FactStatus) -> None:
    """Raises `UnreadableEntry` for a question whose answer is null, and for a result that is neither
    pending nor cancelled and has no value."""
    value = statement.parts.get(VALUE)
    null = value.get("nullFlavor") if value is not None else None
    if null == MASKED:
        raise UnreadableEntry(UnreadReason.MASKED, f"value of {about.text}")
    if kind in (FactKind.RESULT, FactKind.VITAL_SIGN):
        null = None if status in (FactStatus.REGISTERED, FactStatus.CANCELLED) else "absent"
    if null:
        raise UnreadableEntry(UnreadReason.NO_INFORMATION, f"no value of {about.text}".strip())


def _embedded_value(statement: Statement, value: Element) -> Observed:
    """A report carried whole as the value. What has no text is listed, and the result stays without value."""
    carried = read_embedded(value, statement.origin)
    statement.place.reading.unread += carried.unread
    return Observed("\n".join(note.text for note in carried.notes))


def _written_value(statement: Statement, about: Concept) -> str:
    """The value where it stands only in the narrative: the text pointed to, or its row without the name."""
    text = statement.parts.get(TEXT)
    reference = child(text, REFERENCE) if text is not None else None
    target = statement.place.narrative.find(reference.get("value") or "") if reference is not None else None
    written = statement.written()
    if not written or not about.names or written in about.names:
        return ""
    if target is None or not is_broad(target):
        return written
    cells = (cell for cell in written.split(" | ") if not any(name in cell for name in about.names))
    return " | ".join(cell for cell in cells if cell)


def _unit_beside(statement: Statement, shown: Observed) -> str:
    """The unit of a value in words ("unable to calculate") stands in an observation of its own."""
    if not shown.text or shown.unit:
        return ""
    for role, inner in statement.nested():
        if role is Role.UNITS:
            return code_of(inner.parts.get(VALUE)) or inner.concept(VALUE).text
    return ""


def _flag(statement: Statement) -> str:
    flags = (
        code_of(each).upper() or concept(each, statement.place.narrative).text
        for each in statement.each(INTERPRETATION_CODE)
    )
    return ",".join(dict.fromkeys(flag for flag in flags if flag))


def _reference_range(statement: Statement) -> str:
    """The normal range where ranges are told apart, else all of them: `3.5-5.1`."""
    normal: list[str] = []
    others: list[str] = []
    for each in statement.each(REFERENCE_RANGE):
        stated = child(each, OBSERVATION_RANGE)
        if stated is None:
            continue
        parts = parts_of(stated)
        text = _range_text(parts, statement.place.narrative)
        meaning = code_of(parts.get(INTERPRETATION_CODE))
        if text:
            (normal if meaning in ("N", "") else others).append(text)
    return "; ".join(dict.fromkeys(normal or others))


def _range_text(stated: Parts, narrative: Narrative) -> str:
    value = stated.get(VALUE)
    interval = bounds(value)[0] if value is not None else ""
    if interval:
        return interval
    written = text_of(stated.get(TEXT), narrative).replace("\n", " ")
    if written.startswith("(") and written.find(")") == len(written) - 1:
        written = written[1:-1].strip()
    return written or (observed(value, narrative).text if value is not None else "")


_REMARKS = frozenset({Role.OTHER, Role.AFTER})  # parts are the items of a scale: facts of their own


def _details(statement: Statement, further: Sequence[Observed]) -> list[Detail]:
    details = [
        *detail(DetailName.METHOD, statement.concept(METHOD_CODE).text),
        *detail(DetailName.SITE, statement.concept(TARGET_SITE_CODE).text),
        *specimen(statement),
        *relationship(statement),
    ]
    for each in further:
        details += detail(DetailName.COMMENT, f"{each.text} {each.unit}".strip())
    for role, inner in statement.nested():
        if role is Role.AGE_AT_ONSET:
            details += age_at_onset(inner)
        elif role is Role.CAUSE_OF_DEATH:
            details += detail(DetailName.OUTCOME, f"cause of death ({inner.concept(VALUE).text or 'dead'})")
    return details + nested_details(statement, remarks=_REMARKS)


def specimen(statement: Statement) -> list[Detail]:
    found = statement.parts.get(SPECIMEN)
    if found is None:
        return []
    entity = child(found, SPECIMEN_ROLE, SPECIMEN_PLAYING_ENTITY)
    if entity is None:
        return []
    return detail(DetailName.SPECIMEN, concept(child(entity, CODE), statement.place.narrative).text)


def relationship(statement: Statement) -> list[Detail]:
    """Whose family history it is: `father`. The relative's name is identity and stays out."""
    found = statement.parts.get(SUBJECT)
    related = child(found, RELATED_SUBJECT) if found is not None else None
    if related is None:
        return []
    return detail(DetailName.RELATIONSHIP, concept(child(related, CODE), statement.place.narrative).text)
