"""What rules may ask about a message or a query, read off it once: the facts that `policy` decides by."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from gateway.age import completed_years
from gateway.attempts.priority import urgency_of
from gateway.errors import ErrorKind, GatewayError
from gateway.identity.methods import PROVING
from gateway.identity.partners import Partner
from gateway.messages import InboundMessage, Opened
from gateway.policy.break_glass import breaks_glass
from gateway.policy.consent import ConsentVerdict, Heard, consent_of
from gateway.policy.rules import Operation, RequestFacts
from gateway.policy.sensitive import is_substance_use, protected_of
from gateway.request import SummarizationRequest, Task


def query_facts(
    partner: Partner, message: InboundMessage, opened: Opened[Any], task: Task, authentication: str = ""
) -> RequestFacts:
    """Raises `FORBIDDEN` as `request_facts` does."""
    return RequestFacts(
        partner=partner.name,
        authentication=authentication,
        listener=message.listener,
        protocol=message.protocol.value,
        message_type=opened.message_type,
        operation=Operation.RETRIEVE,
        consent=ConsentVerdict.UNKNOWN,
        purpose_of_use=_purposes(partner, task),
        size_bytes=len(message.body),
        facility=opened.claims.sending_facility,
        break_glass=breaks_glass(task, authentication in PROVING),
        operation_version=opened.operation_version,
    )


def about(facts: RequestFacts, partner: Partner, found: SummarizationRequest, day: date) -> RequestFacts:
    """The facts of a query, with what is known of the record that the found summary is of."""
    heard = _heard(partner, found, facts.purpose_of_use, day)
    return replace(
        facts,
        consent=heard.verdict,
        consented_by=heard.by,
        confidentiality=found.labels.confidentiality,
        sensitivity=found.labels.sensitivity,
        patient_class=found.encounter.encounter_class if found.encounter else "",
        age=completed_years(found.patient, day),
        substance_use=is_substance_use(found.labels),
    )


def request_facts(partner: Partner, operation: Operation, request: SummarizationRequest) -> RequestFacts:
    """What rules may ask about. Raises `FORBIDDEN` for a purpose of use that the partner was not granted."""
    purposes = _purposes(partner, request.task)
    heard = _heard(partner, request, purposes, request.received_at.date())
    return RequestFacts(
        partner=partner.name,
        authentication=request.authentication,
        listener=request.listener,
        protocol=request.protocol.value,
        message_type=request.message_type,
        operation=operation,
        purpose=request.task.purpose.value,
        audience=request.task.audience.value,
        purpose_of_use=purposes,
        confidentiality=request.labels.confidentiality,
        sensitivity=request.labels.sensitivity,
        patient_class=request.encounter.encounter_class if request.encounter else "",
        size_bytes=request.size_bytes,
        model=request.task.model,
        operation_version=request.task.operation_version,
        facility=request.facility or (request.encounter.location if request.encounter else ""),
        age=completed_years(request.patient, request.received_at.date()),
        priority=urgency_of(request).name.lower(),
        protected=protected_of(request),
        consent=heard.verdict,
        consented_by=heard.by,
        break_glass=breaks_glass(request.task, request.authentication in PROVING),
        substance_use=is_substance_use(request.labels),
    )


def _heard(partner: Partner, record: SummarizationRequest, purposes: Sequence[str], day: date) -> Heard:
    """What the patient's consents say of it, those of the partner's source and those sent with it."""
    return consent_of(
        partner.consents,
        record.patient.identifiers,
        record.consents,
        purposes,
        record.labels.sensitivity,
        day,
    )


def _purposes(partner: Partner, task: Task) -> tuple[str, ...]:
    """What is asked for, else all that the partner was granted."""
    asked = task.purpose_of_use
    if not set(asked) <= set(partner.purpose_of_use):
        raise GatewayError(ErrorKind.FORBIDDEN, f"purpose of use {', '.join(asked)} was not granted")
    return tuple(dict.fromkeys(asked)) or partner.purpose_of_use
