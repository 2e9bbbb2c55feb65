import pytest

from gateway.clinical import Code, FactKind, FactStatus
from tests.translators.hl7v2.messages import details, fact, read, told
from translators.terminology.code_systems import RXNORM

AMOXICILLIN = "723^Amoxicillin^RXNORM"


def test_an_encoded_order_is_one_fact_with_all_that_the_pharmacy_says() -> None:
    found = fact(
        "ORC|NW|P1|||||||20260314080000",
        f"RXE||{AMOXICILLIN}|500|1000|mg^milligram^UCUM|CAP^Capsule^L|^Take with food|||21|CAP^Capsule^L|0"
        "|||||||||^Finish all||||500|mg|^Otitis media",
        "NTE|1||substitution allowed",
        "TQ1|1||TID^Three times daily^L|||10^d|20260314|20260324|||with water",
        "RXR|PO^Oral^HL70162|^Mouth||^Swallow",
        kind="RDE^O11",
    )
    assert (found.kind, found.text, found.category) == (FactKind.MEDICATION, "Amoxicillin", "order")
    assert found.codes == (Code(code="723", system=RXNORM, display="Amoxicillin"),)
    assert (found.status, found.status_sent) == (FactStatus.ACTIVE, "ORC-1=NW")
    assert (found.time, found.end, found.origin) == ("2026-03-14", "2026-03-24", "RXE[1]")
    assert details(found) == [
        ("strength", "500 mg"),
        ("form", "Capsule"),
        ("dose", "500-1000 mg"),
        ("route", "Oral"),
        ("frequency", "Three times daily, for 10 d"),
        ("site", "Mouth"),
        ("method", "Swallow"),
        ("instructions", "Take with food"),
        ("instructions", "Finish all"),
        ("instructions", "with water"),
        ("quantity", "21 CAP"),
        ("reason", "Otitis media"),
        ("comment", "substitution allowed"),
    ]


def test_an_order_and_its_encoding_are_one_drug_and_lose_nothing() -> None:
    found = fact(
        "ORC|NW",
        "RXO|^Amoxil|500||mg||^Take with food||||||||||||||^Otitis media",
        "RXR|PO^Oral^HL70162",
        f"RXE|1^BID|{AMOXICILLIN}|500||mg",
        kind="RDE^O11",
    )
    assert (found.text, found.origin) == ("Amoxicillin", "RXE[1]")
    assert details(found) == [
        ("dose", "500 mg"),
        ("route", "Oral"),
        ("frequency", "BID"),
        ("instructions", "Take with food"),
        ("reason", "Otitis media"),
        ("comment", "ordered as Amoxil"),
    ]


def test_an_order_alone_is_read_from_rxo() -> None:
    found = fact("ORC|NW||||||1^Q6H^^20260314", f"RXO|{AMOXICILLIN}|250||mg", kind="OMP^O09")
    assert (found.category, found.time, found.origin) == ("order", "2026-03-14", "RXO[1]")
    assert details(found) == [("dose", "250 mg"), ("frequency", "Q6H")]


def test_a_dispense_is_no_order_and_a_dose_given_is_neither() -> None:
    dispensed = fact("ORC|RE||||CM", f"RXD|1|{AMOXICILLIN}|20260314|21|CAP", kind="RDS^O13")
    assert (dispensed.category, dispensed.time, dispensed.status) == (
        "dispense",
        "2026-03-14",
        FactStatus.COMPLETED,
    )
    assert details(dispensed) == [("quantity", "21 CAP")]
    given = fact(
        "ORC|RE", f"RXA|0|1|202603140800|202603140830|{AMOXICILLIN}|500|mg||^With breakfast|||||||||||CP|A",
        kind="RAS^O17",
    )  # fmt: skip
    assert (given.category, given.time, given.end) == (
        "administration",
        "2026-03-14T08:00",
        "2026-03-14T08:30",
    )
    assert (given.status, given.status_sent, given.negated) == (FactStatus.COMPLETED, "RXA-20=CP", False)
    assert details(given) == [("dose", "500 mg"), ("comment", "With breakfast")]


@pytest.mark.parametrize(
    ("fields", "status", "negated"),
    [
        ("||CP|A", FactStatus.COMPLETED, False),
        ("||PA|A", FactStatus.COMPLETED, False),
        ("||RE|A", FactStatus.NOT_DONE, True),
        ("||NA|A", FactStatus.NOT_DONE, True),
        ("00^Refused||", FactStatus.NOT_DONE, True),
        ("||", FactStatus.UNKNOWN, False),
        ("||XX", FactStatus.UNKNOWN, False),
    ],
)
def test_a_dose_that_was_not_given_is_negated(fields: str, status: FactStatus, negated: bool) -> None:
    found = fact("ORC|RE", f"RXA|0|1|20260314||{AMOXICILLIN}|500|mg|||||||||||{fields}", kind="RAS^O17")
    assert (found.status, found.negated) == (status, negated)


def test_a_deleted_administration_is_listed() -> None:
    reading = read("ORC|RE", f"RXA|0|1|20260314||{AMOXICILLIN}|500|mg|||||||||||||CP|D", kind="RAS^O17")
    assert (reading.facts, told(reading)) == ([], [("RXA[1]", "withdrawn", "RXA-21=D Amoxicillin")])


@pytest.mark.parametrize(
    ("orc", "status"),
    [
        ("ORC|NW", FactStatus.ACTIVE),
        ("ORC|DC", FactStatus.STOPPED),
        ("ORC|CA", FactStatus.CANCELLED),
        ("ORC|HD", FactStatus.ON_HOLD),
        ("ORC|XO||||DC", FactStatus.STOPPED),
        ("ORC|RE", FactStatus.UNKNOWN),
    ],
)
def test_a_drug_has_the_status_of_its_order(orc: str, status: FactStatus) -> None:
    assert fact(orc, f"RXE||{AMOXICILLIN}|1||TAB", kind="RDE^O11").status is status


def test_every_drug_under_one_order_control_shares_it() -> None:
    reading = read("ORC|DC", f"RXE||{AMOXICILLIN}|1", "ORC|NW", "RXE||^Aspirin|1", kind="RDE^O11")
    assert [(each.text, each.status) for each in reading.facts] == [
        ("Amoxicillin", FactStatus.STOPPED),
        ("Aspirin", FactStatus.ACTIVE),
    ]


def test_an_infusion_names_its_rate_and_what_is_in_it() -> None:
    found = fact(
        "ORC|NW",
        "RXE||^Dextrose 5% with KCl|1000||mL||||||||||||||||||125|mL/h",
        "RXC|B|^Dextrose 5%|1000|mL",
        "RXC|A|^Potassium chloride|20|mEq",
        "NTE|1||add last",
        kind="RDE^O11",
    )
    assert details(found) == [
        ("dose", "1000 mL at 125 mL/h"),
        ("comment", "base: Dextrose 5% 1000 mL"),
        ("comment", "additive: Potassium chloride 20 mEq"),
        ("comment", "add last"),
    ]


def test_a_taper_tells_every_step() -> None:
    found = fact(
        "ORC|NW", "RXE||^Prednisone|40||mg",
        "TQ1|1||QD|||3^d|20260301|20260303", "TQ1|2||QOD|||6^d|20260304|20260309", kind="RDE^O11",
    )  # fmt: skip
    assert (found.time, found.end) == ("2026-03-01", "2026-03-09")
    assert [text for name, text in details(found) if name == "frequency"] == ["QD, for 3 d", "QOD, for 6 d"]


def test_no_known_medications_is_a_negated_finding() -> None:
    found = fact("ORC|NW", "RXO|787481004^No known medications^SCT", kind="OMP^O09")
    assert (found.text, found.negated) == ("known medications", True)


def test_an_order_of_nothing_is_listed_and_a_route_without_a_drug() -> None:
    assert told(read("ORC|NW", "RXE|1^BID||5", kind="RDE^O11")) == [
        ("RXE[1]", "invalid", "RXE-2 names nothing")
    ]
    assert told(read("RXR|PO")) == [("RXR[1]", "invalid", "RXR without the segment it belongs to")]


def test_an_observation_under_a_drug_is_a_result_beside_it() -> None:
    reading = read(
        "ORC|NW", f"RXE||{AMOXICILLIN}|1", "OBX|1|NM|29463-7^Body weight^LN||12|kg|||||F", kind="RDE^O11"
    )
    assert [(each.kind, each.group) for each in reading.facts] == [
        (FactKind.MEDICATION, ""),
        (FactKind.VITAL_SIGN, "Amoxicillin"),
    ]


@pytest.mark.parametrize(
    ("pattern", "frequency"),
    [
        ("BID", "BID"),
        ("BID&2 times a day&HL70335", "2 times a day"),
        ("BID^2 times a day^HL70335", "2 times a day"),
        ("Q6H^^^^6^h", "Q6H"),
        ("Q1J^DW", "Q1J"),
        ("^^^^6^h", "every 6 h"),
        ("&every 6 hours&L^^^^6^h", "every 6 hours"),
        ("BID~HS", "BID HS"),
    ],
)
def test_how_often_is_said_in_the_words_of_the_repeat_pattern(pattern: str, frequency: str) -> None:
    found = fact("ORC|NW", f"RXE||{AMOXICILLIN}|500||mg", f"TQ1|1||{pattern}", kind="RDE^O11")
    assert details(found) == [("dose", "500 mg"), ("frequency", frequency)]


def test_an_annotation_in_place_of_a_unit_is_told_as_a_word() -> None:
    found = fact("ORC|NW", f"RXE||{AMOXICILLIN}|1||{{tablet}}^tablet^UCUM|||||21|{{tablet}}", kind="RDE^O11")
    assert details(found) == [("dose", "1 tablet"), ("quantity", "21 tablet")]


def test_every_segment_keeps_its_things_in_its_own_places() -> None:
    ordered = fact(
        "ORC|NW",
        f"RXO|{AMOXICILLIN}|1|2|TAB|TAB^Tablet^L|^A|^B||||10|TAB||||||500|mg|^Pain|5|mL/h",
        kind="OMP^O09",
    )
    assert details(ordered) == [
        ("strength", "500 mg"),
        ("form", "Tablet"),
        ("dose", "1-2 TAB at 5 mL/h"),
        ("instructions", "B"),
        ("instructions", "A"),
        ("quantity", "10 TAB"),
        ("reason", "Pain"),
    ]
    dispensed = fact(
        "ORC|RE",
        f"RXD|1|{AMOXICILLIN}|2026|10|TAB|TAB^Tablet^L|||as told||||||^A|500|mg|LOT1||^ACME|^Pain",
        kind="RDS^O13",
    )
    assert details(dispensed) == [
        ("strength", "500 mg"),
        ("form", "Tablet"),
        ("instructions", "A"),
        ("quantity", "10 TAB"),
        ("reason", "Pain"),
        ("lot", "LOT1"),
        ("manufacturer", "ACME"),
        ("comment", "as told"),
    ]
    to_give = fact("ORC|RE", f"RXG|1||1^BID|{AMOXICILLIN}|1|2|TAB|TAB^Tablet^L", kind="RGV^O15")
    assert details(to_give) == [("form", "Tablet"), ("dose", "1-2 TAB"), ("frequency", "BID")]


@pytest.mark.parametrize(
    ("timing", "frequency"),
    [
        ("TQ1|1||Q6H^every 6 hours^L||||||PRN^As needed^HL70485", "every 6 hours as needed"),
        ("TQ1|1||Q6H^every 6 hours^L||||||PRN|pain", "every 6 hours as needed for pain"),
        (
            "TQ1|1||Q6H^every 6 hours^L|||10^d|||PRN|if febrile",
            "every 6 hours as needed if febrile, for 10 d",
        ),
        ("TQ1|1||||||||PRN", "as needed"),
        ("ORC|NW||||||1^Q6H^^^^PRN^pain", "Q6H as needed for pain"),
    ],
)
def test_as_needed_is_part_of_how_often(timing: str, frequency: str) -> None:
    """Sent among the priorities, it would leave an order that reads as if it were scheduled."""
    order, after = (timing, "") if timing.startswith("ORC") else ("ORC|NW", timing)
    found = fact(order, f"RXE||{AMOXICILLIN}|500||mg", after or "RXR|PO", kind="RDE^O11")
    assert [text for name, text in details(found) if name in ("frequency", "priority")] == [frequency]


def test_urgency_beside_as_needed_stays_urgency() -> None:
    found = fact("ORC|NW", f"RXE||{AMOXICILLIN}|500||mg", "TQ1|1||Q6H||||||S^Stat~PRN", kind="RDE^O11")
    assert details(found)[1:] == [("frequency", "Q6H as needed"), ("priority", "Stat")]
