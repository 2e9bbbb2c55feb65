"""CarePlan, Goal and Flag: what is intended for the patient, and what is to be heeded."""

from gateway.clinical import ClinicalFact, Detail, DetailName, FactKind, FactStatus, UnreadReason
from translators.fhir.bundle import Entry
from translators.fhir.datatypes import (
    amount_of,
    comments,
    detail,
    details,
    measure_text,
    timing_text,
    unit_of,
)
from translators.fhir.elements import (
    NOTHING,
    child,
    children,
    choice,
    concept,
    concepts,
    string,
    texts_in,
    words,
)
from translators.fhir.json_guard import Element
from translators.fhir.orders import REQUEST_STATUS, is_forbidden, status_said
from translators.fhir.scope import Scope

_ACTIVITY = {  # care-plan-activity-status
    "not-started": FactStatus.PLANNED,
    "scheduled": FactStatus.PLANNED,
    "in-progress": FactStatus.IN_PROGRESS,
    "on-hold": FactStatus.ON_HOLD,
    "completed": FactStatus.COMPLETED,
    "cancelled": FactStatus.CANCELLED,
    "stopped": FactStatus.STOPPED,
}

_GOAL = {  # goal-status
    "proposed": FactStatus.PLANNED,
    "planned": FactStatus.PLANNED,
    "accepted": FactStatus.PLANNED,
    "active": FactStatus.ACTIVE,
    "on-hold": FactStatus.ON_HOLD,
    "completed": FactStatus.COMPLETED,
    "cancelled": FactStatus.CANCELLED,
    "rejected": FactStatus.CANCELLED,
}

_FLAG = {"active": FactStatus.ACTIVE, "inactive": FactStatus.INACTIVE}


def read_care_plan(entry: Entry, scope: Scope) -> None:
    resource = entry.resource
    category = next((each for each in concepts(resource, "category") if each.text), NOTHING)
    title = words(resource, "title") or category.text or words(resource, "description")
    sent = string(resource, "status")
    if sent == "entered-in-error":
        return scope.withdrawn(entry, f"status={sent}", category.text)
    status = REQUEST_STATUS.get(sent, FactStatus.UNKNOWN)
    start, end = scope.period(entry, resource, "period")
    activities = children(resource, "activity")
    described = words(resource, "description")
    scope.add(
        ClinicalFact(
            kind=FactKind.CARE_PLAN,
            text=title or "Care plan",
            codes=category.codes,
            time=start,
            end=end,
            status=status,
            status_sent=f"status={sent}" if sent else "",
            details=(
                *detail(DetailName.INSTRUCTIONS, described if described != title else ""),
                *details(DetailName.REASON, dict.fromkeys(scope.texts_of(entry, "addresses"))),
                *comments(resource),
            ),
            origin=entry.origin,
        )
    )
    for index, activity in enumerate(activities):
        planned = child(activity, "detail")
        if planned:
            _read_activity(entry, scope, planned, f"{entry.origin}.activity[{index}]", title)
    return scope.narrative(entry, status)


def _read_activity(entry: Entry, scope: Scope, planned: Element, origin: str, plan: str) -> None:
    code = concept(planned, "code")
    text = code.text or words(planned, "description")
    sent = string(planned, "status")
    if sent == "entered-in-error" or not text:
        reason = UnreadReason.WITHDRAWN if text else UnreadReason.NO_INFORMATION
        return scope.leave_out(origin, reason, f"activity of a care plan: {text or 'not named'}")
    negated = is_forbidden(planned, text)
    described = words(planned, "description")
    return scope.add(
        ClinicalFact(
            kind=FactKind.CARE_PLAN,
            text=text,
            codes=code.codes,
            time=_when(entry, scope, planned, "scheduled"),
            status=_ACTIVITY.get(sent, FactStatus.UNKNOWN),
            status_sent=status_said(sent, negated),
            negated=negated,
            group=plan,
            details=(
                *detail(DetailName.FREQUENCY, timing_text(child(planned, "scheduledTiming"))),
                *details(DetailName.REASON, texts_in(planned, "reasonCode")),
                *detail(DetailName.REASON, concept(planned, "statusReason").text),
                *detail(DetailName.INSTRUCTIONS, described if described != text else ""),
            ),
            origin=origin,
        )
    )


def read_goal(entry: Entry, scope: Scope) -> None:
    resource = entry.resource
    goal = concept(resource, "description")
    sent = string(resource, "lifecycleStatus")
    if sent == "entered-in-error":
        return scope.withdrawn(entry, f"lifecycleStatus={sent}", goal.text)
    if scope.stated(entry, FactKind.GOAL, goal, False, "description") is None:
        return None
    status = _GOAL.get(sent, FactStatus.UNKNOWN)
    targets = children(resource, "target")
    measured = targets[0] if len(targets) == 1 else {}
    quantity = child(measured, "detailQuantity")
    value = amount_of(quantity) if quantity else measure_text(measured, "detail")
    scope.add(
        ClinicalFact(
            kind=FactKind.GOAL,
            text=goal.text,
            codes=goal.codes,
            value=value or None,
            unit=unit_of(quantity) if quantity else "",
            time=scope.date(entry, resource, "startDate"),
            end=scope.date(entry, measured, "dueDate"),
            status=status,
            status_sent=f"lifecycleStatus={sent}" if sent else "",
            details=(
                *detail(DetailName.METHOD, concept(measured, "measure").text),
                *(_several_targets(targets) if len(targets) > 1 else ()),
                *detail(DetailName.PRIORITY, concept(resource, "priority").text),
                *detail(DetailName.OUTCOME, concept(resource, "achievementStatus").text),
                *details(DetailName.OUTCOME, texts_in(resource, "outcomeCode")),
                *details(DetailName.REASON, scope.texts_of(entry, "addresses")),
                *detail(DetailName.REASON, words(resource, "statusReason")),
                *comments(resource),
            ),
            origin=entry.origin,
        )
    )
    return scope.narrative(entry, status)


def _several_targets(targets: object) -> tuple[Detail, ...]:
    found: list[Detail] = []
    for target in children({"target": targets}, "target"):
        due = string(target, "dueDate")
        parts = (concept(target, "measure").text, measure_text(target, "detail"), f"by {due}" if due else "")
        found += detail(DetailName.INSTRUCTIONS, "target: " + " ".join(part for part in parts if part))
    return tuple(found)


def read_flag(entry: Entry, scope: Scope) -> None:
    resource = entry.resource
    code = concept(resource, "code")
    sent = string(resource, "status")
    if sent == "entered-in-error":
        return scope.withdrawn(entry, f"status={sent}", code.text)
    if scope.stated(entry, FactKind.OTHER, code, False) is None:
        return None
    start, end = scope.period(entry, resource, "period")
    status = _FLAG.get(sent, FactStatus.UNKNOWN)
    scope.add(
        ClinicalFact(
            kind=FactKind.OTHER,
            text=code.text,
            codes=code.codes,
            time=start,
            end=end,
            status=status,
            status_sent=f"status={sent}" if sent else "",
            category="alert",
            origin=entry.origin,
        )
    )
    return scope.narrative(entry, status)


def _when(entry: Entry, scope: Scope, planned: Element, stem: str) -> str:
    name = choice(planned, stem)
    if name == f"{stem}Period":
        return scope.period(entry, planned, name)[0]
    return ""
