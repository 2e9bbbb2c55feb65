import pytest

from gateway.clinical import FactKind, FactStatus
from tests.translators.hl7v2.messages import details, fact
from translators.hl7v2.codes import REFERRAL


def test_a_referral_is_an_order_with_its_reasons() -> None:
    found = fact(
        "RF1|P^Pending^HL70283|S^Stat^HL70280|MED^Cardiology^L||O||20260401|20260701||^Syncope~^Murmur",
        kind="REF^I12",
    )
    assert (found.kind, found.text, found.category) == (FactKind.ORDER, "Referral: Cardiology", "referral")
    assert (found.time, found.end, found.origin) == ("2026-04-01", "2026-07-01", "RF1[1]")
    assert details(found) == [("priority", "Stat"), ("reason", "Syncope"), ("reason", "Murmur")]


@pytest.mark.parametrize("code", [*REFERRAL, "?"])
def test_every_status_has_its_meaning(code: str) -> None:
    assert fact(f"RF1|{code}", kind="REF^I12").status is REFERRAL.get(code, FactStatus.UNKNOWN)
