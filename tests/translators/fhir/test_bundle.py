"""References, versions and the kinds of Bundle."""

from typing import Any

import pytest

from gateway.clinical import UnreadReason
from gateway.errors import ErrorKind, GatewayError
from tests.translators.fhir.exchange import Json, bundle_of, coded, read, reading_of
from translators.fhir.bundle import MAX_ENTRIES, read_graph


def observation(name: str, **elements: Any) -> Json:
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": coded(name),
        "valueInteger": 1,
    } | elements


def statement(reference: str) -> Json:
    return {"resourceType": "MedicationStatement", "medicationReference": {"reference": reference}}


DRUG = {"resourceType": "Medication", "id": "m", "code": coded("Metformin")}
HERE, THERE = "http://a.example/fhir", "http://b.example/fhir"

FOUND: list[tuple[str, str, str, bool]] = [  # fullUrl of the drug, fullUrl of the statement, reference, found
    (f"{HERE}/Medication/m", f"{HERE}/MedicationStatement/1", "Medication/m", True),
    (f"{HERE}/Medication/m", f"{HERE}/MedicationStatement/1", f"{HERE}/Medication/m", True),
    (f"{HERE}/Medication/m", f"{HERE}/MedicationStatement/1", "Medication/m/_history/3", True),
    (f"{HERE}/Medication/m", f"{THERE}/MedicationStatement/1", "Medication/m", True),
    (f"{HERE}/Medication/m", "", f"{THERE}/Medication/m", False),
    (
        "urn:uuid:11111111-1111-4111-8111-111111111111",
        "",
        "urn:uuid:11111111-1111-4111-8111-111111111111",
        True,
    ),
    ("urn:uuid:11111111-1111-4111-8111-111111111111", "", "Medication/m", True),
    (
        "urn:uuid:11111111-1111-4111-8111-111111111111",
        "",
        "urn:uuid:22222222-2222-4222-8222-222222222222",
        False,
    ),
    ("", "", "Medication/m", True),
    ("", "", f"{THERE}/Medication/m", True),
    ("", "", "Medication/other", False),
    ("", "", "Medication/M", False),
    ("", "", "#m", False),
]


@pytest.mark.parametrize(("drug_url", "statement_url", "reference", "found"), FOUND)
def test_references_are_resolved_inside_the_bundle(
    drug_url: str, statement_url: str, reference: str, found: bool
) -> None:
    entries = [
        {"fullUrl": statement_url, "resource": statement(reference)},
        {"fullUrl": drug_url, "resource": DRUG},
    ]
    facts = read({"resourceType": "Bundle", "type": "collection", "entry": entries}).reading.facts
    assert [fact.text for fact in facts] == (["Metformin"] if found else [])


def test_an_id_that_two_servers_share_is_resolved_at_the_referrers() -> None:
    entries = [
        {"fullUrl": f"{HERE}/Medication/m", "resource": DRUG},
        {"fullUrl": f"{THERE}/Medication/m", "resource": DRUG | {"code": coded("Warfarin")}},
        {"fullUrl": f"{THERE}/MedicationStatement/1", "resource": statement("Medication/m")},
        {"resource": statement("Medication/m")},
    ]
    reading = read({"resourceType": "Bundle", "type": "collection", "entry": entries}).reading
    assert [fact.text for fact in reading.facts] == ["Warfarin"]
    assert [each.origin for each in reading.unread] == ["Bundle.entry[3].resource"]


@pytest.mark.parametrize(
    "kind",
    "document message transaction transaction-response batch batch-response history searchset collection".split(),
)
def test_bundles_of_every_type_are_read(kind: str) -> None:
    bundle = bundle_of({"resourceType": "MessageHeader"}, observation("a"), observation("b"), type=kind)
    assert [fact.text for fact in read(bundle).reading.facts] == ["a", "b"]


def test_deleted_entries_are_listed_and_not_read() -> None:
    entries = [
        {"request": {"method": "DELETE", "url": "Observation/1"}, "resource": observation("gone", id="1")},
        {"request": {"method": "POST", "url": "Observation"}, "resource": observation("new")},
    ]
    reading = read({"resourceType": "Bundle", "type": "transaction", "entry": entries}).reading
    assert [fact.text for fact in reading.facts] == ["new"]
    assert [(each.origin, each.reason) for each in reading.unread] == [
        ("Bundle.entry[0]", UnreadReason.WITHDRAWN)
    ]


def test_of_a_history_only_the_newest_versions_count() -> None:
    entries = [
        {"fullUrl": f"{HERE}/Observation/1", "resource": observation("second", id="1")},
        {"fullUrl": f"{HERE}/Observation/2", "request": {"method": "DELETE", "url": "Observation/2"}},
        {"fullUrl": f"{HERE}/Observation/1", "resource": observation("first", id="1")},
        {"fullUrl": f"{HERE}/Observation/2", "resource": observation("deleted later", id="2")},
    ]
    reading = read({"resourceType": "Bundle", "type": "history", "entry": entries}).reading
    assert [fact.text for fact in reading.facts] == ["second"]
    assert [each.reason for each in reading.unread] == [UnreadReason.WITHDRAWN] * 3


@pytest.mark.parametrize(
    ("one", "other", "kept"),
    [
        ({"versionId": "2"}, {"versionId": "10"}, "b"),
        ({"lastUpdated": "2026-03-02T00:00:00Z"}, {"lastUpdated": "2026-03-01T00:00:00Z"}, "a"),
        ({}, {}, "a"),
    ],
)
def test_two_versions_never_stand_side_by_side(one: Json, other: Json, kept: str) -> None:
    reading = reading_of(observation("a", id="1", meta=one), observation("b", id="1", meta=other))
    assert [fact.text for fact in reading.facts] == [kept]
    assert len(reading.unread) == 1


def test_a_further_page_of_a_search_is_missed() -> None:
    bundle = bundle_of(observation("a"), type="searchset", link=[{"relation": "next", "url": "http://x"}])
    assert [caution.code for caution in read(bundle).reading.warnings] == ["more-pages"]


def test_an_entry_without_resource_is_only_a_pointer() -> None:
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"fullUrl": f"{HERE}/Observation/1"}]}
    assert [each.reason for each in read(bundle).reading.unread] == [UnreadReason.EXTERNAL]


@pytest.mark.parametrize("entry", [None, 3, "x", [], {"resource": "x"}, {"fullUrl": 1, "resource": {}}])
def test_an_entry_that_is_none_costs_only_itself(entry: Any) -> None:
    bundle = {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [entry, {"resource": observation("a")}],
    }
    reading = read(bundle).reading
    assert [fact.text for fact in reading.facts] == ["a"]
    assert [(each.origin, each.reason) for each in reading.unread] == [
        ("Bundle.entry[0]", UnreadReason.INVALID)
    ]


@pytest.mark.parametrize("entry", ["x", {"resource": {}}, 7])
def test_a_bundle_whose_entries_are_no_list_is_refused(entry: Any) -> None:
    with pytest.raises(GatewayError) as raised:
        read({"resourceType": "Bundle", "entry": entry})
    assert (raised.value.kind, raised.value.location) == (ErrorKind.INVALID_VALUE, "Bundle.entry")


def test_too_many_entries_are_refused() -> None:
    with pytest.raises(GatewayError) as raised:
        read_graph({"resourceType": "Bundle", "entry": [{}] * (MAX_ENTRIES + 1)})
    assert raised.value.kind is ErrorKind.TOO_LARGE


def test_types_that_are_not_read_are_listed_once_each() -> None:
    communication = {"resourceType": "Communication", "status": "completed"}
    bundle = bundle_of(
        communication,
        communication,
        {"resourceType": "Jane Doe"},
        {"resourceType": "List"},
        {"resourceType": "Organization"},
        observation("a"),
    )
    reading = read(bundle).reading
    assert [(each.origin, each.reason, each.what) for each in reading.unread] == [
        ("Bundle.entry[0].resource", UnreadReason.UNSUPPORTED, "2 Communication"),
        ("Bundle.entry[2].resource", UnreadReason.UNSUPPORTED, "1 of a type unknown to FHIR R4"),
        ("Bundle.entry[3].resource", UnreadReason.UNSUPPORTED, "1 List"),
    ]


def test_what_the_server_held_back_is_masked() -> None:
    outcome = {"resourceType": "OperationOutcome", "issue": [{"severity": "warning", "code": "suppressed"}]}
    assert [each.reason for each in reading_of(outcome, observation("a")).unread] == [UnreadReason.MASKED]
