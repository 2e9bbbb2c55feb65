from gateway.clinical import Code, FactKind, FactStatus
from tests.translators.hl7v2.messages import details, fact, read, told
from translators.terminology.code_systems import CVX, NDC

VXU = "VXU^V04^VXU_V04"
GIVEN = (
    "RXA|0|1|20260314||115^Tdap^CVX^58160-0842-52^Boostrix^NDC|0.5|mL^milliliter^UCUM||00^New record^NIP001"
    "|7824^Jackson^Lily|||||LOT1|20271231|PMC^Sanofi Pasteur^MVX|||CP|A"
)


def test_a_vaccination_keeps_vaccine_dose_route_lot_and_maker() -> None:
    found = fact("ORC|RE", GIVEN, "RXR|IM^Intramuscular^HL70162|LD^Left deltoid^HL70163", kind=VXU)
    assert (found.kind, found.text, found.time) == (FactKind.IMMUNIZATION, "Tdap", "2026-03-14")
    assert found.codes == (
        Code(code="115", system=CVX, display="Tdap"),
        Code(code="58160-0842-52", system=NDC, display="Boostrix"),
    )
    assert (found.status, found.status_sent, found.negated) == (FactStatus.COMPLETED, "RXA-20=CP", False)
    assert details(found) == [
        ("dose", "0.5 mL"),
        ("route", "Intramuscular"),
        ("site", "Left deltoid"),
        ("lot", "LOT1"),
        ("manufacturer", "Sanofi Pasteur"),
    ]


def test_a_historical_vaccination_says_so() -> None:
    found = fact("ORC|RE", "RXA|0|1|2014||152^PCV^CVX|999|||01^Historical^NIP001|||||||||||CP|A", kind=VXU)
    assert details(found) == [("comment", "Historical")]


def test_a_refused_vaccination_was_not_given() -> None:
    found = fact(
        "ORC|RE", "RXA|0|1|20260314||115^Tdap^CVX|999||||||||||||00^Parental decision^NIP002||RE|A", kind=VXU
    )
    assert (found.text, found.status, found.negated) == ("Tdap", FactStatus.NOT_DONE, True)
    assert details(found) == [("reason", "Parental decision")]


def test_a_refusal_without_a_reason_still_says_that_it_was_refused() -> None:
    found = fact("ORC|RE", "RXA|0|1|20260314||115^Tdap^CVX|999||||||||||||||RE|A", kind=VXU)
    assert (found.negated, details(found)) == (True, [("reason", "refused")])


def test_a_deleted_vaccination_takes_its_observations_with_it() -> None:
    reading = read("ORC|RE", GIVEN[:-1] + "D", "OBX|1|CE|31044-1^Reaction^LN||^Fever||||||F", kind=VXU)
    assert (reading.facts, [each[:2] for each in told(reading)]) == (
        [],
        [("RXA[1]", "withdrawn"), ("OBX[1]", "withdrawn")],
    )


def test_vaccines_are_known_by_their_codes_in_any_message() -> None:
    assert fact("ORC|RE", GIVEN, kind="RAS^O17").kind is FactKind.IMMUNIZATION
    plain = "RXA|0|1|20260314||^Amoxicillin|500|mg|||||||||||||CP|A"
    assert fact("ORC|RE", plain, kind="RAS^O17").kind is FactKind.MEDICATION


def test_funding_and_information_sheets_are_counted_not_told() -> None:
    reading = read(
        "ORC|RE",
        GIVEN,
        "OBX|1|CE|64994-7^Vaccine funding program eligibility^LN|1|V02^VFC eligible^HL70064||||||F",
        "OBX|2|CE|69764-9^Document type^LN|2|253088698300026411121116^MMR VIS^cdcgs1vis||||||F",
        "OBX|3|CE|69764-9^Document type^LN|3|253088698300026411121116^Flu VIS^cdcgs1vis||||||F",
        "OBX|4|NM|30973-2^Dose number in series^LN|4|2||||||F",
        "OBX|5|CE|31044-1^Reaction^LN|5|39579001^Anaphylaxis^SCT||||||F",
        kind=VXU,
    )
    vaccine, reaction = reading.facts
    assert ("comment", "dose number 2") in details(vaccine)
    assert (reaction.kind, reaction.value, reaction.group) == (FactKind.RESULT, "Anaphylaxis", "Tdap")
    assert told(reading) == [
        ("OBX[1]", "unsupported", "vaccine funding program eligibility"),
        ("OBX[2]", "unsupported", "vaccine information statement, 2 times"),
    ]


def test_evidence_of_immunity_stands_without_a_vaccine() -> None:
    reading = read(
        "ORC|RE",
        "RXA|0|1|20260314||998^No vaccine administered^CVX|999||||||||||||||NA|A",
        "OBX|1|CE|59784-9^Disease with presumed immunity^LN||38907003^Varicella^SCT||||||F",
        kind=VXU,
    )
    assert [(each.kind, each.text, each.value, each.negated) for each in reading.facts] == [
        (FactKind.RESULT, "Disease with presumed immunity", "Varicella", False)
    ]


def test_no_vaccine_and_nothing_beside_it_is_no_information() -> None:
    reading = read("ORC|RE", "RXA|0|1|20260314||998^No vaccine administered^CVX|999", kind=VXU)
    assert [each[1] for each in told(reading)] == ["no-information"]
