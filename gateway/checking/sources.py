"""Facts, notes and the encounter of a request as evidence, each read when a statement first names it."""

from collections.abc import Iterable, Mapping

from gateway.checking.dates import Day, date_of
from gateway.checking.evidence import Evidence, stem
from gateway.checking.polarity import State, states
from gateway.checking.prose import plain_number
from gateway.checking.reading import read
from gateway.checking.units import unit_of_field
from gateway.clinical import Certainty, ClinicalFact, ClinicalNote, Encounter, FactKind, FactStatus
from gateway.messages import SummarizationRequest

_ENDED = frozenset(
    {
        FactStatus.STOPPED,
        FactStatus.CANCELLED,
        FactStatus.RESOLVED,
        FactStatus.INACTIVE,
        FactStatus.ON_HOLD,
    }
)
_OF_OTHERS = frozenset({FactKind.IMMUNIZATION, FactKind.FAMILY_HISTORY})
"""Kinds that name diseases which the patient does not have by that."""
_UNSURE = frozenset({Certainty.PROVISIONAL, Certainty.DIFFERENTIAL, Certainty.UNCONFIRMED})
_KIND_MEANINGS = {
    FactKind.ALLERGY: ("allergy", "allergic reaction"),
    FactKind.PROCEDURE: ("surgery",),
    FactKind.SOCIAL_HISTORY: (),
}
_SURGICAL = ("ectomy", "plasty", "otomy", "ostomy", "bypass", "transplant", "replacement", "fusion", "orif")
_CLASS_ENCOUNTER = {
    "IMP": "inpatient hospital admitted admission", "EMER": "emergency department ed er",
    "AMB": "outpatient ambulatory clinic visit", "OBSENC": "observation", "PRENC": "preadmission",
    "VR": "virtual telehealth", "HH": "home", "SS": "short stay",
}  # fmt: skip


def state_of(fact: ClinicalFact) -> int | None:
    """What holds for all its words; None: what they say themselves."""
    if fact.negated or fact.status is FactStatus.NOT_DONE or fact.certainty is Certainty.REFUTED:
        return State.ABSENT
    if fact.status in _ENDED:
        return State.ENDED
    if fact.status is FactStatus.COMPLETED:
        return State.AFFIRMED | State.ENDED
    if fact.certainty in _UNSURE:
        return State.AFFIRMED | State.OPEN
    return None


def of_fact(fact: ClinicalFact) -> Evidence:
    made = Evidence(fact=fact)
    state = state_of(fact)
    unit = unit_of_field(fact.unit) if fact.unit else ""
    plain = (fact.value or "").replace(".", "", 1)
    if plain.isascii() and plain.isdecimal() and fact.value is not None:
        made.add_number(plain_number(fact.value), unit)
        text = made.add(fact.text, state)
        made.subject = frozenset(map(stem, text.words))
    elif fact.kind is FactKind.SOCIAL_HISTORY and fact.value is not None:
        text = made.add(fact.text, state or _state_of_value(fact.value))
        made.add(fact.value, state)
    elif fact.value is not None:  # together: `Influenza A: Not detected` denies it
        text = made.add(f"{fact.text}: {fact.value}", state, unit)
        made.subject = frozenset(map(stem, fact.text.lower().replace("/", " ").replace("-", " ").split()))
    else:
        text = made.add(fact.text, state)
        made.subject = frozenset(map(stem, text.words))
    if fact.unit:
        made.words.update(map(stem, fact.unit.lower().replace("/", " ").split()))
        made.words.add(stem(unit))
    if fact.reference_range:
        made.add_limits(fact.reference_range, unit)
    for code in fact.codes:
        made.codes.add(code.code.lower())
        if code.display and code.display != fact.text:
            made.add(code.display, state)
    for detail in fact.details:
        made.add(detail.text)
    for text_of in (fact.group, fact.category.replace("-", " "), fact.status.value, fact.flag):
        if text_of:
            made.words.update(map(stem, text_of.lower().split()))
    made.add_time(fact.time)
    made.add_time(fact.end)
    for meaning in _KIND_MEANINGS.get(fact.kind, ()):
        made.meanings.add(meaning)
        made.said["~" + meaning] = made.said.get("~" + meaning, 0) | (state or State.AFFIRMED)
    if any(word.endswith(_SURGICAL) for word in text.words):
        made.meanings.add("surgery")
    return made


def _state_of_value(value: str) -> int | None:
    """`Never smoker`: what the value denies, the whole line denies."""
    prose = read(value)
    own = states(prose.words, prose.stops)
    return own[-1] if own and own[-1] & (State.ABSENT | State.ENDED) else None


def of_note(note: ClinicalNote) -> Evidence:
    made = Evidence()
    if note.title:
        made.add(note.title)
    made.add(note.text)
    made.add_time(note.time)
    return made


def of_encounter(encounter: Encounter) -> Evidence:
    made = Evidence()
    for text in (
        encounter.type,
        encounter.status,
        encounter.location,
        encounter.service,
        encounter.reason,
        encounter.disposition,
        encounter.encounter_class,
        _CLASS_ENCOUNTER.get(encounter.encounter_class, ""),
    ):
        if text:
            made.add(text)
    made.add_time(encounter.start)
    made.add_time(encounter.end)
    return made


class EvidenceIndex:
    """The evidence of a request by origin, and what holds of the patient whatever a statement names."""

    def __init__(self, request: SummarizationRequest) -> None:
        self._request = request
        self._sources: dict[str, list[ClinicalFact | ClinicalNote | Encounter]] = {}
        for each in (*request.facts, *request.notes, *((request.encounter,) if request.encounter else ())):
            if each.origin:
                self._sources.setdefault(each.origin, []).append(each)
        self._read: dict[str, tuple[Evidence, ...]] = {}
        self._everywhere: list[Evidence] | None = None
        self.ages = _ages(request)
        self.earlier_ages = _at(request.patient.birth_date, _years(fact.time for fact in request.facts))
        """`at age 50`: of the years of the facts."""
        self.sex = request.patient.sex
        self.born = date_of(request.patient.birth_date)
        self.drug_words = _drug_words(request.facts)
        self.listed_allergies = any(
            fact.kind is FactKind.ALLERGY and state_of(fact) in (None, State.AFFIRMED | State.OPEN)
            and "allerg" not in fact.text.lower() and not fact.text.lower().startswith("no ")
            for fact in request.facts
        )  # fmt: skip
        self.reference_days = tuple(_reference_days(request))

    def everywhere(self) -> list[Evidence]:
        """All that the record says. Read only when a statement tells what its own evidence does not."""
        if self._everywhere is None:
            read_all = self.of(self._sources)
            self._everywhere = [
                each for each in read_all if each.fact is None or each.fact.kind not in _OF_OTHERS
            ]
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
        return of_fact(source)
    return of_note(source) if isinstance(source, ClinicalNote) else of_encounter(source)


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


def _drug_words(facts: Iterable[ClinicalFact]) -> Mapping[str, None]:
    """Names of drugs and allergens as this request writes them."""
    return dict.fromkeys(
        word
        for fact in facts
        if fact.kind in (FactKind.MEDICATION, FactKind.ALLERGY)
        for word in fact.text.lower().split()
        if len(word) > 4 and word.isalpha() and word not in _NOT_NAMES
    )


def _reference_days(request: SummarizationRequest) -> Iterable[Day]:
    received = request.received_at
    yield received.year, received.month, received.day
    if request.encounter is not None:
        for time in (request.encounter.start, request.encounter.end):
            day = date_of(time.lower()) if time else None
            if day is not None:
                yield day
