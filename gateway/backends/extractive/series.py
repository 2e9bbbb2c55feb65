"""Results of one kind joined: a value with its earlier values, a correction with what it corrects."""

from collections import defaultdict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field

from gateway.backends.extractive.interpretation import Interpretation, Level, interpret
from gateway.backends.extractive.quantities import in_order_of_time, plain_number
from gateway.backends.extractive.view import View
from gateway.backends.extractive.wording import details, is_negative
from gateway.clinical import ClinicalFact, DetailName, FactStatus

_LOINC = "http://loinc.org"
_LONGEST_ANSWERS = 300
"""Characters of several answers in one line."""
_GREAT_CHANGE = 0.25
"""Of the earlier value: so much change is shown even where both are within range (creatinine 0.6 to 1.1)."""


@dataclass(slots=True)
class Finding:
    """A result, and the earlier results of the same kind that are told with it."""

    fact: ClinicalFact
    read: Interpretation
    level: Level
    earlier: list[ClinicalFact] = field(default_factory=list)
    """The latest of them first."""
    replaced: list[ClinicalFact] = field(default_factory=list)
    """What this corrected result was first reported as."""
    repeated: list[ClinicalFact] = field(default_factory=list)
    """The same value of the same time, sent again."""
    further: list[ClinicalFact] = field(default_factory=list)
    """Other answers to the same question: each of several organisms, conditions, feeding types."""

    @property
    def facts(self) -> list[ClinicalFact]:
        return [self.fact, *self.repeated, *self.further, *self.replaced, *self.earlier]

    @property
    def origins(self) -> list[str]:
        return [fact.origin for fact in self.facts]


def findings_of(view: View, facts: Iterable[ClinicalFact]) -> list[Finding]:
    """Most pressing first, then the latest, then as sent; values of one kind joined where time tells."""
    kinds: dict[Hashable, list[Finding]] = defaultdict(list)
    for fact in facts:
        read = interpret(fact, view.plain)
        kinds[_kind_key(fact)].append(Finding(fact, read, _level(view, fact, read)))
    findings = [joined for same in kinds.values() for joined in (same if len(same) == 1 else _join(same))]
    findings.sort(key=lambda finding: finding.fact.time[:10], reverse=True)
    findings.sort(key=lambda finding: finding.level)
    return findings


def _level(view: View, fact: ClinicalFact, read: Interpretation) -> Level:
    """A normal result is listed, not counted, where something must be read beside it."""
    if read.level is not Level.NORMAL:
        return read.level
    remarked = bool(view.comments(fact))
    unsettled = fact.status in (FactStatus.CORRECTED, FactStatus.PRELIMINARY, FactStatus.PARTIAL)
    return Level.LISTED if remarked or unsettled or is_negative(fact) else Level.NORMAL


def _kind_key(fact: ClinicalFact) -> Hashable:
    """What makes two results the same test: code (LOINC alone, else with its panel), unit, specimen."""
    specimen = tuple(details(fact, DetailName.SPECIMEN)) if fact.details else ()
    for code in fact.codes:
        if code.system == _LOINC and code.code:
            return code.code, fact.unit, specimen, fact.negated
    name = (fact.codes[0].system, fact.codes[0].code) if fact.codes else fact.text.casefold()
    return name, fact.group.casefold(), fact.unit, specimen, fact.negated


def _join(same: list[Finding]) -> list[Finding]:
    """One finding for a correction and what it corrects, then one for a value and its earlier ones."""
    if any(finding.fact.status is FactStatus.CORRECTED for finding in same):
        same = _with_corrections(same)
    same = _answers_together(_without_repetitions(same))
    comparable = [finding for finding in same if _is_comparable(finding)]
    order = in_order_of_time([finding.fact.time for finding in comparable]) if len(comparable) > 1 else None
    if order is None:
        return same
    latest = comparable[order[-1]]
    joined = [comparable[index] for index in reversed(order[:-1])]
    latest.earlier = [finding.fact for finding in joined]
    for each in joined:
        latest.replaced += each.replaced
        latest.repeated += each.repeated
    if any(finding.level is Level.CRITICAL for finding in joined):
        latest.level = min(latest.level, Level.ABNORMAL)
    elif latest.level is Level.NORMAL:
        told = any(finding.level is not Level.NORMAL for finding in joined)
        latest.level = Level.LISTED if told or _changed_much(latest.fact, joined[0].fact) else Level.NORMAL
    gone = {id(finding) for finding in joined}
    return [finding for finding in same if id(finding) not in gone]


def _is_comparable(finding: Finding) -> bool:
    return (
        not finding.read.in_front
        and not is_negative(finding.fact)
        and plain_number(finding.fact.value) is not None
    )


def _with_corrections(same: list[Finding]) -> list[Finding]:
    """A corrected result takes in what was reported for the same time; it is listed even when normal.

    Without times, only where there are two: of three, nobody knows which was corrected.
    """
    corrections: dict[str, list[Finding]] = defaultdict(list)
    for finding in same:
        if finding.fact.status is FactStatus.CORRECTED and (finding.fact.time or len(same) == 2):
            corrections[finding.fact.time].append(finding)
    remaining = []
    for finding in same:
        by = corrections.get(finding.fact.time, ())
        if len(by) == 1 and finding.fact.status is not FactStatus.CORRECTED and _is_comparable(finding):
            by[0].replaced.append(finding.fact)
        else:
            remaining.append(finding)
    return remaining


def _without_repetitions(same: list[Finding]) -> list[Finding]:
    first: dict[Hashable, Finding] = {}
    for finding in same:
        fact = finding.fact
        key = fact.time, fact.value, fact.flag, fact.status, fact.reference_range, fact.details
        kept = first.setdefault(key, finding)
        if kept is not finding:
            kept.repeated.append(fact)
    return list(first.values())


def _answers_together(same: list[Finding]) -> list[Finding]:
    """Answers in words to one question at one time, with one flag and status, as far as they fit a line."""
    made: list[Finding] = []
    open_line: dict[Hashable, tuple[Finding, int]] = {}
    for finding in same:
        fact = finding.fact
        in_words = fact.value is not None and plain_number(fact.value) is None and not is_negative(fact)
        key = fact.text, fact.group, fact.time, fact.status, fact.flag, fact.reference_range, fact.details
        first, length = open_line.get(key, (finding, 0))
        length += len(fact.value or "")
        if not in_words or finding.read.in_front or first is finding or length > _LONGEST_ANSWERS:
            made.append(finding)
            first, length = finding, len(fact.value or "")
        else:
            first.further += [fact, *finding.repeated]
        if in_words:
            open_line[key] = first, length
    return made


def _changed_much(latest: ClinicalFact, before: ClinicalFact) -> bool:
    now, then = plain_number(latest.value), plain_number(before.value)
    return now is not None and then is not None and abs(now - then) >= _GREAT_CHANGE * abs(then) > 0
