"""One statement as its rules see it: its words and figures, and the evidence that it names."""

from dataclasses import dataclass
from functools import cached_property

from gateway.checking.conditions import Named, terms
from gateway.checking.evidence import Evidence, EvidenceIndex
from gateway.checking.frequencies import Frequencies, frequencies
from gateway.checking.polarity import State, states
from gateway.checking.prose import Prose, read
from gateway.messages import Statement

_AROUND = 2


@dataclass
class Said:
    statement: Statement
    prose: Prose
    how_often: Frequencies
    evidence: list[Evidence]
    index: EvidenceIndex

    @classmethod
    def of(cls, statement: Statement, index: EvidenceIndex) -> "Said":
        prose = read(statement.text)
        return cls(statement, prose, frequencies(prose), index.of(statement.evidence), index)

    @property
    def words(self) -> list[str]:
        return self.prose.words

    @cached_property
    def terms(self) -> list[Named]:
        return terms(self.prose.words)

    @cached_property
    def states(self) -> list[State] | None:
        """None: all is affirmed."""
        return states(self.prose.words, self.prose.stops)

    def state(self, at: int) -> State:
        return State.AFFIRMED if self.states is None else self.states[at]

    def span(self, at: int, length: int = 1) -> str:
        """The words at fault with those around them, for people who look into it."""
        return " ".join(self.prose.words[max(0, at - _AROUND) : at + length + _AROUND])
