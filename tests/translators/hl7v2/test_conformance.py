import pytest

from gateway.errors import GatewayError
from translators.hl7v2.conformance import findings

ADT = (
    "MSH|^~\\&|EPIC|RIVERSIDE|GW|HUB|20260314||ADT^A01^ADT_A01|M1|P|2.5.1\rEVN||20260314\r"
    "PID|1||MRN1^^^HOSP^MR||DOE^JANE\rPV1|1|I"
)


def test_a_conformant_message_has_no_findings() -> None:
    assert findings(ADT.encode()) == []


def test_every_departure_is_told_by_its_place_and_without_a_value() -> None:
    broken = ADT.replace("PV1|1|I", "PV1|1|").replace("MRN1^^^HOSP^MR", "").replace("EVN||20260314\r", "")
    found = findings(broken.encode())
    assert len(found) >= 3
    assert any("PID" in each for each in found) and any("PV1" in each for each in found)
    assert "DOE" not in " ".join(found)


@pytest.mark.parametrize("change", [("^~\\&", "^~\\&#"), ("\r", "\r\n"), ("\r", "\n")])
def test_what_hl7apy_does_not_take_is_mended_first(change: tuple[str, str]) -> None:
    assert findings(ADT.replace(*change).encode()) == []


def test_what_hl7apy_does_not_read_is_a_finding() -> None:
    assert findings(b"MSH|^~\\&|A|B|C|D|2026||ADT^A01|M1|P|2.77\rPID|1") == [
        "hl7apy does not read it: UnsupportedVersion"
    ]


def test_a_payload_without_a_header_is_an_error() -> None:
    with pytest.raises(GatewayError):
        findings(b"garbage")


def test_where_hl7apy_fails_by_itself_the_place_is_told() -> None:
    query = "MSH|^~\\&|A|B|C|D|2026||QBP^Q15^QBP_Q15|M1|P|2.5.1\rQPD|SUMMARY|T1|MRN1^^^HOSP^MR|V1^^^HOSP^VN\rRCP|I\r"
    assert any("QPD" in each for each in findings(query.encode()))
