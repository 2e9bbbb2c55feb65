"""Security labels: the strictest of all, and what must be known of how content may be used."""

from typing import Any

import pytest

from gateway.clinical import UnreadReason
from tests.translators.fhir.exchange import Json, bundle_of, coded, read

CONFIDENTIALITY = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
DS4P = "http://hl7.org/fhir/uv/security-label-ds4p/StructureDefinition"


def observation(*security: Json, **elements: Any) -> Json:
    made = {"resourceType": "Observation", "code": coded("K"), "valueInteger": 1}
    return made | {"meta": {"security": list(security)}} | elements


def label(code: str, system: str = ACT_CODE, **elements: Any) -> Json:
    return {"system": system, "code": code} | elements


def labels_of(*resources: Json, **bundle: Any) -> tuple[str, tuple[str, ...]]:
    found = read(bundle_of(*resources, **bundle)).reading.labels
    return found.confidentiality, found.sensitivity


def test_the_strictest_confidentiality_holds_for_all() -> None:
    levels = [observation(label(level, CONFIDENTIALITY)) for level in "LRN"]
    assert labels_of(*levels) == ("R", ())
    assert labels_of(*levels, meta={"security": [label("V", CONFIDENTIALITY)]}) == ("V", ())


def test_what_is_not_read_counts_too() -> None:
    communication = {"resourceType": "Communication", "meta": {"security": [label("R", CONFIDENTIALITY)]}}
    assert labels_of(communication, observation())[0] == "R"


def test_the_composition_has_a_confidentiality_of_its_own() -> None:
    assert labels_of({"resourceType": "Composition", "confidentiality": "R"}, observation())[0] == "R"


def test_sensitivities_are_gathered_sorted() -> None:
    assert labels_of(observation(label("SUD"), label("ETH")), observation(label("HIV"))) == (
        "",
        ("ETH", "HIV", "SUD"),
    )


def test_old_confidentiality_codes_are_sensitivities() -> None:
    assert labels_of(observation(label("PSY", CONFIDENTIALITY))) == ("", ("PSY",))


def test_the_law_behind_a_label_is_a_sensitivity_too() -> None:
    basis = {"url": f"{DS4P}/extension-sec-label-basis", "valueCoding": label("42CFRPart2")}
    assert labels_of(observation(label("ETH", extension=[basis]))) == ("", ("42CFRPart2", "ETH"))


def test_labels_of_contained_resources_and_documents_count() -> None:
    contained = observation(contained=[observation(label("HIV"), id="c")])
    document = {"resourceType": "DocumentReference", "securityLabel": [coded("", "R", CONFIDENTIALITY)]}
    assert labels_of(contained, document) == ("R", ("HIV",))


@pytest.mark.parametrize(("announced", "found"), [(True, ("SDV",)), (False, ())])
def test_inline_labels_count_when_they_are_announced(announced: bool, found: tuple[str, ...]) -> None:
    inline = {"url": f"{DS4P}/extension-inline-sec-label", "valueCoding": label("SDV")}
    security = [label("PROCESSINLINELABEL")] if announced else []
    assert (
        labels_of(observation(*security, valueQuantity={"extension": [inline]}, valueInteger=None))[1]
        == found
    )


def test_how_it_was_made_is_no_sensitivity_but_a_caution() -> None:
    system = "http://terminology.hl7.org/CodeSystem/v3-ObservationValue"
    reading = read(observation(label("AIAST", system))).reading
    assert reading.labels.sensitivity == ()
    assert [caution.code for caution in reading.warnings] == ["asserted-by-ai"]


@pytest.mark.parametrize("security", ["R", [3], [{"code": 4}], {"code": "R"}])
def test_an_entry_whose_labels_cannot_be_read_is_not_used(security: Any) -> None:
    reading = read(observation() | {"meta": {"security": security}}).reading
    assert reading.is_empty()
    assert [each.reason for each in reading.unread] == [UnreadReason.INVALID]
