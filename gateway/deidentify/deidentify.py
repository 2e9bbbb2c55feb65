"""A request without identity, and the way back for its answer: 45 CFR 164.514(b)(2) and (e).

Structured identity is left out whole. In free text this patient's own identifiers are found by what the
message says of them, everybody's by their form. What a pattern cannot know (a nickname, a nurse's first
name) may stay: the measured recall is in `docs/deidentification.md`.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from gateway.age import OLDEST_TOLD
from gateway.clinical import (
    Caution,
    ClinicalFact,
    ClinicalNote,
    Encounter,
    Participant,
    Patient,
)
from gateway.deidentify.categories import TAKEN, Category
from gateway.deidentify.own_identifiers import own_finders
from gateway.deidentify.patterns import ANYBODYS
from gateway.deidentify.spans import Finder, found_in
from gateway.deidentify.tokens import Tokens
from gateway.messages import SummarizationRequest, Summary
from gateway.policy.rules import Deidentify
from gateway.values import carrier


@carrier
class Redaction:
    """How often identifiers of one category were found and replaced. Never what they were."""

    category: Category
    found: int
    replaced: int


@carrier
class Deidentified:
    request: SummarizationRequest
    report: tuple[Redaction, ...]
    tokens: Tokens

    def restored(self, summary: Summary) -> Summary:
        """The partner's own identifiers put back where the model wrote their tokens. A token that was never
        given out stays as the model wrote it, and is said."""
        unknown = 0
        statements = []
        for statement in summary.statements:
            text, strange = self.tokens.restore(statement.text)
            unknown += strange
            statements.append(replace(statement, text=text))
        text, _ = self.tokens.restore(summary.text)
        warnings = summary.warnings
        if unknown:
            said = f"{unknown} placeholders in the answer stand for nothing that was sent"
            warnings = (*warnings, Caution(code="unknown-placeholder", text=said))
        return replace(summary, statements=tuple(statements), text=text, warnings=warnings)


def deidentify(request: SummarizationRequest, level: Deidentify) -> Deidentified:
    """The request as a model may see it. Evidence origins stay as they are."""
    cleaner = _Cleaner([*own_finders(request), *ANYBODYS], TAKEN[level])
    if level is Deidentify.NONE:
        return Deidentified(request, (), cleaner.tokens)
    made = replace(
        request,
        patient=_patient(request),
        encounter=_encounter(request.encounter, cleaner),
        facts=tuple(_fact(fact, cleaner) for fact in request.facts),
        notes=tuple(_note(note, cleaner) for note in request.notes),
    )
    report = tuple(Redaction(category, count, count) for category, count in sorted(cleaner.counts.items()))
    return Deidentified(made, report, cleaner.tokens)


class _Cleaner:
    """Takes identifiers out of texts; the same identifier has the same token in all of them."""

    def __init__(self, finders: Sequence[Finder], taken: frozenset[Category]) -> None:
        self._finders = finders
        self._taken = taken
        self._known: dict[str, str] = {}
        self.tokens = Tokens()
        self.counts: Counter[Category] = Counter()

    def clean(self, text: str) -> str:
        if not text or text.isdigit() and len(text) < 4:
            return text
        known = self._known.get(text)
        if known is None:
            valid = text if text.isprintable() else text.encode("utf-8", "replace").decode()
            spans = found_in(valid, self._finders, self._taken)
            self.counts.update(span.category for span in spans)
            known = self._known[text] = self.tokens.replace(valid, spans)
        return known


def _patient(request: SummarizationRequest) -> Patient:
    """Sex, and the year of birth while the age it gives may be told."""
    patient = request.patient
    year = patient.birth_date[:4]
    if year.isdigit() and request.received_at.year - int(year) > OLDEST_TOLD:
        year = str(request.received_at.year - OLDEST_TOLD - 1)
    return Patient(sex=patient.sex, birth_date=year, language=patient.language)


def _encounter(encounter: Encounter | None, cleaner: _Cleaner) -> Encounter | None:
    if encounter is None:
        return None
    return replace(
        encounter,
        visit_numbers=(),
        participants=tuple(Participant(role=each.role) for each in encounter.participants),
        **{
            name: cleaner.clean(getattr(encounter, name))
            for name in ("type", "start", "end", "location", "service", "reason", "disposition")
        },
    )


def _fact(fact: ClinicalFact, cleaner: _Cleaner) -> ClinicalFact:
    return replace(
        fact,
        text=cleaner.clean(fact.text),
        value=None if fact.value is None else cleaner.clean(fact.value),
        time=cleaner.clean(fact.time),
        end=cleaner.clean(fact.end),
        group=cleaner.clean(fact.group),
        details=tuple(replace(each, text=cleaner.clean(each.text)) for each in fact.details),
    )


def _note(note: ClinicalNote, cleaner: _Cleaner) -> ClinicalNote:
    return replace(
        note, text=cleaner.clean(note.text), title=cleaner.clean(note.title), time=cleaner.clean(note.time)
    )
