import pytest

from tests.translators.cda.made import element
from translators.cda.datatypes import Period
from translators.cda.timing import timing

PERIODIC = '<effectiveTime xsi:type="PIVL_TS" {0} operator="A">{1}</effectiveTime>'
BY_EVENT = '<effectiveTime xsi:type="EIVL_TS" operator="A">{0}</effectiveTime>'


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        (PERIODIC.format("", '<period value="6" unit="h"/>'), "every 6 hours"),
        (PERIODIC.format("", '<period value="1" unit="d"/>'), "once a day"),
        (PERIODIC.format("", '<period value="1" unit="h"/>'), "once an hour"),
        (PERIODIC.format("", '<period value="2" unit="wk"/>'), "every 2 weeks"),
        (PERIODIC.format('institutionSpecified="true"', '<period value="6" unit="h"/>'), "4 times a day"),
        (PERIODIC.format('institutionSpecified="true"', '<period value="1" unit="d"/>'), "once a day"),
        (PERIODIC.format('institutionSpecified="true"', '<period value="5" unit="h"/>'), "every 5 hours"),
        (PERIODIC.format("", '<period xsi:type="IVL_PQ"><low value="4" unit="h"/><high value="6" unit="h"/></period>'), "every 4-6 hours"),
        (PERIODIC.format("", '<frequency><numerator value="3"/><denominator value="1" unit="d"/></frequency>'), "3 times in 1 day"),
        (PERIODIC.format("", '<period value="28" unit="{cycle}"/>'), "every 28 {cycle}"),
        (PERIODIC.format("", '<period nullFlavor="UNK"/>'), ""),
        (BY_EVENT.format('<event code="HS"/>'), "at bedtime"),
        (BY_EVENT.format('<event code="ACM"/><offset><low value="-30" unit="min"/></offset>'), "30 minutes before breakfast"),
        (BY_EVENT.format('<event code="XYZ" displayName="at sunset"/>'), "at sunset"),
        ('<effectiveTime><period value="8" unit="h"/></effectiveTime>', "every 8 hours"),
        ('<effectiveTime value="2026"/>', ""),
    ],
)  # fmt: skip
def test_how_often_is_said_in_words(sent: str, words: str) -> None:
    assert timing([element(sent)]).frequency == words


def test_start_and_end_stand_beside_how_often() -> None:
    times = [
        element(
            '<effectiveTime xsi:type="IVL_TS"><low value="20260101"/><high value="20260110"/></effectiveTime>'
        ),
        element(PERIODIC.format("", '<period value="12" unit="h"/>')),
        element(BY_EVENT.format('<event code="PC"/>')),
    ]
    read = timing(times)
    assert read.when == Period("2026-01-01", "2026-01-10")
    assert read.frequency == "every 12 hours, after meals"


def test_a_parenthesised_expression_is_read_part_by_part() -> None:
    parts = (
        '<comp xsi:type="IVL_TS"><low value="20260101"/></comp>'
        '<comp xsi:type="PIVL_TS" operator="A"><period value="1" unit="d"/></comp>'
    )
    read = timing([element(f'<effectiveTime xsi:type="SXPR_TS">{parts}</effectiveTime>')])
    assert (read.when.start, read.frequency) == ("2026-01-01", "once a day")
