"""What scopes allow: SMART v1 and v2, and the operation's own."""

import pytest

from gateway.clinical import ClinicalFact, ClinicalNote, FactKind
from gateway.errors import Denial, ErrorKind, GatewayError
from gateway.identity.scopes import grant_of
from gateway.messages import Protocol
from gateway.request import SummarizationRequest
from tests.gateway.identity.tokens import NOW, OPERATION


def request(*kinds: FactKind, note: bool = False) -> SummarizationRequest:
    return SummarizationRequest(
        id="1",
        partner="p",
        protocol=Protocol.FHIR,
        version="4.0",
        message_type="$summarize",
        control_id="",
        received_at=NOW,
        facts=tuple(ClinicalFact(kind=kind, text="x", origin="o") for kind in kinds),
        notes=(ClinicalNote(text="x", origin="o"),) if note else (),
    )


RESULTS = request(FactKind.RESULT, FactKind.VITAL_SIGN)
MIXED = request(FactKind.RESULT, FactKind.CONDITION)


@pytest.mark.parametrize(
    ("scopes", "content", "allowed"),
    [
        (OPERATION, MIXED, True),
        ("system/*.rs", MIXED, True),
        ("system/*.cruds", MIXED, True),
        ("system/*.r", MIXED, True),
        ("system/*.read", MIXED, True),
        ("system/*.*", MIXED, True),
        ("system/Observation.rs", RESULTS, True),
        ("system/Observation.rs", MIXED, False),
        ("system/Observation.rs system/Condition.read", MIXED, True),
        ("system/Observation.rs", request(FactKind.RESULT, note=True), False),
        ("system/Observation.rs system/DocumentReference.rs", request(FactKind.RESULT, note=True), True),
        ("system/Observation.rs", request(FactKind.OTHER), False),
        ("system/Observation.rs", None, False),
        ("system/*.rs", None, True),
        ("system/*.write", MIXED, False),
        ("system/*.s", MIXED, False),
        ("system/*.sr", MIXED, False),  # out of order
        ("system/*.", MIXED, False),
        ("system/Observation.rs?category=laboratory", RESULTS, False),
        ("patient/*.rs", MIXED, False),
        ("user/*.rs", MIXED, False),
        ("SYSTEM/*.rs", MIXED, False),
        ("openid fhirUser", MIXED, False),
        ("", MIXED, False),
    ],
)
def test_a_scope_allows_what_it_names(
    scopes: str, content: SummarizationRequest | None, allowed: bool
) -> None:
    grant = grant_of(scopes.split(), (OPERATION,))
    if allowed:
        grant.check(content)
        return
    with pytest.raises(GatewayError) as caught:
        grant.check(content)
    error = caught.value
    assert (error.kind, error.denial) == (ErrorKind.FORBIDDEN, Denial.INSUFFICIENT_SCOPE)
    assert error.scope == OPERATION
