"""FHIR R4 resources to the normal form: whose, which encounter, and each entry read in a guarded step."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from gateway.clinical import Caution, Reading, UnreadReason, strictest
from gateway.errors import ErrorKind, GatewayError
from gateway.values import carrier
from translators.attachments import Attachments
from translators.fhir.assessments import read_clinical_impression, read_questionnaire_response, read_specimen
from translators.fhir.attached import read_binary
from translators.fhir.bundle import Entry, Graph, read_graph
from translators.fhir.care_dates import keep_care_dates
from translators.fhir.conditions import read_allergy, read_condition, read_family_history
from translators.fhir.consents import read_consents
from translators.fhir.documents import (
    is_entered_in_error,
    read_composition,
    read_document_reference,
    sections_of,
)
from translators.fhir.elements import children, string
from translators.fhir.encounters import choose_encounter, diagnosis_uses, read_encounter
from translators.fhir.json_guard import Element
from translators.fhir.label_reach import labelled_parts
from translators.fhir.labels import LabelSet
from translators.fhir.medications import (
    read_medication_administration,
    read_medication_dispense,
    read_medication_request,
    read_medication_statement,
)
from translators.fhir.modifiers import check_modifiers, check_other_versions
from translators.fhir.observations import read_observation
from translators.fhir.orders import read_appointment, read_service_request
from translators.fhir.plans import read_care_plan, read_flag, read_goal
from translators.fhir.procedures import read_device, read_device_use, read_immunization, read_procedure
from translators.fhir.reports import panels_of, read_media, read_report
from translators.fhir.resource_types import ADMINISTRATIVE, R4_TYPES
from translators.fhir.scope import Scope
from translators.fhir.subject import Subject, check_patient, find_subject, kind_of_subject, names_nobody

Reader = Callable[[Entry, Scope], None]


def read_outcome(entry: Entry, scope: Scope) -> None:
    """What the sender's own server says that it held back."""
    for issue in children(entry.resource, "issue"):
        if string(issue, "code") == "suppressed":
            scope.leave_out(entry.origin, UnreadReason.MASKED, "content that the sender's rules held back")


READERS: dict[str, Reader] = {
    "AllergyIntolerance": read_allergy,
    "Appointment": read_appointment,
    "Binary": read_binary,
    "CarePlan": read_care_plan,
    "ClinicalImpression": read_clinical_impression,
    "Composition": read_composition,
    "Condition": read_condition,
    "Device": read_device,
    "DeviceUseStatement": read_device_use,
    "DiagnosticReport": read_report,
    "DocumentReference": read_document_reference,
    "Encounter": read_encounter,
    "FamilyMemberHistory": read_family_history,
    "Flag": read_flag,
    "Goal": read_goal,
    "Immunization": read_immunization,
    "Media": read_media,
    "MedicationAdministration": read_medication_administration,
    "MedicationDispense": read_medication_dispense,
    "MedicationRequest": read_medication_request,
    "MedicationStatement": read_medication_statement,
    "Observation": read_observation,
    "OperationOutcome": read_outcome,
    "Procedure": read_procedure,
    "QuestionnaireResponse": read_questionnaire_response,
    "ServiceRequest": read_service_request,
    "Specimen": read_specimen,
}

_LAST = frozenset({"Binary", "Device", "Media", "Specimen"})
"""Read only if nothing that was read before refers to them."""


@carrier
class Selection:
    """What of the content is wanted (operation parameters `_type`, `_since`, `start`, `end`)."""

    types: frozenset[str] = frozenset()
    """Empty: all."""
    since: datetime | None = None
    start: str = ""
    end: str = ""
    """Dates of care, ISO 8601, both inclusive."""


@carrier
class Content:
    """What was sent, read."""

    reading: Reading
    graph: Graph
    subject: Subject
    sources: Mapping[str, str]
    """How to refer to each entry, by the start of its origins (`Bundle.entry[2]`, `Observation`)."""


def read_content(
    root: Element, attachments: Attachments, selection: Selection, *, may_hold_modifiers: bool = True
) -> Content:
    """Raises `GatewayError` for content about several people, and for a Bundle that cannot be taken apart."""
    graph = read_graph(root)
    labels = LabelSet()
    if graph.root_type == "Bundle":
        labels.take(root)
    _drop_unsound(graph, labels, may_hold_modifiers)
    graph.index()
    _withdraw_document(graph)
    scope = Scope(graph, attachments, Reading())
    entries = _about_the_patient(scope, selection)
    subject = find_subject(graph, entries)
    if subject.entry or subject.patient.identifiers:
        scope.reading.patient = subject.patient
    scope.encounter = choose_encounter(graph)
    scope.panels, scope.sections, scope.diagnoses = (
        panels_of(graph),
        sections_of(graph),
        diagnosis_uses(graph),
    )
    if subject.is_one_of_several:
        entries = _of_a_named_patient(scope, entries)
        if scope.encounter and names_nobody(scope.encounter):
            scope.encounter = None
    _read_entries(scope, entries)
    reading = scope.reading
    if not reading.patient.identifiers and not reading.patient.names:
        reading.patient = subject.patient  # a name beside a reference, which no carried document bettered
    carried = reading.labels  # by a document that came within, if any
    own = labels.strictest()
    reading.labels = strictest((carried, own)) if carried.confidentiality or carried.sensitivity else own
    reading.labelled += labelled_parts(graph, labels)
    reading.consents += read_consents(graph)
    reading.unread = [*graph.unread, *reading.unread]
    reading.warnings = [*graph.warnings, *_cautions(graph, subject, labels), *reading.warnings]
    keep_care_dates(reading, selection.start, selection.end)
    sources = {_place(entry): reference for entry in entries if (reference := entry.reference)}
    return Content(reading, graph, subject, sources)


def _drop_unsound(graph: Graph, labels: LabelSet, may_hold_modifiers: bool) -> None:
    """Leave out what must not be used at all: unknown modifiers, labels or identity that cannot be read."""
    sound = []
    for entry in graph.entries:
        try:
            labels.take(entry.resource, entry.origin)
            if may_hold_modifiers:
                check_modifiers(entry.resource)
            check_other_versions(entry.resource)
            if entry.type == "Patient":
                check_patient(entry)
            sound.append(entry)
        except GatewayError as error:
            graph.leave_out(entry.origin, UnreadReason.INVALID, f"{entry.type}: {error.public}")
    graph.entries = sound


def _withdraw_document(graph: Graph) -> None:
    """A Composition that was entered in error takes its whole document with it."""
    wrong = [entry for entry in graph.entries if entry.type == "Composition" and is_entered_in_error(entry)]
    if wrong and (graph.root_type == "Composition" or graph.root.get("type") == "document"):
        graph.leave_out(wrong[0].origin, UnreadReason.WITHDRAWN, "the whole document was entered in error")
        graph.entries = [entry for entry in graph.entries if entry.type == "Patient"]


def _about_the_patient(scope: Scope, selection: Selection) -> list[Entry]:
    """The entries that can be read, are wanted, and speak of a patient; the others are listed."""
    graph = scope.graph
    unsupported: Counter[str] = Counter()
    first: dict[str, str] = {}
    deselected = 0
    wants_all = not selection.types and selection.since is None
    found = []
    for entry in graph.entries:
        if entry.type in ADMINISTRATIVE or entry.type == "Consent":
            continue
        if entry.type not in READERS:
            unsupported[entry.type] += 1
            first.setdefault(entry.type, entry.origin)
        elif not (wants_all or _is_selected(entry, selection)):
            deselected += 1
        elif _is_about_a_patient(entry, graph):
            found.append(entry)
    for name, count in unsupported.items():
        graph.leave_out(
            first[name], UnreadReason.UNSUPPORTED, f"{count} {name or 'of a type unknown to FHIR R4'}"
        )
    if deselected:
        scope.caution(
            "not-selected", f"{deselected} entries were left out as the request asked", graph.root_type
        )
    return found


def _of_a_named_patient(scope: Scope, entries: Sequence[Entry]) -> list[Entry]:
    """Without those that do not say which of several people they are about, nor belong to what does."""
    found = []
    for entry in entries:
        belongs = entry.origin in scope.panels or entry.origin in scope.sections
        if belongs or entry.type == "OperationOutcome" or not names_nobody(entry):
            found.append(entry)
        else:
            what = f"{entry.type}: which of several patients it is about is not said"
            scope.leave_out(entry.origin, UnreadReason.INVALID, what)
    return found


def _is_selected(entry: Entry, selection: Selection) -> bool:
    if selection.types and entry.type not in selection.types:
        return False
    if selection.since is None:
        return True
    meta = entry.resource.get("meta")
    sent = meta.get("lastUpdated") if type(meta) is dict else None
    try:
        return not sent or datetime.fromisoformat(str(sent)) >= selection.since
    except (ValueError, TypeError):  # TypeError: one of the two has no offset
        return True


def _is_about_a_patient(entry: Entry, graph: Graph) -> bool:
    try:
        kind = kind_of_subject(entry, graph)
    except GatewayError as error:
        graph.leave_out(entry.origin, UnreadReason.INVALID, f"{entry.type}: {error.public}")
        return False
    if kind in ("", "Patient"):
        return True
    what = f"{entry.type} about a {kind if kind in R4_TYPES else 'subject'} instead of a patient"
    graph.leave_out(entry.origin, UnreadReason.UNSUPPORTED, what)
    return False


def _read_entries(scope: Scope, entries: Sequence[Entry]) -> None:
    extended = 0
    last = [entry for entry in entries if entry.type in _LAST]
    for entry in [each for each in entries if each.type not in _LAST] + last:
        if entry.origin in scope.used or not _read(entry, scope):
            continue
        extended += "extension" in entry.resource
        if "contained" in entry.resource:
            _read_contained(entry, scope)
    if extended:
        what = f"extensions of {extended} {'entry' if extended == 1 else 'entries'}"
        scope.leave_out(scope.graph.root_type, UnreadReason.LOCAL, what)


def _read_contained(entry: Entry, scope: Scope) -> None:
    """Contained resources that state facts of their own and were not used up by the one around them."""
    for inner in scope.graph.contained(entry):
        if inner.type in READERS and inner.type != "Encounter" and inner.origin not in scope.used:
            _read(inner, scope)


def _read(entry: Entry, scope: Scope) -> bool:
    """Whether the entry could be read; what it had given until it failed is taken back."""
    reading, graph = scope.reading, scope.graph
    before = _lengths(reading, graph)
    try:
        READERS[entry.type](entry, scope)
    except GatewayError as error:
        if error.kind is ErrorKind.SEVERAL_PATIENTS:
            raise
        for each, length in zip(_gathered(reading, graph), before, strict=True):
            del each[length:]
        graph.leave_out(entry.origin, UnreadReason.INVALID, f"{entry.type}: {error.public}")
        return False
    return True


def _gathered(reading: Reading, graph: Graph) -> tuple[list[Any], ...]:
    return reading.facts, reading.notes, reading.unread, reading.warnings, graph.unread


def _lengths(reading: Reading, graph: Graph) -> tuple[int, ...]:
    """Of what is gathered."""
    return (
        len(reading.facts),
        len(reading.notes),
        len(reading.unread),
        len(reading.warnings),
        len(graph.unread),
    )


def _cautions(graph: Graph, subject: Subject, labels: LabelSet) -> Iterator[Caution]:
    if subject.reference and not subject.entry and any(each.type == "Patient" for each in graph.entries):
        text = "The Patient that the entries refer to is not among those sent"
        yield Caution(code="patient-not-sent", text=text, location=graph.root_type)
    if labels.by_machine:
        text = f"{labels.by_machine} of the resources are labelled as asserted by artificial intelligence"
        yield Caution(code="asserted-by-ai", text=text, location=graph.root_type)
    resources = [graph.root, *[entry.resource for entry in graph.entries]]
    if [resource for resource in resources if "implicitRules" in resource]:
        text = "Resources name implicit rules, which are not known here"
        yield Caution(code="implicit-rules", text=text, location=graph.root_type)
    if [resource for resource in resources if "meta" in resource and _is_subsetted(resource)]:
        text = "Resources are marked as incomplete by their server (SUBSETTED)"
        yield Caution(code="subsetted", text=text, location=graph.root_type)


def _is_subsetted(resource: Element) -> bool:
    meta = resource.get("meta")
    tags = meta.get("tag") if type(meta) is dict else None
    return type(tags) is list and any(type(tag) is dict and tag.get("code") == "SUBSETTED" for tag in tags)


def _place(entry: Entry) -> str:
    return entry.origin.removesuffix(".resource")
