"""Results and vital signs: critical first, each with what it was before; normal ones counted."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field

from gateway.backends.extractive.entries import Entries
from gateway.backends.extractive.interpretation import Interpretation, Level, interpret
from gateway.backends.extractive.quantities import in_order_of_time, plain_number
from gateway.backends.extractive.view import View
from gateway.backends.extractive.wording import coded, counted, denied, details, is_negative, named
from gateway.clinical import ClinicalFact, Detail, DetailName, FactKind, FactStatus
from gateway.messages import Purpose, Statement, SummarySection
from gateway.summary_text import one_line

LONGEST_VALUE = 240
"""Characters. A longer value is a report: its key sentences are taken as those of a note."""

_LOINC = "http://loinc.org"
_SHOWN_EARLIER = 3
_GREAT_CHANGE = 0.25
"""Of the earlier value: so much change is shown even where both are within range (creatinine 0.6 to 1.1)."""

_SYSTOLIC = frozenset(
    {"8480-6", "systolic blood pressure", "intravascular systolic", "bp systolic", "systolic"}
)
_DIASTOLIC = frozenset(
    {"8462-4", "diastolic blood pressure", "intravascular diastolic", "bp diastolic", "diastolic"}
)


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

    @property
    def facts(self) -> list[ClinicalFact]:
        return [self.fact, *self.repeated, *self.replaced, *self.earlier]

    @property
    def origins(self) -> list[str]:
        return [fact.origin for fact in self.facts]


def is_report(fact: ClinicalFact) -> bool:
    """A result whose value is a text too long for a line."""
    return fact.value is not None and len(fact.value) > LONGEST_VALUE and plain_number(fact.value) is None


def results(view: View) -> list[Statement]:
    """Critical, abnormal, listed, then how many are normal; with the origin of every one."""
    findings = _findings(view, view.facts.get(FactKind.RESULT, ()))
    section = SummarySection.RESULTS
    entries = Entries()
    normal: list[Finding] = []
    ambiguous = _ambiguous([finding.fact for finding in findings])
    every = view.request.task.purpose is Purpose.RESULTS
    for finding in findings:
        if finding.level is Level.NORMAL and not every:
            normal.append(finding)
            continue
        _add(view, entries, finding, ambiguous)
    for specimen in view.facts.get(FactKind.SPECIMEN, ()):
        entries.add(
            denied(specimen) if is_negative(specimen) else f"Specimen: {named(specimen)}",
            (specimen.origin,),
            rank=2 * Level.NORMAL + 1,
            labels=() if is_negative(specimen) else (view.status(specimen),),
            time=view.period(specimen),
            comment=view.comments(specimen),
        )
    made = entries.statements(section, view.depth(section), "result")
    if normal:
        made.append(_count(normal, others=bool(made)))
    return made


def vital_signs(view: View) -> list[Statement]:
    """The latest of each kind; the pressures of one reading as `142/88`."""
    findings = _findings(view, view.facts.get(FactKind.VITAL_SIGN, ()))
    section = SummarySection.VITAL_SIGNS
    entries = Entries()
    pairs = _pressures(findings)
    paired = {id(diastolic) for _, diastolic in pairs.values()}
    for finding in findings:
        if id(finding) in paired:
            continue
        if id(finding) in pairs:
            _add_pressure(view, entries, *pairs[id(finding)])
        else:
            _add(view, entries, finding, frozenset())
    return entries.statements(section, view.depth(section), "vital sign")


def unstated_status(view: View) -> list[ClinicalFact]:
    """Results that the source calls neither final nor preliminary; they are taken for neither."""
    return [
        fact
        for fact in view.facts.get(FactKind.RESULT, ())
        if fact.status is FactStatus.UNKNOWN and not fact.negated
    ]


def _findings(view: View, facts: Iterable[ClinicalFact]) -> list[Finding]:
    """Most pressing first, else in the order of the source; values of one kind joined where time tells."""
    kinds: dict[Hashable, list[Finding]] = defaultdict(list)
    for fact in facts:
        read = interpret(fact, view.plain)
        kinds[_kind_key(fact)].append(Finding(fact, read, _level(fact, read)))
    findings = [joined for same in kinds.values() for joined in (same if len(same) == 1 else _join(same))]
    findings.sort(key=lambda finding: finding.level)
    return findings


def _level(fact: ClinicalFact, read: Interpretation) -> Level:
    """A normal result is listed, not counted, where something must be read beside it."""
    if read.level is not Level.NORMAL:
        return read.level
    remarked = any(detail.name is DetailName.COMMENT for detail in fact.details)
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
    same = _without_repetitions(same)
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
    """A corrected result takes in what was reported for the same time; it is listed even when normal."""
    corrections: dict[str, list[Finding]] = defaultdict(list)
    for finding in same:
        if finding.fact.status is FactStatus.CORRECTED:
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


def _changed_much(latest: ClinicalFact, before: ClinicalFact) -> bool:
    now, then = plain_number(latest.value), plain_number(before.value)
    return now is not None and then is not None and abs(now - then) >= _GREAT_CHANGE * abs(then) > 0


def _add(view: View, entries: Entries, finding: Finding, ambiguous: frozenset[str]) -> None:
    fact = finding.fact
    critical = finding.level is Level.CRITICAL or _was_critical(view, finding)
    entries.add(
        _text(view, finding),
        finding.origins,
        rank=2 * finding.level + (finding.level is Level.LISTED and plain_number(fact.value) is not None),
        pressing=finding.level in (Level.CRITICAL, Level.ABNORMAL) or bool(finding.read.in_front),
        labels=_labels(view, finding, ambiguous),
        time=view.period(fact),
        comment=_trend(view, finding) + view.comments(fact),
        flags=_flags(finding.level, critical),
    )


def _flags(level: Level, critical: bool) -> tuple[str, ...]:
    if critical:
        return ("critical",)
    return ("abnormal",) if level is Level.ABNORMAL else ()


def _was_critical(view: View, finding: Finding) -> bool:
    return any(interpret(fact, view.plain).level is Level.CRITICAL for fact in finding.earlier)


def _text(view: View, finding: Finding) -> str:
    fact = finding.fact
    if is_negative(fact):
        return denied(fact)
    if is_report(fact):
        length = len(fact.value or "")
        said = f"{one_line(fact.text)}: text of {length} characters, key sentences of it stand further below"
    else:
        said = named(fact)
        if fact.value is None and not finding.read.in_front:
            said = f"{said}: no value"
    in_front = "CRITICAL" if finding.level is Level.CRITICAL else finding.read.in_front
    codes = f" {coded(fact.codes)}".rstrip() if view.coder else ""
    return f"{in_front}: {said}{codes}" if in_front else f"{said}{codes}"


def _labels(view: View, finding: Finding, ambiguous: frozenset[str]) -> list[str]:
    fact = finding.fact
    specimen = [] if view.plain else details(fact, DetailName.SPECIMEN)
    panel = fact.group if fact.text in ambiguous else ""
    if is_negative(fact):
        return [*specimen, panel]
    usual = (
        f"{'usual range' if view.plain else 'range'} {fact.reference_range}" if fact.reference_range else ""
    )
    status = (
        ""
        if fact.status is FactStatus.COMPLETED or finding.read.in_front == "Cancelled"
        else view.status(fact)
    )
    return [finding.read.words, usual, *specimen, *details(fact, DetailName.SITE), panel, status]


def _ambiguous(facts: Sequence[ClinicalFact]) -> frozenset[str]:
    """Names that stand in several panels: glucose in serum and in urine."""
    panels: dict[str, set[str]] = defaultdict(set)
    for fact in facts:
        panels[fact.text].add(fact.group)
    return frozenset(text for text, groups in panels.items() if len(groups) > 1)


def _trend(view: View, finding: Finding) -> str:
    """`, up from 4.1 on 2026-03-01, before that 3.9 on 2026-02-11`."""
    said = ""
    if finding.replaced:
        values = ", ".join(dict.fromkeys(str(fact.value) for fact in finding.replaced))
        said = f", first reported as {values}"
    if not finding.earlier:
        return said
    now, then = plain_number(finding.fact.value) or 0.0, plain_number(finding.earlier[0].value) or 0.0
    direction = "up from" if now > then else "down from" if now < then else "unchanged from"
    shown = [
        fact
        for place, fact in enumerate(finding.earlier)
        if place < _SHOWN_EARLIER or interpret(fact, view.plain).level is Level.CRITICAL
    ]
    said += f", {direction} {_earlier(view, shown[0])}"
    if shown[1:]:
        said += f", before that {', '.join(_earlier(view, fact) for fact in shown[1:])}"
    more = len(finding.earlier) - len(shown)
    return said + (f", and {counted(more, 'earlier value')}" if more else "")


def _earlier(view: View, fact: ClinicalFact) -> str:
    read = interpret(fact, view.plain)
    flag = f" ({read.words})" if read.level in (Level.CRITICAL, Level.ABNORMAL) else ""
    return f"{fact.value}{flag} on {view.day(fact.time)}"


def _count(normal: Sequence[Finding], others: bool) -> Statement:
    """`12 further results within range or flagged normal (Basic metabolic panel 7, CBC 5)`."""
    facts = [fact for finding in normal for fact in finding.facts]
    panels = Counter(fact.group for fact in facts if fact.group)
    named_panels = (
        f" ({', '.join(f'{panel} {number}' for panel, number in panels.items())})" if panels else ""
    )
    by_range = all(finding.read.words == "within range" for finding in normal)
    said = "within range" if by_range else "within range or flagged normal"
    counted_results = counted(len(facts), "further result" if others else "result")
    return Statement(
        section=SummarySection.RESULTS,
        text=f"{counted_results} {said}{named_panels}",
        evidence=tuple(dict.fromkeys(fact.origin for fact in facts)),
    )


def _pressures(findings: Sequence[Finding]) -> dict[int, tuple[Finding, Finding]]:
    """Systolic and diastolic values of one time, unit and status, by the id of the systolic finding."""
    diastolic = {_reading(each.fact): each for each in findings if _is_one_of(each, _DIASTOLIC)}
    found = {}
    for each in findings:
        other = diastolic.get(_reading(each.fact))
        if other is not None and _is_one_of(each, _SYSTOLIC) and not _hides_something(each, other):
            found[id(each)] = (each, other)
    return found


def _hides_something(*findings: Finding) -> bool:
    """An earlier value or a correction that has to be told in a line of its own."""
    return any(
        finding.replaced or any(interpret(fact, False).level is Level.CRITICAL for fact in finding.earlier)
        for finding in findings
    )


def _reading(fact: ClinicalFact) -> tuple[str, str, str, FactStatus, tuple[Detail, ...]]:
    return fact.time, fact.unit, fact.group, fact.status, fact.details


def _is_one_of(finding: Finding, names: frozenset[str]) -> bool:
    fact = finding.fact
    plain = not finding.read.in_front and not is_negative(fact) and fact.value is not None
    return plain and (fact.text.casefold() in names or any(code.code in names for code in fact.codes))


def _add_pressure(view: View, entries: Entries, systolic: Finding, diastolic: Finding) -> None:
    upper, lower = systolic.fact, diastolic.fact
    level = min(systolic.level, diastolic.level)
    words = [
        f"{name} {finding.read.words}"
        for name, finding in (("systolic", systolic), ("diastolic", diastolic))
        if finding.level in (Level.CRITICAL, Level.ABNORMAL) and finding.read.words
    ]
    number = len(systolic.earlier) + len(diastolic.earlier)
    earlier = f", {counted(number, 'earlier value')} not listed" if number else ""
    unit = f" {upper.unit}" if upper.unit else ""
    in_front = "CRITICAL: " if level is Level.CRITICAL else ""
    entries.add(
        f"{in_front}Blood pressure: {upper.value}/{lower.value}{unit}",
        [*systolic.origins, *diastolic.origins],
        rank=2 * level,
        pressing=level is not Level.NORMAL,
        labels=(*words, view.status(upper)),
        time=view.period(upper),
        comment=earlier + view.comments(upper),
        flags=_flags(level, level is Level.CRITICAL),
    )
