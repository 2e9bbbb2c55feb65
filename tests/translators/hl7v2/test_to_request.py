import pytest

from gateway.clinical import FactKind
from gateway.errors import ErrorKind, GatewayError
from gateway.request import Purpose
from tests.translators.hl7v2.messages import (
    ATTACHMENTS,
    PATIENT,
    er7,
    header,
    read,
    read_payload,
    requested,
    told,
)
from translators.hl7v2.context import Context
from translators.hl7v2.er7 import Segment
from translators.hl7v2.er7 import read as read_er7_text
from translators.hl7v2.head import head_fields
from translators.hl7v2.to_request import ADMINISTRATIVE, CLINICAL, IDENTITY
from translators.hl7v2.translator import read_er7
from translators.hl7v2.versions import SUPPORTED

OBX = "OBX|1|NM|2823-3^Potassium^LN||6.8|mmol/L|3.5-5.1|HH|||F"


@pytest.mark.parametrize(
    ("kind", "purpose"),
    [
        ("ADT^A01", Purpose.HANDOFF),
        ("ADT^A03", Purpose.DISCHARGE),
        ("ADT^A16^ADT_A16", Purpose.DISCHARGE),
        ("ORU^R01", Purpose.RESULTS),
        ("OUL^R22", Purpose.RESULTS),
        ("REF^I12", Purpose.REFERRAL),
        ("RPA^I08", Purpose.REFERRAL),
        ("MDM^T02", Purpose.LONGITUDINAL),
        ("RDE^O11", Purpose.LONGITUDINAL),
        ("ZZZ", Purpose.LONGITUDINAL),
    ],
)
def test_what_happened_tells_what_the_summary_is_for(kind: str, purpose: Purpose) -> None:
    assert requested(er7(OBX, kind=kind)).task.purpose is purpose


def test_a_request_says_where_it_comes_from() -> None:
    found = requested(er7(OBX))
    assert (found.id, found.partner, found.control_id) == ("01KM8Z5Q00ABCDEFGH", "lab", "MSG1")
    assert (found.version, found.message_type, found.size_bytes) == ("2.5.1", "ORU^R01", len(er7(OBX)))


@pytest.mark.parametrize("version", SUPPORTED)
def test_the_same_segments_give_the_same_facts_in_every_version(version: str) -> None:
    assert read(OBX, version=version).facts == read(OBX).facts


@pytest.mark.parametrize(
    "kind", ["ORU^R01", "ADT^A01", "MFN^M01", "DFT^P03", "XYZ^Z99", "VXQ^V01", "QRY^A19"]
)
def test_any_type_of_message_yields_what_its_segments_say(kind: str) -> None:
    (found,) = read(OBX, kind=kind).facts
    assert (found.kind, found.value) == (FactKind.RESULT, "6.8")


def test_a_message_without_clinical_content_is_a_request_without_facts() -> None:
    found = requested(er7("MFI|LOC||UPD", kind="MFN^M05"))
    assert (found.facts, found.notes, found.unread) == ((), (), ())


def test_local_and_unread_segments_are_listed_once_each() -> None:
    reading = read("ZPD|1|a", OBX, "ZPD|2|b", "ZBE|x", "ACC|1", "ACC|2", "DB1|1", "IN1|1", "GT1|1", "XX1|1")
    assert told(reading) == [
        ("ZPD[1]", "local", "ZPD, 2 times"),
        ("ZBE[1]", "local", "ZBE"),
        ("ACC[1]", "unsupported", "ACC, 2 times"),
        ("DB1[1]", "unsupported", "DB1"),
        ("XX1[1]", "unsupported", "XX1"),
    ]


def test_a_line_that_went_astray_is_listed_without_its_text() -> None:
    reading = read("OBX|1|TX|R^Report^L||first line||||||F", "JANE DOE continues here", "and here")
    assert told(reading) == [("line[1]", "invalid", "not a segment, 2 times")]


def test_the_tables_of_segments_do_not_overlap() -> None:
    assert not (set(IDENTITY) | set(CLINICAL)) & ADMINISTRATIVE
    assert not set(IDENTITY) & set(CLINICAL)


@pytest.mark.parametrize("host", ["PID", "PV1|1|I", "OBR|1|||X^Panel^L"])
def test_comments_on_what_is_no_fact_are_notes(host: str) -> None:
    segments = [header(), PATIENT] if host == "PID" else [header(), PATIENT, host]
    reading = read_payload("\r".join([*segments, "NTE|1||one~two", "NTE|2||three", OBX]).encode())
    assert [(each.title, each.text, each.origin) for each in reading.notes] == [
        ("Comment", "one\ntwo\nthree", "NTE[1]-3")
    ]
    assert reading.facts[0].details == ()


@pytest.mark.parametrize(
    ("sent", "confidentiality", "sensitivity"),
    [
        ("V", "V", ()),
        ("R", "R", ()),
        ("ETH", "R", ("ETH", "SUD")),
        ("SECURITY", "", ()),
        ("PSY~U", "R", ("PSY",)),
    ],
)
def test_the_security_of_the_header_is_a_label(
    sent: str, confidentiality: str, sensitivity: tuple[str, ...]
) -> None:
    payload = er7(OBX).replace(b"|20260314093000||", f"|20260314093000|{sent}|".encode())
    labels = read_payload(payload).labels
    assert (labels.confidentiality, labels.sensitivity) == (confidentiality, sensitivity)


def test_a_value_that_the_sender_cut_is_said() -> None:
    payload = er7("NTE|1||this was cut#", "OBX|1|TX|R#1^Report^L||whole||||||F", version="2.7")
    reading = read_payload(payload.replace(b"^~\\&", b"^~\\&#", 1))
    assert [(each.code, each.location) for each in reading.warnings] == [("text-truncated", "NTE[1]-3")]


SECOND = "PID|2||MRN2^^^HOSP^MR||OTHER^PERSON||19900101|M"


def test_facts_of_two_patients_are_never_mixed() -> None:
    with pytest.raises(GatewayError) as raised:
        read("OBR|1|||X^P^L", OBX, SECOND, "OBR|1|||X^P^L", OBX)
    assert (raised.value.kind, raised.value.location) == (ErrorKind.SEVERAL_PATIENTS, "PID[2]")


def test_a_second_patient_without_clinical_content_is_listed() -> None:
    reading = read("PV1|1|I", SECOND, "PV1|1|O", kind="ADT^A17")
    assert reading.patient.birth_date == "1958-03-14"
    assert reading.encounter is not None and reading.encounter.encounter_class == "IMP"
    assert told(reading) == [("PID[2]", "unsupported", "a second patient, with what follows")]


@pytest.mark.parametrize(
    "again",
    [
        PATIENT,
        "PID|1||MRN1^^^HOSP^MR",
        "PID|",
        "PID|2||MRN1^^^HOSP^MR~77^^^X||TEST^P",
        "PID|2||||TEST^PATIENT||19580314",
    ],
)
def test_the_same_patient_named_again_is_the_same_patient(again: str) -> None:
    reading = read("OBR|1|||X^P^L", OBX, again, "OBR|1|||X^P^L", OBX)
    assert (len(reading.facts), told(reading)) == (2, [])


def test_er7_carried_by_another_protocol_has_origins_below_its_own() -> None:
    reading = read_er7(er7(OBX, "ZZZ|1"), "Bundle.entry[2].resource.data")
    assert reading.facts[0].origin == "Bundle.entry[2].resource.data/OBX[1]-5"
    assert reading.unread[0].origin == "Bundle.entry[2].resource.data/ZZZ[1]"


@pytest.mark.parametrize("payload", [b"", b"no message", b"PID|1||X"])
def test_what_is_no_er7_is_refused_at_its_origin(payload: bytes) -> None:
    with pytest.raises(GatewayError) as raised:
        read_er7(payload, "Binary.data")
    assert (raised.value.kind, raised.value.location) == (ErrorKind.MALFORMED, "Binary.data/MSH")


def test_one_segment_that_cannot_be_read_costs_no_other() -> None:
    def broken(context: Context, segment: Segment) -> None:
        raise ValueError("a defect")

    message = read_er7_text(er7("DG1|1||I10^Hypertension^I10C"), head_fields(er7()))
    context = Context(message.syntax, message.segments, ATTACHMENTS)
    context.guarded(broken, message.segments[2])
    assert told(context.reading) == [("DG1[1]", "invalid", "DG1 could not be read")]


@pytest.mark.parametrize(
    "other",
    [
        "PID|2||X9^^^OTHER||ANOTHER^NAME||19580314",  # born on the same day
        "PID|2||X9^^^OTHER||TEST^PATIENT||19900101",  # of the same name
        "PID|2||X9^^^OTHER||TEST^PATIENT",
        "PID|2||MRN1^^^HOSP^MR||TEST^PATIENT||19900101",  # under the same number, born on another day
    ],
)
def test_who_may_be_somebody_else_is_somebody_else(other: str) -> None:
    with pytest.raises(GatewayError):
        read("OBR|1|||X^P^L", OBX, other, "OBR|1|||X^P^L", OBX)


def test_the_classification_of_newer_headers_is_a_label() -> None:
    row = header(version="2.8").split("|") + [""] * 20
    row[25] = "V^Very restricted^HL70952"  # MSH-26
    assert read_payload("\r".join(["|".join(row), PATIENT, OBX]).encode()).labels.confidentiality == "V"
