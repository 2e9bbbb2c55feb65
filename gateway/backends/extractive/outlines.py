"""What a summary holds for each purpose: which sections first, and how deep each goes."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from gateway.clinical import ClinicalFact
from gateway.request import Purpose
from gateway.summary import SummarySection
from gateway.summary_text import IMPORTANCE, SECTION_OF_KIND

_S = SummarySection


@dataclass(frozen=True, slots=True)
class Depth:
    """How much a section holds. Allergies and critical results have no bound."""

    lines: int
    """Lines made of facts that are not pressing; the rest are counted in one more line."""
    sentences: int
    """Sentences taken from notes."""
    pressing_always: bool = True
    """Active problems, current medications and abnormal results stand above `lines`."""


FULL = Depth(lines=60, sentences=12)
USUAL = Depth(lines=15, sentences=6)
BRIEF = Depth(lines=5, sentences=3, pressing_always=False)
ALLERGIES_DEPTH = Depth(lines=1_000_000, sentences=40)


@dataclass(frozen=True, slots=True)
class Outline:
    order: tuple[SummarySection, ...]
    """Every section stands in every outline: what does not matter for a purpose is short, not absent."""
    focus: frozenset[SummarySection]
    """Sections in full depth."""
    brief: frozenset[SummarySection]
    importance: tuple[SummarySection, ...]
    """What is kept longest when the text must be shorter."""

    def depth(self, section: SummarySection) -> Depth:
        if section is _S.ALLERGIES:
            return ALLERGIES_DEPTH
        return FULL if section in self.focus else BRIEF if section in self.brief else USUAL


def _outline(order: str, focus: str, brief: str = "") -> Outline:
    sections = tuple(_S(name) for name in order.split())
    first = tuple(_S(name) for name in focus.split())
    always = (_S.OVERVIEW, _S.ALLERGIES, _S.LIMITS)
    rest = tuple(each for each in IMPORTANCE if each not in (*always, *first))
    return Outline(
        order=(*sections, _S.LIMITS),
        focus=frozenset(first),
        brief=frozenset(_S(name) for name in brief.split()),
        importance=(*always, *(each for each in first if each not in always), *rest),
    )


OUTLINES: dict[Purpose, Outline] = {
    Purpose.HANDOFF: _outline(
        "overview allergies problems course medications results vital-signs procedures notes plan"
        " immunizations history",
        focus="problems medications results plan",
        brief="immunizations history",
    ),
    Purpose.DISCHARGE: _outline(
        "overview course allergies problems procedures medications results vital-signs notes plan"
        " immunizations history",
        focus="course medications plan",
        brief="immunizations history",
    ),
    Purpose.REFERRAL: _outline(
        "overview course allergies problems medications results vital-signs procedures notes plan history"
        " immunizations",
        focus="problems course medications",
    ),
    Purpose.RESULTS: _outline(
        "overview results allergies vital-signs notes problems medications plan course procedures"
        " immunizations history",
        focus="results notes",
        brief="problems medications course procedures immunizations history",
    ),
    Purpose.LONGITUDINAL: _outline(
        "overview course allergies problems medications results vital-signs procedures immunizations"
        " history notes plan",
        focus="problems medications notes",
    ),
    Purpose.PATIENT_LETTER: _outline(
        "overview course problems allergies medications results procedures plan immunizations vital-signs"
        " notes history",
        focus="course medications plan",
        brief="vital-signs notes history",
    ),
}


def subject(facts: Iterable[ClinicalFact]) -> SummarySection | None:
    """The section that holds more than half of all facts: what the message is about, at any purpose."""
    counts = Counter(SECTION_OF_KIND[fact.kind] for fact in facts)
    section, most = max(counts.items(), key=lambda item: item[1], default=(None, 0))
    return section if most * 2 > counts.total() else None
