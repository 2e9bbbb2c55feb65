"""The check of a whole summary: the request's evidence is read once, each statement held against its own."""

from collections.abc import Callable, Iterable, Sequence

from gateway.checking import (
    allergies,
    assertions,
    clinical_terms,
    figures,
    opposites,
    organisms,
    owners,
    placeholders,
)
from gateway.checking.findings import Checked, Finding, Reason
from gateway.checking.languages import is_english
from gateway.checking.said import Said
from gateway.checking.sources import EvidenceIndex
from gateway.request import SummarizationRequest
from gateway.summary import Statement, SummarySection

_LIMITS = SummarySection.LIMITS
Rule = Callable[[Said], Iterable[Finding]]

_ANY_LANGUAGE: tuple[Rule, ...] = (
    figures.numbers,
    figures.dates,
    clinical_terms.drugs,
    placeholders.placeholders,
)
_ENGLISH: tuple[Rule, ...] = (
    *_ANY_LANGUAGE,
    figures.how_often,
    clinical_terms.conditions,
    allergies.allergens,
    organisms.organisms,
    owners.owners,
    assertions.denials,
    opposites.opposites,
    opposites.patient,
)


def check(statements: Sequence[Statement], request: SummarizationRequest) -> tuple[Checked, ...]:
    """One `Checked` for each statement, in their order. `LIMITS` is the gateway's own and is not checked.

    Never raises for what the texts hold. The time is linear in statements and in the evidence they name.
    """
    index = EvidenceIndex(request)
    rules = _ENGLISH if is_english(request.task.language) else _ANY_LANGUAGE
    return tuple(Checked(each, _findings(each, index, rules)) for each in statements)


def _findings(statement: Statement, index: EvidenceIndex, rules: tuple[Rule, ...]) -> tuple[Finding, ...]:
    if statement.section is _LIMITS:
        return ()
    if not statement.evidence or not all(map(index.knows, statement.evidence)):
        return (Finding(Reason.SOURCE),)
    said = Said.of(statement, index)
    found: list[Finding] = []
    for rule in rules:
        found += rule(said)
    return tuple(dict.fromkeys(found))
