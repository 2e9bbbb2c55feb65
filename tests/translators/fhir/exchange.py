"""Calls of `$summarize`, what is read from them, and small answers to build replies from."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from gateway.clinical import ClinicalFact, FactKind, Reading, Unread
from gateway.messages import GatewayIdentity, InboundMessage, Protocol, Reply
from gateway.request import SummarizationRequest
from gateway.summary import REVIEW_NOTICE, Answer, Statement, Summary, SummarySection
from translators.attachments import CDA, ER7, Attachments
from translators.fhir.json_guard import parse_json
from translators.fhir.to_request import Content, Selection, read_content
from translators.fhir.translator import FhirTranslator

NOW = datetime(2026, 3, 14, 9, 30, tzinfo=UTC)
IDENTITY = GatewayIdentity("RIVERSIDE-GW", "RIVERSIDE", "0.1.0", "http://gateway.example:8080")

Json = dict[str, Any]


def _carried(payload: bytes, origin: str) -> Reading:
    """Stands for the readers of CDA and ER7: one fact that shows what was given to them."""
    fact = ClinicalFact(kind=FactKind.CONDITION, text=payload.decode(), origin=f"{origin}/carried")
    return Reading(facts=[fact])


ATTACHMENTS = Attachments({CDA: _carried, ER7: _carried})


def translator() -> FhirTranslator:
    return FhirTranslator(IDENTITY, ATTACHMENTS)


def call(
    body: Json | bytes = b"",
    *,
    method: str = "POST",
    target: str = "$summarize",
    query: Sequence[tuple[str, str]] = (),
    headers: Mapping[str, str] | None = None,
) -> InboundMessage:
    """A call as the listener hands it over; a body is declared as FHIR JSON unless `headers` say otherwise."""
    return InboundMessage(
        id="01JQ0000000000TEST",
        protocol=Protocol.FHIR,
        listener="web",
        peer="127.0.0.1",
        received_at=NOW,
        body=body if isinstance(body, bytes) else json.dumps(body).encode(),
        method=method,
        base="/fhir/R4",
        target=target,
        query=tuple(query),
        headers={"content-type": "application/fhir+json"} | dict(headers or {}),
    )


def read(resource: Json, selection: Selection | None = None) -> Content:
    return read_content(parse_json(json.dumps(resource).encode()), ATTACHMENTS, selection or Selection())


def reading_of(*resources: Json, **bundle: Any) -> Reading:
    """What a Bundle of these resources says; each gets a fullUrl by its type and id."""
    return read(bundle_of(*resources, **bundle)).reading


def bundle_of(*resources: Json, **bundle: Any) -> Json:
    entries = [
        {"fullUrl": f"http://ehr.example/fhir/{each['resourceType']}/{each['id']}", "resource": each}
        if "id" in each
        else {"resource": each}
        for each in resources
    ]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries} | bundle


def only_fact(resource: Json) -> ClinicalFact:
    """The one fact of a resource that stands alone."""
    reading = read(resource).reading
    assert len(reading.facts) == 1, (reading.facts, reading.unread)
    return reading.facts[0]


def only_unread(resource: Json) -> Unread:
    reading = read(resource).reading
    assert not reading.facts and len(reading.unread) == 1, (reading.facts, reading.unread)
    return reading.unread[0]


def details_of(fact: ClinicalFact) -> list[tuple[str, str]]:
    return [(detail.name.value, detail.text) for detail in fact.details]


def coded(text: str, code: str = "", system: str = "http://loinc.org") -> Json:
    """A CodeableConcept."""
    return {"text": text, "coding": [{"system": system, "code": code}]} if code else {"text": text}


def request_of(message: InboundMessage) -> SummarizationRequest:
    fhir = translator()
    return fhir.to_request(message, fhir.open(message), "epic")


def answer_to(request: SummarizationRequest, *statements: Statement, **summary: Any) -> Answer:
    """A small summary: what is given, else one statement for each fact."""
    made = statements or tuple(
        Statement(section=SummarySection.RESULTS, text=fact.text, evidence=(fact.origin,))
        for fact in request.facts
    )
    defaults: Json = {"text": REVIEW_NOTICE, "backend": "builtin", "model_asked": "clinical"}
    return Answer(
        request=request,
        summary=Summary(statements=made, **defaults | {"model_served": "extractive"} | summary),
        generated_at=NOW,
        rules=("treatment",),
        policy_revision="7",
    )


def reply_to(message: InboundMessage, *statements: Statement, **summary: Any) -> Reply:
    """The whole way of a call, with a small summary in place of a model's."""
    fhir = translator()
    opened = fhir.open(message)
    request = fhir.to_request(message, opened, "epic")
    return fhir.to_reply(message, opened, answer_to(request, *statements, **summary), NOW)
