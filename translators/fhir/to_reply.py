"""A summary as a FHIR document: Composition, Patient, the Devices that made it, and their Provenance.

Everything in it is made of the answer alone, so that the same answer gives the same bytes.
"""

import re
from collections.abc import Sequence

from gateway.clinical import UnreadReason
from gateway.messages import GatewayIdentity
from gateway.request import Purpose, SummarizationRequest
from gateway.summary import (
    REVIEW_NOTICE,
    UNSUPPORTED,
    Answer,
    Notice,
    NoticeCode,
    Statement,
    Summary,
    SummarySection,
)
from gateway.summary_text import marked
from translators.fhir.canonical import notice_system
from translators.fhir.document_parts import FullUrls, Resource, Sources, instant
from translators.fhir.labels import OBLIGATIONS
from translators.fhir.minimal_patient import minimal_patient
from translators.fhir.narrative import item, listed, narrative, paragraph, plain, strong
from translators.fhir.provenance import AIAST, UNCERTREL, gateway_device, model_device, provenance
from translators.terminology.code_systems import LOINC

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
_NOTICE = strong(REVIEW_NOTICE)
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

_CONFIDENTIALITY = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
_ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"

_CODE = re.compile(r"[!-~]{1,100}")
_MOST_LISTED = 60
_MOST_PLACES = 3


def summary_document(answer: Answer, identity: GatewayIdentity, sources: Sources) -> Resource:
    """The document Bundle, ready to be written as JSON."""
    names = FullUrls(answer.request.id)
    sources = Sources(sources.references, sources.shows_evidence)  # it remembers, for this document only
    resources = [
        ("composition", _composition(answer, names, sources)),
        ("patient", minimal_patient(answer.request.patient)),
        ("model", model_device(answer.summary, identity)),
        ("gateway", gateway_device(identity)),
        ("provenance", provenance(answer, identity, names, sources)),
    ]
    if answer.notices:
        resources.append(("notices", _outcome(answer.notices, identity)))
    return {
        "resourceType": "Bundle",
        "meta": {"security": _security(answer.request, with_matters=False)},
        "language": answer.summary.language,
        "identifier": {"system": "urn:ietf:rfc:3986", "value": names.url("bundle")},
        "type": "document",
        "timestamp": instant(answer.generated_at),
        "entry": [{"fullUrl": names.url(name), "resource": resource} for name, resource in resources],
    }


def _composition(answer: Answer, names: FullUrls, sources: Sources) -> Resource:
    request, summary = answer.request, answer.summary
    sections = _sections(request, summary, sources)
    composition: Resource = {
        "resourceType": "Composition",
        "meta": {"security": [*_security(request, with_matters=True), *_reliability(summary)]},
        "language": summary.language,
        "text": narrative(_header(answer), summary.language),
        "status": "preliminary",  # until a person attests it
        "type": {"coding": [_document_type(request, summary)]},
        "subject": names.reference("patient"),
        "date": instant(answer.generated_at),
        "author": [names.reference("model")],
        "title": "AI-generated summary, not reviewed",
    }
    if request.labels.confidentiality:
        composition["confidentiality"] = request.labels.confidentiality
    if answer.notices:
        told = _described("Notices", listed(item(notice.text) for notice in answer.notices), summary.language)
        # A document may hold only what its Composition leads to.
        sections.append(told | {"entry": [names.reference("notices")]})
    composition["section"] = sections
    return composition


def _outcome(notices: Sequence[Notice], identity: GatewayIdentity) -> Resource:
    """What policy has to say, for readers that are programs."""
    issues = [
        {
            "severity": "information",
            "code": "suppressed" if notice.code is NoticeCode.SUPPRESSED else "informational",
            "details": {
                "coding": [{"system": notice_system(identity), "code": notice.code.value}],
                "text": plain(notice.text),
            },
        }
        for notice in notices
    ]
    return {"resourceType": "OperationOutcome", "issue": issues}


def _header(answer: Answer) -> str:
    summary = answer.summary
    made_by = f"Made by {summary.model_served} from the content received as message {answer.request.id}."
    return _NOTICE + paragraph(made_by)


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
    first["div"] = first["div"].replace(">", f">{_NOTICE}", 1)
    return sections


def _section(
    section: SummarySection, statements: Sequence[Statement], sources: Sources, language: str
) -> Resource:
    title, code, display = _SECTIONS[section]
    shows = sources.shows_evidence
    markup = listed(
        [
            item(
                marked(statement),
                statement.evidence if shows else (),
                is_critical="critical" in statement.flags,
            )
            for statement in statements
        ]
    )
    made = _described(title, markup, language)
    if code:
        made["code"] = {"coding": [{"system": LOINC, "code": code, "display": display}]}
    entries = (
        sources.references_to([origin for each in statements for origin in each.evidence]) if shows else []
    )
    if entries:
        made["entry"] = entries
    return made


def _described(title: str, markup: str, language: str) -> Resource:
    return {"title": title, "text": narrative(markup, language)}


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


def _security(request: SummarizationRequest, *, with_matters: bool) -> list[Resource]:
    """AIAST and the confidentiality of the input; what it is sensitive for on the Composition only."""
    labels: list[Resource] = [dict(AIAST)]
    if request.labels.confidentiality:
        labels.append({"system": _CONFIDENTIALITY, "code": request.labels.confidentiality})
    if with_matters:
        labels += [
            {"system": _ACT_CODE, "code": code}
            for code in request.labels.sensitivity
            if code not in OBLIGATIONS and _CODE.fullmatch(code)
        ]
    return labels


def _reliability(summary: Summary) -> list[Resource]:
    """A label for readers that are programs: some statement says what its evidence does not."""
    return [dict(UNCERTREL)] if [each for each in summary.statements if UNSUPPORTED in each.flags] else []
