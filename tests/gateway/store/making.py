"""Records for tests of the store."""

from datetime import UTC, datetime
from itertools import count

from gateway.clinical import ClinicalFact, Encounter, FactKind, Identifier, Patient
from gateway.messages import InboundMessage, Protocol, Reply
from gateway.records import NewRecord, Work
from gateway.request import SummarizationRequest
from gateway.summary import Answer, Statement, Summary, SummarySection

_numbers = count(1)
NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


def new_record(
    *,
    body: bytes = b"MSH|^~\\&|the body",
    control_id: str = "",
    duplicate_key: bytes | None = None,
    work: Work = Work.ACCEPTED,
    mrn: str = "MRN1",
    authority: str = "HOSP",
    born: str = "",
    visit: str = "V1",
    partner: str = "epic",
) -> NewRecord:
    message_id = f"{next(_numbers):018d}"
    message = InboundMessage(
        id=message_id,
        protocol=Protocol.HL7V2,
        listener="feed",
        peer="127.0.0.1",
        received_at=NOW,
        body=body,
    )
    request = SummarizationRequest(
        id=message_id,
        partner=partner,
        protocol=Protocol.HL7V2,
        version="2.5",
        message_type="ADT^A01",
        control_id=control_id,
        received_at=NOW,
        patient=Patient(identifiers=(Identifier(value=mrn, system=authority, type="MR"),), birth_date=born),
        encounter=Encounter(visit_numbers=(Identifier(value=visit),)),
        facts=(ClinicalFact(kind=FactKind.ALLERGY, text="Penicillin", origin="AL1[1]"),),
    )
    return NewRecord(
        message=message,
        partner=partner,
        control_id=control_id,
        message_type="ADT^A01",
        version="2.5",
        duplicate_key=duplicate_key,
        work=work,
        request=request,
        reply=Reply(b"MSA|AA|" + control_id.encode(), code="AA"),
    )


def answer_to(record: NewRecord) -> Answer:
    assert record.request is not None
    statement = Statement(section=SummarySection.ALLERGIES, text="Penicillin", evidence=("AL1[1]",))
    summary = Summary(
        statements=(statement,), text="Penicillin", backend="builtin", model_asked="m", model_served="m"
    )
    return Answer(
        request=record.request, summary=summary, generated_at=NOW, rules=("r",), policy_revision="1"
    )
