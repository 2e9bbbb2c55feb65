"""What one place of the request bears, in the forms in which statements are held against it.

A statement asks for few of them: each is made when a rule first asks for it.
"""

from collections.abc import Iterable, Iterator, Sequence

from gateway.checking.conditions import meanings_in
from gateway.checking.dates import Day
from gateway.checking.drugs import DRUG_NAMES, classes_in, classes_of, drugs_of
from gateway.checking.evidence_figures import Days, Numbers, rates_by_unit, rates_told, times_in
from gateway.checking.polarity import CUES, State, states
from gateway.checking.prose import BREAK, END
from gateway.checking.reading import read_apart
from gateway.clinical import ClinicalFact

Told = tuple[str, int | None]
"""A text, and the state that holds for each of its words; None: what its own cues say."""
_A, _O = State.AFFIRMED, State.OPEN
_SHORT = 100
"""Words."""
_AFFIRMED_OR_OPEN = _A | _O


def stem(word: str) -> str:
    """Without the `s` of a plural."""
    if len(word) > 3 and word[-1] == "s" and word[-2] not in "sui":
        return word[:-1]
    return word


def stems(words: Iterable[str]) -> list[str]:
    return [stem(word) if word[-1:] == "s" else word for word in words]


class Evidence:
    """A note or the encounter; the evidence of a fact knows more."""

    fact: ClinicalFact | None = None
    subject: frozenset[str] = frozenset()
    """Stems of what a fact is about."""

    _lent: tuple[str, int] = ("", 0)
    """A unit for numbers that have none, and before which word."""
    _numbers: Numbers | None = None
    _units: set[str] | None = None
    _codes: set[str] | None = None
    _days: Days | None = None
    _clock_times: set[str] | None = None
    _told_rates: set[str] | None = None
    _frequencies: set[str] | None = None
    _stems: list[str] | None = None
    _words: set[str] | None = None
    _states: list[int] | None = None
    _affirms: bool | None = None
    _said: dict[str, int] | None = None
    _drugs: set[str] | None = None
    _classes: set[str] | None = None
    _named: dict[str, list[int]] | None = None
    _meanings: set[str] | None = None
    _running: tuple[list[str], list[int]] | None = None
    _places: dict[str, list[int]] | None = None

    def __init__(self, told: Sequence[Told], times: tuple[str, ...]) -> None:
        self._prose, self._ends = read_apart([text for text, _ in told])
        self._given = [state for _, state in told]
        self._times = times

    def _spans(self) -> Iterator[tuple[int, int]]:
        """Where each text begins and ends."""
        start = 0
        for end in self._ends:
            yield start, end
            start = end + 1

    @property
    def numbers(self) -> dict[str, set[tuple[str, str]]]:
        """Value -> every (unit, comparator) with which it stands there."""
        return (self._numbers or self.figures).by_value

    @property
    def figures(self) -> Numbers:
        if self._numbers is None:
            self._numbers = self._read_numbers()
        return self._numbers

    def _read_numbers(self) -> Numbers:
        return Numbers(self._prose, *self._lent)

    @property
    def units(self) -> set[str]:
        """Of any number."""
        if self._units is None:
            self._units = {unit for known in self.numbers.values() for unit, _ in known}
        return self._units

    @property
    def pairs(self) -> dict[str, str]:
        """`120/80` -> its unit."""
        return self.figures.pairs

    @property
    def codes(self) -> set[str]:
        if self._codes is None:
            self._codes = self._read_codes()
        return self._codes

    def _read_codes(self) -> set[str]:
        return self.figures.codes

    def _all_days(self) -> Days:
        if self._days is None:
            self._days = Days(self._prose, self._times)
        return self._days

    @property
    def days(self) -> set[Day]:
        """Each in every way of telling less of it: the month, the year, the day without the year."""
        return self._all_days().told

    @property
    def exact_days(self) -> list[Day]:
        """The first few, to count between them."""
        return self._all_days().exact

    @property
    def times(self) -> set[str]:
        """Of day."""
        if self._clock_times is None:
            self._clock_times = times_in(self._prose, self._times)
        return self._clock_times

    def tells_rate(self, code: str) -> bool:
        """How often; what its words say is asked before what units and articles say."""
        if self._told_rates is None:
            self._told_rates = rates_told(self._prose)
        return code in self._told_rates or code in self.frequencies

    @property
    def frequencies(self) -> set[str]:
        if self._frequencies is None:
            told = self._told_rates or rates_told(self._prose)
            self._frequencies = told | rates_by_unit(self._prose, self._spans(), *self._lent)
        return self._frequencies

    def _all_stems(self) -> list[str]:
        if self._stems is None:
            self._stems = stems(self._prose.words)
        return self._stems

    @property
    def words(self) -> set[str]:
        """Stems."""
        if self._words is None:
            self._words = self._read_words()
        return self._words

    def has(self, word: str) -> bool:
        """In the singular or plural. A short text is looked through, which costs less than its stems."""
        words = self._prose.words
        if self._words is None and len(words) < _SHORT and word in words:
            return True
        return stem(word) in self.words

    def _read_words(self) -> set[str]:
        words = set(self._all_stems())
        words.discard(BREAK)
        return words

    def _all_states(self) -> list[int] | None:
        """Of each word; None when all are affirmed."""
        if self._states is None and not self._is_plain():
            self._states = list(self._read_states())
        return self._states

    def _is_plain(self) -> bool:
        return CUES.isdisjoint(self._prose.words) and self._given.count(None) == len(self._given)

    def _read_states(self) -> Iterator[int]:
        words, stops = self._prose.words, self._prose.stops
        for given, (start, end) in zip(self._given, self._spans(), strict=True):
            own = states(words[start:end], stops[start:end]) if given is None else None
            yield from own or [_A if given is None else given] * (end - start)
            yield _A  # of the break

    @property
    def affirms(self) -> bool:
        """Each of its words, whatever else it says of them, and leaves none open."""
        if self._affirms is None:
            own = self._all_states()
            self._affirms = own is None or all(each & _AFFIRMED_OR_OPEN == _A for each in set(own))
        return self._affirms

    @property
    def said(self) -> dict[str, int]:
        """Stem, drug or meaning (after `~`) -> its states, as bits of `State`."""
        if self._said is None:
            self._said = self._read_said()
        return self._said

    def _read_said(self) -> dict[str, int]:
        own, roots, words = self._all_states(), self._all_stems(), self._prose.words
        if own is None:
            own = [_A] * len(words)
            said: dict[str, int] = dict.fromkeys(roots, _A)
        else:
            said = {}
            for root, state in zip(roots, own, strict=True):
                said[root] = said.get(root, 0) | state
        said.pop(BREAK, None)
        if not DRUG_NAMES.isdisjoint(words):
            for word, state in zip(words, own, strict=True):
                for drug in drugs_of(word):
                    said[drug] = said.get(drug, 0) | state
        for meaning, places in self._all_named().items():
            key = "~" + meaning
            for at in places:
                said[key] = said.get(key, 0) | own[at]
        return said

    @property
    def drugs(self) -> set[str]:
        if self._drugs is None:
            self._drugs = set()
            for word in DRUG_NAMES.intersection(self._prose.words):
                self._drugs |= drugs_of(word)
        return self._drugs

    @property
    def classes(self) -> set[str]:
        """Of drugs: those that are named, and those of the drugs that are."""
        if self._classes is None:
            self._classes = set(classes_in(self._prose.words)).union(*map(classes_of, self.drugs))
        return self._classes

    def _all_named(self) -> dict[str, list[int]]:
        if self._named is None:
            self._named = meanings_in(self._prose.words)
        return self._named

    @property
    def meanings(self) -> set[str]:
        """All that it can be taken to name, with what each is a kind of."""
        if self._meanings is None:
            self._meanings = self._read_meanings()
        return self._meanings

    def _read_meanings(self) -> set[str]:
        return set(self._all_named())

    @property
    def direction(self) -> str:
        """`up`, `down` or nothing, of a result."""
        return ""

    @property
    def is_abnormal(self) -> bool:
        """The source flags it so, without saying in which direction."""
        return False

    @property
    def raw(self) -> list[str]:
        """The words as they stand there, in their order."""
        return self._all_running()[0]

    @property
    def stops(self) -> list[int]:
        """After each word of `raw`; what was told apart is parted like sentences."""
        return self._all_running()[1]

    def _all_running(self) -> tuple[list[str], list[int]]:
        if self._running is None:
            raw: list[str] = []
            stops: list[int] = []
            for start, end in self._spans():
                raw += self._prose.words[start:end]
                stops += self._prose.stops[start:end]
                if end > start:
                    stops[-1] = END
            self._running = raw, stops
        return self._running

    @property
    def places(self) -> dict[str, list[int]]:
        """Stem or drug -> where in `raw`."""
        if self._places is None:
            found: dict[str, list[int]] = {}
            for at, word in enumerate(self.raw):
                found.setdefault(stem(word), []).append(at)
                for drug in drugs_of(word):
                    found.setdefault(drug, []).append(at)
            self._places = found
        return self._places
