"""What was done, how the patient lives, and what comes next: procedures, devices, history, plan."""

from collections.abc import Callable, Iterable

from gateway.backends.extractive.course import done_in_encounter
from gateway.backends.extractive.entries import Entries
from gateway.backends.extractive.view import View
from gateway.backends.extractive.wording import coded, denied, details, is_negative, named
from gateway.clinical import ClinicalFact, DetailName, FactKind, FactStatus
from gateway.summary import Statement, SummarySection

_OVER = frozenset({FactStatus.CANCELLED, FactStatus.STOPPED, FactStatus.INACTIVE, FactStatus.RESOLVED})
_AHEAD = frozenset({FactStatus.PLANNED, FactStatus.ON_HOLD})
_ALWAYS_AHEAD = frozenset({FactKind.APPOINTMENT, FactKind.ORDER, FactKind.GOAL, FactKind.CARE_PLAN})
_PLAINLY_DONE = frozenset(
    {FactKind.PROCEDURE, FactKind.SOCIAL_HISTORY, FactKind.FAMILY_HISTORY, FactKind.ASSESSMENT}
)

_INTRODUCTIONS: dict[FactKind, tuple[str, str]] = {
    FactKind.DEVICE: ("Device: ", "Device: "),
    FactKind.FAMILY_HISTORY: ("Family history: ", "In the family: "),
    FactKind.SOCIAL_HISTORY: ("", ""),
    FactKind.FUNCTIONAL_STATUS: ("Functional status: ", "Abilities: "),
    FactKind.ORDER: ("Ordered: ", "Ordered: "),
    FactKind.APPOINTMENT: ("Appointment: ", "Appointment: "),
    FactKind.GOAL: ("Goal: ", "Goal: "),
    FactKind.CARE_PLAN: ("Care plan: ", "Care plan: "),
    FactKind.ASSESSMENT: ("Assessment: ", "Assessment: "),
    FactKind.OTHER: ("", ""),
}
"""Family history is always introduced as such: the condition is not the patient's."""

_TOLD_BESIDE = (
    DetailName.LATERALITY,
    DetailName.SITE,
    DetailName.METHOD,
    DetailName.SEVERITY,
    DetailName.ONSET,
    DetailName.OUTCOME,
    DetailName.DOSE,
    DetailName.FREQUENCY,
    DetailName.PRIORITY,
    DetailName.LOCATION,
)
_INTRODUCED_DETAIL = {
    DetailName.ONSET: "onset ",
    DetailName.OUTCOME: "outcome ",
    DetailName.PRIORITY: "priority ",
    DetailName.SEVERITY: "severity ",
}


def procedures(view: View) -> list[Statement]:
    """Procedures not told in the course, then devices. Not done ones first: they may still be owed."""
    told = {id(fact) for fact in done_in_encounter(view)}
    facts = [fact for fact in view.facts.get(FactKind.PROCEDURE, ()) if id(fact) not in told]
    facts = [fact for fact in facts if fact.status is not FactStatus.PLANNED or is_negative(fact)]
    facts += view.facts.get(FactKind.DEVICE, ())
    return _lines(
        view, SummarySection.PROCEDURES, facts, "procedure", lambda fact: fact.kind is FactKind.DEVICE
    )


def history(view: View) -> list[Statement]:
    facts = view.of_kinds(FactKind.SOCIAL_HISTORY, FactKind.FAMILY_HISTORY, FactKind.FUNCTIONAL_STATUS)
    return _lines(view, SummarySection.HISTORY, facts, "history entry")


def assessments(view: View) -> list[Statement]:
    facts = view.of_kinds(FactKind.ASSESSMENT, FactKind.OTHER)
    return _lines(view, SummarySection.NOTES, facts, "entry")


def plan(view: View) -> list[Statement]:
    """Appointments by their time, planned procedures, orders, goals and care plans."""
    appointments = sorted(view.facts.get(FactKind.APPOINTMENT, ()), key=lambda fact: fact.time or "~")
    planned = [
        fact
        for fact in view.facts.get(FactKind.PROCEDURE, ())
        if fact.status is FactStatus.PLANNED and not is_negative(fact)
    ]
    others = view.of_kinds(FactKind.ORDER, FactKind.GOAL, FactKind.CARE_PLAN)
    return _lines(view, SummarySection.PLAN, [*appointments, *planned, *others], "planned item", _is_over)


def _is_over(fact: ClinicalFact) -> bool:
    return fact.status in _OVER or fact.status is FactStatus.COMPLETED


def _lines(
    view: View,
    section: SummarySection,
    facts: Iterable[ClinicalFact],
    noun: str,
    later: Callable[[ClinicalFact], bool] = lambda fact: False,
) -> list[Statement]:
    entries = Entries()
    for fact in facts:
        negative = is_negative(fact)
        entries.add(
            _text(view, fact),
            (fact.origin,),
            rank=0 if negative else 2 if later(fact) else 1,
            pressing=negative,
            labels=() if negative or _status_in_front(fact) else (_status(view, fact),),
            time=view.period(fact, since=fact.kind is FactKind.DEVICE),
            comment=view.comments(fact),
        )
    return entries.statements(section, view.depth(section), noun)


def _status_in_front(fact: ClinicalFact) -> bool:
    return fact.status in _OVER or (fact.status in _AHEAD and fact.kind not in _ALWAYS_AHEAD)


def _status(view: View, fact: ClinicalFact) -> str:
    """A completed procedure needs no word for it, an order does: it says that the test was made."""
    done = fact.status is FactStatus.COMPLETED and fact.kind in _PLAINLY_DONE
    return "" if done else view.status(fact)


def _text(view: View, fact: ClinicalFact) -> str:
    reasons = details(fact, DetailName.REASON)
    why = f"; reason: {', '.join(reasons)}" if reasons else ""
    relatives = ", ".join(details(fact, DetailName.RELATIONSHIP))
    if is_negative(fact):
        of_whom = f" ({relatives})" if relatives else ""
        return f"{denied(fact)}{of_whom}{why}"
    in_front = f"{view.status(fact).capitalize()}: " if _status_in_front(fact) else ""
    introduction = _INTRODUCTIONS.get(fact.kind, ("", ""))[view.plain]
    beside = "".join(
        f", {_INTRODUCED_DETAIL.get(name, '')}{text}" for name in _TOLD_BESIDE for text in details(fact, name)
    )
    codes = f" {coded(fact.codes)}".rstrip() if view.coder else ""
    whose = f"{relatives}: " if relatives else ""
    return f"{in_front}{introduction}{whose}{named(fact)}{codes}{beside}{view.instructions(fact)}{why}"
