"""Observation resources: one fact for each value, a panel's members kept together by its name."""

from gateway.clinical import ClinicalFact, Detail, DetailName, FactKind, FactStatus, UnreadReason
from gateway.errors import ErrorKind, GatewayError
from translators.fhir.bundle import Entry
from translators.fhir.datatypes import (
    amount_of,
    bounds_of,
    comments,
    detail,
    measure_text,
    unit_of,
)
from translators.fhir.elements import (
    Concept,
    absent_reason,
    child,
    children,
    choice,
    codes_in,
    concept,
    concepts,
    string,
    texts_in,
    words,
)
from translators.fhir.json_guard import Element
from translators.fhir.scope import Scope
from translators.terminology.vital_signs import is_vital_sign

OBSERVATION_STATUS = {  # observation-status, diagnostic-report-status
    "registered": FactStatus.REGISTERED,
    "partial": FactStatus.PARTIAL,
    "preliminary": FactStatus.PRELIMINARY,
    "final": FactStatus.FINAL,
    "amended": FactStatus.CORRECTED,
    "corrected": FactStatus.CORRECTED,
    "appended": FactStatus.CORRECTED,
    "cancelled": FactStatus.CANCELLED,
}

_KIND_BY_CATEGORY = {  # observation-category and US Core's categories
    "vital-signs": FactKind.VITAL_SIGN,
    "social-history": FactKind.SOCIAL_HISTORY,
    "sdoh": FactKind.SOCIAL_HISTORY,
    "survey": FactKind.ASSESSMENT,
    "functional-status": FactKind.FUNCTIONAL_STATUS,
    "disability-status": FactKind.FUNCTIONAL_STATUS,
    "cognitive-status": FactKind.FUNCTIONAL_STATUS,
    "treatment-intervention-preference": FactKind.DIRECTIVE,
    "care-experience-preference": FactKind.DIRECTIVE,
    "observation-adi-documentation": FactKind.DIRECTIVE,
}

_KIND_BY_SECTION = {
    "29762-2": FactKind.SOCIAL_HISTORY,
    "8716-3": FactKind.VITAL_SIGN,
    "47420-5": FactKind.FUNCTIONAL_STATUS,
}


def read_observation(entry: Entry, scope: Scope) -> None:
    resource = entry.resource
    code = concept(resource, "code")
    sent = string(resource, "status")
    if sent == "entered-in-error":
        return scope.withdrawn(entry, f"status={sent}", code.text)
    if children(resource, "focus"):
        what = f"Observation {code.text}, which is about something other than the patient (focus)"
        return scope.leave_out(entry.origin, UnreadReason.UNSUPPORTED, what)
    status = OBSERVATION_STATUS.get(sent, FactStatus.UNKNOWN)
    row = _Row(entry, scope, status, sent)
    components = children(resource, "component")
    members = children(resource, "hasMember")
    is_panel = bool(components or members)
    row.read(resource, entry.origin, code, row.group, is_panel)
    for index, component in enumerate(components):
        of = concept(component, "code")
        row.read(component, f"{entry.origin}.component[{index}]", of, code.text or row.group, False)
    scope.say_missing(entry, members, f"members of {code.text or 'a panel'}")
    return scope.narrative(entry, status)


class _Row:
    """What an Observation says once for all of its values."""

    def __init__(self, entry: Entry, scope: Scope, status: FactStatus, sent: str) -> None:
        resource = entry.resource
        self.entry, self.scope = entry, scope
        self.status, self.status_sent = status, f"status={sent}" if sent else ""
        self.time, self.end = scope.time(entry, "effective")
        self.group = scope.panels.get(entry.origin, "")
        self.about = (*_specimen(entry, scope), *_how(resource))
        by_section = _KIND_BY_SECTION.get(scope.sections.get(entry.origin, ""))
        by_category = [
            _KIND_BY_CATEGORY[code] for code in codes_in(resource, "category") if code in _KIND_BY_CATEGORY
        ]
        self.kind = by_category[0] if by_category else by_section or FactKind.RESULT

    def read(self, part: Element, origin: str, code: Concept, group: str, is_panel: bool) -> None:
        """One value, of the Observation itself or of a component."""
        value, unit = _value(part)
        flag, remarks = _flag(part), comments(part)
        says_something = bool(value or flag or remarks)
        if is_panel and not says_something:
            return None
        absent = "" if says_something else _absent_reason(part)
        not_performed = absent == "not-performed"
        if value and (doubt := _absent_reason(part)):  # the standard forbids both (obs-6)
            remarks = (
                *detail(DetailName.COMMENT, f"the source also says that there is no value: {doubt}"),
                *remarks,
            )
        if not code.text or (absent and not not_performed):
            return self._leave_out(origin, code, absent or absent_reason(part, "code"))
        return self.scope.add(
            ClinicalFact(
                kind=FactKind.VITAL_SIGN if is_vital_sign(code.codes) else self.kind,
                text=code.text,
                codes=code.codes,
                value=value or None,
                unit=unit,
                flag=flag,
                reference_range=_reference_range(part, unit),
                time=self.time,
                end=self.end,
                status=FactStatus.NOT_DONE if not_performed else self.status,
                status_sent=self.status_sent,
                negated=not_performed,
                group=group,
                details=(*self.about, *remarks),
                origin=origin,
            )
        )

    def _leave_out(self, origin: str, code: Concept, absent: str) -> None:
        reason = UnreadReason.MASKED if absent == "masked" else UnreadReason.NO_INFORMATION
        what = f"{code.text or 'Observation without code'}: {absent or 'not named'}"
        self.scope.leave_out(origin, reason if absent else UnreadReason.INVALID, what)


def _value(part: Element) -> tuple[str, str]:
    """The value as text, and its unit."""
    name = choice(part, "value")
    if name == "valueQuantity":
        quantity = child(part, name) or {}
        return amount_of(quantity), unit_of(quantity)
    if name == "valueRange":
        return bounds_of(child(part, name) or {})
    if not name:
        return "", ""
    if name[5:] not in _READABLE:
        raise GatewayError(ErrorKind.INVALID_VALUE, public=f"a value of this type is not read ({name[5:25]})")
    return measure_text(part, "value"), ""


_READABLE = frozenset("CodeableConcept String Boolean Integer Ratio Time DateTime Period".split())


def _absent_reason(part: Element) -> str:
    reason = concept(part, "dataAbsentReason")
    return reason.codes[0].code if reason.codes else reason.text


def _flag(part: Element) -> str:
    """Codes of table 0078; words where a system sends only words."""
    sent = concepts(part, "interpretation")
    if not sent:
        return ""
    flags = []
    for each in sent:
        standard = [code.code for code in each.codes if code.system.endswith(_INTERPRETATION)]
        flags.append((standard or [code.code for code in each.codes] or [each.text])[0].upper())
    return ",".join([flag for flag in flags if flag])


_INTERPRETATION = ("v3-ObservationInterpretation", "v2-0078", "v2/0078")


def _reference_range(part: Element, unit: str) -> str:
    """`3.5-5.1`; a range for other people or something other than what is normal is named, and follows."""
    found: list[str] = []
    ranges = children(part, "referenceRange")
    for each in ranges:
        bounds, own_unit = bounds_of(each)
        if bounds and own_unit and own_unit != unit:
            bounds = f"{bounds} {own_unit}"
        text = words(each, "text") or bounds
        kind = concept(each, "type")
        whose = [] if "normal" in [code.code for code in kind.codes] else [kind.text]
        if len(ranges) > 1:
            whose += texts_in(each, "appliesTo")
        named = ", ".join([group for group in whose if group])
        if text and named:
            found.append(f"{named}: {text}")
        elif text:
            found.insert(0, text)
    return "; ".join(found)


def _specimen(entry: Entry, scope: Scope) -> tuple[Detail, ...]:
    """What was examined, with its condition where the laboratory notes one: `Serum (hemolyzed)`."""
    reference = child(entry.resource, "specimen")
    if reference is None:
        return ()
    target = scope.graph.resolve(reference, entry)
    if target is None or target.type != "Specimen":
        return detail(DetailName.SPECIMEN, words(reference, "display"))
    scope.used.add(target.origin)
    return detail(DetailName.SPECIMEN, specimen_text(target.resource))


def specimen_text(specimen: Element) -> str:
    text = concept(specimen, "type").text
    condition = ", ".join(each.text for each in concepts(specimen, "condition") if each.text)
    return f"{text} ({condition})".strip() if condition else text


_HOW = frozenset({"method", "bodySite"})


def _how(resource: Element) -> tuple[Detail, ...]:
    if _HOW.isdisjoint(resource):
        return ()
    return (
        *detail(DetailName.METHOD, concept(resource, "method").text),
        *detail(DetailName.SITE, concept(resource, "bodySite").text),
    )
