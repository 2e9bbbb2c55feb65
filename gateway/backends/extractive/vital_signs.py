"""Vital signs: the latest of each kind, and the two pressures of one reading as `142/88`."""

from collections.abc import Sequence

from gateway.backends.extractive.entries import Entries
from gateway.backends.extractive.interpretation import Level, interpret
from gateway.backends.extractive.results import add_finding, flags_of
from gateway.backends.extractive.series import Finding, findings_of
from gateway.backends.extractive.view import View
from gateway.backends.extractive.wording import counted, is_negative
from gateway.clinical import ClinicalFact, Detail, FactKind, FactStatus
from gateway.summary import Statement, SummarySection

_SYSTOLIC = frozenset(
    {"8480-6", "systolic blood pressure", "intravascular systolic", "bp systolic", "systolic"}
)
_DIASTOLIC = frozenset(
    {"8462-4", "diastolic blood pressure", "intravascular diastolic", "bp diastolic", "diastolic"}
)


def vital_signs(view: View) -> list[Statement]:
    """The latest of each kind; the pressures of one reading as `142/88`."""
    findings = findings_of(view, view.facts.get(FactKind.VITAL_SIGN, ()))
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
            add_finding(view, entries, finding, frozenset())
    return entries.statements(section, view.depth(section), "vital sign")


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
        flags=flags_of(level, level is Level.CRITICAL),
    )
