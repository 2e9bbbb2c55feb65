import pytest

from gateway.clinical import Code, FactKind, FactStatus
from tests.translators.hl7v2.messages import details, fact, read, read_payload, told
from translators.hl7v2.codes import OBSERVATION, WITHDRAWN
from translators.terminology.code_systems import LOINC

PANEL = "OBR|1|P1|F1|24323-8^Metabolic panel^LN|||20260314080000-0500||||||||||||||||||F"


def obx(kind: str, value: str, *, name: str = "2823-3^Potassium^LN", status: str = "F") -> str:
    return f"OBX|1|{kind}|{name}||{value}||||||{status}"


def value_of(kind: str, value: str) -> str | None:
    return fact(PANEL, obx(kind, value)).value


def test_a_result_keeps_everything_that_was_said_of_it() -> None:
    (found,) = read(
        PANEL,
        "OBX|1|NM|2823-3^Potassium^LN^K^Kalium^L||6.80|mmol/L^millimole per liter^UCUM|3.5-5.1|HH~A|||C|||"
        "20260314093015-0500|||ISE^Ion selective electrode^L",
        "NTE|1||hemolyzed?~repeat",
    ).facts
    assert (found.kind, found.text, found.group) == (FactKind.RESULT, "Potassium", "Metabolic panel")
    assert found.codes == (
        Code(code="2823-3", system=LOINC, display="Potassium"),
        Code(code="K", system="", display="Kalium"),
    )
    assert (found.value, found.unit, found.reference_range, found.flag) == (
        "6.80",
        "mmol/L",
        "3.5-5.1",
        "HH,A",
    )
    assert (found.time, found.status, found.status_sent) == (
        "2026-03-14T09:30:15-05:00",
        FactStatus.CORRECTED,
        "OBX-11=C",
    )
    assert (found.negated, found.origin) == (False, "OBX[1]-5")
    assert details(found) == [("method", "Ion selective electrode"), ("comment", "hemolyzed?\nrepeat")]


def test_without_a_time_of_its_own_a_result_has_that_of_its_panel() -> None:
    assert fact(PANEL, obx("NM", "1")).time == "2026-03-14T08:00:00-05:00"


def test_a_vital_sign_is_one_by_its_code() -> None:
    assert fact(obx("NM", "70", name="29463-7^Body weight^LN")).kind is FactKind.VITAL_SIGN
    assert fact(obx("NM", "70", name="29463-7^Body weight^L")).kind is FactKind.RESULT


@pytest.mark.parametrize(
    ("kind", "sent", "value"),
    [
        ("NM", " 6.80 ", "6.80"),
        ("NM", "-0.5", "-0.5"),
        ("NM", "see comment", "see comment"),
        ("SN", ">^100", ">100"),
        ("SN", "^1^:^128", "1:128"),
        ("SN", "^10^-^20", "10-20"),
        ("SN", "^2^+", "2+"),
        ("SN", "=^7", "7"),
        ("SN", "<>^5", "<>5"),
        ("CE", "112283007^Escherichia coli^SCT", "Escherichia coli"),
        ("CWE", "^^^^^^^^written by hand", "written by hand"),
        ("CE", "A^One^L~B^Two^L", "One, Two"),
        ("IS", "POS", "POS"),
        ("ID", "Y", "Y"),
        ("ST", "Negative", "Negative"),
        ("TX", "Growth  of\\.br\\ one", None),
        ("FT", "\\H\\Positive\\N\\", "Positive"),
        ("", "free", "free"),
        ("CWE^^HL70125", "A^One^L", "One"),
        ("XYZ", "what^ever", "what^ever"),
        ("DT", "20260314", "2026-03-14"),
        ("TS", "20260314093000-0500", "2026-03-14T09:30:00-05:00"),
        ("DTM", "around noon", "around noon"),
        ("TM", "0930", "09:30"),
        ("DR", "20260101^20260201", "2026-01-01/2026-02-01"),
        ("NR", "3.5^5.1", "3.5-5.1"),
        ("NA", "1^2^3", "1 2 3"),
        ("MO", "12.50^USD", "12.50 USD"),
        ("CQ", "5^mg", "5 mg"),
        ("XON", "ACME LAB^L", "ACME LAB"),
    ],
)
def test_every_type_of_value_is_read_as_sent(kind: str, sent: str, value: str | None) -> None:
    reading = read(PANEL, obx(kind, sent))
    assert [each.value for each in reading.facts] == ([value] if value is not None else [])


@pytest.mark.parametrize("kind", ["XPN", "XCN", "XAD", "XTN", "CX", "TN"])
def test_identity_in_a_value_is_not_passed_on(kind: str) -> None:
    reading = read(PANEL, obx(kind, "DOE^JANE", name="X^Mother^L"), "NTE|1||DOE is her name")
    assert (reading.facts, reading.notes) == ([], [])
    assert told(reading) == [("OBX[1]-5", "masked", f"{kind} value of Mother")]


@pytest.mark.parametrize("code", OBSERVATION)
def test_every_code_of_table_0085_has_its_meaning(code: str) -> None:
    reading = read(PANEL, obx("NM", "6.8", status=code))
    if OBSERVATION[code] is WITHDRAWN:
        assert (reading.facts, told(reading)) == (
            [],
            [("OBX[1]", "withdrawn", f"OBX-11={code} Potassium")],
        )
        return
    (found,) = reading.facts
    assert (found.status, found.status_sent) == (OBSERVATION[code], f"OBX-11={code}")


@pytest.mark.parametrize("code", ["", "12", "?", "Final"])
def test_nothing_defaults_to_final(code: str) -> None:
    found = fact("OBR|1|||X^Panel^L", obx("NM", "6.8", status=code))
    assert found.status is FactStatus.UNKNOWN


def test_without_a_status_of_its_own_a_result_has_that_of_its_report() -> None:
    found = fact(PANEL, obx("NM", "6.8", status=""))
    assert (found.status, found.status_sent) == (FactStatus.FINAL, "OBR-25=F")


def test_what_cannot_be_obtained_has_no_value_whatever_stands_there() -> None:
    found = fact(PANEL, obx("NM", "6.8", status="X"))
    assert (found.status, found.value, found.negated, found.origin) == (
        FactStatus.CANCELLED,
        None,
        False,
        "OBX[1]",
    )


@pytest.mark.parametrize(("kind", "value"), [("ST", "QNS"), ("CE", "H^Hemolyzed^L"), ("TX", "Hemolyzed")])
def test_what_stands_in_place_of_a_value_tells_why_there_is_none(kind: str, value: str) -> None:
    found = fact(PANEL, obx(kind, value, status="X"))
    assert (found.value, details(found)) == (None, [("reason", "QNS" if kind == "ST" else "Hemolyzed")])


def test_the_status_of_a_report_takes_no_value_away() -> None:
    found = fact("OBR|1|||X^Panel^L" + "|" * 21 + "X", obx("NM", "6.8", status=""))
    assert (found.status, found.value) == (FactStatus.CANCELLED, "6.8")


def test_what_was_not_asked_was_not_done() -> None:
    found = fact(PANEL, obx("ST", "", status="N"))
    assert (found.status, found.value, found.negated) == (FactStatus.NOT_DONE, None, True)


def test_a_wrong_result_goes_with_its_comment() -> None:
    reading = read(
        PANEL, obx("NM", "6.8", status="W"), "NTE|1||critical value called to ward", obx("NM", "4.1")
    )
    assert [each.value for each in reading.facts] == ["4.1"]
    assert reading.notes == []
    assert told(reading) == [("OBX[1]", "withdrawn", "OBX-11=W Potassium")]


def test_a_report_entered_in_error_takes_its_results_with_it() -> None:
    reading = read("OBR|1|||X^Panel^L|||||||||||||||||||||W", obx("NM", "6.8"))
    assert (reading.facts, told(reading)) == ([], [("OBX[1]", "withdrawn", "OBR-25=W Potassium")])


@pytest.mark.parametrize("value", ["", '""'])
def test_a_result_without_a_value_says_nothing(value: str) -> None:
    reading = read(PANEL, obx("NM", value))
    assert (reading.facts, told(reading)) == (
        [],
        [("OBX[1]-5", "no-information", "OBX without a value: Potassium")],
    )


def test_a_result_that_stands_in_its_comment_is_kept() -> None:
    found = fact(PANEL, obx("NM", ""), "NTE|1||Specimen hemolyzed")
    assert (found.value, details(found)) == (None, [("comment", "Specimen hemolyzed")])


def test_a_pending_result_is_said_to_be_pending() -> None:
    assert fact(PANEL, obx("NM", "", status="I")).status is FactStatus.REGISTERED


def test_a_result_of_nothing_is_listed() -> None:
    reading = read("OBX|1|NM|||5||||||F")
    assert told(reading) == [("OBX[1]-3", "invalid", "OBX-3 says not what was observed")]


def test_a_correction_stands_beside_what_it_corrects() -> None:
    reading = read(PANEL, obx("NM", "6.8", status="F"), obx("NM", "4.8", status="C"))
    assert [(each.value, each.status) for each in reading.facts] == [
        ("6.8", FactStatus.FINAL),
        ("4.8", FactStatus.CORRECTED),
    ]


def test_a_short_string_is_a_fact_and_a_long_one_a_note() -> None:
    assert read(PANEL, obx("ST", "x" * 240)).facts[0].value == "x" * 240
    reading = read(PANEL, obx("ST", "x" * 241))
    assert (reading.facts, reading.notes[0].text) == ([], "x" * 241)


def test_a_measurement_is_a_fact_however_it_is_written() -> None:
    found = fact(PANEL, "OBX|1|TX|X^Appearance^L||clear~yellow||clear||||F")
    assert (found.value, found.reference_range) == ("clear yellow", "clear")


def test_rows_of_a_narrative_are_one_note_in_their_order() -> None:
    report = "OBX|{}|TX|18782-3^Chest X-ray^LN||{}||||||P|||20260314"
    reading = read(
        "OBR|1|||36643-5^XR Chest 2 Views^LN",
        *(
            report.format(number, line)
            for number, line in enumerate(["FINDINGS:", "  Clear.~  No effusion."], 1)
        ),
    )
    (note,) = reading.notes
    assert note.text == "FINDINGS:\n  Clear.\n  No effusion."
    assert (note.title, note.section, note.origin) == ("Chest X-ray", "18782-3", "OBX[1]-5")
    assert (note.status, note.time) == (FactStatus.PRELIMINARY, "2026-03-14")
    assert reading.facts == []


def test_parts_of_a_report_are_named_by_the_suffix_of_their_code() -> None:
    reading = read(
        "OBR|1|||71020^Chest X-ray^C4",
        "OBX|1|TX|71020&GDT^Chest X-ray^C4||One.||||||F",
        "OBX|2|TX|71020&GDT^Chest X-ray^C4||Two.||||||F",
        "OBX|3|TX|71020&IMP^Chest X-ray^C4||Fracture.||||||F",
        "OBX|4|TX|71020&IMP^Chest X-ray^C4||Old.|||A|||F",
    )
    assert [(each.title, each.text) for each in reading.notes] == [
        ("Chest X-ray", "One.\nTwo."),
        ("Chest X-ray - Impression", "Fracture.\nOld."),
    ]


def test_an_abnormal_narrative_says_so() -> None:
    (note,) = read(PANEL, "OBX|1|TX|P^Pathology^L||line~line|||A|||F").notes
    assert note.title == "Pathology (A)"


def test_a_withdrawn_narrative_is_listed_once() -> None:
    reading = read(PANEL, *[obx("TX", "line", status="D")] * 3)
    assert (reading.notes, told(reading)) == (
        [],
        [("OBX[1]", "withdrawn", "OBX-11=D Potassium, 3 lines")],
    )


def test_a_susceptibility_names_the_organism_that_it_is_of() -> None:
    culture = [
        "OBR|1|||600-7^Blood culture^LN",
        "OBX|1|CE|600-7^Bacteria identified^LN|1|112283007^E. coli^SCT||||||F",
        "OBX|2|CE|600-7^Bacteria identified^LN|2|3092008^S. aureus^SCT||||||F",
    ]
    by_text = "OBR|2|||18769-0^Susceptibility^LN" + "|" * 22 + "600-7&Bacteria identified&LN^2^S. aureus"
    by_link = "OBR|3|||18769-0^Susceptibility^LN" + "|" * 22 + "600-7&Bacteria identified&LN^1"
    row = "OBX|1|ST|18864-9^Ampicillin^LN||>=32|ug/mL||R|||F"
    reading = read(*culture, by_text, row, by_link, row)
    assert [each.group for each in reading.facts[2:]] == [
        "Susceptibility (S. aureus)",
        "Susceptibility (E. coli)",
    ]


def test_an_access_check_restricts_the_message() -> None:
    reading = read(PANEL, "OBX|1|NM|X^X^L||1||||||F||HIV")
    assert (reading.labels.confidentiality, reading.labels.sensitivity) == ("R", ("HIV",))
    reading = read(PANEL, "OBX|1|NM|X^X^L||1||||||F||LOCAL7")
    assert [(each.code, each.location) for each in reading.warnings] == [("label-unread", "OBX[1]-13")]


def test_a_bad_row_costs_no_other_row() -> None:
    payload = "\r".join(["MSH|^~\\&|L|M|E|R|2026||ORU^R01|M1|P|2.5", PANEL, obx("NM", "1"), obx("NM", "2")])
    assert len(read_payload(payload.encode()).facts) == 2


def test_a_report_without_codes_of_its_own_has_the_section_of_its_panel() -> None:
    reading = read("OBR|1|||36643-5^XR Chest^LN", "OBX|1|TX|||one||||||F", "OBX|2|TX|||two||||||F")
    assert [(each.title, each.section) for each in reading.notes] == [("XR Chest", "36643-5")]
    reading = read("OBR|1|||71020^XR Chest^C4", "OBX|1|TX|L^Report^L||one~two||||||F")
    assert [(each.title, each.section) for each in reading.notes] == [("Report", "")]


def test_a_row_with_units_is_a_measurement_even_in_a_document() -> None:
    (found,) = read("TXA|1|DS|TX", "OBX|1|ST|X^Weight^L||70|kg|||||F", kind="MDM^T02").facts
    assert (found.value, found.unit) == ("70", "kg")
