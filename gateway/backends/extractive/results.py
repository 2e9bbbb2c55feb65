"""Results: critical first, each with what it was before; normal ones counted."""

from collections import Counter, defaultdict
from collections.abc import Sequence

from gateway.backends.extractive.entries import Entries
from gateway.backends.extractive.interpretation import Level, interpret
from gateway.backends.extractive.quantities import plain_number
from gateway.backends.extractive.series import Finding, findings_of
from gateway.backends.extractive.view import LONGEST_COMMENT, View
from gateway.backends.extractive.wording import coded, counted, denied, details, is_negative, named
from gateway.clinical import ClinicalFact, DetailName, FactKind, FactStatus
from gateway.request import Purpose
from gateway.summary import Statement, SummarySection
from gateway.summary_text import one_line

LONGEST_VALUE = 240
"""Characters. A longer value is a report: its key sentences are taken as those of a note."""

_SHOWN_EARLIER = 3
_PANELS_TOLD = 6


def is_report(fact: ClinicalFact) -> bool:
    """A result whose value is a text too long for a line."""
    return fact.value is not None and len(fact.value) > LONGEST_VALUE and plain_number(fact.value) is None


def results(view: View) -> list[Statement]:
    """Critical, abnormal, listed, then how many are normal; with the origin of every one."""
    findings = findings_of(view, view.facts.get(FactKind.RESULT, ()))
    section = SummarySection.RESULTS
    entries = Entries()
    normal: list[Finding] = []
    ambiguous = _ambiguous([finding.fact for finding in findings])
    room = view.depth(section).lines if view.request.task.purpose is Purpose.RESULTS else 0
    for place, finding in enumerate(findings):  # normal ones stand last
        if finding.level is Level.NORMAL and place >= room:
            normal.append(finding)
        else:
            add_finding(view, entries, finding, ambiguous)
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
    return made + _shared_comments(view)


def unstated_status(view: View) -> list[ClinicalFact]:
    """Results that the source calls neither final nor preliminary; they are taken for neither."""
    return [
        fact
        for fact in view.facts.get(FactKind.RESULT, ())
        if fact.status is FactStatus.UNKNOWN and not fact.negated
    ]


def add_finding(view: View, entries: Entries, finding: Finding, ambiguous: frozenset[str]) -> None:
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
        flags=flags_of(finding.level, critical),
    )


def flags_of(level: Level, critical: bool) -> tuple[str, ...]:
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
        said = "; ".join([named(fact), *(one_line(other.value or "") for other in _answers(finding))])
        if fact.value is None and not finding.read.in_front:
            said = f"{said}: no value"
    in_front = "CRITICAL" if finding.level is Level.CRITICAL else finding.read.in_front
    codes = f" {coded(fact.codes)}".rstrip() if view.coder else ""
    return f"{in_front}: {said}{codes}" if in_front else f"{said}{codes}"


def _answers(finding: Finding) -> list[ClinicalFact]:
    """Each further answer once, though it may have been sent twice."""
    different = {other.value: other for other in finding.further}
    different.pop(finding.fact.value, None)
    return list(different.values())


_SUSCEPTIBILITY = frozenset("S I R NS SDD VS MS".split())  # table 0078
"""An antibiotic's result says little without its organism, which the panel names."""


def _labels(view: View, finding: Finding, ambiguous: frozenset[str]) -> list[str]:
    fact = finding.fact
    specimen = [] if view.plain else details(fact, DetailName.SPECIMEN)
    panel = fact.group if fact.text in ambiguous or fact.flag in _SUSCEPTIBILITY else ""
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
    normal_vital = fact.kind is FactKind.VITAL_SIGN and finding.level is Level.NORMAL
    return [
        "" if normal_vital else finding.read.words,
        usual,
        *specimen,
        *details(fact, DetailName.SITE),
        panel,
        status,
    ]


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
        if place < (1 if fact.kind is FactKind.VITAL_SIGN else _SHOWN_EARLIER)
        or interpret(fact, view.plain).level is Level.CRITICAL
    ]
    said += f", {direction} {_earlier(view, shown[0])}"
    if shown[1:]:
        said += f", before that {', '.join(_earlier(view, fact) for fact in shown[1:])}"
    more = len(finding.earlier) - len(shown)
    return said + (f", and {counted(more, 'earlier value')}" if more else "")


def _earlier(view: View, fact: ClinicalFact) -> str:
    read = interpret(fact, view.plain)
    flag = f" ({read.words})" if fact.flag and read.level in (Level.CRITICAL, Level.ABNORMAL) else ""
    return f"{fact.value}{flag} on {view.day(fact.time)}"


def _shared_comments(view: View) -> list[Statement]:
    told: dict[str, list[str]] = {}
    for fact in view.facts.get(FactKind.RESULT, ()) if view.shared_comments else ():
        for comment in details(fact, DetailName.COMMENT):
            if comment in view.shared_comments:
                told.setdefault(comment, []).append(fact.origin)
    made = []
    for comment, origins in told.items():
        said = view.guard.clean(comment) if len(comment) <= LONGEST_COMMENT else None
        text = f"Comment on {counted(len(origins), 'result')}: {said or 'not shown here'}"
        made.append(
            Statement(section=SummarySection.RESULTS, text=text, evidence=tuple(dict.fromkeys(origins)))
        )
    return made


def _count(normal: Sequence[Finding], others: bool) -> Statement:
    """`12 further results within range or flagged normal (Basic metabolic panel 7, CBC 5)`."""
    facts = [fact for finding in normal for fact in finding.facts]
    panels = Counter(fact.group for fact in facts if fact.group)
    told = [f"{panel} {number}" for panel, number in panels.most_common(_PANELS_TOLD)]
    more = [f"{len(panels) - _PANELS_TOLD} more panels"] if len(panels) > _PANELS_TOLD else []
    named_panels = f" ({', '.join(told + more)})" if panels else ""
    by_range = all(finding.read.words == "within range" for finding in normal)
    said = "within range" if by_range else "within range or flagged normal"
    counted_results = counted(len(facts), "further result" if others else "result")
    return Statement(
        section=SummarySection.RESULTS,
        text=f"{counted_results} {said}{named_panels}",
        evidence=tuple(dict.fromkeys(fact.origin for fact in facts)),
    )
