"""Facts, notes and the encounter of a request as evidence, each read when a statement first names it."""

from collections.abc import Iterable, Iterator
from functools import cached_property

from gateway.checking.dates import Day, date_of
from gateway.checking.evidence import Evidence
from gateway.checking.fact_evidence import FactEvidence, state_of
from gateway.checking.polarity import State
from gateway.clinical import ClinicalFact, ClinicalNote, Encounter, FactKind
from gateway.request import SummarizationRequest

_ALLERGY = FactKind.ALLERGY
_OF_DRUGS = (FactKind.MEDICATION, FactKind.ALLERGY)
_OF_OTHERS = frozenset({FactKind.IMMUNIZATION, FactKind.FAMILY_HISTORY})
"""Kinds that name diseases which the patient does not have by that."""
_CLASS_ENCOUNTER = {
    "IMP": "inpatient hospital admitted admission", "EMER": "emergency department ed er",
    "AMB": "outpatient ambulatory clinic visit", "OBSENC": "observation", "PRENC": "preadmission",
    "VR": "virtual telehealth", "HH": "home", "SS": "short stay",
}  # fmt: skip


def _of_note(note: ClinicalNote) -> Evidence:
    texts = (note.title, note.text) if note.title else (note.text,)
    return Evidence([(text, None) for text in texts], (note.time,))


def _of_encounter(encounter: Encounter) -> Evidence:
    texts = (
        encounter.type,
        encounter.status,
        encounter.location,
        encounter.service,
        encounter.reason,
        encounter.disposition,
        encounter.encounter_class,
        _CLASS_ENCOUNTER.get(encounter.encounter_class, ""),
    )
    return Evidence([(text, None) for text in texts if text], (encounter.start, encounter.end))


class EvidenceIndex:
    """The evidence of a request by origin, and what holds of the patient whatever a statement names."""

    def __init__(self, request: SummarizationRequest) -> None:
        self._request = request
        self._sources: dict[str, list[ClinicalFact | ClinicalNote | Encounter]] = {}
        for each in (*request.facts, *request.notes, *((request.encounter,) if request.encounter else ())):
            if each.origin:
                self._sources.setdefault(each.origin, []).append(each)
        self._read: dict[str, tuple[Evidence, ...]] = {}
        self.sex = request.patient.sex

    @cached_property
    def ages(self) -> frozenset[str]:
        return _ages(self._request)

    @cached_property
    def earlier_ages(self) -> frozenset[str]:
        """`at age 50`: of the years of the facts."""
        return _at(self._request.patient.birth_date, _years(fact.time for fact in self._request.facts))

    @cached_property
    def born(self) -> Day | None:
        return date_of(self._request.patient.birth_date)

    @cached_property
    def drug_words(self) -> frozenset[str]:
        return frozenset(_drug_words(self._request.facts))

    @cached_property
    def listed_allergies(self) -> bool:
        return any(map(_is_listed_allergy, self._request.facts))

    @cached_property
    def reference_days(self) -> tuple[Day, ...]:
        return tuple(_reference_days(self._request))

    @cached_property
    def _everywhere(self) -> list[Evidence]:
        read_all = self.of(self._sources)
        return [each for each in read_all if each.fact is None or each.fact.kind not in _OF_OTHERS]

    def everywhere(self) -> list[Evidence]:
        """All that the record says. Read only when a statement tells what its own evidence does not."""
        return self._everywhere

    def knows(self, origin: str) -> bool:
        return origin in self._sources

    def of(self, origins: Iterable[str]) -> list[Evidence]:
        found: list[Evidence] = []
        for origin in origins:
            known = self._read.get(origin)
            if known is None:
                known = self._read[origin] = tuple(map(_of, self._sources[origin]))
            found += known
        return found


def _of(source: ClinicalFact | ClinicalNote | Encounter) -> Evidence:
    if isinstance(source, ClinicalFact):
        return FactEvidence(source)
    return _of_note(source) if isinstance(source, ClinicalNote) else _of_encounter(source)


def _ages(request: SummarizationRequest) -> frozenset[str]:
    """Years of age that may be told: of the day of receipt, of the encounter, at death, or by the year."""
    encounter = request.encounter
    times = (encounter.start, encounter.end) if encounter is not None else ()
    years = {request.received_at.year, *_years((*times, request.patient.deceased))}
    ages = _at(request.patient.birth_date, years)
    return ages | {"90"} if any(int(age) >= 89 for age in ages) else ages


def _years(times: Iterable[str]) -> set[int]:
    return {int(time[:4]) for time in times if time[:4].isdecimal()}


def _at(birth_date: str, years: Iterable[int]) -> frozenset[str]:
    """The age in those years, before and after the birthday."""
    if not birth_date[:4].isdecimal():
        return frozenset()
    born = int(birth_date[:4])
    return frozenset(str(max(year - born - less, 0)) for year in years for less in (0, 1))


_NOT_NAMES = frozenset(
    "tablet tablets oral mg mcg capsule capsules solution injection injectable extended release drug allergy"
    " allergies known hydrochloride sodium potassium calcium vaccine vaccines virus cream ointment food"
    " acid dose spray suspension chewable patch inhaler powder iron water latex peanut peanuts eggs shellfish"
    " pollen dust milk nuts seafood metered actuation delayed chloride sulfate medication medications with"
    " from unit units syringe pack daily topical nasal".split()
)


def _drug_words(facts: Iterable[ClinicalFact]) -> Iterator[str]:
    """Names of drugs and allergens as this request writes them."""
    for fact in facts:
        if fact.kind in _OF_DRUGS:
            for word in fact.text.lower().split():
                if len(word) > 4 and word.isalpha() and word not in _NOT_NAMES:
                    yield word


def _is_listed_allergy(fact: ClinicalFact) -> bool:
    if fact.kind is not _ALLERGY or state_of(fact) not in (None, State.AFFIRMED | State.OPEN):
        return False
    text = fact.text.lower()
    return "allerg" not in text and not text.startswith("no ")


def _reference_days(request: SummarizationRequest) -> Iterable[Day]:
    received = request.received_at
    yield received.year, received.month, received.day
    if request.encounter is not None:
        for time in (request.encounter.start, request.encounter.end):
            day = date_of(time.lower()) if time else None
            if day is not None:
                yield day
