"""What a fact bears: its texts under its status, its value, range and times, and what its kind implies."""

from functools import lru_cache

from gateway.backends.extractive.quantities import side_of_range
from gateway.checking.comparators import comparator
from gateway.checking.evidence import Evidence, Told, stem, stems
from gateway.checking.evidence_figures import Numbers
from gateway.checking.polarity import State, states
from gateway.checking.prose import NUMBER, plain_number
from gateway.checking.reading import read
from gateway.checking.units import unit_of_field
from gateway.clinical import Certainty, ClinicalFact, FactKind, FactStatus

# Tuples: to look for a member of an enum in a set costs more, its hash is computed in Python.
_ENDED = (
    FactStatus.STOPPED,
    FactStatus.CANCELLED,
    FactStatus.RESOLVED,
    FactStatus.INACTIVE,
    FactStatus.ON_HOLD,
)
_UNSURE = (Certainty.PROVISIONAL, Certainty.DIFFERENTIAL, Certainty.UNCONFIRMED)
_KIND_MEANINGS = {
    FactKind.ALLERGY: ("allergy", "allergic reaction"),
    FactKind.PROCEDURE: ("surgery",),
}
_SURGICAL = ("ectomy", "plasty", "otomy", "ostomy", "bypass", "transplant", "replacement", "fusion", "orif")
_LAST_LETTERS = frozenset(ending[-3:] for ending in _SURGICAL)
_SOCIAL = FactKind.SOCIAL_HISTORY
_NOT_DONE, _COMPLETED, _REFUTED = FactStatus.NOT_DONE, FactStatus.COMPLETED, Certainty.REFUTED
_A, _N, _E, _O = State.AFFIRMED, State.ABSENT, State.ENDED, State.OPEN
_UP_FLAGS = frozenset(("H", "HH", "HU", "HX", ">"))
_DOWN_FLAGS = frozenset(("L", "LL", "LU", "LX", "<"))
_ABNORMAL_FLAGS = frozenset(("A", "AA", "POS", "DET", "RR"))


def state_of(fact: ClinicalFact) -> int | None:
    """What holds for all its words; None: what they say themselves."""
    if fact.negated or fact.status is _NOT_DONE or fact.certainty is _REFUTED:
        return _N
    if fact.status in _ENDED:
        return _E
    if fact.status is _COMPLETED:
        return _A | _E
    if fact.certainty in _UNSURE:
        return _A | _O
    return None


class FactEvidence(Evidence):
    fact: ClinicalFact
    _subject: frozenset[str] | None = None

    def __init__(self, fact: ClinicalFact) -> None:
        self.fact = fact
        self._state = state_of(fact)
        self._unit = unit_of_field(fact.unit) if fact.unit else ""
        self._has_plain_value = _is_plain(fact.value)
        super().__init__(_told(fact, self._state, self._has_plain_value), (fact.time, fact.end))
        if fact.value is not None and not self._has_plain_value and fact.kind is not _SOCIAL:
            self._lent = self._unit, self._ends[0]

    @property
    def subject(self) -> frozenset[str]:  # type: ignore[override]
        if self._subject is None:
            self._subject = self._read_subject()
        return self._subject

    def _read_subject(self) -> frozenset[str]:
        if self.fact.value is None or self._has_plain_value:
            return frozenset(self._all_stems()[: self._ends[0]])
        if self.fact.kind is _SOCIAL:
            return frozenset()
        return frozenset(stems(self.fact.text.lower().replace("/", " ").replace("-", " ").split()))

    def _read_numbers(self) -> Numbers:
        made, fact, unit = super()._read_numbers(), self.fact, self._unit
        if self._has_plain_value and fact.value is not None:
            made.add(plain_number(fact.value), unit)
        if fact.reference_range:
            for value, own_unit, sign in _limits(fact.reference_range)[1]:
                made.add(value, own_unit or unit, sign)
                if sign:  # a limit can be told with or without its sign, a value cannot
                    made.add(value, own_unit or unit)
        return made

    def _read_codes(self) -> set[str]:
        return super()._read_codes().union([code.code.lower() for code in self.fact.codes])

    def _read_words(self) -> set[str]:
        words, fact = super()._read_words(), self.fact
        if fact.unit:
            words.update(stems(fact.unit.lower().replace("/", " ").split()))
            words.add(stem(self._unit))
        if fact.reference_range:
            words.update(_limits(fact.reference_range)[0])
        for text in (fact.group, fact.category.replace("-", " "), fact.status, fact.flag):
            if text:
                words.update(stems(text.lower().split()))
        return words

    def _read_meanings(self) -> set[str]:
        meanings = super()._read_meanings()
        meanings.update(_KIND_MEANINGS.get(self.fact.kind, ()))
        if any(
            word[-3:] in _LAST_LETTERS and word.endswith(_SURGICAL)
            for word in self._prose.words[: self._ends[0]]
        ):
            meanings.add("surgery")
        return meanings

    def _read_said(self) -> dict[str, int]:
        said = super()._read_said()
        for meaning in _KIND_MEANINGS.get(self.fact.kind, ()):
            said["~" + meaning] = said.get("~" + meaning, 0) | (self._state or _A)
        return said

    @property
    def is_abnormal(self) -> bool:
        return not _ABNORMAL_FLAGS.isdisjoint(self.fact.flag.upper().split(","))

    @property
    def direction(self) -> str:
        """By the flag of a result, else by its side of the range."""
        flags = set(self.fact.flag.upper().split(","))
        if flags & _UP_FLAGS:
            return "up"
        if flags & _DOWN_FLAGS:
            return "down"
        side = side_of_range(self.fact.value, self.fact.unit, self.fact.reference_range)
        return {"above": "up", "below": "down"}.get(side or "", "")


def _told(fact: ClinicalFact, state: int | None, has_plain_value: bool) -> list[Told]:
    """Its texts, the first of which is what it is about."""
    if fact.value is None or has_plain_value:
        told: list[Told] = [(fact.text, state)]
    elif fact.kind is _SOCIAL:
        told = [(fact.text, state or _state_of_value(fact.value)), (fact.value, state)]
    else:  # together: `Influenza A: Not detected` denies it
        told = [(f"{fact.text}: {fact.value}", state)]
    told += [(code.display, state) for code in fact.codes if code.display and code.display != fact.text]
    told += [(detail.text, None) for detail in fact.details]
    return told


def _is_plain(value: str | None) -> bool:
    digits = (value or "").replace(".", "", 1)
    return digits.isascii() and digits.isdecimal()


def _state_of_value(value: str) -> int | None:
    """`Never smoker`: what the value denies, the whole line denies."""
    prose = read(value)
    own = states(prose.words, prose.stops)
    return own[-1] if own and own[-1] & (_N | _E) else None


@lru_cache(maxsize=512)
def _limits(reference_range: str) -> tuple[tuple[str, ...], tuple[tuple[str, str, str], ...]]:
    """Stems, and (value, unit, sign) of each number: the same few ranges come all day."""
    prose = read(reference_range)
    numbers = [each for each in prose.quantities if each.kind is NUMBER]
    limits = tuple(
        (each.value, each.unit, comparator(prose.words, each.sign, each.at)[0]) for each in numbers
    )
    return tuple(map(stem, prose.words)), limits
