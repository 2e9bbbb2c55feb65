import pytest

from gateway.clinical import Address, Code, Identifier, Name
from translators.hl7v2 import elements
from translators.hl7v2.delimiters import STANDARD
from translators.hl7v2.er7 import Syntax
from translators.terminology.code_systems import ICD_10_CM, LOINC, SNOMED_CT

SYNTAX = Syntax(STANDARD, "utf-8")


@pytest.mark.parametrize(
    ("sent", "text", "codes"),
    [
        ("", "", ()),
        ('""', "", ()),
        ("Sulfa", "Sulfa", (Code(code="Sulfa"),)),
        ("^Sulfa drugs", "Sulfa drugs", ()),
        ("2823-3^Potassium^LN", "Potassium", (Code(code="2823-3", system=LOINC, display="Potassium"),)),
        ("2823-3", "2823-3", (Code(code="2823-3"),)),
        ("K^^L", "K", (Code(code="K"),)),
        (
            "I10^Hypertension^I10C^38341003^Hypertensive disorder^SCT",
            "Hypertension",
            (
                Code(code="I10", system=ICD_10_CM, display="Hypertension"),
                Code(code="38341003", system=SNOMED_CT, display="Hypertensive disorder"),
            ),
        ),
        (
            "^^^38341003^Hypertensive disorder^SCT",
            "Hypertensive disorder",
            (Code(code="38341003", system=SNOMED_CT, display="Hypertensive disorder"),),
        ),
        (
            "I10^Hypertension^I10C^^^^^^High blood pressure",
            "High blood pressure",
            (Code(code="I10", system=ICD_10_CM, display="Hypertension"),),
        ),
        (
            "X^Smith \\T\\ Jones^99LAB",
            "Smith & Jones",
            (Code(code="X", system="99LAB", display="Smith & Jones"),),
        ),
        (' X ^ two   words^L^""', "two words", (Code(code="X", display="two words"),)),
    ],
)
def test_coded_elements_keep_every_coding_and_the_words_for_people(
    sent: str, text: str, codes: tuple[Code, ...]
) -> None:
    assert elements.coded(SYNTAX, sent) == (text, codes)
    assert elements.coded_text(SYNTAX, sent) == text


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        ("DOE^JANE^A^JR^MS^PHD", Name(family="DOE", given=("JANE", "A"), suffix="JR PHD", prefix="MS")),
        ("van der Berg&van der&Berg^Eva", Name(family="van der Berg", given=("Eva",))),
        ("DOE", Name(family="DOE")),
        ('DOE^""^""', Name(family="DOE")),
        ("O\\T\\Neil^Pat", Name(family="O&Neil", given=("Pat",))),
    ],
)
def test_names_of_persons(sent: str, name: Name) -> None:
    assert elements.person(SYNTAX, sent) == name


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        ("1234^SMITH^JOHN^A^^DR^MD", Name(family="SMITH", given=("JOHN", "A"), prefix="DR", suffix="MD")),
        ("1234", Name(text="1234")),
        ("^SMITH", Name(family="SMITH")),
        ("", Name()),
    ],
)
def test_names_of_staff(sent: str, name: Name) -> None:
    assert elements.staff(SYNTAX, sent) == name


@pytest.mark.parametrize(
    ("sent", "identifier"),
    [
        ("123^^^HOSP^MR", Identifier(value="123", system="HOSP", type="MR")),
        ("123^4^M11^HOSP&1.2.3&ISO^MR", Identifier(value="123", system="1.2.3", type="MR")),
        ("123^^^&1.2.3&ISO", Identifier(value="123", system="1.2.3", type="XX")),
        ("123", Identifier(value="123", type="XX")),
        ("^^^HOSP^MR", None),
        ("", None),
    ],
)
def test_identifiers(sent: str, identifier: Identifier | None) -> None:
    assert elements.identifier(SYNTAX, sent, "XX") == identifier


@pytest.mark.parametrize(
    ("sent", "telecom"),
    [
        ("(617)555-1212^PRN^PH", "(617)555-1212"),
        ("^PRN^PH^^1^617^5551212^22", "1-617-5551212 x22"),
        ("^NET^Internet^jane@example.org", "jane@example.org"),
        ("^PRN^PH^^^^^^^^^+1 617 555 1212", "+1 617 555 1212"),
        ("555-1212", "555-1212"),
        ("^PRN^PH", ""),
    ],
)
def test_telephones_and_mail(sent: str, telecom: str) -> None:
    assert elements.telecom(SYNTAX, sent) == telecom


def test_an_address_takes_the_street_of_its_first_component() -> None:
    sent = "1 MAIN ST&MAIN ST&1^APT 4^BOSTON^MA^02101^USA^H"
    address = Address(
        lines=("1 MAIN ST", "APT 4"), city="BOSTON", state="MA", postal_code="02101", country="USA"
    )
    assert elements.address(SYNTAX, sent) == address
    assert elements.address(SYNTAX, "^^^^^^H") is None


@pytest.mark.parametrize(
    ("sent", "place"),
    [
        ("ICU^12^B^RIVERSIDE", "ICU 12 B, RIVERSIDE"),
        ("ICU", "ICU"),
        ("^^^RIVERSIDE&1.2&ISO", "RIVERSIDE"),
        ("ICU^12^B^^^^^^Intensive care", "Intensive care"),
        ("", ""),
    ],
)
def test_places(sent: str, place: str) -> None:
    assert elements.location(SYNTAX, sent) == place


@pytest.mark.parametrize(
    ("sent", "time"),
    [
        ("20260314093015-0500", "2026-03-14T09:30:15-05:00"),
        ("20260314^D", "2026-03-14"),
        ("202603140930", "2026-03-14T09:30"),
        ("1958", "1958"),
        ("", ""),
        ('""', ""),
        ("yesterday", None),
        ("2026-03-14", None),
        ("9" * 5000, None),
    ],
)
def test_times_keep_their_precision_and_offset(sent: str, time: str | None) -> None:
    assert elements.iso(SYNTAX, sent) == time


def test_white_space_around_and_inside_is_not_meaning() -> None:
    assert elements.staff(SYNTAX, "1^ SMITH ^JOHN ") == Name(family="SMITH", given=("JOHN",))
    assert elements.coded(SYNTAX, "A^two\twords^L")[0] == "two words"
    assert elements.coded(SYNTAX, "A^two  words^L^^^")[0] == "two words"


def test_units_and_quantities() -> None:
    assert elements.unit_of(SYNTAX, "mmol/L^millimole per liter^UCUM") == "mmol/L"
    assert elements.unit_of(SYNTAX, "^millimole per liter") == "millimole per liter"
    assert elements.quantity(SYNTAX, "500", "mg^milligram") == "500 mg"
    assert elements.quantity(SYNTAX, "", "mg") == ""
