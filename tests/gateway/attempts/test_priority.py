"""How urgent a request is, from the words in which senders say so."""

import json
from dataclasses import replace

import pytest

from gateway.attempts.priority import Urgency, urgency_of
from gateway.clinical import ClinicalFact, Detail, DetailName, FactKind, FactStatus
from gateway.commands.offline import offline_translators, request_of
from gateway.messages import Protocol
from gateway.request import SummarizationRequest
from tests.gateway.attempts.scripted import REQUEST
from tests.gateway.plugs import message


def request(priority: str, status: FactStatus = FactStatus.ACTIVE) -> SummarizationRequest:
    details = (Detail(name=DetailName.PRIORITY, text=priority),) if priority else ()
    fact = ClinicalFact(kind=FactKind.ORDER, text="CBC", status=status, details=details, origin="ORC[1]")
    return replace(REQUEST, facts=(fact,))


@pytest.mark.parametrize(("said", "urgency"), [
    ("S", Urgency.STAT),
    ("STAT", Urgency.STAT),
    ("stat", Urgency.STAT),
    ("Stat (with highest priority)", Urgency.STAT),
    ("R, S", Urgency.STAT),
    ("A", Urgency.URGENT),
    ("asap", Urgency.URGENT),
    ("As soon as possible", Urgency.URGENT),
    ("urgent", Urgency.URGENT),
    ("Routine", Urgency.ROUTINE),
    ("statin", Urgency.ROUTINE),
    ("CR", Urgency.ROUTINE),  # callback results
    ("", Urgency.ROUTINE),
])  # fmt: skip
def test_the_words_of_urgency(said: str, urgency: Urgency) -> None:
    assert urgency_of(request(said)) is urgency


def test_an_order_that_is_done_hurries_nobody() -> None:
    assert urgency_of(request("STAT", FactStatus.COMPLETED)) is Urgency.ROUTINE


@pytest.mark.parametrize(("flag", "time", "urgency"), [
    ("HH", "2026-11-23T06:00", Urgency.STAT),
    ("LL", "2026-11-22", Urgency.STAT),
    ("AA", "2026-11-23", Urgency.URGENT),
    ("H", "2026-11-23", Urgency.ROUTINE),
    ("HH", "2025-11-23", Urgency.ROUTINE),
    ("HH", "", Urgency.ROUTINE),
])  # fmt: skip
def test_a_critical_result_is_urgent_while_it_is_new(flag: str, time: str, urgency: Urgency) -> None:
    fact = ClinicalFact(kind=FactKind.RESULT, text="K", value="6.8", flag=flag, time=time, origin="OBX[1]-5")
    assert urgency_of(replace(REQUEST, facts=(fact,))) is urgency


ORDER = (
    "MSH|^~\\&|LAB|RIVERSIDE|GW|RIVERSIDE|20261123093000||ORM^O01|C1|P|2.5.1\r"
    "PID|1||4711^^^RIVERSIDE^MR||Doe^Jane||19580314|F\r"
    "ORC|NW|1|||||{tq}\r"
    "OBR|1|1||2823-3^Potassium^LN|||20261123" + "|" * 20 + "{obr27}\r"
)


@pytest.mark.parametrize("text", [
    ORDER.format(tq="1^^^^^S", obr27=""),
    ORDER.format(tq="", obr27="1^^^^^S"),
    ORDER.format(tq="", obr27="") + "TQ1|1||||||||S^STAT^HL70485\r",
])  # fmt: skip
def test_a_stat_order_over_hl7v2(text: str) -> None:
    sent = replace(message("order", Protocol.HL7V2), body=text.encode())
    _, read = request_of(sent, offline_translators()[Protocol.HL7V2], "epic")
    assert read is not None
    assert urgency_of(read) is Urgency.STAT


def test_an_urgent_order_over_fhir() -> None:
    order = {
        "resourceType": "ServiceRequest",
        "status": "active",
        "intent": "order",
        "priority": "stat",
        "code": {"text": "Potassium"},
        "subject": {"reference": "Patient/1"},
    }
    bundle = {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"resource": {"resourceType": "Patient", "id": "1"}}, {"resource": order}],
    }
    sent = replace(
        message("order"),
        body=json.dumps(bundle).encode(),
        method="POST",
        base="/fhir/R4",
        target="$summarize",
        headers={"content-type": "application/fhir+json"},
    )
    _, read = request_of(sent, offline_translators()[Protocol.FHIR], "epic")
    assert read is not None
    assert urgency_of(read) is Urgency.STAT
