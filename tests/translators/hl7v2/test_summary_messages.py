"""A summary as a message of our own: MDM^T02 and ORU^R01."""

from dataclasses import replace

import pytest

from gateway.clinical import Encounter, Identifier, Labels, Name, Patient
from gateway.errors import ErrorKind, GatewayError
from gateway.messages import Protocol
from gateway.request import Purpose, Task
from gateway.summary import REVIEW_NOTICE, Answer, Notice, NoticeCode
from tests.translators.hl7v2.messages import IDENTITY, NOW
from tests.translators.hl7v2.test_query import ALLERGY, POTASSIUM, answer
from translators.hl7v2.conformance import findings
from translators.hl7v2.documents import Addressing, SummaryMessages, document_number, summary_message
from translators.hl7v2.versions import SUPPORTED

STRUCTURES = ("MDM^T02", "ORU^R01")
NOTICES = (
    Notice(code=NoticeCode.OPERATION_DEPRECATED, text="Version 1 ends."),
    Notice(code=NoticeCode.MODEL_MOVED, text="Moved & gone."),
    Notice(code=NoticeCode.REVIEW_REQUIRED, text="Review it."),
)


def rows(
    found: Answer, structure: str = "MDM^T02", addressing: Addressing | None = None, codec: str = "utf-8"
) -> list[list[str]]:
    body = summary_message(found, IDENTITY, addressing or Addressing("EPIC", "RIVERSIDE"), structure, NOW)
    return [line.split("|") for line in body.decode(codec).rstrip("\r").split("\r")]


def row(name: str, found: Answer, structure: str = "MDM^T02") -> list[str]:
    """`row(...)[n]` is field n; the MSH has its separator in its place."""
    fields = next(each for each in rows(found, structure) if each[0] == name)
    return [fields[0], "|", *fields[1:]] if name == "MSH" else fields


def of(**changes: object) -> Answer:
    found = answer(ALLERGY, POTASSIUM)
    return replace(found, request=replace(found.request, **changes))


@pytest.mark.parametrize("structure", STRUCTURES)
@pytest.mark.parametrize("version", [each for each in SUPPORTED[2:] if each != "2.7.1"])
def test_the_message_follows_its_structure_in_every_version(structure: str, version: str) -> None:
    """By hl7apy, which does not know 2.7.1, finds no structure without MSH-9.3 (2.3), and from 2.8 on puts
    the OBX of a result into the group of an order's document."""
    noticed = replace(of(version=version), notices=NOTICES)
    body = summary_message(noticed, IDENTITY, Addressing("EPIC"), structure, NOW)
    misplaced = ("ORU_R01_ORDER_DOCUMENT", "ORU_R01_COMMON_ORDER")
    found = [each for each in findings(body) if not any(group in each for group in misplaced)]
    assert found == [] or version == "2.3"


@pytest.mark.parametrize(
    ("structure", "version", "after"),
    [
        ("MDM^T02", "2.5", "OBX"),
        ("MDM^T02", "2.8.2", "OBX"),
        ("ORU^R01", "2.3", "OBR"),
        ("ORU^R01", "2.5.1", "OBR"),
    ],
)
def test_what_is_for_the_interface_is_a_comment_and_what_is_for_the_reader_a_line(
    structure: str, version: str, after: str
) -> None:
    segments = rows(replace(of(version=version), notices=NOTICES), structure)
    names = [each[0] for each in segments]
    first = names.index("NTE")
    assert names[first - 1] == after
    assert [each[:4] for each in segments if each[0] == "NTE"] == [
        ["NTE", "1", "O", "Version 1 ends."],
        ["NTE", "2", "O", "Moved \\T\\ gone."],
    ]
    text = " ".join(each[5] for each in segments if each[0] == "OBX")
    assert "Notice: Review it." in text
    assert "Version 1 ends." not in text


def test_a_structure_without_comments_says_all_of_it_in_its_lines() -> None:
    segments = rows(replace(of(version="2.4"), notices=NOTICES))
    text = " ".join(each[5] for each in segments if each[0] == "OBX")
    assert "NTE" not in [each[0] for each in segments]
    assert all(f"Notice: {said}" in text for said in ("Version 1 ends.", "Moved \\T\\ gone.", "Review it."))


def test_a_document_goes_to_its_receiver_under_one_id() -> None:
    msh = row("MSH", answer(ALLERGY))
    assert msh[3:7] == ["RIVERSIDE-GW", "RIVERSIDE", "EPIC", "RIVERSIDE"]
    assert (msh[9], msh[10], msh[11], msh[12]) == ("MDM^T02^MDM_T02", "01KM8Z5Q00AAAAAAAAS", "P", "2.5.1")
    assert len(msh[10]) <= 20


def test_the_patient_and_the_visit_come_along() -> None:
    found = answer(ALLERGY)
    assert row("PID", found) == ["PID", "1", "", "MRN1^^^HOSP^MR", "", "DOE^JANE^A", "", "19580314", "F"]
    visit = row("PV1", found)
    assert (visit[2], visit[19]) == ("I", "V1^^^^VN")
    assert row("PV1", of(encounter=None))[2] == "N"
    assert row("PV1", of(encounter=Encounter(encounter_class="HH")))[2] == "HH"


@pytest.mark.parametrize(
    ("system", "sent"),
    [
        ("1.2.3", "&1.2.3&ISO"),
        ("urn:oid:1.2.3", "&1.2.3&ISO"),
        ("http://x/y", "&http://x/y&URI"),
        ("H&P", "H\\T\\P"),
    ],
)
def test_numbers_keep_their_authority(system: str, sent: str) -> None:
    patient = Patient(
        identifiers=(Identifier(value="1", system=system, type="MR"),), names=(Name(text="Baby Girl"),)
    )
    pid = row("PID", of(patient=patient))
    assert (pid[3], pid[5]) == (f"1^^^{sent}^MR", "Baby Girl")


@pytest.mark.parametrize("structure", STRUCTURES)
def test_nothing_says_that_it_was_reviewed(structure: str) -> None:
    found = rows(answer(ALLERGY, POTASSIUM), structure)
    lines = [each for each in found if each[0] == "OBX"]
    assert lines[0][5] == REVIEW_NOTICE
    assert {each[11] for each in lines} == {"P"}
    if structure == "MDM^T02":
        assert row("TXA", answer(ALLERGY))[17] == "DO"
    else:
        assert row("OBR", answer(ALLERGY), structure)[25] == "P"


def test_lines_are_numbered_and_carry_code_model_time_and_evidence() -> None:
    lines = [each for each in rows(answer(ALLERGY)) if each[0] == "OBX"]
    assert [each[1] for each in lines] == [str(number) for number in range(1, len(lines) + 1)]
    third = lines[2]
    assert (third[2], third[3], third[5]) == (
        "TX",
        "34133-9^Summarization of episode note^LN",
        "Penicillin: hives \\T\\ dyspnea [AL1[1]]",
    )
    assert (third[14], third[17]) == ("20260314093000+0000", "AI^builtin extractive-1^L")


@pytest.mark.parametrize("purpose", Purpose)
def test_every_purpose_has_a_type_of_document(purpose: Purpose) -> None:
    assert row("TXA", of(task=Task(purpose=purpose)))[2]


@pytest.mark.parametrize(("label", "sent"), [("V", "V"), ("R", "R"), ("N", "U"), ("", "U")])
def test_a_document_is_as_confidential_as_what_it_is_made_of(label: str, sent: str) -> None:
    assert row("TXA", of(labels=Labels(confidentiality=label)))[18] == sent


def test_a_document_number_is_that_of_one_run() -> None:
    one = answer(ALLERGY)
    again = replace(one, generated_at=NOW.replace(hour=11))
    assert document_number(one) == document_number(answer(ALLERGY)) != document_number(again)
    assert len(document_number(one)) <= 30


def test_the_version_is_that_of_the_source_but_never_older_than_the_message() -> None:
    assert row("MSH", of(version="2.1"))[12] == "2.3"
    assert row("MSH", of(version="2.9"))[12] == "2.8.2"
    assert row("MSH", of(protocol=Protocol.FHIR, version="4.0"))[12] == "2.5.1"


def test_the_character_set_is_named_when_it_matters() -> None:
    assert len(row("MSH", answer(ALLERGY))) == 13
    umlaut = of(patient=Patient(names=(Name(family="Müller"),)))
    assert row("MSH", umlaut)[18] == "UNICODE UTF-8"
    latin = rows(umlaut, addressing=Addressing(charset="8859/1"), codec="latin-1")
    assert (latin[0][17], latin[2][5]) == ("8859/1", "Müller")


def test_lines_are_as_wide_as_the_receiver_takes_them() -> None:
    lines = [
        each[5] for each in rows(answer(POTASSIUM), addressing=Addressing(line_width=40)) if each[0] == "OBX"
    ]
    assert max(map(len, lines[1:])) <= 40


def test_another_structure_is_refused() -> None:
    with pytest.raises(GatewayError) as raised:
        summary_message(answer(ALLERGY), IDENTITY, Addressing(), "ADT^A01", NOW)
    assert raised.value.kind is ErrorKind.UNSUPPORTED_TYPE


FORM = SummaryMessages(IDENTITY)


def ack(code: str, control_id: str = "01KM8Z5Q00AAAAAAAAS") -> bytes:
    return f"MSH|^~\\&|EPIC||GW||2026||ACK^T02^ACK|9|P|2.5.1\rMSA|{code}|{control_id}\r".encode()


@pytest.mark.parametrize(
    ("code", "taken"), [("AA", True), ("CA", True), ("AE", False), ("AR", False), ("CE", False)]
)
def test_the_receiver_s_word_is_taken(code: str, taken: bool) -> None:
    message = FORM.summary_message(answer(ALLERGY), "MDM^T02", NOW)
    assert FORM.acknowledges(message, ack(code)) is taken


@pytest.mark.parametrize(
    "reply", [b"", b"garbage", ack("AA", "OTHER"), ack("??"), b"MSH|^~\\&|A\rPID|1", b"MSH|^~\\&|\rMSA"]
)
def test_what_is_no_acknowledgment_of_it_is_no_word(reply: bytes) -> None:
    with pytest.raises(GatewayError):
        FORM.acknowledges(FORM.summary_message(answer(ALLERGY), "MDM^T02", NOW), reply)
