"""The decision for every sample in the three protocols is the golden one, and the golden ones show both outcomes."""

import json
from typing import Any

import pytest

from tests.journeys.golden_decisions import GOLDEN, PARTNERS, decisions

WRITTEN: dict[str, dict[str, Any]] = json.loads(GOLDEN.read_text())
STRICT = WRITTEN["decisions.yaml"]


@pytest.fixture(scope="module")
def made() -> dict[str, dict[str, Any]]:
    return decisions()


@pytest.mark.parametrize("file", [path.name for path in PARTNERS])
def test_every_sample_gets_its_golden_decision(file: str, made: dict[str, dict[str, Any]]) -> None:
    differing = {
        name for name in {*made[file], *WRITTEN[file]} if made[file].get(name) != WRITTEN[file].get(name)
    }
    assert not differing, "if that is meant: python -m tests.journeys.golden_decisions"


def test_the_golden_decisions_show_both_outcomes_of_each_rule() -> None:
    decided = [each for each in STRICT.values() if "permitted" in each]
    assert [name for name, each in STRICT.items() if "undecided" in each] == [
        "soap/iis_connectivity_test.xml"
    ]
    assert {each["permitted"] for each in decided} == {True, False}
    forbidden = {rule for each in decided if not each["permitted"] for rule in each["rules"]}
    assert {"no-children", "no-vaccines"} & forbidden
    dropped = {why["why"] for each in decided for why in each["candidates"] if not why["kept"]}
    assert any("large-stays-in" in why for why in dropped)
    assert any("emergencies-at-once" in why for why in dropped)
    kept = {one["backend"] for each in decided for one in each["candidates"] if one["kept"]}
    assert kept == {"builtin", "ward", "cloud"}
    assert any(each["withheld"] for each in decided)
    assert {each.get("operation") for each in decided} == {"summarize@1", "summarize@2", None}
    assert any(shadowed["would_change"] for each in decided for shadowed in each["shadowed"])
    assert {name.partition("/")[0] for name in STRICT} >= {"hl7v2", "fhir", "soap", "cda"}
