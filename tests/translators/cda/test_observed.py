import pytest

from tests.translators.cda.made import element
from translators.cda.narrative import Anchors, Narrative
from translators.cda.observed import observed

TEXT = element('<text><content ID="report">Heart enlarged.<br/>Lungs clear.</content></text>')
NARRATIVE = Narrative(TEXT, Anchors(TEXT))


@pytest.mark.parametrize(
    ("value", "text", "unit"),
    [
        ('<value xsi:type="PQ" value="6.80" unit="mmol/L"/>', "6.80", "mmol/L"),
        (
            '<value xsi:type="IVL_PQ"><low value="10" unit="mg"/><high value="20" unit="mg"/></value>',
            "10-20",
            "mg",
        ),
        ('<value xsi:type="INT" value="9"/>', "9", ""),
        ('<value xsi:type="REAL" value="0.30"/>', "0.30", ""),
        ('<value xsi:type="MO" value="5" currency="EUR"/>', "5", "EUR"),
        ('<value xsi:type="ST">Amber</value>', "Amber", ""),
        ('<value xsi:type="ED"><reference value="#report"/></value>', "Heart enlarged.\nLungs clear.", ""),
        ('<value xsi:type="CD" code="1" displayName="Detected"/>', "Detected", ""),
        ('<value xsi:type="CE" code="1" displayName="Positive"/>', "Positive", ""),
        ('<value xsi:type="CO" code="LA1" displayName="Opens eyes"/>', "Opens eyes", ""),
        ('<value xsi:type="CO" value="4"/>', "4", ""),
        ('<value xsi:type="BL" value="false"/>', "false", ""),
        ('<value xsi:type="TS" value="20260301"/>', "2026-03-01", ""),
        ('<value xsi:type="IVL_TS"><low value="2024"/><high value="2025"/></value>', "2024/2025", ""),
        (
            '<value xsi:type="RTO"><numerator xsi:type="INT" value="1"/><denominator xsi:type="INT" value="128"/></value>',
            "1:128",
            "",
        ),
        (
            '<value xsi:type="RTO_PQ_PQ"><numerator value="500" unit="mg"/><denominator value="5" unit="mL"/></value>',
            "500 mg/5 mL",
            "",
        ),
        (
            '<value xsi:type="RTO"><numerator value="3"/><denominator value="1" unit="d"/></value>',
            "3/1 d",
            "",
        ),
        ('<value xsi:type="RTO"><numerator value="3" unit="mg"/></value>', "3 mg", ""),
        ('<value xsi:type="RTO"><denominator value="3"/></value>', "", ""),
        ('<value xsi:type="II" root="1.2" extension="A7"/>', "A7", ""),
        ('<value xsi:type="v3:PQ" value="3" unit="g"/>', "3", "g"),
        ('<value value="3" unit="g"/>', "3", "g"),
        ('<value code="1" displayName="Reactive"/>', "Reactive", ""),
        ('<value displayName="Reactive"/>', "Reactive", ""),
        ('<value><low value="3" unit="g"/></value>', ">=3", "g"),
        ('<value><high value="3" unit="g"/></value>', "<=3", "g"),
        ('<value xsi:type="ST" value="Amber"/>', "Amber", ""),
        ('<value xsi:type="ST" value="other">Amber</value>', "Amber", ""),
        ("<value>Cloudy</value>", "Cloudy", ""),
        ('<value xsi:type="UNHEARD_OF">as written</value>', "as written", ""),
        ('<value xsi:type="PQ" nullFlavor="UNK"/>', "", ""),
        ('<value xsi:type="CD" nullFlavor="NI"/>', "", ""),
        ('<value xsi:type="ED"><reference value="#gone"/></value>', "", ""),
    ],
)
def test_every_type_of_value_is_text_and_unit(value: str, text: str, unit: str) -> None:
    read = observed(element(value), NARRATIVE)
    assert (read.text, read.unit) == (text, unit)
