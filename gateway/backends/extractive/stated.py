"""What the facts say already, so that lines of the notes which only repeat it are passed over."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cached_property

from gateway.backends.extractive.conditions import Standing, standing
from gateway.backends.extractive.cues import NEGATION
from gateway.backends.extractive.passages import Passage
from gateway.backends.extractive.words import content_words, is_date
from gateway.clinical import ClinicalFact
from gateway.summary import SummarySection
from gateway.summary_text import SECTION_OF_KIND

_ALLERGY_WORDS = frozenset(
    "allergies allergy allergic allergen known drug medication medications food adverse reaction"
    " reactions denies none nka nkda nkma severity active type date".split()
)
"""They name no substance."""


class Stated:
    """The words of the facts, apart for what is so and what is denied, by section of the summary."""

    def __init__(self, facts: Sequence[ClinicalFact]) -> None:
        self._by_part: dict[tuple[SummarySection, bool], list[ClinicalFact]] = defaultdict(list)
        for fact in facts:
            self._by_part[SECTION_OF_KIND[fact.kind], standing(fact) is Standing.ABSENT].append(fact)
        self._words: dict[tuple[SummarySection, bool], frozenset[str]] = {}

    def hold(self, passage: Passage, part: SummarySection) -> bool:
        """Facts of the same polarity have every word of the passage but its dates."""
        key = part, bool(passage.cues & NEGATION)
        facts = self._by_part.get(key)
        if not facts:
            return False
        if key not in self._words:
            self._words[key] = _words_of(facts)
        said = passage.text if part is not SummarySection.ALLERGIES else passage.quote
        return all(word in self._words[key] or is_date(word) for word in _naming(said, part))

    def name_allergy(self, line: Passage) -> bool:
        """A line of an allergy section whose entries were read is one of them. Entries may be fewer."""
        known = not self._substances.isdisjoint(content_words(line.text))
        return known or self.hold(line, SummarySection.ALLERGIES)

    @cached_property
    def _substances(self) -> frozenset[str]:
        present = self._by_part.get((SummarySection.ALLERGIES, False), ())
        return _naming(" ".join(fact.text for fact in present), SummarySection.ALLERGIES)


def _naming(text: str, part: SummarySection) -> frozenset[str]:
    words = content_words(text)
    return words - _ALLERGY_WORDS if part is SummarySection.ALLERGIES else words


def _words_of(facts: Iterable[ClinicalFact]) -> frozenset[str]:
    texts = [
        part
        for fact in facts
        for part in (fact.text, fact.value or "", fact.unit, *(detail.text for detail in fact.details))
    ]
    return content_words(" ".join(texts))
