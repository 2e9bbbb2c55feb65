"""What one place of a request bears, in the forms in which statements are held against it."""

from dataclasses import dataclass, field
from functools import lru_cache

from gateway.backends.extractive.quantities import side_of_range
from gateway.checking.comparators import comparator
from gateway.checking.conditions import meanings_in
from gateway.checking.dates import Day, date_of, either_reading, time_of
from gateway.checking.drugs import DRUG_NAMES, classes_in, classes_of, drugs_of
from gateway.checking.frequencies import frequencies
from gateway.checking.polarity import State, states
from gateway.checking.prose import NUMBER_WORDS, Kind, Prose, Stop, plain_number
from gateway.checking.reading import read
from gateway.checking.units import unit_at
from gateway.clinical import (
    ClinicalFact,
)

_UP_FLAGS = frozenset(("H", "HH", "HU", "HX", ">"))
_DOWN_FLAGS = frozenset(("L", "LL", "LU", "LX", "<"))
_PERIODS = frozenset(("day", "week", "month"))
_TIMES = frozenset("once twice thrice times time".split())
_ABNORMAL_FLAGS = frozenset(("A", "AA", "POS", "DET", "RR"))
_ROMAN = {"i": "1", "ii": "2", "iii": "3", "iv": "4", "v": "5"}
_NUMERALS = frozenset((*NUMBER_WORDS, *_ROMAN))
_MOST_DAYS = 24
BARE = "#"
"""The unit of a number that counts or orders things and measures nothing: `three ports`, the 2 of March 2."""


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
    stops: list[int] = field(default_factory=list)
    """After each word of `raw`; what was added apart is parted like sentences."""
    drugs: set[str] = field(default_factory=set)
    classes: set[str] = field(default_factory=set)
    meanings: set[str] = field(default_factory=set)
    said: dict[str, int] = field(default_factory=dict)
    """Stem, drug or meaning -> its states, as bits of `State`."""
    subject: frozenset[str] = frozenset()
    """Stems of what a fact is about."""
    fact: ClinicalFact | None = None
    _places: dict[str, list[int]] | None = field(default=None, repr=False)

    def add(self, text: str, state: int | None = None, unit: str = "") -> Prose:
        """`state` holds for every word, else the text's own cues do. `unit`: of numbers without one."""
        prose = read(text)
        for code, (_, _, implied) in frequencies(prose).items():
            self.frequencies.add(code)
            self.frequencies |= implied
        self._add_quantities(prose, unit)
        words = prose.words
        if "a" in words:
            self._add_rates(words)
        self.raw += words
        self.stops += prose.stops
        if words:
            self.stops[-1] = Stop.END
        own = None if state is not None else states(words, prose.stops)
        given = State.AFFIRMED if state is None else state
        said, stems = self.said, self.words
        for at, word in enumerate(words):
            root = stem(word)
            stems.add(root)
            said[root] = said.get(root, 0) | (given if own is None else own[at])
        if not DRUG_NAMES.isdisjoint(words):
            self._add_drugs(words, own, given)
        if not _NUMERALS.isdisjoint(words):
            self._add_numerals(words)
        self.classes |= classes_in(words).keys()
        self._add_meanings(words, own, given)
        return prose

    def _add_rates(self, words: list[str]) -> None:
        """`2 glasses a week`"""
        for at, word in enumerate(words[:-1]):
            following = words[at + 1]
            if word == "a" and following in _PERIODS and words[at - 1] not in _TIMES:
                self.frequencies.add(f"1/{following}")

    def _add_drugs(self, words: list[str], own: list[int] | None, given: int) -> None:
        for at, word in enumerate(words):
            named = drugs_of(word)
            self.drugs |= named
            for drug in named:
                self.said[drug] = self.said.get(drug, 0) | (given if own is None else own[at])
                self.classes |= classes_of(drug)

    def _add_numerals(self, words: list[str]) -> None:
        for at, word in enumerate(words):
            if word in NUMBER_WORDS:
                unit_after = unit_at(words, at + 1)[0] if at + 1 < len(words) else ""
                self.add_number(NUMBER_WORDS[word], unit_after or BARE)
            elif word in _ROMAN and at and words[at - 1] in ("type", "stage", "class", "grade", "factor"):
                self.add_number(_ROMAN[word], BARE)

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

    @property
    def places(self) -> dict[str, list[int]]:
        """Stem or drug -> where in `raw`. Made when it is first asked for, which few statements do."""
        if self._places is None:
            found: dict[str, list[int]] = {}
            for at, word in enumerate(self.raw):
                found.setdefault(stem(word), []).append(at)
                for drug in drugs_of(word):
                    found.setdefault(drug, []).append(at)
            self._places = found
        return self._places

    def add_number(self, value: str, unit: str, sign: str = "") -> None:
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
                self.add_number(each.value, each.unit or each.range_unit or unit, sign)
                if sign and not strict:
                    self.add_number(each.value, each.unit or each.range_unit or unit)
                period = (each.unit or unit).rpartition("/")[2]
                if period in ("day", "week", "month") and period != (each.unit or unit):
                    self.frequencies.add(f"1/{period}")
                if len(each.value) == 4 and each.value.isdecimal() and "1880" <= each.value <= "2120":
                    self._day((int(each.value), 0, 0))
            elif each.kind is Kind.DATE:
                for day in either_reading(each.day) if "/" in each.value else (each.day,):
                    self._day(day)
                for figure in filter(None, each.day):
                    self.add_number(str(figure), BARE)
            elif each.kind is Kind.TIME:
                self.times.add(each.value)
            elif each.kind is Kind.PAIR:
                self.pairs[each.value] = each.unit or unit
                parts = each.value.split("/")
                for part in parts:
                    self.add_number(part, each.unit or unit)
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
            self.add_number(plain_number(part.strip(".") or "0"), "")

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
            self.add_number(value, own_unit or unit, sign)
            if sign:
                self.add_number(value, own_unit or unit)

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
