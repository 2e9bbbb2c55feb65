"""Allergies and intolerances: one fact from each allergy observation, and what was denied of which kind."""

from collections.abc import Iterator

from gateway.clinical import ClinicalFact, Detail, DetailName, FactKind, UnreadReason
from translators.cda.datatypes import NO_CONCEPT, Concept, concept, entity_name
from translators.cda.details import SEVERITY_WORDS, detail, in_order, nested_details, shared_word
from translators.cda.naming import (
    Subject,
    UnreadableEntry,
    check_information,
    denies,
    said_in,
    subject_of,
    whole_kind,
)
from translators.cda.roles import Role
from translators.cda.statement import Around, Statement
from translators.cda.status import allergy_status
from translators.cda.tags import (
    CODE,
    PARTICIPANT,
    PARTICIPANT_ROLE,
    PLAYING_ENTITY,
    VALUE,
    child,
)

_CATEGORIES = {  # C-CDA Allergy and Intolerance Type, SNOMED CT
    "416098002": "drug",
    "59037007": "drug",
    "419511003": "drug",
    "414285001": "food",
    "235719002": "food",
    "418471000": "food",
    "426232007": "environment",
}
_INTOLERANCES = frozenset({"59037007", "235719002"})
_ALL_ALLERGIES = "known allergies"
_CRITICALITY = {"CRITL": "low", "CRITH": "high", "CRITU": "unable to assess"}


def allergy(statement: Statement, around: Around) -> Iterator[ClinicalFact]:
    substance = _substance(statement)
    allergy_type = statement.concept(VALUE)
    standing, status_sent = statement.standing()
    negated = statement.negated or (standing is not None and standing.refuted)
    subject = _subject(statement, substance, allergy_type, negated)
    when = statement.period()
    yield ClinicalFact(
        kind=FactKind.ALLERGY,
        text=subject.text,
        codes=substance.codes,
        time=when.start,
        end=when.end,
        status=allergy_status(standing, around.concern, when),
        status_sent=status_sent or (around.concern and f"statusCode={around.concern}"),
        certainty=standing.certainty if standing is not None else None,
        negated=subject.negated,
        category=_category(allergy_type, statement.concept(CODE)),
        details=in_order(
            (
                *manifestations(statement),
                *_intolerance(allergy_type),
                *nested_details(statement),
                *around.details,
            )
        ),
        origin=statement.origin,
    )


def _substance(statement: Statement) -> Concept:
    for participant in statement.each(PARTICIPANT):
        entity = child(participant, PARTICIPANT_ROLE, PLAYING_ENTITY)
        if entity is not None and participant.get("typeCode") in ("CSM", None):
            return concept(child(entity, CODE), statement.place.narrative, entity_name(entity))
    return NO_CONCEPT


def _subject(statement: Statement, substance: Concept, allergy_type: Concept, negated: bool) -> Subject:
    everything = whole_kind(FactKind.ALLERGY, substance)
    if (substance.names or substance.codes) and everything is None:
        return subject_of(FactKind.ALLERGY, substance, negated)
    class_of = whole_kind(FactKind.ALLERGY, allergy_type) or everything
    if allergy_type.codes and class_of is None:  # the type names the substance: "allergy to penicillin"
        return subject_of(FactKind.ALLERGY, allergy_type, negated)
    displayed = {code.display for code in allergy_type.codes}
    own_words = next((name for name in allergy_type.names if name not in displayed), "")
    pointed = own_words or statement.written()
    written = pointed or statement.words()
    is_of_some_kind = class_of is not None and class_of != _ALL_ALLERGIES
    if negated and not (is_of_some_kind or pointed or denies(written or "none")):
        raise UnreadableEntry(UnreadReason.INVALID, "allergy: a denial that its section does not tell of")
    if negated and class_of is not None and is_of_some_kind:
        check_information(FactKind.ALLERGY, said_in(written, negated))
        return Subject(class_of, True)
    if not negated and not written:
        raise UnreadableEntry(UnreadReason.NO_INFORMATION, "allergy without a substance")
    return subject_of(FactKind.ALLERGY, NO_CONCEPT, negated, lambda: written)


def _category(*types: Concept) -> str:
    for each in types:
        for code in each.codes:
            if code.code in _CATEGORIES:
                return _CATEGORIES[code.code]
    return ""


def _intolerance(allergy_type: Concept) -> list[Detail]:
    known = any(code.code in _INTOLERANCES for code in allergy_type.codes)
    return detail(DetailName.COMMENT, "intolerance" if known else "")


def manifestations(statement: Statement) -> list[Detail]:
    """Reactions and their severities. Some senders hang them on the concern act instead."""
    details: list[Detail] = []
    for role, inner in statement.nested():
        if role is Role.REACTION:
            details += _reaction(inner)
        elif role is Role.SEVERITY:
            details += shared_word(DetailName.SEVERITY, inner, SEVERITY_WORDS)
        elif role is Role.CRITICALITY:
            details += shared_word(DetailName.CRITICALITY, inner, _CRITICALITY)
    return details


def _reaction(inner: Statement) -> list[Detail]:
    manifested = inner.concept(VALUE)
    if manifested.null_flavor and not manifested.names:
        return []
    text = manifested.text or inner.written()
    if not text:
        return []
    details = [Detail(name=DetailName.REACTION, text=f"no {text}" if inner.negated else text)]
    for role, nested in inner.nested():
        if role is Role.SEVERITY:
            details += shared_word(DetailName.SEVERITY, nested, SEVERITY_WORDS)
    return details
