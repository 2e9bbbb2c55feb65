"""Which lines of the notes say something of allergies that the facts do not."""

from collections.abc import Iterable, Sequence

from gateway.backends.extractive.conditions import Standing, standing
from gateway.backends.extractive.cues import NEGATION
from gateway.backends.extractive.passages import Passage
from gateway.backends.extractive.words import content_words
from gateway.clinical import ClinicalFact

_GENERAL_WORDS = frozenset(
    "allergies allergy allergic allergen known drug medication medications food adverse reaction"
    " reactions denies none nka nkda nkma severity active type date".split()
)


class AllergiesStated:
    """The words in which the facts speak of allergies, apart for those that are there and those denied."""

    def __init__(self, facts: Sequence[ClinicalFact]) -> None:
        denied = [fact for fact in facts if standing(fact) is Standing.ABSENT]
        present = [fact for fact in facts if standing(fact) is not Standing.ABSENT]
        self._said = {True: _said(denied), False: _said(present)}
        self._any = {True: bool(denied), False: bool(present)}
        self._names = content_words(" ".join(fact.text for fact in present)) - _GENERAL_WORDS

    def hold(self, passage: Passage) -> bool:
        """Facts of the same polarity have every word of the passage that names something."""
        denies = bool(passage.cues & NEGATION)
        return self._any[denies] and content_words(passage.quote) - _GENERAL_WORDS <= self._said[denies]

    def name(self, line: Passage) -> bool:
        """A line of a section whose entries were read is one of these entries. Entries may be fewer."""
        return not content_words(line.text).isdisjoint(self._names) or self.hold(line)


def _said(facts: Iterable[ClinicalFact]) -> frozenset[str]:
    texts = [
        part
        for fact in facts
        for part in (fact.text, fact.value or "", *(each.text for each in fact.details))
    ]
    return content_words(" ".join(texts))
