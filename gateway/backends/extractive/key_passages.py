"""Chooses which passages of the notes are shown, by a method that gives the same answer every time.

Weight of the section, cues, how much of the notes' recurring words a passage holds, and place decide;
what repeats a chosen passage is passed over, and a suspicion is never shown without what settles it.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from gateway.backends.extractive.cues import (
    ALLERGY,
    CODE_STATUS,
    DOUBT,
    EMPTINESS,
    FORMALITY,
    NEGATION,
    weight_of,
)
from gateway.backends.extractive.note_sections import BY_CODE, OTHER, NoteSection, of_heading
from gateway.backends.extractive.passages import Passage, passages
from gateway.backends.extractive.results import is_report
from gateway.backends.extractive.stated import Stated
from gateway.backends.extractive.view import View
from gateway.backends.extractive.wording import STATUS_WORDS, is_negative
from gateway.backends.extractive.words import content_words, numbers_in
from gateway.clinical import ClinicalNote, FactKind, FactStatus
from gateway.summary import Statement, SummarySection
from gateway.summary_text import one_line

_CENTRALITY = 1.0
_OPENING = 0.5
_TOO_SHORT = -1.5
_SHORT_WORDS = 3
_MOST_CUES = 6.0
_SAME = 0.6
"""Share of common words from which two passages of one polarity count as one."""
_LEAST_SCORE = -1.2
"""Even where there is room: signatures, insurance, "none recorded" are not quoted."""
_CODE_STATUS_LINES = 3
_COVERED_WEIGHT = 0.3
"""Facts say it better: a section of a note that they cover is worth little more."""

_CELLS = " | "
"""Between the cells of a table: its rows are the entries, what stands beside it often is in none."""

_SETTLED_STATUS = frozenset({FactStatus.UNKNOWN, FactStatus.FINAL, FactStatus.COMPLETED, FactStatus.ACTIVE})


@dataclass(slots=True)
class Candidate:
    passage: Passage
    note: ClinicalNote
    part: SummarySection
    words: frozenset[str]
    in_list: bool
    place: int
    """Its number among all candidates."""
    score: float = 0.0
    origins: dict[str, None] = field(default_factory=dict)

    @property
    def denies(self) -> bool:
        return bool(self.passage.cues & NEGATION)


@dataclass(slots=True)
class Quoted:
    """What the notes give to a summary, and how much of them it is."""

    statements: dict[SummarySection, list[Statement]] = field(default_factory=lambda: defaultdict(list))
    origins: dict[str, None] = field(default_factory=dict)
    """Of every note that was read for it."""
    shown: int = 0
    total: int = 0
    too_long: int = 0
    withheld: int = 0
    """They may name somebody."""
    allergies_hidden: int = 0
    """Passages on allergies among those not shown."""


def quote(view: View) -> Quoted:
    """The passages to be shown, by the section of the summary they belong to, in the order of the notes."""
    quoted = Quoted()
    stated = Stated(view.request.facts)
    candidates = _candidates(view, quoted, stated)
    _score(candidates)
    chosen = _chosen(view, candidates, stated, quoted)
    labels = _Labels(_sources(view))
    for candidate in chosen:
        _show(view, quoted, candidate, labels)
    return quoted


def _sources(view: View) -> list[ClinicalNote]:
    """The notes, and results whose value is a report."""
    reports = [
        ClinicalNote(
            text=fact.value or "",
            title=one_line(fact.text),
            status=fact.status,
            time=fact.time,
            origin=fact.origin,
        )
        for fact in view.of_kinds(FactKind.RESULT, FactKind.VITAL_SIGN)
        if is_report(fact) and not is_negative(fact)
    ]
    return [*view.request.notes, *reports]


def _candidates(view: View, quoted: Quoted, stated: Stated) -> list[Candidate]:
    made: list[Candidate] = []
    same: dict[tuple[str, bool], Candidate] = {}
    for note in _sources(view):
        section = BY_CODE.get(note.section) or of_heading(note.title) or OTHER
        if note.repeats_facts and _is_covered(view, note, section):
            if section.part is SummarySection.PLAN:
                found = [passage for passage in passages(note.text, section) if _CELLS not in passage.quote]
            elif section.part is SummarySection.ALLERGIES:
                found = [
                    passage for passage in passages(note.text, section) if not stated.name_allergy(passage)
                ]
            else:
                continue
        else:
            found = passages(note.text, section)
        quoted.origins[note.origin] = None
        for passage in found:
            quoted.total += 1
            part, in_list = _part(view, passage)
            formal = passage.cues & (FORMALITY | EMPTINESS) and part is not SummarySection.ALLERGIES
            if not passage.fits or passage.depends or formal:
                quoted.too_long += not passage.fits
                quoted.allergies_hidden += part is SummarySection.ALLERGIES
                continue
            words = content_words(passage.text)
            candidate = Candidate(passage, note, part, words, in_list, len(made))
            first = same.setdefault((passage.quote.casefold(), in_list), candidate)
            first.origins[note.origin] = None
            if first is candidate:
                made.append(candidate)
            else:
                quoted.total -= 1
    return made


def _is_covered(view: View, note: ClinicalNote, section: NoteSection) -> bool:
    if section.covered_by:
        return any(view.facts.get(kind) for kind in section.covered_by)
    return any(fact.origin.startswith(note.origin) for fact in view.request.facts)


def _part(view: View, passage: Passage) -> tuple[SummarySection, bool]:
    """Where a passage goes, and whether it is one line of a list that is shown whole."""
    section = passage.section
    if passage.cues & CODE_STATUS and section.part is not SummarySection.ALLERGIES:
        return SummarySection.OVERVIEW, False
    if passage.cues & ALLERGY and section.part is not SummarySection.HISTORY:
        return SummarySection.ALLERGIES, True
    if section.part is SummarySection.ALLERGIES:
        return SummarySection.ALLERGIES, True
    if section.is_list and any(view.facts.get(kind) for kind in section.covered_by):
        return SummarySection.NOTES, False
    return section.part, section.is_list and section.part is not SummarySection.OVERVIEW


def _score(candidates: Sequence[Candidate]) -> None:
    recurring = Counter(word for candidate in candidates for word in candidate.words)
    most = max(recurring.values(), default=1)
    for candidate in candidates:
        passage = candidate.passage
        weight = passage.section.weight
        if passage.section.is_list and not candidate.in_list:
            weight *= _COVERED_WEIGHT
        shared = sum(recurring[word] - 1 for word in candidate.words)
        centrality = shared / (most * len(candidate.words)) if candidate.words else 0.0
        candidate.score = (
            weight
            + min(weight_of(passage.cues), _MOST_CUES)
            + _CENTRALITY * centrality
            + (_OPENING if passage.opens_section else 0.0)
            + (_TOO_SHORT if len(candidate.words) < _SHORT_WORDS else 0.0)
        )


def _chosen(view: View, candidates: Sequence[Candidate], stated: Stated, quoted: Quoted) -> list[Candidate]:
    """In the order of the notes."""
    by_part: dict[SummarySection, list[Candidate]] = defaultdict(list)
    chosen: list[Candidate] = []
    for candidate in candidates:
        if candidate.words and stated.hold(candidate.passage, candidate.part):
            continue
        by_part[candidate.part].append(candidate)
    for part, there in by_part.items():
        depth = view.depth(part)
        listed = [candidate for candidate in there if candidate.in_list]
        scored = [candidate for candidate in there if not candidate.in_list]
        bound = depth.sentences if part is SummarySection.ALLERGIES else depth.lines
        chosen += listed[:bound]
        quoted.allergies_hidden += len(listed[bound:]) if part is SummarySection.ALLERGIES else 0
        room = _CODE_STATUS_LINES if part is SummarySection.OVERVIEW else depth.sentences
        chosen += _best(scored, room)
    return sorted(_settled(chosen, candidates), key=lambda candidate: candidate.place)


def _best(candidates: Sequence[Candidate], room: int) -> list[Candidate]:
    best: list[Candidate] = []
    for candidate in sorted(candidates, key=lambda candidate: (-candidate.score, candidate.place)):
        if len(best) >= room:
            break
        if candidate.score > _LEAST_SCORE and not any(_repeats(candidate, other) for other in best):
            best.append(candidate)
    return best


def _repeats(one: Candidate, other: Candidate) -> bool:
    """They deny or affirm alike, share most words, and give the same numbers."""
    if one.denies is not other.denies or not one.words or numbers_in(one.words) != numbers_in(other.words):
        return False
    common = len(one.words & other.words)
    return common >= _SAME * (len(one.words) + len(other.words) - common)


def _settled(chosen: Sequence[Candidate], candidates: Sequence[Candidate]) -> list[Candidate]:
    """With each suspicion ("concern for PE") the first denial of the same words ("no PE on CT")."""
    all_of_them = {candidate.place: candidate for candidate in chosen}
    denials = [candidate for candidate in candidates if candidate.denies]
    for candidate in chosen:
        if not candidate.passage.cues & DOUBT:
            continue
        for denial in denials:
            common = len(candidate.words & denial.words)
            if (
                denial is not candidate
                and common
                and common >= min(2, len(candidate.words), len(denial.words))
            ):
                all_of_them[denial.place] = denial
                break
    return list(all_of_them.values())


class _Labels:
    """Which note a passage is from, in as few words as tell it."""

    def __init__(self, sources: Iterable[ClinicalNote]) -> None:
        notes = list(sources)
        self._several = len({(note.title, note.time) for note in notes}) > 1
        self._dated = len({note.time for note in notes}) > 1

    def of(self, view: View, candidate: Candidate) -> str:
        note, passage = candidate.note, candidate.passage
        titled = of_heading(note.title)
        says_section = titled is not None and titled.is_list and titled.part is candidate.part
        needed = note.title and not says_section and (self._several or not passage.under)
        parts = [one_line(note.title)] if needed else []
        if self._dated and note.time:
            parts.append(view.day(note.time))
        if note.status not in _SETTLED_STATUS:
            parts.append(STATUS_WORDS[note.status][view.plain])
        return f"{', '.join(parts)}: " if parts else ""


def _show(view: View, quoted: Quoted, candidate: Candidate, labels: _Labels) -> None:
    told = view.guard.clean(labels.of(view, candidate) + candidate.passage.quote)
    if told is None:
        quoted.withheld += 1
        quoted.allergies_hidden += candidate.part is SummarySection.ALLERGIES
        return
    quoted.shown += 1
    flags = (
        ("critical",)
        if candidate.passage.cues & CODE_STATUS and candidate.part is SummarySection.OVERVIEW
        else ()
    )
    quoted.statements[candidate.part].append(
        Statement(section=candidate.part, text=told, evidence=tuple(candidate.origins), flags=flags)
    )
