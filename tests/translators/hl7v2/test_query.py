from dataclasses import replace

import pytest

from gateway.clinical import Encounter, Identifier, Name, Patient
from gateway.errors import ErrorKind, GatewayError
from gateway.messages import Protocol, Wish
from gateway.request import SummarizationRequest
from gateway.summary import REVIEW_NOTICE, Answer, Statement, Summary, SummarySection
from tests.translators.hl7v2.messages import ATTACHMENTS, IDENTITY, NOW, TRANSLATOR, opened
from translators.hl7v2.conformance import findings
from translators.hl7v2.display import LINE_WIDTH, summary_lines
from translators.hl7v2.query import CUT
from translators.hl7v2.translator import Hl7v2Translator

MSH = "MSH|^~\\&|EPIC|RIVERSIDE|GW|HUB|20260314||QBP^Q15^QBP_Q15|Q1|P|2.5.1"
QPD = "QPD|Q15^Summary^L|TAG\\F\\1|MRN1^^^HOSP^MR"


def query(*segments: str, header: str = MSH) -> bytes:
    return ("\r".join([header, *segments]) + "\r").encode()


def answer(*statements: Statement, text: str = "") -> Answer:
    request = SummarizationRequest(
        id="01KM8Z5Q00AAAAAAAA",
        partner="epic",
        protocol=Protocol.HL7V2,
        version="2.5.1",
        message_type="ADT^A01",
        control_id="M1",
        received_at=NOW,
        patient=Patient(
            identifiers=(Identifier(value="MRN1", system="HOSP", type="MR"),),
            names=(Name(family="DOE", given=("JANE", "A")),),
            birth_date="1958-03-14",
            sex="female",
        ),
        encounter=Encounter(encounter_class="IMP", visit_numbers=(Identifier(value="V1", type="VN"),)),
    )
    summary = Summary(
        statements=statements,
        text=text,
        backend="builtin",
        model_asked="clinical",
        model_served="extractive-1",
    )
    return Answer(request=request, summary=summary, generated_at=NOW)


ALLERGY = Statement(
    section=SummarySection.ALLERGIES, text="Penicillin: hives & dyspnea", evidence=("AL1[1]",)
)
POTASSIUM = Statement(
    section=SummarySection.RESULTS,
    text="Potassium 6.8 mmol/L (3.5-5.1), up from 5.9 mmol/L on the day before, called to the ward",
    evidence=("OBX[3]-5", "OBX[9]-5"),
    flags=("critical",),
)
SODIUM = Statement(section=SummarySection.RESULTS, text="Sodium 140 mmol/L", evidence=("OBX[4]-5",))


def reply(payload: bytes, found: Answer | None, translator: Hl7v2Translator = TRANSLATOR) -> list[str]:
    message, of = opened(payload)
    body = translator.to_query_reply(message, of, found, NOW).body
    return body.decode().rstrip("\r").split("\r")


@pytest.mark.parametrize(
    ("parameters", "patient", "visit"),
    [
        (QPD, [("MRN1", "HOSP")], []),
        ("QPD|Q15|T|MRN1~MRN2^^^X&1.2&ISO^PI", [("MRN1", ""), ("MRN2", "1.2")], []),
        ("QPD|Q15|T||V1", [], [("V1", "")]),
        ("QPD|Q15|T|V1^^^HOSP^VN", [], [("V1", "HOSP")]),
        ("QPD|Q15|T|MRN1|V1~V2", [("MRN1", "")], [("V1", ""), ("V2", "")]),
        ("QPD|Q15|T|@PID.3.1^MRN1~@PV1.19.1^V1", [("MRN1", "")], [("V1", "")]),
    ],
)
def test_a_query_names_patients_and_visits(
    parameters: str, patient: list[tuple[str, str]], visit: list[tuple[str, str]]
) -> None:
    message, of = opened(query(parameters, "RCP|I"))
    found = TRANSLATOR.to_query(message, of)
    assert of.wish is Wish.RETRIEVE
    assert (list(found.patient), list(found.visit), found.maximum_lines) == (patient, visit, None)


@pytest.mark.parametrize(
    ("limit", "lines"), [("20^LI", 20), ("5^RD", 5), ("7", 7), ("2^PG", None), ("", None)]
)
def test_a_query_may_limit_the_lines(limit: str, lines: int | None) -> None:
    message, of = opened(query(QPD, f"RCP|I|{limit}"))
    assert TRANSLATOR.to_query(message, of).maximum_lines == lines


@pytest.mark.parametrize(
    ("segments", "kind", "location"),
    [
        ([], ErrorKind.REQUIRED_MISSING, "QPD"),
        (["QPD|Q15|T"], ErrorKind.REQUIRED_MISSING, "QPD[1]-3"),
        (["QPD|Q15|T|@PID.5.1^DOE"], ErrorKind.REQUIRED_MISSING, "QPD[1]-3"),
        ([QPD, "RCP|I|many^LI"], ErrorKind.INVALID_VALUE, "RCP[1]-2"),
        ([QPD, "RCP|I|0"], ErrorKind.INVALID_VALUE, "RCP[1]-2"),
    ],
)
def test_a_query_for_nobody_is_refused(segments: list[str], kind: ErrorKind, location: str) -> None:
    message, of = opened(query(*segments))
    with pytest.raises(GatewayError) as raised:
        TRANSLATOR.to_query(message, of)
    assert (raised.value.kind, raised.value.location) == (kind, location)


def test_a_summary_comes_as_lines_each_with_its_evidence() -> None:
    assert reply(query(QPD, "RCP|I"), answer(ALLERGY, POTASSIUM, SODIUM)) == [
        "MSH|^~\\&|GW|HUB|EPIC|RIVERSIDE|20260314093000+0000||RDY^K15^RDY_K15|01KM8Z5Q00ABCDEFGHB|P|2.5.1|||NE|NE",
        "MSA|AA|Q1",
        "QAK|TAG\\F\\1|OK|Q15^Summary^L|1|1|0",
        QPD,
        f"DSP|1||{REVIEW_NOTICE}|1",
        "DSP|2||ALLERGIES",
        "DSP|3||Penicillin: hives \\T\\ dyspnea [AL1[1]]|1",
        "DSP|4||RESULTS",
        "DSP|5||Potassium 6.8 mmol/L (3.5-5.1), up from 5.9 mmol/L on the day before, called",
        "DSP|6||  to the ward (critical) [OBX[3]-5, OBX[9]-5]",
        "DSP|7||Sodium 140 mmol/L [OBX[4]-5]|1",
        "DSP|8||Generated 2026-03-14 09:30 UTC by builtin extractive-1.",
        "DSP|9||Source: ADT\\S\\A01 M1, request 01KM8Z5Q00AAAAAAAA.|1",
    ]


def test_the_reply_follows_the_structure_of_its_message() -> None:
    body = "\r".join(reply(query(QPD, "RCP|I"), answer(ALLERGY, POTASSIUM))).encode()
    assert findings(body) == []
    assert findings("\r".join(reply(query(QPD, "RCP|I"), None)).encode() + b"\rDSP|1||x") == []


def test_no_line_is_wider_than_a_screen() -> None:
    long = Statement(section=SummarySection.NOTES, text="word " * 200 + "x" * 300, evidence=("OBX[1]-5",))
    lines = [each.split("|")[3] for each in reply(query(QPD), answer(long)) if each.startswith("DSP")]
    assert max(map(len, lines)) <= LINE_WIDTH
    assert "x" * 300 in "".join(line.strip() for line in lines)


def test_nothing_found_is_an_answer_not_an_error() -> None:
    assert reply(query(QPD), None)[1:] == ["MSA|AA|Q1", "QAK|TAG\\F\\1|NF|Q15^Summary^L|0|0|0", QPD]


def test_a_cut_is_said_in_its_last_line() -> None:
    lines = reply(query(QPD, "RCP|I|4^LI"), answer(ALLERGY, POTASSIUM, SODIUM))
    assert lines[4].split("|")[3] == REVIEW_NOTICE
    assert lines[-1] == f"DSP|4||{CUT}"


def test_a_summary_without_statements_is_its_text() -> None:
    lines = reply(query(QPD), answer(text=f"{REVIEW_NOTICE}\nFirst.\n\nSecond."))
    assert [each.split("|")[3] for each in lines[4:7]] == [REVIEW_NOTICE, "First.", "Second."]


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        (ErrorKind.FORBIDDEN, "AR", "AR"),
        (ErrorKind.REQUIRED_MISSING, "AE", "AE"),
        (ErrorKind.NOT_FOUND, "NF", "AE"),
        (ErrorKind.STORE_UNAVAILABLE, "AR", "AR"),
    ],
)
def test_a_query_that_fails_is_answered_as_a_query(kind: ErrorKind, status: str, code: str) -> None:
    message, of = opened(query(QPD))
    found = TRANSLATOR.to_error(message, of, GatewayError(kind, "DOE", location="QPD[1]-3"), NOW)
    lines = found.body.decode().rstrip("\r").split("\r")
    assert [line[:3] for line in lines] == ["MSH", "MSA", "ERR", "QAK", "QPD"]
    assert lines[1].startswith(f"MSA|{code}|Q1") and lines[3].startswith(f"QAK|TAG\\F\\1|{status}|")
    assert (found.code, found.positive) == (code, False)
    assert "DOE" not in found.body.decode()


@pytest.mark.parametrize(
    ("charset", "sent", "text"),
    [
        ("", "UNICODE UTF-8", "5 µg – 37 °C"),
        ("UNICODE UTF-8", "UNICODE UTF-8", "5 µg – 37 °C"),
        ("8859/1", "8859/1", "5 ug - 37 deg C"),
        ("ASCII", "ASCII", "5 ug - 37 deg C"),
    ],
)
def test_a_summary_comes_in_the_character_set_of_the_query(charset: str, sent: str, text: str) -> None:
    message, of = opened(query(QPD, header=f"{MSH}||||||{charset}"))
    statement = Statement(section=SummarySection.RESULTS, text="5 µg – 37 °C", evidence=("OBX[1]-5",))
    body = TRANSLATOR.to_query_reply(message, of, answer(statement), NOW).body
    lines = body.decode({"8859/1": "latin-1", "ASCII": "ascii"}.get(charset, "utf-8")).split("\r")
    assert lines[0].split("|")[17] == sent
    assert lines[6] == f"DSP|3||{text} [OBX[1]-5]|1"


def test_enhanced_mode_accepts_first_and_answers_after() -> None:
    translator = Hl7v2Translator(IDENTITY, ATTACHMENTS, "enhanced")
    message, of = opened(query(QPD, header=f"{MSH}|||AL|AL"))
    found = translator.to_query_reply(message, of, answer(ALLERGY), NOW)
    assert b"\rMSA|CA|Q1\r" in found.body and b"RDY^K15" in found.also[0]


def test_what_its_source_does_not_bear_is_marked_for_the_reader() -> None:
    doubtful = replace(ALLERGY, flags=("critical", "unsupported"))
    lines = " ".join(line.text.strip() for line in summary_lines(answer(doubtful)))
    assert f"{ALLERGY.text} [not supported by its source] (critical)" in lines
