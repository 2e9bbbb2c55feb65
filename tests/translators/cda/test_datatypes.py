import pytest

from gateway.clinical import Address, Code, Identifier, Name
from tests.translators.cda.made import element
from translators.cda.datatypes import (
    Period,
    Quantity,
    address,
    bounds,
    concept,
    identifier,
    period,
    person_name,
    quantity,
    telecom,
)
from translators.cda.narrative import Anchors, Narrative
from translators.terminology.code_systems import ICD_10_CM, SNOMED_CT

TEXT = element(
    '<text><table><tbody><tr ID="row"><td ID="cell">CHF</td><td>2014</td></tr></tbody></table></text>'
)
NARRATIVE = Narrative(TEXT, Anchors(TEXT))


@pytest.mark.parametrize(
    ("inside", "named"),
    [
        (
            '<code code="1" displayName="Heart failure"><originalText>CHF, chronic</originalText></code>',
            "CHF, chronic",
        ),
        (
            '<code code="1" displayName="Heart failure"><originalText><reference value="#cell"/></originalText></code>',
            "CHF",
        ),
        (
            '<code code="1" displayName="Heart failure"><originalText><reference value="#gone"/></originalText></code>',
            "Heart failure",
        ),
        (
            '<code code="1" displayName="Heart failure"><originalText><reference value="#row"/></originalText></code>',
            "Heart failure",
        ),
        ('<code code="1"><originalText><reference value="#row"/></originalText></code>', "CHF | 2014"),
        (
            '<code nullFlavor="OTH"><translation code="2" displayName="Failure of heart"/></code>',
            "Failure of heart",
        ),
        ('<code code="1"/>', "1"),
        ('<code nullFlavor="UNK"/>', ""),
    ],
)
def test_a_code_is_called_by_the_best_name_it_has(inside: str, named: str) -> None:
    assert concept(element(inside), NARRATIVE).text == named


def test_the_original_code_comes_before_its_translations() -> None:
    sent = element(
        '<value code="42343007" codeSystem="2.16.840.1.113883.6.96" displayName="CHF">'
        '<translation code="I50.9" codeSystem="2.16.840.1.113883.6.90"/>'
        '<translation nullFlavor="UNK"/></value>'
    )
    assert concept(sent, NARRATIVE).codes == (
        Code(code="42343007", system=SNOMED_CT, display="CHF"),
        Code(code="I50.9", system=ICD_10_CM),
    )


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ('<value value="6.80" unit="mmol/L"/>', Quantity("6.80", "mmol/L")),
        ('<value value="1.015" unit="1"/>', Quantity("1.015")),
        ('<value value="3"/>', Quantity("3")),
        ('<value value="12.50" currency="USD"/>', Quantity("12.50", "USD")),
        ('<value nullFlavor="UNK"/>', None),
        (
            '<value nullFlavor="OTH"><translation value="152"><originalText>THOUS/MCL</originalText></translation></value>',
            Quantity("152", "THOUS/MCL"),
        ),
    ],
)
def test_a_number_stays_as_it_was_sent(sent: str, read: Quantity | None) -> None:
    assert quantity(element(sent)) == read


@pytest.mark.parametrize(
    ("inside", "read"),
    [
        ('<low value="80" unit="mg/dL"/><high value="140" unit="mg/dL"/>', ("80-140", "mg/dL")),
        ('<low value="500" unit="mg/dL" inclusive="false"/><high nullFlavor="PINF"/>', (">500", "mg/dL")),
        ('<low value="92" unit="%"/>', (">=92", "%")),
        ('<high value="5" inclusive="false"/>', ("<5", "")),
        ('<high value="5"/>', ("<=5", "")),
        ('<low value="1" unit="g"/><high value="500" unit="mg"/>', ("1 g-500 mg", "")),
        ('<low value="2"/><high value="2"/>', ("2", "")),
        ('<center value="7" unit="d"/>', ("7", "d")),
        ("", ("", "")),
    ],
)
def test_an_interval_says_which_ends_it_has(inside: str, read: tuple[str, str]) -> None:
    assert bounds(element(f"<value>{inside}</value>")) == read


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ('<effectiveTime value="20140916"/>', Period("2014-09-16")),
        ('<effectiveTime value="2014091615-0500"/>', Period("2014-09-16T15:00-05:00")),
        (
            '<effectiveTime><low value="2014"/><high value="201503"/></effectiveTime>',
            Period("2014", "2015-03"),
        ),
        (
            '<effectiveTime><low value="2014"/><high nullFlavor="UNK"/></effectiveTime>',
            Period("2014", end_null="UNK"),
        ),
        ('<effectiveTime value="2013"><low value="2014"/></effectiveTime>', Period("2014")),
        ('<effectiveTime nullFlavor="NI"/>', Period()),
        ('<effectiveTime><low nullFlavor="20120119000000"/></effectiveTime>', Period()),
        ('<effectiveTime value="200130311"/>', Period(unreadable=True)),
    ],
)
def test_a_time_keeps_its_precision_and_a_null_stays_null(sent: str, read: Period) -> None:
    assert period(element(sent)) == read


def test_names_keep_their_parts_or_stay_one_text() -> None:
    sent = "<name><prefix>Dr.</prefix><given>Ana</given><given>B</given><family>Silva</family><suffix>MD</suffix></name>"
    assert person_name(element(sent)) == Name(family="Silva", given=("Ana", "B"), prefix="Dr.", suffix="MD")
    assert person_name(element("<name>Ana Silva</name>")) == Name(text="Ana Silva")
    assert person_name(element('<name nullFlavor="UNK"/>')) is None


def test_addresses_keep_their_parts_or_stay_one_line() -> None:
    sent = "<addr><streetAddressLine>1 Elm</streetAddressLine><city>Bend</city><state>OR</state><postalCode>97701</postalCode></addr>"
    assert address(element(sent)) == Address(lines=("1 Elm",), city="Bend", state="OR", postal_code="97701")
    assert address(element("<addr>1 Elm, Bend</addr>")) == Address(lines=("1 Elm, Bend",))
    assert address(element('<addr nullFlavor="UNK"><city nullFlavor="UNK"/></addr>')) is None


def test_an_identifier_is_its_extension_under_its_root() -> None:
    assert identifier(element('<id root="1.2" extension="7"/>')) == Identifier(value="7", system="1.2")
    assert identifier(element('<id root="1.2"/>')) == Identifier(value="1.2")
    assert identifier(element('<id root="2.16.840.1.113883.4.1" extension="1"/>')) == Identifier(
        value="1", system="2.16.840.1.113883.4.1", type="SS"
    )
    assert identifier(element('<id nullFlavor="NI"/>')) is None


@pytest.mark.parametrize(
    ("sent", "read"),
    [("tel:+1(555)555-2003", "+1(555)555-2003"), ("mailto:a@b.example", "a@b.example"), ("fax:1", "fax:1")],
)
def test_a_telecom_loses_only_the_schemes_everybody_has(sent: str, read: str) -> None:
    assert telecom(element(f'<telecom value="{sent}"/>')) == read
