"""What a request's facts and notes bear, in the forms in which statements are held against them.

Each place is read when the first statement names it, and once.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from gateway.backends.extractive.quantities import side_of_range
from gateway.checking.comparators import comparator
from gateway.checking.conditions import meanings_in
from gateway.checking.dates import Day, date_of, either_reading, time_of
from gateway.checking.drugs import classes_in, classes_of, drugs_of, is_drug
from gateway.checking.frequencies import frequencies
from gateway.checking.polarity import State, states
from gateway.checking.prose import NUMBER_WORDS, Kind, Prose, plain_number, read
from gateway.checking.units import unit_at, unit_of_field
from gateway.clinical import (
    Certainty,
    ClinicalFact,
    ClinicalNote,
    Encounter,
    FactKind,
    FactStatus,
)
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
_WITH_STATUS = frozenset({FactKind.CONDITION, FactKind.ALLERGY, FactKind.MEDICATION})
"""Kinds of which it matters whether they are current."""
_OF_OTHERS = frozenset({FactKind.IMMUNIZATION, FactKind.FAMILY_HISTORY})
"""Kinds that name diseases which the patient does not have by that."""
_UNSURE = frozenset({Certainty.PROVISIONAL, Certainty.DIFFERENTIAL, Certainty.UNCONFIRMED})
_UP_FLAGS = frozenset(("H", "HH", "HU", "HX", ">"))
_DOWN_FLAGS = frozenset(("L", "LL", "LU", "LX", "<"))
_PERIODS = frozenset(("day", "week", "month"))
_TIMES = frozenset("once twice thrice times time".split())
_ABNORMAL_FLAGS = frozenset(("A", "AA", "POS", "DET", "RR"))
_ROMAN = {"i": "1", "ii": "2", "iii": "3", "iv": "4", "v": "5"}
_KIND_MEANINGS = {
    FactKind.ALLERGY: ("allergy", "allergic reaction"),
    FactKind.PROCEDURE: ("surgery",),
    FactKind.SOCIAL_HISTORY: (),
}
_SURGICAL = ("ectomy", "plasty", "otomy", "ostomy", "bypass", "transplant", "replacement", "fusion", "orif")
_MOST_DAYS = 24
BARE = "#"
"""The unit of a number that counts or orders things and measures nothing: `three ports`, the 2 of March 2."""
_CLASS_ENCOUNTER = {
    "IMP": "inpatient hospital admitted admission", "EMER": "emergency department ed er",
    "AMB": "outpatient ambulatory clinic visit", "OBSENC": "observation", "PRENC": "preadmission",
    "VR": "virtual telehealth", "HH": "home", "SS": "short stay",
}  # fmt: skip


def stem(word: str) -> str:
    """Without the `s` of a plural."""
    if len(word) > 3 and word[-1] == "s" and word[-2] not in "sui":
        return word[:-1]
    return word


@dataclass(slots=True)
class Evidence:
    """What one place of the request bears."""

    numbers: dict[str, set[tuple[str, str]]] = field(default_factory=dict)
    """Value -> every (unit, comparator) with which it stands there."""
    units: set[str] = field(default_factory=set)
    """Of any number."""
    pairs: dict[str, str] = field(default_factory=dict)
    """`120/80` -> its unit."""
    codes: set[str] = field(default_factory=set)
    days: set[Day] = field(default_factory=set)
    """Each in every way of telling less of it: the month, the year, the day without the year."""
    exact_days: list[Day] = field(default_factory=list)
    """The first few, to count between them."""
    times: set[str] = field(default_factory=set)
    frequencies: set[str] = field(default_factory=set)
    words: set[str] = field(default_factory=set)
    """Stems."""
    raw: list[str] = field(default_factory=list)
    drugs: set[str] = field(default_factory=set)
    classes: set[str] = field(default_factory=set)
    meanings: set[str] = field(default_factory=set)
    said: dict[str, int] = field(default_factory=dict)
    """Stem, drug or meaning -> its states, as bits of `State`."""
    subject: frozenset[str] = frozenset()
    """Stems of what a fact is about."""
    fact: ClinicalFact | None = None

    def add(self, text: str, state: int | None = None, unit: str = "") -> Prose:
        """`state` holds for every word, else the text's own cues do. `unit`: of numbers without one."""
        prose = read(text)
        for code, (_, _, implied) in frequencies(prose).items():
            self.frequencies.add(code)
            self.frequencies |= implied
        self._add_quantities(prose, unit)
        words = prose.words
        for at, word in enumerate(words):
            following = words[at + 1] if word == "a" and at + 1 < len(words) else ""
            if following in _PERIODS and words[at - 1] not in _TIMES:  # `2 glasses a week`
                self.frequencies.add(f"1/{following}")
        self.raw += words
        own = None if state is not None else states(words, prose.stops)
        given = State.AFFIRMED if state is None else state
        said, stems = self.said, self.words
        for at, word in enumerate(words):
            bits = given if own is None else own[at]
            root = stem(word)
            stems.add(root)
            said[root] = said.get(root, 0) | bits
            if is_drug(word):
                named = drugs_of(word)
                self.drugs |= named
                for drug in named:
                    said[drug] = said.get(drug, 0) | bits
                    self.classes |= classes_of(drug)
            elif word in NUMBER_WORDS:
                unit_after = unit_at(words, at + 1)[0] if at + 1 < len(words) else ""
                self._number(NUMBER_WORDS[word], unit_after or BARE)
            elif word in _ROMAN and at and words[at - 1] in ("type", "stage", "class", "grade", "factor"):
                self._number(_ROMAN[word], BARE)
        self.classes |= classes_in(words).keys()
        self._add_meanings(words, own, given)
        return prose

    def _add_meanings(self, words: list[str], own: list[int] | None, given: int) -> None:
        found = meanings_in(words)
        if not found:
            return
        self.meanings |= found.keys()
        for meaning, places in found.items():
            bits = given if own is None else 0
            if own is not None:
                for at in places:
                    bits |= own[at]
            key = "~" + meaning
            self.said[key] = self.said.get(key, 0) | bits

    def _number(self, value: str, unit: str, sign: str = "") -> None:
        self.numbers.setdefault(value, set()).add((unit, sign))
        self.units.add(unit)

    def _day(self, day: Day) -> None:
        year, month, of_month = day
        self.days.update((day, (year, month, 0), (year, 0, 0), (0, month, of_month), (0, month, 0)))
        if len(self.exact_days) < _MOST_DAYS:
            self.exact_days.append(day)

    def _add_quantities(self, prose: Prose, unit: str) -> None:
        for each in prose.quantities:
            if each.kind is Kind.NUMBER or each.kind is Kind.TAKEN:
                sign, strict = comparator(prose.words, each.sign, each.at)
                self._number(each.value, each.unit or each.range_unit or unit, sign)
                if sign and not strict:
                    self._number(each.value, each.unit or each.range_unit or unit)
                period = (each.unit or unit).rpartition("/")[2]
                if period in ("day", "week", "month") and period != (each.unit or unit):
                    self.frequencies.add(f"1/{period}")
                if len(each.value) == 4 and each.value.isdecimal() and "1880" <= each.value <= "2120":
                    self._day((int(each.value), 0, 0))
            elif each.kind is Kind.DATE:
                for day in either_reading(each.day) if "/" in each.value else (each.day,):
                    self._day(day)
                for figure in filter(None, each.day):
                    self._number(str(figure), BARE)
            elif each.kind is Kind.TIME:
                self.times.add(each.value)
            elif each.kind is Kind.PAIR:
                self.pairs[each.value] = each.unit or unit
                parts = each.value.split("/")
                for part in parts:
                    self._number(part, each.unit or unit)
                if (
                    all(part.isdecimal() for part in parts)
                    and 0 < int(parts[0]) < 13
                    and 0 < int(parts[1]) < 32
                ):
                    self._day((0, int(parts[0]), int(parts[1])))  # 3/12
            else:
                self._add_code(each.value)

    def _add_code(self, code: str) -> None:
        self.codes.add(code)
        digits = "".join(each if each.isdecimal() or each == "." else " " for each in code).split()
        for part in digits:
            self._number(plain_number(part.strip(".") or "0"), "")

    def add_time(self, time: str) -> None:
        """ISO 8601, of any precision."""
        if not time:
            return
        time = time.lower()
        day = date_of(time) if len(time) > 4 else (int(time), 0, 0) if time.isdecimal() else None
        if day is not None:
            self._day(day)
        if len(time) > 10:
            clock = time_of(time[11:])
            if clock:
                self.times.add(clock)

    @property
    def is_abnormal(self) -> bool:
        """The source flags it so, without saying in which direction."""
        return self.fact is not None and not _ABNORMAL_FLAGS.isdisjoint(self.fact.flag.upper().split(","))

    def add_limits(self, reference_range: str, unit: str) -> None:
        """A limit can be told with or without its sign, a value cannot."""
        words, limits = _limits(reference_range)
        self.words.update(words)
        for value, own_unit, sign in limits:
            self._number(value, own_unit or unit, sign)
            if sign:
                self._number(value, own_unit or unit)

    @property
    def direction(self) -> str:
        """`up`, `down` or nothing: the flag of a result, else its side of the range."""
        if self.fact is None:
            return ""
        flags = set(self.fact.flag.upper().split(","))
        if flags & _UP_FLAGS:
            return "up"
        if flags & _DOWN_FLAGS:
            return "down"
        side = side_of_range(self.fact.value, self.fact.unit, self.fact.reference_range)
        return {"above": "up", "below": "down"}.get(side or "", "")


@lru_cache(maxsize=512)
def _limits(reference_range: str) -> tuple[tuple[str, ...], tuple[tuple[str, str, str], ...]]:
    """Stems, and (value, unit, sign) of each number: the same few ranges come all day."""
    prose = read(reference_range)
    numbers = [each for each in prose.quantities if each.kind is Kind.NUMBER]
    limits = tuple(
        (each.value, each.unit, comparator(prose.words, each.sign, each.at)[0]) for each in numbers
    )
    return tuple(map(stem, prose.words)), limits


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
        made._number(plain_number(fact.value), unit)
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
