"""Procedure, Immunization, Device and DeviceUseStatement: what was done to the patient, given or put in."""

from gateway.clinical import ClinicalFact, Detail, DetailName, FactKind, FactStatus
from translators.fhir.bundle import Entry
from translators.fhir.datatypes import comments, detail, details, measure_text, quantity_text
from translators.fhir.elements import (
    Concept,
    boolean,
    child,
    children,
    concept,
    concepts,
    number,
    string,
    texts_in,
    words,
)
from translators.fhir.scope import Scope

_EVENT = {  # event-status
    "preparation": FactStatus.PLANNED,
    "in-progress": FactStatus.IN_PROGRESS,
    "not-done": FactStatus.NOT_DONE,
    "on-hold": FactStatus.ON_HOLD,
    "stopped": FactStatus.STOPPED,
    "completed": FactStatus.COMPLETED,
}

_USE = {  # device-statement-status
    "active": FactStatus.ACTIVE,
    "completed": FactStatus.COMPLETED,
    "intended": FactStatus.PLANNED,
    "stopped": FactStatus.STOPPED,
    "on-hold": FactStatus.ON_HOLD,
}

_DEVICE = {"active": FactStatus.ACTIVE, "inactive": FactStatus.INACTIVE}  # device-status


def read_procedure(entry: Entry, scope: Scope) -> None:
    resource = entry.resource
    code = concept(resource, "code")
    sent = string(resource, "status")
    if sent == "entered-in-error":
        return scope.withdrawn(entry, f"status={sent}", code.text)
    status = _EVENT.get(sent, FactStatus.UNKNOWN)
    stated = scope.stated(entry, FactKind.PROCEDURE, code, status is FactStatus.NOT_DONE)
    if stated is None:
        return None
    start, end = scope.time(entry, "performed")
    # An age or a range of ages, or words: no date, but when it was done all the same.
    said = "" if start or end else measure_text(resource, "performed")
    scope.add(
        ClinicalFact(
            kind=FactKind.PROCEDURE,
            text=stated[0],
            codes=code.codes,
            time=start,
            end=end,
            status=status,
            status_sent=f"status={sent}" if sent else "",
            negated=stated[1],
            details=(
                *detail(DetailName.ONSET, said),
                *details(DetailName.SITE, texts_in(resource, "bodySite")),
                *_reasons(entry, scope),
                *detail(DetailName.OUTCOME, concept(resource, "outcome").text),
                *details(
                    DetailName.OUTCOME,
                    [f"complication: {text}" for text in texts_in(resource, "complication") if text],
                ),
                *details(DetailName.INSTRUCTIONS, texts_in(resource, "followUp")),
                *comments(resource),
            ),
            origin=entry.origin,
        )
    )
    return scope.narrative(entry, status)


def read_immunization(entry: Entry, scope: Scope) -> None:
    resource = entry.resource
    vaccine = concept(resource, "vaccineCode")
    sent = string(resource, "status")
    if sent == "entered-in-error":
        return scope.withdrawn(entry, f"status={sent}", vaccine.text)
    status = _EVENT.get(sent, FactStatus.UNKNOWN)
    not_given = status is FactStatus.NOT_DONE
    stated = scope.stated(entry, FactKind.IMMUNIZATION, vaccine, not_given, "vaccineCode")
    if stated is None:
        return None
    maker = child(resource, "manufacturer")
    scope.add(
        ClinicalFact(
            kind=FactKind.IMMUNIZATION,
            text=stated[0],
            codes=vaccine.codes,
            time=scope.time(entry, "occurrence")[0],
            status=status,
            status_sent=f"status={sent}" if sent else "",
            negated=stated[1],
            details=(
                *detail(DetailName.ONSET, words(resource, "occurrenceString")),
                *detail(DetailName.DOSE, quantity_text(child(resource, "doseQuantity"))),
                *detail(DetailName.ROUTE, concept(resource, "route").text),
                *detail(DetailName.SITE, concept(resource, "site").text),
                *detail(DetailName.LOT, words(resource, "lotNumber")),
                *detail(DetailName.MANUFACTURER, scope.text_of(maker, entry) if maker else ""),
                *_reasons(entry, scope),
                *_doses(entry),
                *comments(resource),
            ),
            origin=entry.origin,
        )
    )
    return scope.narrative(entry, status)


def read_device(entry: Entry, scope: Scope) -> None:
    """A device of the patient's; one without a patient is somebody's equipment and no fact."""
    resource = entry.resource
    if child(resource, "patient") is None:
        return None
    sent = string(resource, "status")
    status = _DEVICE.get(sent, FactStatus.UNKNOWN)
    return _add_device(entry, entry, scope, sent, status, ())


def read_device_use(entry: Entry, scope: Scope) -> None:
    resource = entry.resource
    sent = string(resource, "status")
    reference = child(resource, "device") or {}
    target = scope.graph.resolve(reference, entry)
    if target:
        scope.used.add(target.origin)
    start, end = scope.time(entry, "timing")
    about = (
        *detail(DetailName.SITE, concept(resource, "bodySite").text),
        *_reasons(entry, scope),
        *comments(resource),
    )
    device = target or Entry(entry.origin, {"type": {"text": words(reference, "display")}}, entry.type)
    status = _USE.get(sent, FactStatus.UNKNOWN)
    return _add_device(entry, device, scope, sent, status, about, start, end)


def _add_device(
    entry: Entry,
    device: Entry,
    scope: Scope,
    sent: str,
    status: FactStatus,
    about: tuple[Detail, ...],
    start: str = "",
    end: str = "",
) -> None:
    resource = device.resource
    kind = concept(resource, "type")
    if not kind.text:
        names = [words(each, "name") for each in children(resource, "deviceName")]
        kind = Concept(next((name for name in names if name), ""))
    if sent == "entered-in-error":
        return scope.withdrawn(entry, f"status={sent}", kind.text)
    stated = scope.stated(entry, FactKind.DEVICE, kind, False, "type")
    if stated is None:
        return None
    scope.add(
        ClinicalFact(
            kind=FactKind.DEVICE,
            text=stated[0],
            codes=kind.codes,
            time=start,
            end=end,
            status=status,
            status_sent=f"status={sent}" if sent else "",
            negated=stated[1],
            details=(
                *detail(DetailName.MANUFACTURER, words(resource, "manufacturer")),
                *detail(DetailName.LOT, words(resource, "lotNumber")),
                *about,
            ),
            origin=entry.origin,
        )
    )
    return scope.narrative(entry, status)


_REASONS = frozenset({"statusReason", "reasonCode", "reasonReference"})


def _reasons(entry: Entry, scope: Scope) -> tuple[Detail, ...]:
    resource = entry.resource
    if _REASONS.isdisjoint(resource):
        return ()
    texts = [concept(resource, "statusReason").text]
    texts += texts_in(resource, "reasonCode")
    texts += scope.texts_of(entry, "reasonReference")
    return details(DetailName.REASON, dict.fromkeys(texts))


def _doses(entry: Entry) -> tuple[Detail, ...]:
    """Which dose of a series it was; a dose that does not count in full is said to be sub-potent."""
    resource = entry.resource
    found: list[Detail] = []
    for each in children(resource, "protocolApplied"):
        dose = measure_text(each, "doseNumber") or number(each, "doseNumberPositiveInt")
        series = measure_text(each, "seriesDoses") or number(each, "seriesDosesPositiveInt")
        of = f" of {series}" if series else ""
        found += detail(DetailName.COMMENT, f"dose {dose}{of}" if dose else "")
    if boolean(resource, "isSubpotent"):
        why = ", ".join(each.text for each in concepts(resource, "subpotentReason") if each.text)
        found += detail(DetailName.COMMENT, f"sub-potent dose: {why}" if why else "sub-potent dose")
    return tuple(found)
