"""A summary as a FHIR document: Composition, Patient, the Devices that made it, and their Provenance.

Everything in it is made of the answer alone, so that the same answer gives the same bytes.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

from gateway.clinical import Name, Patient, UnreadReason
from gateway.messages import (
    REVIEW_NOTICE,
    Answer,
    GatewayIdentity,
    Purpose,
    Statement,
    SummarizationRequest,
    Summary,
    SummarySection,
)
from translators.fhir.canonical import message_system, model_system, policy_url
from translators.fhir.labels import OBLIGATIONS
from translators.fhir.narrative import item, listed, narrative, paragraph, plain, strong
from translators.terminology.code_systems import LOINC

Resource = dict[str, Any]

_SECTIONS: dict[SummarySection, tuple[str, str, str]] = {  # title, LOINC code, its display
    SummarySection.OVERVIEW: ("Overview", "", ""),
    SummarySection.COURSE: ("Course", "8648-8", "Hospital course Narrative"),
    SummarySection.ALLERGIES: (
        "Allergies and intolerances",
        "48765-2",
        "Allergies and adverse reactions Document",
    ),
    SummarySection.PROBLEMS: ("Problems", "11450-4", "Problem list - Reported"),
    SummarySection.MEDICATIONS: ("Medications", "10160-0", "History of Medication use Narrative"),
    SummarySection.RESULTS: (
        "Results",
        "30954-2",
        "Relevant diagnostic tests/laboratory data Narrative",
    ),
    SummarySection.VITAL_SIGNS: ("Vital signs", "8716-3", "Vital signs"),
    SummarySection.PROCEDURES: ("Procedures", "47519-4", "History of Procedures Document"),
    SummarySection.IMMUNIZATIONS: ("Immunizations", "11369-6", "History of Immunization Narrative"),
    SummarySection.HISTORY: ("History", "11329-0", "History general Narrative - Reported"),
    SummarySection.NOTES: ("From the notes", "", ""),
    SummarySection.PLAN: ("Plan", "18776-5", "Plan of care note"),
}
_LIMITS_TITLE = "What this summary does not cover"
_MANDATORY_IN_IPS = {SummarySection.ALLERGIES, SummarySection.PROBLEMS, SummarySection.MEDICATIONS}

_REASONS: dict[UnreadReason, str] = {
    UnreadReason.WITHDRAWN: "Withdrawn by its source",
    UnreadReason.BINARY: "Not text, so not read",
    UnreadReason.EXTERNAL: "Referred to but not sent",
    UnreadReason.UNSUPPORTED: "Of a type that is not read",
    UnreadReason.LOCAL: "Local content, not read",
    UnreadReason.INVALID: "Could not be read",
    UnreadReason.MASKED: "Withheld by its source",
    UnreadReason.NO_INFORMATION: "Its source has no information",
}

_NAMESPACE = UUID("5d1c0a56-5f0c-5b43-9c0a-0f6f6b0a9a4e")
_OBSERVATION_VALUE = "http://terminology.hl7.org/CodeSystem/v3-ObservationValue"
_CONFIDENTIALITY = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
_ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
_PARTICIPANT = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"

# HL7 AI Transparency on FHIR is a ballot: its names stand here together, to be changed together.
_AI = "http://hl7.org/fhir/uv/aitransparency"
_AI_TYPES = f"{_AI}/CodeSystem/AIdeviceTypeCS"
_AI_KIND = f"{_AI}/StructureDefinition/aitransparency.AIKind"
_AIAST = {"system": _OBSERVATION_VALUE, "code": "AIAST", "display": "Artificial Intelligence asserted"}
_BY_RULES = ("Rule-Based-Systems", "Deterministic-AI", "Clinical-Documentation-and-Workflow")
_BY_MODEL = ("Large-Language-Models", "Non-Deterministic-AI", "Clinical-Documentation-and-Workflow")

_MOST_LISTED = 60
_MOST_PLACES = 3


@dataclass(frozen=True, slots=True)
class Sources:
    """How a reply can point the sender back to its own resources."""

    references: Mapping[str, str] = field(default_factory=dict)
    """fullUrl or `Type/id` by the start of an origin (`Bundle.entry[2]`, `Observation`)."""
    shows_evidence: bool = True

    def of(self, origin: str) -> str:
        """Empty when the resource has no address."""
        end = origin.find("]") + 1 if origin.startswith("Bundle.entry[") else 0
        place = origin[:end] if end else origin.partition(".")[0].partition("/")[0]
        return self.references.get(place, "")


def summary_document(answer: Answer, identity: GatewayIdentity, sources: Sources) -> Resource:
    """The document Bundle, ready to be written as JSON."""
    names = _Names(answer.request.id)
    resources = (
        ("composition", _composition(answer, names, sources)),
        ("patient", _patient(answer.request.patient)),
        ("model", _model(answer.summary, identity)),
        ("gateway", _gateway(identity)),
        ("provenance", _provenance(answer, identity, names, sources)),
    )
    return {
        "resourceType": "Bundle",
        "meta": {"security": _security(answer.request, with_matters=False)},
        "language": answer.summary.language,
        "identifier": {"system": "urn:ietf:rfc:3986", "value": names.url("bundle")},
        "type": "document",
        "timestamp": _instant(answer.generated_at),
        "entry": [{"fullUrl": names.url(name), "resource": resource} for name, resource in resources],
    }


class _Names:
    """fullUrls, the same whenever the reply to one message is built."""

    def __init__(self, message_id: str) -> None:
        self._message_id = message_id

    def url(self, name: str) -> str:
        return f"urn:uuid:{uuid5(_NAMESPACE, f'{self._message_id}/{name}')}"

    def reference(self, name: str) -> Resource:
        return {"reference": self.url(name)}


def _composition(answer: Answer, names: _Names, sources: Sources) -> Resource:
    request, summary = answer.request, answer.summary
    sections = _sections(request, summary, sources)
    composition: Resource = {
        "resourceType": "Composition",
        "meta": {"security": _security(request, with_matters=True)},
        "language": summary.language,
        "text": narrative(_header(answer), summary.language),
        "status": "preliminary",  # until a person attests it
        "type": {"coding": [_document_type(request, summary)]},
        "subject": names.reference("patient"),
        "date": _instant(answer.generated_at),
        "author": [names.reference("model")],
        "title": "AI-generated summary, not reviewed",
    }
    if request.labels.confidentiality:
        composition["confidentiality"] = request.labels.confidentiality
    return composition | {"section": sections}


def _header(answer: Answer) -> str:
    summary = answer.summary
    made_by = f"Made by {summary.model_served} from the content received as message {answer.request.id}."
    return strong(REVIEW_NOTICE) + paragraph(made_by)


def _document_type(request: SummarizationRequest, summary: Summary) -> Resource:
    """An International Patient Summary's type only for what has the three sections that one must have."""
    given = {statement.section for statement in summary.statements}
    if request.task.purpose is Purpose.LONGITUDINAL and given >= _MANDATORY_IN_IPS:
        return {"system": LOINC, "code": "60591-5", "display": "Patient summary Document"}
    return {"system": LOINC, "code": "34133-9", "display": "Summarization of Episode Note"}


def _sections(request: SummarizationRequest, summary: Summary, sources: Sources) -> list[Resource]:
    by_section: dict[SummarySection, list[Statement]] = {}
    for statement in summary.statements:
        by_section.setdefault(statement.section, []).append(statement)
    limits = by_section.pop(SummarySection.LIMITS, [])
    sections = [
        _section(section, statements, sources, summary.language) for section, statements in by_section.items()
    ]
    if not sections:  # a backend that gave text alone
        lines = [line for line in summary.text.splitlines() if line.strip() and line != REVIEW_NOTICE]
        sections = [_described("Summary", "".join(paragraph(line) for line in lines), summary.language)]
    uncovered = _uncovered(request, summary, limits, sources)
    if uncovered:
        sections.append(_described(_LIMITS_TITLE, uncovered, summary.language))
    # Readers that show sections only must see the notice too.
    first = sections[0]["text"]
    first["div"] = first["div"].replace(">", f">{strong(REVIEW_NOTICE)}", 1)
    return sections


def _section(
    section: SummarySection, statements: Sequence[Statement], sources: Sources, language: str
) -> Resource:
    title, code, display = _SECTIONS[section]
    markup = listed(
        item(
            statement.text,
            statement.evidence if sources.shows_evidence else (),
            is_critical="critical" in statement.flags,
        )
        for statement in statements
    )
    made = _described(title, markup, language)
    if code:
        made["code"] = {"coding": [{"system": LOINC, "code": code, "display": display}]}
    origins = (origin for statement in statements for origin in statement.evidence)
    entries = _references(origins, sources) if sources.shows_evidence else []
    return made | {"entry": entries} if entries else made


def _described(title: str, markup: str, language: str) -> Resource:
    return {"title": title, "text": narrative(markup, language)}


def _references(origins: Iterable[str], sources: Sources) -> list[Resource]:
    """Each resource once, shown by the first place in it that was used."""
    found: dict[str, str] = {}
    for origin in origins:
        reference = sources.of(origin)
        if reference:
            found.setdefault(reference, origin)
    return [{"reference": reference, "display": plain(origin)} for reference, origin in found.items()]


def _uncovered(
    request: SummarizationRequest, summary: Summary, limits: Sequence[Statement], sources: Sources
) -> str:
    """What the backend says of its limits, then all that was not read, then the cautions."""
    items = [item(each.text, each.evidence if sources.shows_evidence else ()) for each in limits]
    places: dict[tuple[UnreadReason, str], list[str]] = {}
    for unread in request.unread:
        places.setdefault((unread.reason, unread.what), []).append(unread.origin)
    for (reason, what), origins in places.items():
        often = f" ({len(origins)} times)" if len(origins) > 1 else ""
        shown = [*origins[:_MOST_PLACES], *(["..."] if len(origins) > _MOST_PLACES else [])]
        items.append(item(f"{_REASONS[reason]}: {what or 'content'}{often}", shown))
    for caution in dict.fromkeys((*request.warnings, *summary.warnings)):
        items.append(item(caution.text, (caution.location,) if caution.location else ()))
    if len(items) > _MOST_LISTED:
        rest = len(items) - _MOST_LISTED
        items = [*items[:_MOST_LISTED], item(f"{rest} more remarks of these kinds")]
    return listed(items)


def _patient(patient: Patient) -> Resource:
    """As much as tells whose summary it is."""
    made: Resource = {"resourceType": "Patient"}
    identifiers = [
        {"system": each.system, "value": each.value} if _is_uri(each.system) else {"value": each.value}
        for each in patient.identifiers
        if each.value.strip()
    ]
    if identifiers:
        made["identifier"] = identifiers
    names = [name for name in map(_name, patient.names[:1]) if name]
    made["name"] = names or [{"extension": [_UNKNOWN]}]
    if patient.sex in ("female", "male", "other", "unknown"):
        made["gender"] = patient.sex
    if _DATE.fullmatch(patient.birth_date):
        made["birthDate"] = patient.birth_date
    return made


def _name(name: Name) -> Resource:
    given = [part for each in name.given if (part := plain(each).strip())]
    parts = {
        "text": plain(name.text).strip(),
        "family": plain(name.family).strip(),
        "given": given,
        "prefix": [plain(name.prefix).strip()] if name.prefix.strip() else [],
        "suffix": [plain(name.suffix).strip()] if name.suffix.strip() else [],
    }
    return {key: value for key, value in parts.items() if value}


def _model(summary: Summary, identity: GatewayIdentity) -> Resource:
    """What wrote the summary (profile AI-Device)."""
    kinds = _BY_MODEL if summary.prompt_version else _BY_RULES
    served = plain(summary.model_served).strip() or "unnamed"
    versions: list[Resource] = [{"value": served}]
    if summary.prompt_version:
        versions.append({"type": {"text": "prompt"}, "value": summary.prompt_version})
    notes = [f"Asked for as {summary.model_asked}, served by the backend {summary.backend}."]
    notes += [f"Region: {summary.region}."] if summary.region else []
    return {
        "resourceType": "Device",
        "meta": {"profile": [f"{_AI}/StructureDefinition/AI-Device"]},
        "extension": [
            {"url": _AI_KIND, "valueCodeableConcept": {"coding": [{"system": _AI_TYPES, "code": kind}]}}
            for kind in kinds
        ],
        "identifier": [{"system": model_system(identity), "value": f"{summary.backend}/{served}"}],
        "deviceName": [{"name": served, "type": "model-name"}],
        "type": {"coding": [{"system": _AI_TYPES, "code": "Artificial-Intelligence"}]},
        "version": versions,
        "note": [{"text": text} for text in notes],
    }


def _gateway(identity: GatewayIdentity) -> Resource:
    return {
        "resourceType": "Device",
        "deviceName": [{"name": identity.name, "type": "user-friendly-name"}],
        "version": [{"value": identity.version}],
    }


def _provenance(answer: Answer, identity: GatewayIdentity, names: _Names, sources: Sources) -> Resource:
    """Who made it, of what, and under which rules (profile AI-Provenance)."""
    request = answer.request
    evidence = [origin for statement in answer.summary.statements for origin in statement.evidence]
    received = {
        "identifier": {"system": message_system(identity), "value": request.id},
        "display": f"The message received ({request.message_type})",
    }
    made: Resource = {
        "resourceType": "Provenance",
        "meta": {"profile": [f"{_AI}/StructureDefinition/AI-Provenance"]},
        "target": [names.reference("composition")],
        "occurredPeriod": {
            "start": _instant(request.received_at),
            "end": _instant(answer.generated_at),
        },
        "recorded": _instant(answer.generated_at),
    }
    if answer.rules:
        made["policy"] = [policy_url(identity, answer.policy_revision, rule) for rule in answer.rules]
    return made | {
        "reason": [{"coding": [_AIAST]}],
        "activity": {
            "coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-DataOperation", "code": "CREATE"}]
        },
        "agent": [
            {
                "type": {"coding": [{"system": _PARTICIPANT, "code": "author"}]},
                "role": [{"coding": [{"system": _AI_TYPES, "code": "Artificial-Intelligence"}]}],
                "who": names.reference("model"),
            },
            {
                "type": {"coding": [{"system": _PARTICIPANT, "code": "assembler"}]},
                "who": names.reference("gateway"),
            },
        ],
        "entity": [{"role": "source", "what": what} for what in (received, *_references(evidence, sources))],
    }


def _security(request: SummarizationRequest, *, with_matters: bool) -> list[Resource]:
    """AIAST and the confidentiality of the input; what it is sensitive for on the Composition only."""
    labels: list[Resource] = [dict(_AIAST)]
    if request.labels.confidentiality:
        labels.append({"system": _CONFIDENTIALITY, "code": request.labels.confidentiality})
    if with_matters:
        matters = (code for code in request.labels.sensitivity if code not in OBLIGATIONS)
        labels += [{"system": _ACT_CODE, "code": code} for code in matters]
    return labels


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


_DATE = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?", re.ASCII)
_URI = re.compile(r"[a-z][a-z0-9+.-]{1,20}:\S{1,500}")
_UNKNOWN = {
    "url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason",
    "valueCode": "unknown",
}


def _is_uri(system: str) -> bool:
    return bool(_URI.fullmatch(system))
