"""Bugs that users reported of other v2 readers, each as what is true here."""

from gateway.clinical import FactKind, FactStatus, Name
from tests.translators.hl7v2.messages import (
    details,
    er7,
    fact,
    header,
    read,
    read_payload,
    requested,
    told,
)

OBX = "OBX|1|NM|2823-3^Potassium^LN||6.8||||||F"


def test_an_empty_value_is_no_failure() -> None:
    """LinuxForHealth/hl7v2-fhir-converter 61"""
    assert [each[1] for each in told(read("OBX|1|NM|2823-3^Potassium^LN||||||||F", OBX))] == [
        "no-information"
    ]


def test_a_time_without_offset_gets_none() -> None:
    """LinuxForHealth/hl7v2-fhir-converter 55 and 81, chaseastewart/fhir-converter 2"""
    assert fact(OBX + "|||202603140930").time == "2026-03-14T09:30"


def test_a_time_keeps_its_offset_without_seconds() -> None:
    """medplum/medplum 8486"""
    assert fact(OBX + "|||202603140930+0100").time == "2026-03-14T09:30+01:00"


def test_a_dash_is_a_comment() -> None:
    """LinuxForHealth/hl7v2-fhir-converter 512"""
    assert details(fact(OBX, "NTE|1||-")) == [("comment", "-")]


def test_a_comment_on_the_patient_does_not_land_on_a_diagnosis() -> None:
    """LinuxForHealth/hl7v2-fhir-converter 428"""
    reading = read("NTE|1||on the patient", "PV1|1|I", "DG1|1||I10^Hypertension^I10C", kind="ADT^A01")
    assert details(reading.facts[0]) == []
    assert [each.text for each in reading.notes] == ["on the patient"]


def test_a_comment_belongs_to_the_segment_before_it_whatever_follows() -> None:
    """microsoft/FHIR-Converter 325"""
    reading = read(
        "OBR|1|||P^Panel^L",
        OBX,
        "OBX|2|NM|2951-2^Sodium^LN||140||||||F",
        "NTE|1||on sodium",
        "OBX|3|NM|X^X^L||1||||||F",
    )
    assert [details(each) for each in reading.facts] == [[], [("comment", "on sodium")], []]


def test_the_order_s_own_status_goes_before_that_of_the_report() -> None:
    """LinuxForHealth/hl7v2-fhir-converter 244"""
    found = fact("ORC|OC||||CA", "OBR|1|||X^Test^L" + "|" * 21 + "F", kind="ORM^O01")
    assert (found.status, found.status_sent) == (FactStatus.CANCELLED, "ORC-5=CA")


def test_repetitions_of_a_report_are_lines() -> None:
    """LinuxForHealth/hl7v2-fhir-converter 147"""
    assert read("OBX|1|TX|R^Report^L||one~two~~four||||||F").notes[0].text == "one\ntwo\n\nfour"


def test_repeated_identifiers_and_telephones_are_all_read() -> None:
    """microsoft/FHIR-Converter 47"""
    patient = read_payload(
        f"{header()}\rPID|1||A^^^X^MR~B^^^Y^PI||D||||||||1^^PH~^NET^Internet^a@b.c~3".encode()
    ).patient
    assert [each.value for each in patient.identifiers] == ["A", "B"]
    assert patient.telecoms == ("1", "a@b.c", "3")


def test_admission_and_discharge_name_the_same_visit() -> None:
    """microsoft/FHIR-Converter 207, metriport/metriport 2129"""
    pv1 = "PV1|1|I" + "|" * 17 + "V1^^^HOSP^VN"
    one, other = (read(pv1, kind=kind).encounter for kind in ("ADT^A01", "ADT^A03"))
    assert one is not None and other is not None
    assert one.visit_numbers == other.visit_numbers
    assert (one.status, other.status) == ("in-progress", "finished")


def test_an_encoded_order_is_read() -> None:
    """microsoft/FHIR-Converter 502"""
    assert (
        fact("ORC|NW", "RXE|1^BID|723^Amoxicillin^RXNORM|500||mg", kind="RDE^O11^RDE_O11").text
        == "Amoxicillin"
    )


def test_escapes_quotes_and_line_ends_survive_as_json() -> None:
    """microsoft/FHIR-Converter 613 and 168, chaseastewart/fhir-converter 7"""
    from pydantic import TypeAdapter

    from gateway.request import SummarizationRequest

    found = requested(er7('OBX|1|TX|R^R \\T\\ D^L||"quoted" \\E\\ C:\\E\\x~next||||||F'))
    adapter = TypeAdapter(SummarizationRequest)
    again = adapter.validate_json(adapter.dump_json(found))
    assert again.notes[0].text == '"quoted" \\ C:\\x\nnext'
    assert again.notes[0].title == "R & D"


def test_a_literal_null_is_no_given_name() -> None:
    """CDCgov/dibbs-ecr-viewer 1285 and 1496"""
    assert read_payload(f'{header()}\rPID|1||M||DOE^""'.encode()).patient.names == (Name(family="DOE"),)


def test_a_coded_result_keeps_what_was_observed_and_what_it_was() -> None:
    """CDCgov/trusted-intermediary 1133"""
    found = fact("OBX|1|CE|57721-3^Reason for test^LN||LA12421-6^Initial screen^LN|µmol/L|||||F")
    assert (found.text, found.value, found.unit) == ("Reason for test", "Initial screen", "µmol/L")


def test_a_report_entered_in_error_is_no_result() -> None:
    """CDCgov/prime-reportstream 15726"""
    assert read("OBR|1|||X^Test^L" + "|" * 21 + "W", OBX).facts == []


def test_five_encoding_characters_are_read() -> None:
    """CDCgov/prime-reportstream 10733"""
    payload = er7(OBX).replace(b"^~\\&", b"^~\\&#", 1)
    assert read_payload(payload).facts[0].value == "6.8"


def test_a_later_location_does_not_replace_the_first() -> None:
    """ballerina-platform/module-ballerinax-health.hl7v2 317"""
    pv1 = ["PV1", "1", "I", "ICU^1", *[""] * 38, "WARD^2"]
    encounter = read("|".join(pv1), kind="ADT^A01").encounter
    assert encounter is not None and encounter.location == "ICU 1"


def test_a_result_is_a_result_and_a_vital_sign_a_vital_sign_under_one_panel() -> None:
    """LinuxForHealth/hl7v2-fhir-converter: text observations lost as results"""
    reading = read(
        "OBR|1|||P^Panel^L",
        "OBX|1|ST|X^Culture^L||No growth||||||F",
        "OBX|2|NM|8867-4^Heart rate^LN||72||||||F",
    )
    assert [each.kind for each in reading.facts] == [FactKind.RESULT, FactKind.VITAL_SIGN]
