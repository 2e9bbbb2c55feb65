from gateway.clinical import Address, Contact, FactKind, Identifier, Name, Reading
from tests.translators.hl7v2.messages import header, read_payload, told

PID = (
    "PID|1|OLD7|MRN1^^^HOSP^MR~999-11-2222^^^SSA^SS|ALT9|DOE^JANE^A^^MS~ROE^JANE^^^^^M|SMITH|19580314|F|DOE^JENNY"
    "||1 MAIN ST^^BOSTON^MA^02101^USA~PO BOX 1^^BOSTON||(617)555-1212^PRN^PH~^NET^Internet^jane@example.org"
    "|(617)555-3333|es^Spanish^ISO6391|||ACC5|999-11-2222|D123^MA"
)


def patient(*segments: str) -> Reading:
    return read_payload("\r".join([header("ADT^A01"), *segments]).encode())


def test_everything_that_identifies_stands_in_the_patient() -> None:
    found = patient(PID).patient
    assert found.identifiers == (
        Identifier(value="MRN1", system="HOSP", type="MR"),
        Identifier(value="999-11-2222", system="SSA", type="SS"),
        Identifier(value="OLD7"),
        Identifier(value="ALT9"),
        Identifier(value="ACC5", type="AN"),
        Identifier(value="999-11-2222", type="SS"),
        Identifier(value="D123", type="DL"),
    )
    assert found.names == (
        Name(family="DOE", given=("JANE", "A"), prefix="MS"),
        Name(family="ROE", given=("JANE",)),
        Name(family="DOE", given=("JENNY",)),
    )
    assert (found.birth_date, found.sex, found.language) == ("1958-03-14", "female", "es")
    assert found.telecoms == ("(617)555-1212", "jane@example.org", "(617)555-3333")
    assert found.addresses[0] == Address(
        lines=("1 MAIN ST",), city="BOSTON", state="MA", postal_code="02101", country="USA"
    )
    assert len(found.addresses) == 2


def test_nothing_of_the_patient_is_a_fact() -> None:
    assert patient(PID).facts == []


def test_an_explicit_null_is_no_name() -> None:
    found = patient('PID|1||MRN1||DOE^""^""|""|""|""').patient
    assert (found.names, found.birth_date, found.sex) == ((Name(family="DOE"),), "", "")


def test_a_birth_date_keeps_the_precision_that_was_sent() -> None:
    assert patient("PID|1||M||||1958").patient.birth_date == "1958"
    assert patient("PID|1||M||||195803").patient.birth_date == "1958-03"
    assert patient("PID|1||M||||195803140455").patient.birth_date == "1958-03-14"


def test_a_birth_date_that_is_none_is_said_by_its_place_only() -> None:
    reading = patient("PID|1||M||||14.03.1958")
    (caution,) = reading.warnings
    assert (caution.code, caution.location, reading.patient.birth_date) == ("time-unreadable", "PID[1]-7", "")
    assert "1958" not in caution.text


def test_death_is_a_time_or_a_yes_and_never_assumed() -> None:
    assert patient("PID|1||M" + "|" * 26 + "20260301|Y").patient.deceased == "2026-03-01"
    assert patient("PID|1||M" + "|" * 27 + "Y").patient.deceased == "true"
    assert patient("PID|1||M" + "|" * 27 + "N").patient.deceased == ""


def test_an_unknown_sex_code_is_unknown_and_none_is_none() -> None:
    assert patient("PID|1||M|||||X").patient.sex == "unknown"
    assert patient("PID|1||M").patient.sex == ""


def test_contacts_are_persons_or_organizations() -> None:
    found = patient(
        PID,
        "NK1|1|DOE^JOHN|SPO^Spouse^HL70063|1 MAIN ST^^BOSTON|(617)555-1212|(617)555-9",
        "NK1|2||EMR||||||||||ACME INC^L",
        "NK1|3",
    ).patient
    assert found.contacts == (
        Contact(
            name=Name(family="DOE", given=("JOHN",)),
            relationship="Spouse",
            telecoms=("(617)555-1212", "(617)555-9"),
            addresses=(Address(lines=("1 MAIN ST",), city="BOSTON"),),
        ),
        Contact(name=Name(text="ACME INC"), relationship="EMR"),
    )


def test_a_living_will_is_a_directive_and_its_lack_is_negated() -> None:
    reading = patient(PID, "PD1|||||||Y|U")
    (will,) = reading.facts
    assert (will.kind, will.text, will.negated, will.origin) == (
        FactKind.DIRECTIVE,
        "living will",
        False,
        "PD1[1]-7",
    )
    assert told(reading) == [("PD1[1]-8", "no-information", "organ donor")]
    (none,) = patient(PID, "PD1|||||||N").facts
    assert none.negated


def test_a_protected_patient_is_restricted() -> None:
    assert patient(PID, "PD1||||||||||||Y").labels.confidentiality == "R"
    assert patient(PID, "PD1||||||||||||N").labels.confidentiality == ""
