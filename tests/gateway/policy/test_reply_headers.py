"""What HTTP headers say of the lives of the versions that a call rests on."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from gateway.messages import InboundMessage, Protocol
from gateway.policy.decision import Decision
from gateway.policy.reply_headers import reply_headers
from gateway.policy.rules import ModelVersion, Policy
from gateway.versions import OperationVersion

MODEL = ModelVersion(
    "clinical", "1", (("ward", 1),), deprecated=date(2026, 3, 1), sunset=date(2026, 9, 1), successor="2"
)
OPERATION = OperationVersion(
    "1",
    deprecated=date(2026, 2, 1),
    sunset=date(2027, 1, 1),
    successor="b",
    documentation="https://x.example/",
)
CALL = InboundMessage(
    id="1",
    protocol=Protocol.FHIR,
    listener="web",
    peer="127.0.0.1",
    received_at=datetime(2026, 1, 1, tzinfo=UTC),
    body=b"",
    base="/fhir/R4",
    target="Patient/$summarize",
)


def headers(decision: Decision, message: InboundMessage = CALL) -> dict[str, str]:
    found = reply_headers(decision, Policy((), {}, {}, {}, "r1"), message)
    assert len(found) == len(dict(found))
    return dict(found)


def decided(**versions: object) -> Decision:
    return replace(Decision(True, ("a",), "r1"), **versions)


def test_a_call_lives_as_long_as_the_first_to_end_of_what_it_rests_on() -> None:
    assert headers(decided(model=MODEL, operation=OPERATION)) == {
        "X-Policy-Revision": "r1",
        "Deprecation": "@1769904000",  # of the operation
        "Sunset": "Tue, 01 Sep 2026 00:00:00 GMT",  # of the model
        "Link": '</fhir/R4/Patient/$summarize?operationVersion=b>; rel="successor-version", '
        '<https://x.example/>; rel="deprecation"; type="text/html", '
        '</fhir/R4/Patient/$summarize?model=clinical%402>; rel="successor-version"',
    }


def test_one_life_alone_is_told_alone() -> None:
    assert headers(decided(model=MODEL, operation=OperationVersion("2")))["Deprecation"] == "@1772323200"
    assert "model" not in headers(decided(operation=OPERATION))["Link"]
    assert headers(decided(operation=OperationVersion("2"))) == {"X-Policy-Revision": "r1"}


@pytest.mark.parametrize(
    "versions",
    [
        {"operation": OPERATION},
        {"operation": OperationVersion("b"), "operation_moved_from": OPERATION},
        {"operation_ended": OPERATION},
    ],
)
def test_what_was_meant_is_told_of_whatever_became_of_it(versions: dict[str, object]) -> None:
    assert headers(decided(**versions))["Sunset"] == "Fri, 01 Jan 2027 00:00:00 GMT"


def test_over_soap_a_successor_is_a_name() -> None:
    over_soap = replace(CALL, protocol=Protocol.SOAP, base="/soap/summarize", target="")
    link = headers(decided(model=MODEL, operation=replace(OPERATION, documentation="")), over_soap)["Link"]
    assert link == (
        '<urn:ehr-gateway:operation:summarize:b>; rel="successor-version", '
        '<urn:ehr-gateway:model:clinical:2>; rel="successor-version"'
    )
