"""A request without identity, and the way back for its answer: 45 CFR 164.514(b)(2) and (e).

Structured identity is left out whole. In free text this patient's own identifiers are found by what the
message says of them, everybody's by their form. What no pattern can know (a neighbour's first name) may
stay: the measured recall is in `docs/deidentification.md`.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date

from gateway.age import age_is_told
from gateway.clinical import Caution, ClinicalFact, ClinicalNote, Code, Encounter, Participant, Patient
from gateway.deidentify.ages import AGES
from gateway.deidentify.categories import TAKEN, Category
from gateway.deidentify.contacts import CONTACTS
from gateway.deidentify.dates import Dates
from gateway.deidentify.days import Hints
from gateway.deidentify.known import day_told, known_days, known_finders
from gateway.deidentify.numbers import NUMBERS
from gateway.deidentify.places import PLACES
from gateway.deidentify.spans import SEPARATOR, Finder, Finds, Look, Span, found_in
from gateway.deidentify.strangers import STRANGERS
from gateway.deidentify.tokens import Tokens
from gateway.policy.rules import Deidentify
from gateway.request import SummarizationRequest
from gateway.summary import DEIDENTIFIED, Redaction, Summary
from gateway.summary_text import fitted, summary_text
from gateway.values import carrier

_ANYBODYS: tuple[Finder, ...] = (*NUMBERS, *CONTACTS, *PLACES, *STRANGERS, *AGES)

Clean = Callable[[str], str]


@carrier
class Deidentified:
    request: SummarizationRequest
    """As a model may see it. Facts, notes and their origins stand as they stood."""
    report: tuple[Redaction, ...] = ()
    tokens: Tokens | None = None
    """None: nothing was taken out."""

    def restored(self, summary: Summary) -> Summary:
        """With the partner's own identifiers where the model wrote their tokens. A token that was never given
        out stays as the model wrote it, and is said."""
        if self.tokens is None:
            return summary
        unknown = 0
        statements = []
        for statement in summary.statements:
            text, strange = self.tokens.restore(statement.text)
            unknown += strange
            statements.append(replace(statement, text=text))
        task = self.request.task
        fit = fitted(statements, task.max_length, audience=task.audience)
        warnings = [*summary.warnings, *fit.cautions]
        if unknown:
            said = "1 placeholder" if unknown == 1 else f"{unknown} placeholders"
            said += " in the model's answer: what it stands for was never sent"
            warnings.append(Caution(code="unknown-placeholder", text=said))
        warnings.append(_caution(self.report))
        text = summary_text(fit.statements, summary.language, audience=task.audience)
        return replace(summary, statements=fit.statements, text=text, warnings=tuple(warnings))


def deidentify(
    request: SummarizationRequest, level: Deidentify, others: Sequence[Finds] = ()
) -> Deidentified:
    """Takes some 0.2 ms and 1 us for each 10 characters more; large records belong on a thread."""
    if level is Deidentify.NONE:
        return Deidentified(request)
    hints = Hints(_day_zero(request))
    finders = [*known_finders(request), Dates(hints, known_days(request)), *_ANYBODYS]
    search = _Search(_texts(request), finders, TAKEN[level], others)
    made = _without_identity(request, search.clean, level)
    return Deidentified(made, search.report, search.tokens)


def _day_zero(request: SummarizationRequest) -> date:
    """The day that the record is about: of the encounter, else of its latest note, else of receipt."""
    times = [request.encounter.start] if request.encounter else []
    days = [
        day for time in times or [note.time for note in request.notes] if (day := day_told(time)) is not None
    ]
    return max(days, default=request.received_at.date())


class _Search:
    """All texts of one request searched at once: the same identifier has the same token in all of them."""

    def __init__(
        self,
        texts: list[str],
        finders: Sequence[Finds],
        taken: frozenset[Category],
        others: Sequence[Finds],
    ) -> None:
        joined = SEPARATOR.join(texts)
        if not joined.isprintable():  # patterns refuse lone surrogates; a `?` is as long as one of them
            joined = joined.encode("utf-8", "replace").decode()
        look = Look(joined)
        gone, left = found_in(look, finders, taken, others)
        self.tokens = Tokens(look)
        self._cleaned = dict(zip(texts, self._replaced(joined, texts, gone), strict=True))
        found, replaced = (
            Counter(span.category for span in (*gone, *left)),
            Counter(span.category for span in gone),
        )
        self.report = tuple(
            Redaction(category=category.value, found=found[category], replaced=replaced[category])
            for category in sorted(found)
        )

    def clean(self, text: str) -> str:
        return self._cleaned[text] if text else text

    def _replaced(self, joined: str, texts: list[str], spans: list[Span]) -> Iterator[str]:
        waiting = iter(spans)
        span = next(waiting, None)
        start = 0
        for text in texts:
            end = start + len(text)
            pieces = []
            while span is not None and span.start < end:
                pieces += [joined[start : span.start], self.tokens.token(span, joined[span.start : span.end])]
                start = span.end
                span = next(waiting, None)
            yield "".join([*pieces, joined[start:end]])
            start = end + len(SEPARATOR)


def _texts(request: SummarizationRequest) -> list[str]:
    """Everything that some person or system wrote and that a prompt may hold, each text once."""
    found: dict[str, str] = {}
    _without_identity(request, lambda text: found.setdefault(text, text), Deidentify.SAFE_HARBOR)
    found.pop("", None)
    return list(found)


def _without_identity(request: SummarizationRequest, clean: Clean, level: Deidentify) -> SummarizationRequest:
    """Made anew, field by field: what a request may yet learn to hold stays out until it is listed here."""
    return SummarizationRequest(
        id=request.id,
        partner=request.partner,
        protocol=request.protocol,
        version=request.version,
        message_type=request.message_type,
        control_id="",
        received_at=request.received_at,
        size_bytes=request.size_bytes,
        task=request.task,
        labels=request.labels,
        patient=_patient(request, clean),
        encounter=_encounter(request.encounter, clean),
        facts=tuple([_fact(fact, clean) for fact in request.facts]),
        notes=tuple([_note(note, clean) for note in request.notes]),
        warnings=(Caution(code=DEIDENTIFIED, text=level.value),),
    )


def _patient(request: SummarizationRequest, clean: Clean) -> Patient:
    """Sex, whether alive, and of the birth date as much as gives the age that may be told."""
    patient, encounter = request.patient, request.encounter
    born = age_is_told(patient, encounter.start if encounter else "", request.received_at.date())
    return Patient(
        sex=clean(patient.sex),
        birth_date=born,
        deceased="true" if patient.deceased not in ("", "false") else "",
        language=patient.language,
    )


def _encounter(encounter: Encounter | None, clean: Clean) -> Encounter | None:
    if encounter is None:
        return None
    return replace(
        encounter,
        visit_numbers=(),
        participants=tuple(Participant(role=each.role) for each in encounter.participants),
        encounter_class=clean(encounter.encounter_class),
        type=clean(encounter.type),
        status=clean(encounter.status),
        start=clean(encounter.start),
        end=clean(encounter.end),
        location=clean(encounter.location),
        service=clean(encounter.service),
        reason=clean(encounter.reason),
        disposition=clean(encounter.disposition),
    )


def _fact(fact: ClinicalFact, clean: Clean) -> ClinicalFact:
    return replace(
        fact,
        text=clean(fact.text),
        codes=tuple([_code(code, clean) for code in fact.codes]) if fact.codes else (),
        value=fact.value and clean(fact.value),
        unit=clean(fact.unit),
        flag=clean(fact.flag),
        reference_range=clean(fact.reference_range),
        time=clean(fact.time),
        end=clean(fact.end),
        status_sent=clean(fact.status_sent),
        category=clean(fact.category),
        group=clean(fact.group),
        details=tuple([replace(each, text=clean(each.text)) for each in fact.details])
        if fact.details
        else (),
    )


def _code(code: Code, clean: Clean) -> Code:
    """Of a code, its words: a standard's own codes look like numbers of people."""
    return replace(code, display=clean(code.display))


def _note(note: ClinicalNote, clean: Clean) -> ClinicalNote:
    return replace(note, text=clean(note.text), title=clean(note.title), time=clean(note.time))


def _caution(report: Iterable[Redaction]) -> Caution:
    counts = ", ".join(f"{each.replaced} {each.category}" for each in report if each.replaced)
    said = f"Before a model read this record, identifiers were replaced in it ({counts or 'none found'})"
    return Caution(code=DEIDENTIFIED, text=said)
