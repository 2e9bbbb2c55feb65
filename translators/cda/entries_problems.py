"""Problems and diagnoses: one fact from each problem observation."""

from collections.abc import Iterator

from gateway.clinical import Certainty, ClinicalFact, Detail, DetailName, FactKind
from translators.cda.datatypes import Concept, concept, quantity
from translators.cda.details import (
    SEVERITY_WORDS,
    age_at_onset,
    detail,
    in_order,
    nested_details,
    shared_word,
)
from translators.cda.naming import subject_of
from translators.cda.roles import Role
from translators.cda.statement import Around, Statement
from translators.cda.status import problem_status
from translators.cda.tags import NAME, QUALIFIER, TARGET_SITE_CODE, VALUE, child

_REMARKS = frozenset({Role.OTHER, Role.PART, Role.AFTER})
_LATERALITY = "272741003"
_ABSENT = frozenset({"410516002", "410594000", "723511001"})
"""SNOMED CT: known absent, definitely not present, refuted."""


def problem(statement: Statement, around: Around) -> Iterator[ClinicalFact]:
    named = _named(statement)
    standing, status_sent = statement.standing()
    refuted = (standing is not None and standing.refuted) or _is_known_absent(statement)
    negated = statement.negated or refuted
    subject = subject_of(FactKind.CONDITION, named, negated, statement.words)
    when = statement.period()
    yield ClinicalFact(
        kind=FactKind.CONDITION,
        text=subject.text,
        codes=named.codes,
        time=when.start,
        end=when.end,
        status=problem_status(standing, around.concern, when),
        status_sent=status_sent or (around.concern and f"statusCode={around.concern}"),
        certainty=Certainty.REFUTED if refuted else standing.certainty if standing is not None else None,
        negated=subject.negated,
        category=around.category or statement.place.category,
        details=in_order((*_details(statement), *around.details)),
        origin=statement.origin,
    )


def _named(statement: Statement) -> Concept:
    value = statement.concept(VALUE)
    if value.names or value.codes:
        return value
    if statement.asserts_its_value():
        return value
    return statement.concept()


def _details(statement: Statement) -> list[Detail]:
    details = _qualified(statement)
    for role, inner in statement.nested():
        if role is Role.SEVERITY:
            details += shared_word(DetailName.SEVERITY, inner, SEVERITY_WORDS)
        elif role is Role.RANK:
            rank = quantity(inner.parts.get(VALUE))
            details += detail(DetailName.RANK, str(rank) if rank is not None else "")
        elif role is Role.AGE_AT_ONSET:
            details += age_at_onset(inner)
    return details + nested_details(statement, remarks=_REMARKS)


def _qualifiers(statement: Statement) -> Iterator[tuple[Concept, Concept]]:
    """Name and value of each qualifier of the value (SNOMED CT's post-coordination)."""
    value = statement.parts.get(VALUE)
    for qualifier in () if value is None else value.iterchildren(QUALIFIER):
        named, said = (concept(child(qualifier, tag), statement.place.narrative) for tag in (NAME, VALUE))
        if said.text:
            yield named, said


def _is_known_absent(statement: Statement) -> bool:
    """Its finding context denies it."""
    return any(code.code in _ABSENT for _, said in _qualifiers(statement) for code in said.codes)


def _qualified(statement: Statement) -> list[Detail]:
    """Site and side; what else qualifies a problem may change what it means, and is told in its own words."""
    details = detail(DetailName.SITE, statement.concept(TARGET_SITE_CODE).text)
    for named, said in _qualifiers(statement):
        if any(code.code == _LATERALITY for code in named.codes):
            details += detail(DetailName.LATERALITY, said.text)
        elif not any(code.code in _ABSENT for code in said.codes):
            details += detail(DetailName.COMMENT, ": ".join(filter(None, (named.text, said.text))))
    return details
