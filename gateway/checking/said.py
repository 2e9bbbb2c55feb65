"""One statement as its rules see it: its words and figures, and the evidence that it names."""

from dataclasses import dataclass

from gateway.checking.conditions import Named, terms
from gateway.checking.drugs import DRUG_NAMES, drugs_of, is_drug
from gateway.checking.evidence import Evidence
from gateway.checking.frequencies import Frequencies, frequencies
from gateway.checking.polarity import State, states
from gateway.checking.prose import Prose
from gateway.checking.reading import read
from gateway.checking.sources import EvidenceIndex
from gateway.summary import Statement

_A = State.AFFIRMED
_AROUND = 2


@dataclass(slots=True)
class Said:
    statement: Statement
    prose: Prose
    words: list[str]
    how_often: Frequencies
    evidence: list[Evidence]
    index: EvidenceIndex
    terms: list[Named]
    drugs: dict[int, frozenset[str]]
    """Index of a word -> the drugs that it may stand for."""
    states: list[int] | None
    """None: all is affirmed."""

    @classmethod
    def of(cls, statement: Statement, index: EvidenceIndex) -> "Said":
        prose = read(statement.text)
        words = prose.words
        return cls(
            statement,
            prose,
            words,
            frequencies(prose),
            index.of(statement.evidence),
            index,
            terms(words),
            {}
            if DRUG_NAMES.isdisjoint(words)
            else {at: drugs_of(word) for at, word in enumerate(words) if is_drug(word)},
            states(words, prose.stops),
        )

    def state(self, at: int) -> int:
        return _A if self.states is None else self.states[at]

    def span(self, at: int, length: int = 1) -> str:
        """The words at fault with those around them, for people who look into it."""
        return " ".join(self.prose.words[max(0, at - _AROUND) : at + length + _AROUND])
